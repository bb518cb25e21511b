"""Where a case stands: its way along the states, its clocks, its owner and its urgency."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot.slack.views import words
from bot.slack.views.text import GAP, apart, inline, mention, plural, when
from storage.casefile import CaseFile
from storage.tables import Case
from workflows import lifecycle
from workflows.permission import department_name
from workflows.policy import Policy

WAY: Final = ("new", "working", "ready", "told")
REASONS: Final = 300  # characters of "why so urgent" on a card; "Why me?" says all of it


def progress(case: Case) -> str:
    """Draw the way along the states on one line: passed, here, to come."""
    if case.state == "excused":
        passed = ("new", *(["working"] if case.claimed_at else []), *(["ready"] if case.resolved_at else []))
        return GAP.join([*(f"✓ {state}" for state in passed), "⊘ *excused*"])
    here = WAY.index(case.state)
    marks = [
        f"✓ {state}" if number < here else f"● *{state}*" if number == here else f"○ {state}"
        for number, state in enumerate(WAY)
    ]
    again = f"{GAP}↺ reopened {_times(case.reopened)}" if case.reopened else ""
    return GAP.join(marks) + again


def owner(file: CaseFile, policy: Policy) -> str:
    """Mention who answers for the case, and say if it is somebody who only stands in."""
    case = file.case
    if case.owner is None:
        return "nobody yet"
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


def clocks(case: Case) -> list[str]:
    """Say each limit as a local time, ticked where it was met; what can't be met any more is left out."""
    limits = (
        ("take by", "taken", case.claim_due_at, case.claimed_at),
        ("first contact by", "contacted", case.contact_due_at, case.contacted_at),
        ("tell by", "told", case.tell_due_at, case.closed_at if case.state == "told" else None),
    )
    is_open = lifecycle.is_open(case)
    return [*_clocks(limits, is_open=is_open)]


def next_limit(case: Case) -> str:
    """Say what has to be done next and until when: "take by …"; empty for a case without a running limit."""
    kind = next_kind(case)
    return f"{kind[0]} {when(kind[1])}" if kind else ""


def next_kind(case: Case) -> tuple[str, datetime] | None:
    """Return the limit that runs out next, in words, and its time."""
    running = [
        ("tell by", case.tell_due_at),
        ("first contact by", None if case.contacted_at else case.contact_due_at),
        ("take by", None if case.claimed_at else case.claim_due_at),
    ]
    known = [(label, due) for label, due in running if due is not None and lifecycle.is_open(case)]
    return min(known, key=lambda one: one[1]) if known else None


def department(policy: Policy, key: str) -> str:
    """Name a department, escaped; one that the policy no longer has goes by its key."""
    return inline(department_name(policy, key), 60)


def _clocks(limits: tuple[tuple[str, str, datetime | None, datetime | None], ...], *, is_open: bool) -> Iterator[str]:
    for label, met_label, due, met in limits:
        if met is not None:
            late = f", {apart(met, due)} late" if due and met > due else ""
            yield f"✓ {met_label} {when(met)}{late}"
        elif due is not None and is_open:
            yield f"◷ *{label}* {when(due)}"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count) or plural(count, "time")


def _list(value: object) -> list[object]:
    """Read a list of the case's `why`; older cases may have said it in one sentence, or not at all."""
    if isinstance(value, list | tuple):
        return [*value]
    return [value] if value else []
