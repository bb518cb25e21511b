"""All that one post of a digest shows, gathered from what was found at its slot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from storage import digest_rows, lists, members, schedules
from storage.casefile import CaseFile, case_files
from storage.lists import Mine
from storage.tables import Response
from storage.time_tables import Decision, Promise, Run, Schedule
from workflows import figures
from workflows.digest_facts import Turn, gathered
from workflows.digests import plan_of
from workflows.figures_period import Filters, Period
from workflows.figures_shapes import Figures, Week
from workflows.policy import Policy
from workflows.slots import day_after

SHOWN: Final = 10
LONGEST: Final = 10
WEEKS: Final = 12
_WEEK_DAYS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Listing:
    """The first few cases of a list, and how many there are."""

    files: Sequence[CaseFile]
    count: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer wrote, and the case that it belongs to."""

    response: Response
    file: CaseFile


@dataclass(frozen=True, slots=True)
class Weekly:
    """The figures of a week beside those of the week before, and who waits longest."""

    figures: Figures
    weeks: Sequence[Week]
    longest: Sequence[CaseFile]
    names: Mapping[str, str]
    """Owners' names by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One post. `run_id` None: it is only looked at, and no turn has been taken."""

    name: str
    kind: str
    department: str | None
    run_id: int | None
    at: datetime
    """Its slot: what is told is as of then."""
    zone: ZoneInfo
    since: datetime
    day_ends: datetime
    lists: Mapping[str, Listing] = field(default_factory=dict)
    promises: Sequence[tuple[Promise, CaseFile]] = ()
    promise_count: int = 0
    comments: Sequence[Said] = ()
    learn: CaseFile | None = None
    raised: CaseFile | None = None
    decided: Mapping[str, Decision] = field(default_factory=dict)
    mine: Mine | None = None
    weekly: Weekly | None = None


def pack(session: Session, run: Run, *, policy: Policy, member: str | None = None) -> Pack | None:
    """Gather what the post of a turn shows; `member`: to whom it goes. None: its schedule is gone."""
    schedule = session.get(Schedule, run.schedule_id)
    if schedule is None or not run.facts.get("since"):
        return None
    return _packed(session, schedule, run, policy=policy, member=member)


def preview(session: Session, schedule: Schedule, *, policy: Policy, at: datetime, member: str) -> Pack:
    """Gather what a post would show if its slot were now. A morning is that of `member`."""
    facts = gathered(session, Turn.of(schedule, plan_of(schedule), at))
    run = Run(schedule_id=schedule.id or 0, slot="", state="posted", slot_at=at, at=at, facts=facts)
    return _packed(session, schedule, run, policy=policy, member=member)


def report_of(session: Session, run: Run, *, policy: Policy) -> tuple[Weekly, Period, Filters] | None:
    """Compute the figures of a week once more, with the period and what they are of; None: its schedule is gone."""
    schedule = session.get(Schedule, run.schedule_id)
    if schedule is None or schedule.kind != "manager_weekly":
        return None
    period = week_before(run.slot_at, figures.zone_of(policy))
    weekly = _weekly(session, schedule, run.slot_at, policy)
    return weekly, period, Filters(department=schedule.department)


def week_before(at: datetime, zone: ZoneInfo) -> Period:
    """Return the seven whole local days before the day of `at`."""
    today = at.astimezone(zone).date()
    return Period.of_days(today - _WEEK_DAYS, today - timedelta(days=1), zone=zone)


def _packed(session: Session, schedule: Schedule, run: Run, *, policy: Policy, member: str | None) -> Pack:
    facts: dict[str, Any] = run.facts
    zone, items = ZoneInfo(schedule.timezone), facts.get("items", {})
    found = {name: ids[:SHOWN] for name, ids in facts.get("lists", {}).items()}
    promises = digest_rows.promises(session, found.pop("promises", []))
    wanted = {one for ids in found.values() for one in ids} | {one.case_id for one in promises}
    said = facts.get("comments") or [one for name, one in items.items() if name.startswith("comment_")]
    wanted |= {one["case"] for one in (*said, *items.values())}
    files = case_files(session, wanted)
    counts = facts.get("counts", {})
    return Pack(
        name=schedule.name,
        kind=schedule.kind,
        department=schedule.department,
        run_id=run.id,
        at=run.slot_at,
        zone=zone,
        since=datetime.fromisoformat(facts["since"]),
        day_ends=day_after(plan_of(schedule), run.slot_at),
        lists={name: Listing([files[one] for one in ids if one in files], counts[name]) for name, ids in found.items()},
        promises=[(one, files[one.case_id]) for one in promises if one.case_id in files],
        promise_count=counts.get("promises", 0),
        comments=_comments(said, files),
        learn=files.get(items.get("learn", {}).get("case")),
        raised=files.get(items.get("raise", {}).get("case")),
        decided=schedules.decided(session, run.id) if run.id else {},
        mine=lists.mine(session, member) if member and schedule.kind == "my_morning" else None,
        weekly=_weekly(session, schedule, run.slot_at, policy) if schedule.kind == "manager_weekly" else None,
    )


def _comments(said: Sequence[Mapping[str, int]], files: Mapping[int, CaseFile]) -> list[Said]:
    found = []
    for one in said:
        file = files.get(one["case"])
        response = next((each for each in file.responses if each.id == one["response"]), None) if file else None
        if file and response:
            found.append(Said(response, file))
    return found


def _weekly(session: Session, schedule: Schedule, at: datetime, policy: Policy) -> Weekly:
    zone, filters = figures.zone_of(policy), Filters(department=schedule.department)
    numbers = figures.figures(session, policy=policy, period=week_before(at, zone), filters=filters, at=at)
    waiters = figures.longest_waiting(session, LONGEST, filters=filters)
    files = case_files(session, [one.case_id for one in waiters])
    owners = [group.key for group in numbers.by.get("owner", ()) if group.key]
    return Weekly(
        figures=numbers,
        weeks=figures.series(session, policy=policy, filters=filters, at=at, weeks=WEEKS),
        longest=[files[one.case_id] for one in waiters if one.case_id in files],
        names=members.names(session, owners),
    )
