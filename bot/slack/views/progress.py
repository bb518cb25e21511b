"""Where a case stands: its way along the states, its clocks, its owner and its urgency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.slack.views import customer, words
from bot.slack.views.text import GAP, apart, inline, mention, plural, quoted, when
from storage.casefile import CaseFile
from storage.tables import Case, Outreach
from workflows import lifecycle
from workflows.clocks import worked_besides
from workflows.permission import department_name
from workflows.policy import Policy

WAY: Final = ("new", "working", "ready", "told")
ANONYMOUS_WAY: Final = ("new", "working", "resolved")
"""Whom nobody can tell: the case ends when it is resolved."""
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
HOURS_ALONE_FROM: Final = 10
DAYS_FROM: Final = 4  # a wait is said in hours for so many days
REASONS: Final = 300  # characters of "why so urgent" on a card; "Why me?" says all of it


@dataclass(frozen=True, slots=True)
class Limit:
    """One clock of a case: what it is called, until when, since when it is met, and what is said if it isn't."""

    label: str
    past: str
    unmet: str
    due: datetime | None
    met: datetime | None


def progress(file: CaseFile) -> str:
    """Draw the way along the states on one line: passed, here, to come."""
    case = file.case
    if case.state == "excused":
        passed = ("new", *(["working"] if case.claimed_at else []), *(["ready"] if case.resolved_at else []))
        return GAP.join([*(f"✓ {state}" for state in passed), "⊘ *excused*"])
    way = ANONYMOUS_WAY if customer.is_anonymous(file) else WAY
    here = way.index(case.state) if case.state in way else len(way)
    marks = [
        f"✓ {state}" if number < here else f"● *{state}*" if number == here else f"○ {state}"
        for number, state in enumerate(way)
    ]
    again = f"{GAP}↺ reopened {_times(case.reopened)}" if case.reopened else ""
    return GAP.join(marks) + again


def owner(file: CaseFile, policy: Policy) -> str:
    """Mention who answers for the case, and say if it is somebody who only stands in."""
    case = file.case
    if case.owner is None:
        return "👤 *nobody yet*"
    stand_in = f"\n_stand-in: nobody of {department(policy, case.department)} was present_"
    return mention(case.owner) + (stand_in if case.is_owner_stand_in else "")


def urgency(case: Case) -> str:
    """Say how urgent a case is and, where something raised it, why."""
    shown = words.URGENCIES.get(case.urgency, case.urgency)
    reasons = [str(reason) for reason in _list(case.why.get("urgency"))]
    if case.urgency not in {"high", "urgent"} or not reasons:
        return shown
    # The first says what the rule asks for; what raised it from there is more to the point.
    return f"{shown}\n_{inline(' '.join(reasons[1:] or reasons), REASONS)}_"


def outcome(file: CaseFile) -> str:
    """Say how a closed case ended; empty for an open one."""
    case = file.case
    closed = when(case.closed_at) if case.closed_at else ""
    if case.state == "told":
        proof = next((one for one in reversed(file.outreaches) if _is_proof(one)), None)
        by = f"{words.BY_CHANNEL.get(proof.channel, '')} by {inline(file.name_of(proof.by))}, " if proof else ""
        return f"✅ *The customer has been told*\n{by}{closed}"
    if case.state == "excused":
        reason = words.EXCUSES.get(case.excuse or "", case.excuse or "no reason kept")
        text = f"\n{quoted(case.excuse_text, 300)}" if case.excuse_text else ""
        return f"⊘ *Excused:* {reason}\n{closed}{text}"
    return ""


def two_clocks(file: CaseFile, *, policy: Policy, at: datetime) -> str:
    """Say how long the customer waits and how much of the team's time is used, as of now: "Waiting 52 h · …"."""
    if not lifecycle.is_open(file.case):
        return _waited(file)
    used = _used(file, policy=policy, at=at)
    return f"Waiting {span(at - file.case.waiting_since)}{f' · {used}' if used else ''}"


def two_clocks_since(file: CaseFile, *, policy: Policy, at: datetime | None) -> str:
    """Say the same where it stays: since when the customer waits, and what was used `at` the time of drawing."""
    if not lifecycle.is_open(file.case):
        return _waited(file)
    used = _used(file, policy=policy, at=at) if at is not None else ""
    return f"⏳ Waiting since {when(file.case.waiting_since)}{f' · {used} as of {when(at)}' if at and used else ''}"


