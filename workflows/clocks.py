"""Clocks: until when a case must be claimed, its customer contacted and told, and what happens on the way there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final, Literal, cast

from sqlalchemy import bindparam, select
from sqlmodel import Session

from storage.prepared import Prepared
from storage.rows import table_of
from storage.tables import OPEN_STATES, Case, Task
from storage.time_tables import Pause
from workflows.calendar import Calendar, NoHourLeft, add_each, add_working, working_before, working_between
from workflows.policy import Clock, Policy, Urgency

ClockKind = Literal["claim", "contact", "tell", "task"]
StepKind = Literal["warn", "limit", "lead", "managers"]
CLOCKS: Final[tuple[ClockKind, ...]] = ("claim", "contact", "tell")


@dataclass(frozen=True, slots=True)
class Clocks:
    """When each limit of a case is due, in UTC, and when its owner is warned of the first one."""

    claim: datetime
    contact: datetime
    tell: datetime
    warn: datetime


@dataclass(frozen=True, slots=True)
class Paused:
    """A time in which the limits stood still."""

    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Running:
    """A limit that isn't met yet."""

    kind: ClockKind
    due: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens by itself while a limit isn't met."""

    clock: ClockKind
    kind: StepKind
    at: datetime


def limits_of(policy: Policy, urgency: str, department: str | None) -> Clock:
    """Return how much working time a case of this urgency has in this department (a key)."""
    return policy.clock(cast("Urgency", urgency), department)


def due_times(policy: Policy, *, opened_at: datetime, urgency: str, department: str | None) -> Clocks:
    """Return the limits of a case that opened then, in the working hours of its department (a key)."""
    limits, calendar = limits_of(policy, urgency, department), policy.calendar_of(department)
    spans = [limits.claim * policy.escalation.warn_at / 100, limits.claim, limits.contact, limits.tell]
    try:
        warn, claim, contact, tell = add_each(opened_at, spans, calendar)
    except NoHourLeft:
        warn, claim, contact, tell = (later(opened_at, span, calendar) for span in spans)
    return Clocks(claim, contact, tell, warn)


def later(at: datetime, span: timedelta, calendar: Calendar) -> datetime:
    """Return when so much working time will have passed; where none is left, day and night count.

    Every open case has a next clock: one that runs day and night is better than none.
    """
    try:
        return add_working(at, span, calendar)
    except NoHourLeft:
        return at + span


def running(case: Case) -> list[Running]:
    """Return the limits that aren't met yet; a closed case has none, and an anonymous one none for contact."""
    if case.state not in OPEN_STATES:
        return []
    met = {"claim": case.claimed_at, "contact": case.contacted_at, "tell": None}
    due = {"claim": case.claim_due_at, "contact": case.contact_due_at, "tell": case.tell_due_at}
    return [Running(kind, at) for kind in CLOCKS if met[kind] is None and (at := due[kind]) is not None]


def refresh(case: Case, *, policy: Policy, at: datetime) -> None:
    """Set when a case is due next, and when the sweep has to look at it, after something was done.

    What is due already and was not looked at yet stays due: the sweep comes late sometimes, and never too late.
    """
    waits = case.next_step_at if case.next_step_at is not None and case.next_step_at <= at else None
    looked_at(case, policy=policy, at=at)
    if waits is not None and case.next_due_at is not None:
        case.next_step_at = waits


def looked_at(case: Case, *, policy: Policy, at: datetime) -> None:
    """Set when a case is due next and when the sweep looks at it again, now that all is done that was due by `at`."""
    limits = running(case)
    case.next_due_at = min((one.due for one in limits), default=None)
    if limits and case.paused_until is not None:
        case.next_step_at = case.paused_until
        return
    snoozed_until = case.snoozed_until if limits and case.snoozed_until and case.snoozed_until > at else None
    kinds = ("lead", "managers") if snoozed_until else ("warn", "limit", "lead", "managers")  # a snooze hides nothing
    firsts = [
        next((one.at for one in steps if one.at > at and one.kind in kinds), None) for steps in _steps(case, policy)
    ]
    case.next_step_at = min((one for one in (*firsts, snoozed_until) if one is not None), default=None)


