"""Dates given to a customer, such as "I call you back on Thursday": reminded of before, seen when they slip."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from storage import rows
from storage.tables import Case
from storage.time_tables import Promise
from workflows import casework, lifecycle, permission, settling, timeline
from workflows.calendar import Calendar, working_before
from workflows.policy import Policy
from workflows.refusal import Refusal

LONGEST: Final = timedelta(days=366)
_BEFORE: Final = timedelta(hours=1)  # of working time
_LOOKING_BACK: Final = timedelta(days=31)


def give(session: Session, case_id: int, *, text: str, due_at: datetime, policy: Policy, by: str, at: datetime) -> int:
    """Keep what was promised to the customer of an open case, and until when. Returns the promise's id."""
    case = casework.held(session, case_id)
    permission.may_work_on(session, case, by, policy=policy)
    if not lifecycle.is_open(case):
        raise Refusal(f"Case {case_id} is {case.state}. Reopen it first: then there is something to promise.", "text")
    if not text.strip():
        raise Refusal("Say what you promised, in a few words.", "text")
    if due_at <= at:
        raise Refusal("That time has passed already. Choose a later one.", "due_at")
    if due_at > at + LONGEST:
        raise Refusal("That is more than a year away. Choose an earlier day.", "due_at")
    reminder = reminder_at(due_at, policy.calendar_of(case.department))
    promise_id = rows.add(
        session,
        Promise,
        case_id=case_id,
        text=text.strip(),
        due_at=due_at,
        by=by,
        made_at=at,
        next_step_at=reminder if reminder > at else due_at,
    )
    facts = {"promise_id": promise_id, "due": due_at.isoformat()}
    timeline.record(session, case, "promised", by=by, at=at, text=text.strip(), facts=facts)
    return promise_id


def keep(session: Session, promise_id: int, *, policy: Policy, by: str, at: datetime) -> Promise:
    """Note that a promise was kept; late is said, and better than never. A second press changes nothing."""
    promise, case = _held(session, promise_id)
    permission.may_work_on(session, case, by, policy=policy)
    if promise.state == "kept":
        return promise
    _refuse_settled(promise)
    settling.close_promise(session, promise, case, "kept", by=by, at=at)
    return promise


def withdraw(session: Session, promise_id: int, *, reason: str, policy: Policy, by: str, at: datetime) -> Promise:
    """Note that a promise doesn't hold any more, and why. A second press changes nothing."""
    promise, case = _held(session, promise_id)
    permission.may_work_on(session, case, by, policy=policy)
    if promise.state == "withdrawn":
        return promise
    _refuse_settled(promise)
    if not reason.strip():
        raise Refusal("Say why it doesn't hold any more, and what the customer knows of it.", "reason")
    settling.close_promise(session, promise, case, "withdrawn", by=by, at=at, text=reason.strip())
    return promise


def reminded(promise: Promise, *, at: datetime) -> None:
    """Note that whoever gave it has been reminded: what comes next is its time."""
    promise.reminded_at, promise.next_step_at = at, promise.due_at


def slipped(session: Session, promise: Promise, case: Case, *, at: datetime) -> None:
    """Note that the time of an open promise has passed: everybody sees it, and it can still be kept, late."""
    promise.slipped_at, promise.next_step_at = at, None
    session.add(promise)
    facts = {"promise_id": promise.id, "due": promise.due_at.isoformat()}
    timeline.record(session, case, "promise_slipped", by=timeline.HEARBACK, at=at, text=promise.text, facts=facts)


def reminder_at(due_at: datetime, calendar: Calendar) -> datetime:
    """Return when to remind: one working hour before, or as work begins on that day, if that hour is of the day before.

    Without a working hour in the month before: an hour before.
    """
    before = working_before(due_at, _BEFORE, calendar, since=due_at - _LOOKING_BACK) or due_at - _BEFORE
    day = due_at.astimezone(calendar.zone).date()
    if before.astimezone(calendar.zone).date() == day:
        return before
    begins = next((opens for opens, _ in calendar.stretches(day) if opens < due_at), None)
    return begins or before


def _refuse_settled(promise: Promise) -> None:
    if promise.state != "open":
        raise Refusal(f"This promise is {promise.state} already. Give a new one if there is more to promise.")


def _held(session: Session, promise_id: int) -> tuple[Promise, Case]:
    """Hold the case first, then its promise: everybody takes them in this order."""
    promise = session.get(Promise, promise_id)
    if promise is None:
        raise Refusal("That promise isn't known any more. Open the case to see its promises.")
    case = casework.held(session, promise.case_id)
    session.refresh(promise, with_for_update=True)
    return promise, case