def span(length: timedelta) -> str:
    """Return a length of time: "40 min", "52 h", and days from the fifth on."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < DAYS_FROM * 1440 else plural(minutes // 1440, "day")


def clocks(file: CaseFile, *, at: datetime | None = None) -> list[str]:
    """Say each limit as a local time, ticked where it was met; what can't be met any more is left out.

    What is past its limit `at` the time of drawing is marked.
    """
    return [*_clocks(file, is_open=lifecycle.is_open(file.case), at=at)]


def next_limit(file: CaseFile) -> str:
    """Say what has to be done next and until when: "take by …"; empty for a case without a running limit."""
    found = next_clock(file)
    return f"{found.label} {when(_due(found))}" if found else ""


def next_clock(file: CaseFile) -> Limit | None:
    """Return the limit that runs out next; a closed case has none."""
    running = [one for one in _limits(file) if one.met is None and one.due is not None]
    return min(running, key=_due) if running and lifecycle.is_open(file.case) else None


def department(policy: Policy, key: str) -> str:
    """Name a department, escaped; one that the policy no longer has goes by its key."""
    return inline(department_name(policy, key), 60)


def _clocks(file: CaseFile, *, is_open: bool, at: datetime | None) -> Iterator[str]:
    for one in _limits(file):
        if one.met is not None:
            late = f", {apart(one.met, one.due)} late" if one.due and one.met > one.due else ""
            yield f"✓ {one.past} {when(one.met)}{late}"
        elif one.due is not None and is_open:
            is_late = at is not None and one.due < at
            yield f"⏰ *overdue: {one.label}* {when(one.due)}" if is_late else f"◷ *{one.label}* {when(one.due)}"


def _limits(file: CaseFile) -> list[Limit]:
    case = file.case
    claim = Limit("take by", "taken", "nobody has taken it", case.claim_due_at, case.claimed_at)
    if customer.is_anonymous(file):
        return [claim, Limit("resolve by", "resolved", "it isn't resolved", case.tell_due_at, case.resolved_at)]
    told_at = case.closed_at if case.state == "told" else None
    return [
        claim,
        Limit("first contact by", "contacted", "nobody contacted the customer", case.contact_due_at, case.contacted_at),
        Limit("tell by", "told", "the customer has not been told", case.tell_due_at, told_at),
    ]


def _due(limit: Limit) -> datetime:
    assert limit.due is not None
    return limit.due


def _used(file: CaseFile, *, policy: Policy, at: datetime) -> str:
    """Say how much of the working time until the next limit is used, or by how much it is passed.

    Empty where there is no working time.
    """
    limit = next_clock(file)
    if limit is None or limit.due is None:
        return ""
    calendar, since = policy.calendar_of(file.case.department), file.case.waiting_since
    used = worked_besides(file.pauses, calendar, since=since, until=at)
    whole = worked_besides(file.pauses, calendar, since=since, until=limit.due)
    if not whole:
        return ""
    if used - whole >= MINUTE:
        return f"{_allowed(whole)} allowed, {_over(used - whole)} over"
    if whole < HOUR:
        return f"{used // MINUTE} of {whole // MINUTE} working minutes used"
    return f"{_hours(used)} of {_hours(whole)} working hours used"


def _allowed(length: timedelta) -> str:
    if length < HOUR:
        return plural(length // MINUTE, "working minute")
    return "1 working hour" if length == HOUR else f"{_hours(length)} working hours"


def _over(length: timedelta) -> str:
    """Say by how much a limit is passed: "38 min", "3 h 8 min", and from ten hours on in hours alone."""
    hours, minutes = length // HOUR, length % HOUR // MINUTE
    if hours >= HOURS_ALONE_FROM:
        return f"{hours} h"
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{minutes} min"] if minutes else [])])


def _waited(file: CaseFile) -> str:
    """Say how long a customer waited who has been told, and how much of the team's time it took."""
    case = file.case
    if case.state != "told" or case.closed_at is None:
        return ""
    used = f" · {_hours(timedelta(seconds=case.tell_used))} working hours used" if case.tell_used is not None else ""
    return f"Waited {span(case.closed_at - case.waiting_since)}{used}"


def _hours(length: timedelta) -> str:
    return f"{length / HOUR:.1f}".removesuffix(".0")


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count) or plural(count, "time")


def _list(value: object) -> list[object]:
    """Read a list of the case's `why`; older cases may have said it in one sentence, or not at all."""
    if isinstance(value, list | tuple):
        return [*value]
    return [value] if value else []


def _is_proof(one: Outreach) -> bool:
    return one.kind == "told" and one.state in {"accepted", "logged"}