def steps(case: Case, *, policy: Policy) -> list[Step]:
    """List what happens by itself as long as nobody moves the case, in order of time, past and to come."""
    return sorted((step for steps in _steps(case, policy) for step in steps), key=lambda step: step.at)


def task_steps(task: Task, *, policy: Policy) -> list[Step]:
    """List what happens by itself as long as nobody does a task, in order of time: its clock is called `task`."""
    if task.state != "open" or task.due_at is None:
        return []
    return [*_task_steps(policy, department=task.department, since=task.created_at, due=task.due_at)]


def next_task_step(
    policy: Policy, *, department: str, since: datetime, due: datetime, after: datetime
) -> datetime | None:
    """Return when the sweep looks at an open task next that was given at `since`; None: never again."""
    steps = _task_steps(policy, department=department, since=since, due=due)
    return next((step.at for step in steps if step.at > after), None)


def task_due(policy: Policy, *, urgency: str, department: str, at: datetime) -> datetime:
    """Say when a follow-up is due: half-way to telling, so that there is time left to tell the customer."""
    return later(at, limits_of(policy, urgency, department).tell / 2, policy.calendar_of(department))


def worked(session: Session, case: Case, *, policy: Policy, since: datetime, until: datetime) -> timedelta:
    """Return how much of the team's working time lies between two instants, without the pauses of the case."""
    return worked_besides(_pauses(session, case), policy.calendar_of(case.department), since=since, until=until)


def worked_besides(
    pauses: Iterable[Pause | Paused], calendar: Calendar, *, since: datetime, until: datetime
) -> timedelta:
    """Return how much working time lies between two instants, without these pauses."""
    paused = (working_between(max(one.from_at, since), min(one.until_at, until), calendar) for one in pauses)
    return max(working_between(since, until, calendar) - sum(paused, timedelta()), timedelta())


def follow(session: Session, case: Case, *, policy: Policy, at: datetime) -> None:
    """Keep how much working time it took to reach what has been reached, and set what is next: after every move."""
    is_told = case.state == "told"
    if case.claim_used is None and case.claimed_at is not None and case.claimed_at >= case.waiting_since:
        case.claim_used = _seconds(session, case, policy, case.claimed_at)
    if case.contacted_at is None:
        case.contact_used = None
    elif case.contact_used is None:
        case.contact_used = _seconds(session, case, policy, case.contacted_at)
    if is_told and case.tell_used is None and case.closed_at is not None:
        case.tell_used = _seconds(session, case, policy, case.closed_at)
    refresh(case, policy=policy, at=at)


def start(case: Case, *, policy: Policy, at: datetime) -> None:
    """Let all limits of a case run from now: it has just been reopened."""
    limits = due_times(policy, opened_at=at, urgency=case.urgency, department=case.department)
    case.waiting_since, case.claim_due_at, case.tell_due_at = at, limits.claim, limits.tell
    case.contact_due_at = limits.contact if case.contact_due_at else None
    case.contact_used = case.tell_used = None
    case.next_step_at = None
    refresh(case, policy=policy, at=at)


def quicken(session: Session, case: Case, *, policy: Policy, at: datetime) -> None:
    """Bring the limits forward after the urgency has risen; they never move back."""
    due = {"claim": case.claim_due_at, "contact": case.contact_due_at, "tell": case.tell_due_at}
    for kind, limit in by_policy(session, case, policy=policy).items():
        _set_due(case, kind, min(due[kind] or limit, limit))
    refresh(case, policy=policy, at=at)


def set_again(session: Session, case: Case, *, policy: Policy, at: datetime) -> bool:
    """Set the limits that aren't met yet to what the policy says now; returns whether one of them changed."""
    changed = _changed(session, case, policy)
    for kind, due in changed.items():
        _set_due(case, kind, due)
    if changed:
        refresh(case, policy=policy, at=at)
    return bool(changed)


def is_changed(session: Session, case: Case, *, policy: Policy) -> bool:
    """Say whether the policy as it is now would set one of the limits otherwise that aren't met yet."""
    return bool(_changed(session, case, policy))


