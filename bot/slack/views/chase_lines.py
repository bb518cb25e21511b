"""One sentence for every step that a case takes by itself: warned, overdue, escalated, lent, returned.

People are named here and not mentioned: a mention is a ping, and who is to be disturbed has been already.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.slack.views import progress
from bot.slack.views.event_words import fact, time_of
from bot.slack.views.text import inline, quoted, when
from storage.casefile import CaseFile
from storage.tables import Event
from workflows.policy import Policy

TO_DO: Final = {
    "claim": "somebody should take the case",
    "contact": "somebody should contact the customer",
    "tell": "the customer should be told what changed",
}
NOT_DONE: Final = {
    "claim": "nobody has taken the case",
    "contact": "nobody has contacted the customer",
    "tell": "the customer has not been told what changed",
}


def _warned(_file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"⏳ The limit is near: {TO_DO.get(fact(event, 'clock'), 'something should happen')}{_by(event)}."


def _overdue(_file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"⏰ Past its limit: {_not_done(event)}. It was due{_at(event)}."


def _escalated(file: CaseFile, event: Event, policy: Policy) -> str:
    where = progress.department(policy, file.case.department)
    was = f"{_not_done(event)}, and it was due{_at(event)}"
    if fact(event, "level") == "managers":
        to = fact(event, "to")
        told = f"the managers in {inline(to, 60)} have" if to.startswith("#") else "the managers have"
        lead = f" The lead of {where} is away." if fact(event, "because") == "lead_away" else ""
        return f"📣 Still past its limit: {told} been told that {was}.{lead}"
    return f"📣 Still past its limit: {name(file, fact(event, 'to'))}, who leads {where}, has been told that {was}."


def _lent(file: CaseFile, event: Event, _policy: Policy) -> str:
    away, to = name(file, fact(event, "from")), name(file, fact(event, "to"))
    what = _task(file, event)
    return f"🌴 {away} is away and something was due, so {to} has {what or 'the case'} until they are back."


def _returned(file: CaseFile, event: Event, _policy: Policy) -> str:
    back, had = name(file, fact(event, "to")), name(file, fact(event, "from"))
    what = _task(file, event)
    return f"👋 {back} is back and has {what or 'the case'} again: {had} had not touched it."


def _task_overdue(file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"⏰ {_capital(_task(file, event) or 'a task')} is overdue. It was due{_at(event)}."


def _task_escalated(file: CaseFile, event: Event, _policy: Policy) -> str:
    lead = name(file, fact(event, "to"))
    return f"📣 {_capital(_task(file, event) or 'a task')} is still not done: {lead}, who leads there, has been told."


def name(file: CaseFile, member_id: str) -> str:
    """Name a member in plain words; nobody is paged."""
    return inline(file.name_of(member_id), 60) if member_id else "somebody"


def _not_done(event: Event) -> str:
    return NOT_DONE.get(fact(event, "clock"), "nobody has moved the case")


def _task(file: CaseFile, event: Event) -> str:
    task = next((one for one in file.tasks if one.id == event.facts.get("task_id")), None)
    return f"the task {quoted(task.title)}" if task else ("the task" if event.facts.get("task_id") else "")


def _by(event: Event) -> str:
    due = time_of(event, "due")
    return f" by {when(due)}" if due else ""


def _at(event: Event) -> str:
    due = time_of(event, "due")
    return f" {when(due)}" if due else " before"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


CHASE_LINES: Final[Mapping[str, Callable[[CaseFile, Event, Policy], str]]] = MappingProxyType(
    {
        "warned": _warned,
        "overdue": _overdue,
        "escalated": _escalated,
        "lent": _lent,
        "returned": _returned,
        "task_overdue": _task_overdue,
        "task_escalated": _task_escalated,
    }
)
