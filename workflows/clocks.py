"""Clocks: until when a case must be claimed, its customer contacted, and told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from storage.tables import OPEN_STATES, Case
from workflows.calendar import Calendar, NoHourLeft, add_working
from workflows.policy import Policy, Urgency

ClockKind = Literal["claim", "contact", "tell"]


@dataclass(frozen=True, slots=True)
class Clocks:
    """When each limit of a case is due, in UTC."""

    claim: datetime
    contact: datetime
    tell: datetime


@dataclass(frozen=True, slots=True)
class NextClock:
    """The limit that runs out next."""

    kind: ClockKind
    due: datetime


def due_times(policy: Policy, *, opened_at: datetime, urgency: Urgency, department: str | None) -> Clocks:
    """Return the limits of a case that opened then, in the working hours of its department (a key)."""
    limits, calendar = policy.clock(urgency), policy.calendar_of(department)
    return Clocks(
        claim=_due(opened_at, limits.claim, calendar),
        contact=_due(opened_at, limits.contact, calendar),
        tell=_due(opened_at, limits.tell, calendar),
    )


def next_clock(clocks: Clocks, *, is_claimed: bool, is_contacted: bool) -> NextClock:
    """Return the next limit of an open case; telling the customer is left until the case is closed."""
    running = [] if is_claimed else [NextClock("claim", clocks.claim)]
    if not is_contacted:
        running.append(NextClock("contact", clocks.contact))
    running.append(NextClock("tell", clocks.tell))
    return min(running, key=lambda clock: clock.due)


def _due(opened_at: datetime, limit: timedelta, calendar: Calendar) -> datetime:
    try:
        return add_working(opened_at, limit, calendar)
    except NoHourLeft:  # every open case has a next clock: one that runs day and night is better than none
        return opened_at + limit


def start(case: Case, *, policy: Policy, at: datetime) -> None:
    """Let all limits of a case run from now: it has just been reopened."""
    limits = _limits(case, policy, since=at)
    case.waiting_since, case.claim_due_at, case.tell_due_at = at, limits.claim, limits.tell
    case.contact_due_at = limits.contact if case.contact_due_at else None
    refresh(case)


def quicken(case: Case, *, policy: Policy) -> None:
    """Bring the limits forward after the urgency has risen; they never move back."""
    limits = _limits(case, policy, since=case.waiting_since)
    case.claim_due_at = min(case.claim_due_at or limits.claim, limits.claim)
    case.contact_due_at = min(case.contact_due_at, limits.contact) if case.contact_due_at else None
    case.tell_due_at = min(case.tell_due_at or limits.tell, limits.tell)
    refresh(case)


def refresh(case: Case) -> None:
    """Set a case's next due time from what has been done so far; a closed case has none.

    A case without a limit for contact is an anonymous one.
    """
    if case.state not in OPEN_STATES or not (case.claim_due_at and case.tell_due_at):
        case.next_due_at = None
        return
    limits = Clocks(case.claim_due_at, case.contact_due_at or case.tell_due_at, case.tell_due_at)
    is_claimed = case.claimed_at is not None
    case.next_due_at = next_clock(limits, is_claimed=is_claimed, is_contacted=case.contacted_at is not None).due


def _limits(case: Case, policy: Policy, *, since: datetime) -> Clocks:
    return due_times(policy, opened_at=since, urgency=cast("Urgency", case.urgency), department=case.department)


def task_due(policy: Policy, *, urgency: str, department: str, at: datetime) -> datetime:
    """Say when a follow-up is due: half-way to telling, so that there is time left to tell the customer."""
    limit = policy.clock(cast("Urgency", urgency)).tell / 2
    return _due(at, limit, policy.calendar_of(department))