def by_policy(session: Session, case: Case, *, policy: Policy) -> dict[ClockKind, datetime]:
    """Return when each limit is due by the policy as it is now, counted from the beginning and without the pauses."""
    spans, calendar = _spans(policy, case), policy.calendar_of(case.department)
    cursor, passed = case.waiting_since, timedelta()
    found: dict[ClockKind, datetime] = {}
    for pause in _pauses(session, case):
        if pause.until_at <= cursor:
            continue
        before = working_between(cursor, pause.from_at, calendar)
        for kind in [kind for kind, span in spans.items() if kind not in found and span - passed <= before]:
            found[kind] = later(cursor, spans[kind] - passed, calendar)
        cursor, passed = pause.until_at, passed + before
    return {kind: found.get(kind) or later(cursor, span - passed, calendar) for kind, span in spans.items()}


def move(case: Case, *, policy: Policy, stands: datetime, goes_on: datetime) -> None:
    """Let the limits that run at `stands` go on at `goes_on` with as much working time as they had left."""
    calendar = policy.calendar_of(case.department)
    for one in running(case):
        if one.due > stands:
            left = working_between(stands, one.due, calendar)
            # Without any working time the limit runs day and night, and so it moves.
            moved = later(goes_on, left, calendar) if left else goes_on + (one.due - stands)
            _set_due(case, one.kind, moved)


def _steps(case: Case, policy: Policy) -> Iterator[Iterator[Step]]:
    """Yield the steps of each limit that runs, each limit's in order of time."""
    spans, calendar = _spans(policy, case), policy.calendar_of(case.department)
    for one in running(case):
        yield _steps_of(one, spans[one.kind], since=case.waiting_since, policy=policy, calendar=calendar)


def _task_steps(policy: Policy, *, department: str, since: datetime, due: datetime) -> Iterator[Step]:
    calendar = policy.calendar_of(department)
    span = working_between(since, due, calendar)
    return _steps_of(Running("task", due), span, since=since, policy=policy, calendar=calendar)


def _steps_of(
    limit: Running, span: timedelta, *, since: datetime, policy: Policy, calendar: Calendar
) -> Iterator[Step]:
    """Yield the steps of one limit. The warning is counted back from it, so that a pause before it doesn't matter."""
    rules = policy.escalation
    left = span * (100 - rules.warn_at) / 100
    warn = working_before(limit.due, left, calendar, since=since) if left else None
    yield Step(limit.kind, "warn", warn or since + (limit.due - since) * rules.warn_at / 100)
    yield Step(limit.kind, "limit", limit.due)
    yield Step(limit.kind, "lead", later(limit.due, rules.lead, calendar))
    yield Step(limit.kind, "managers", later(limit.due, rules.managers, calendar))


def _spans(policy: Policy, case: Case) -> dict[ClockKind, timedelta]:
    limits = limits_of(policy, case.urgency, case.department)
    return {"claim": limits.claim, "contact": limits.contact, "tell": limits.tell}


def _changed(session: Session, case: Case, policy: Policy) -> dict[ClockKind, datetime]:
    computed = by_policy(session, case, policy=policy)
    return {one.kind: computed[one.kind] for one in running(case) if computed[one.kind] != one.due}


def _set_due(case: Case, kind: ClockKind, due: datetime) -> None:
    match kind:
        case "claim":
            case.claim_due_at = due
        case "contact" if case.contact_due_at is not None:
            case.contact_due_at = due
        case "tell":
            case.tell_due_at = due
        case _:
            pass


def _seconds(session: Session, case: Case, policy: Policy, until: datetime) -> float:
    return worked(session, case, policy=policy, since=case.waiting_since, until=until).total_seconds()


def _pauses(session: Session, case: Case) -> list[Paused]:
    return [Paused(*row) for row in _paused().all(session, {"the_case": case.id})]


@cache
def _paused() -> Prepared:
    table = table_of(Pause)
    those = select(table.c.from_at, table.c.until_at).where(table.c.case_id == bindparam("the_case"))
    return Prepared(those.order_by(table.c.from_at), aside=True)
