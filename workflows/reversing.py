"""What follows once it is said whether a form is upside-down: cases are opened, or what was wrong is put right."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, select

from storage import alarms, tallies
from storage.tables import Case, Event, Response
from workflows import casework, excuses, intake, reversal, timeline
from workflows.policy import Policy

_WHY: Final = "The scale of this form was upside-down: this customer was happy."


def turn_some(
    session: Session, alarm_id: int, *, policy: Policy, policy_version: int | None, at: datetime, limit: int
) -> int:
    """Read the next responses of a form the other way round, and put right what they led to; returns how many."""
    alarm = alarms.held(session, alarm_id)
    if alarm is None or alarm.answer != reversal.TURNED:
        return 0
    scale = reversal.turned(reversal.scale_of(alarm))
    found = alarms.upside_down(session, alarm, limit=limit)
    for response in found:
        before = tallies.standing(response)
        response.direction, response.band = scale.direction, scale.band(response.score)
        session.add(response)
        session.flush()
        tallies.changed(session, response.id or 0, before=before, after=tallies.standing(response), at=at)
        if response.band != "low" and response.case_id is not None:
            _put_right(session, response.case_id, policy=policy, by=alarm.answered_by or "", at=at)
        elif response.band == "low" and response.case_id is None:
            intake.follow_up(session, response, policy=policy, policy_version=policy_version, at=at)
    return len(found)


def open_some(
    session: Session, alarm_id: int, *, policy: Policy, policy_version: int | None, at: datetime, limit: int
) -> int:
    """Follow up the next responses that waited, if they are still low; returns how many waited."""
    ids = alarms.take_held_back(session, alarm_id, limit=limit)
    for response_id in ids:
        response = session.get(Response, response_id, with_for_update=True)
        if response is not None and response.band == "low" and response.case_id is None:
            intake.follow_up(session, response, policy=policy, policy_version=policy_version, at=at)
    return len(ids)


def finish(session: Session, alarm_id: int) -> None:
    """Note that everything has been done that an answer asked for."""
    alarm = alarms.held(session, alarm_id)
    if alarm is not None:
        alarm.facts = {**alarm.facts, "is_done": True}
        session.add(alarm)


def _put_right(session: Session, case_id: int, *, policy: Policy, by: str, at: datetime) -> None:
    """Excuse a case that was opened wrongly and that nobody has touched; of one that is being worked on, say so."""
    case = casework.held(session, case_id)
    if any(one.band == "low" for one in _responses(session, case_id)):
        return
    if _is_untouched(session, case):
        excuses.ask(session, case_id, excuse="not_a_complaint", text=_WHY, policy=policy, by=by, at=at)
    else:
        timeline.record(session, case, "note", by=timeline.HEARBACK, at=at, text=_WHY)


def _responses(session: Session, case_id: int) -> list[Response]:
    return list(session.exec(select(Response).where(Response.case_id == case_id)))


def _is_untouched(session: Session, case: Case) -> bool:
    by_themselves = {timeline.HEARBACK, timeline.CUSTOMER}
    events = session.exec(select(Event).where(Event.case_id == case.id))
    return case.state == "new" and case.contacted_at is None and all(one.by in by_themselves for one in events)
