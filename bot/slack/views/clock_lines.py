"""One sentence for every event of a case's clocks: pauses, snoozes, promises, changed limits."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.slack.views.event_words import actor, time_of
from bot.slack.views.text import apart, quoted, when
from storage.casefile import CaseFile
from storage.tables import Event
from workflows.policy import Policy
from workflows.timeline import CUSTOMER, HEARBACK

PROMISE: Final = 200  # characters of a promise in a line


def _paused(file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"⏸️ {actor(file, event)} paused the case{_until(event)}: its limits stand still."


def _resumed(file: CaseFile, event: Event, _policy: Policy) -> str:
    if event.by == HEARBACK:
        return "▶️ The pause is over: the limits of the case run again."
    if event.by == CUSTOMER:
        return "▶️ The customer was heard, so the pause is over: the limits of the case run again."
    return f"▶️ {actor(file, event)} ended the pause: the limits of the case run again."


def _snoozed(file: CaseFile, event: Event, _policy: Policy) -> str:
    return f"💤 {actor(file, event)} put off the reminders{_until(event)}. The limits run on."


def _promised(file: CaseFile, event: Event, _policy: Policy) -> str:
    due = time_of(event, "due")
    by = f" for {when(due)}" if due else ""
    return f"🤝 {actor(file, event)} promised the customer something{by}: {quoted(event.text, PROMISE)}."


def _promise_kept(file: CaseFile, event: Event, _policy: Policy) -> str:
    due = time_of(event, "due")
    late = f", {apart(event.at, due)} late" if due and event.facts.get("late") else ""
    return f"🤝 {actor(file, event)} kept the promise{late}: {quoted(event.text, PROMISE)}."


def _promise_withdrawn(file: CaseFile, event: Event, _policy: Policy) -> str:
    promise = next((one for one in file.promises if one.id == event.facts.get("promise_id")), None)
    named = f" {quoted(promise.text, PROMISE)}" if promise else ""
    return f"{actor(file, event)} withdrew the promise{named}."


def _promise_slipped(_file: CaseFile, event: Event, _policy: Policy) -> str:
    due = time_of(event, "due")
    was = f" It was due {when(due)}." if due else ""
    return f"⏰ A promise has slipped: {quoted(event.text, PROMISE)}.{was} It can still be kept, late."


def _limits_changed(_file: CaseFile, event: Event, _policy: Policy) -> str:
    now = time_of(event, "to")
    due = f" The next one is {when(now)}." if now else ""
    return f"The limits of the case were set anew by the changed policy.{due}"


def _until(event: Event) -> str:
    until = time_of(event, "until")
    return f" until {when(until)}" if until else ""


CLOCK_LINES: Final[Mapping[str, Callable[[CaseFile, Event, Policy], str]]] = MappingProxyType(
    {
        "paused": _paused,
        "resumed": _resumed,
        "snoozed": _snoozed,
        "promised": _promised,
        "promise_kept": _promise_kept,
        "promise_withdrawn": _promise_withdrawn,
        "promise_slipped": _promise_slipped,
        "limits_changed": _limits_changed,
    }
)
SAID_ALREADY: Final = frozenset({"promised", "promise_kept", "promise_slipped"})
"""The sentence repeats what was written with these."""
