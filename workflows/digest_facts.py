"""What a digest tells, found out at its slot: ids of cases and promises, and how many there are of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from storage import digest_rows
from storage.digest_rows import Found
from storage.time_tables import Schedule
from workflows import away
from workflows.policy import Policy
from workflows.slots import Plan, day_after, latest_slot

KEPT: Final = 100  # ids of each list; the count says how many there are
COMMENTS: Final = 3
LEARN_DAYS: Final = timedelta(days=14)
WEEK: Final = timedelta(days=7)

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One post to be made: whose, as of when, and since when things are news."""

    schedule: Schedule
    plan: Plan
    slot_at: datetime
    since: datetime

    @classmethod
    def of(cls, schedule: Schedule, plan: Plan, slot_at: datetime) -> "Turn":
        """Tell what is news since the slot before this one."""
        return cls(schedule, plan, slot_at, latest_slot(plan, at=slot_at - timedelta(seconds=1)).at)


def gathered(session: Session, turn: Turn) -> Facts:
    """Find out what there is to tell; see `is_empty`."""
    return {"since": turn.since.isoformat(), **_GATHER[turn.schedule.kind](session, turn)}


def is_empty(facts: Mapping[str, Any]) -> bool:
    """Tell whether there is nothing to tell."""
    return not (any(facts.get("counts", {}).values()) or facts.get("items") or facts.get("has_news"))


def with_something_to_do(session: Session, *, at: datetime) -> list[str]:
    """Name everybody who owns an open case or task, and isn't away."""
    return [one.id for one in digest_rows.busy_members(session) if not away.is_away(one, at)]


def _daily(session: Session, turn: Turn) -> Facts:
    department, at, ends = turn.schedule.department, turn.slot_at, day_after(turn.plan, turn.slot_at)
    return _lists(
        {
            "unowned": digest_rows.unowned(session, department=department, limit=KEPT),
            "overdue": digest_rows.overdue(session, department=department, at=at, limit=KEPT),
            "due_today": digest_rows.due_until(session, department=department, at=at, until=ends, limit=KEPT),
            "promises": digest_rows.promised_until(session, department=department, until=ends, limit=KEPT),
            "told": _ended(session, "told", turn),
        }
    )


def _excused(session: Session, turn: Turn) -> Facts:
    return _lists({"excused": _ended(session, "excused", turn)})


def _huddle(session: Session, turn: Turn) -> Facts:
    department, at = turn.schedule.department, turn.slot_at
    said = digest_rows.comments(
        session, department=department, since=min(turn.since, at - WEEK), until=at, limit=COMMENTS
    )
    items: dict[str, Any] = {
        f"comment_{number}": {"response": response_id, "case": case_id}
        for number, (response_id, case_id) in enumerate(said, start=1)
    }
    learn = digest_rows.worth_learning(session, department=department, since=at - LEARN_DAYS, until=at)
    raised = digest_rows.worth_raising(session, department=department)
    items |= {name: {"case": case_id} for name, case_id in (("learn", learn), ("raise", raised)) if case_id}
    ends = day_after(turn.plan, at)
    promises = digest_rows.promised_until(session, department=department, until=ends, limit=KEPT)
    return {**_lists({"promises": promises}), "items": items}


def _weekly(session: Session, turn: Turn) -> Facts:
    department, at = turn.schedule.department, turn.slot_at
    said = digest_rows.comments(session, department=department, since=at - WEEK, until=at, limit=COMMENTS)
    news = digest_rows.has_news(session, department=department, since=at - WEEK)
    return {"has_news": news, "comments": [{"response": one, "case": case_id} for one, case_id in said]}


def _morning(session: Session, turn: Turn) -> Facts:
    return {"counts": {"members": len(with_something_to_do(session, at=turn.slot_at))}}


def _ended(session: Session, state: str, turn: Turn) -> Found:
    department = turn.schedule.department
    return digest_rows.ended(session, state, department=department, since=turn.since, until=turn.slot_at, limit=KEPT)


def _lists(found: Mapping[str, Found]) -> Facts:
    return {
        "lists": {name: list(one.ids) for name, one in found.items()},
        "counts": {name: one.count for name, one in found.items()},
    }


_GATHER: Final = {
    "department_daily": _daily,
    "excused": _excused,
    "huddle": _huddle,
    "manager_weekly": _weekly,
    "my_morning": _morning,
}


def place_of(schedule: Schedule, policy: Policy) -> str | None:
    """Name the channel where a schedule's post goes; None: nowhere, since its department is gone from the policy."""
    department = next((one.channel for one in policy.departments if one.key == schedule.department), None)
    if schedule.channel or schedule.department:
        return schedule.channel or department
    return policy.team.manager_channel
