"""Waiting for the customer, and not being reminded: a pause stops the limits of a case, a snooze only its reminders."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from storage import rows
from storage.tables import Case
from storage.time_tables import Pause
from workflows import casework, clocks, lifecycle, permission, settling, timeline
from workflows.policy import Policy
from workflows.refusal import Refusal

LONGEST_PAUSE: Final = timedelta(days=90)
LONGEST_SNOOZE: Final = timedelta(days=7)


def pause(
    session: Session, case_id: int, *, until: datetime, reason: str, policy: Policy, by: str, at: datetime
) -> Case:
    """Let the limits of a case stand still until then: the team waits for the customer.

    They go on with the working time that they had left. A pause of a paused case takes the place of the one before.
    """
    case = _open_case(session, case_id, policy=policy, by=by)
    if case.paused_until == until:
        return case
    _check_time(until, at=at, longest=LONGEST_PAUSE, what="A pause")
    if not reason.strip():
        raise Refusal("Say what you wait for: it stands on the card.", "reason")
    if case.paused_until is not None:
        _end(session, case, policy=policy, at=at)
    rows.add(session, Pause, case_id=case_id, from_at=at, until_at=until, reason=reason.strip(), by=by)
    clocks.move(case, policy=policy, stands=at, goes_on=until)
    case.paused_until = until
    clocks.refresh(case, policy=policy, at=at)
    facts = {"until": until.isoformat()}
    timeline.record(session, case, "paused", by=by, at=at, text=reason.strip(), facts=facts)
    return case


def resume(session: Session, case_id: int, *, policy: Policy, by: str, at: datetime) -> Case:
    """Let the limits run on now. A second press changes nothing."""
    case = _open_case(session, case_id, policy=policy, by=by)
    go_on(session, case, policy=policy, by=by, at=at)
    return case


def go_on(session: Session, case: Case, *, policy: Policy, by: str, at: datetime) -> None:
    """End the pause of a case whose row is held: a person says so, its time is over, or the customer was heard."""
    if case.paused_until is None:
        return
    _end(session, case, policy=policy, at=at)
    clocks.looked_at(case, policy=policy, at=at)
    timeline.record(session, case, "resumed", by=by, at=at)


def snooze(session: Session, case_id: int, *, until: datetime, policy: Policy, by: str, at: datetime) -> Case:
    """Remind nobody of a case until then; its limits run on."""
    case = _open_case(session, case_id, policy=policy, by=by)
    if case.snoozed_until == until:
        return case
    _check_time(until, at=at, longest=LONGEST_SNOOZE, what="A snooze")
    case.snoozed_until = until
    clocks.refresh(case, policy=policy, at=at)
    timeline.record(session, case, "snoozed", by=by, at=at, facts={"until": until.isoformat()})
    return case


def _end(session: Session, case: Case, *, policy: Policy, at: datetime) -> None:
    """Move the limits back by what is left of the pause, and keep when it ended."""
    assert case.paused_until is not None
    if at < case.paused_until:
        clocks.move(case, policy=policy, stands=case.paused_until, goes_on=at)
    settling.end_pause(session, case, at=at)


def _open_case(session: Session, case_id: int, *, policy: Policy, by: str) -> Case:
    case = casework.held(session, case_id)
    permission.may_work_on(session, case, by, policy=policy)
    if not lifecycle.is_open(case):
        raise Refusal(f"Case {case_id} is {case.state}: none of its limits runs. Reopen it if there is more to do.")
    return case


def _check_time(until: datetime, *, at: datetime, longest: timedelta, what: str) -> None:
    if until <= at:
        raise Refusal("That time has passed already. Choose a later one.", "until")
    if until > at + longest:
        raise Refusal(f"{what} lasts {longest.days} days at most. Choose an earlier day.", "until")
