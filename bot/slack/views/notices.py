"""What admins are told by direct message: that something about a survey needs their eyes."""

from datetime import datetime

from bot.slack.views import questions, words
from bot.slack.views.blocks import context, section
from bot.slack.views.message import Message
from bot.slack.views.text import apart, escape, plural, when
from storage.source_tables import Alarm


def notice(alarm: Alarm) -> Message | None:
    """Draw an alarm for one admin; None for those that are asked or told elsewhere."""
    if alarm.kind == "silence":
        return silence(alarm.source, last_at=_moment(alarm, "last_at"), back_at=_moment(alarm, "back_at"))
    if alarm.kind in {"parked", "reversal"}:
        return questions.asked(alarm)
    if alarm.kind != "missed":
        return None
    return _said(missed(alarm.source, int(alarm.facts.get("count", 0))))


def missed(source: str, count: int) -> str:
    """Say that a poll found what a webhook should have brought, and where to look."""
    they_have = "it has" if count == 1 else "they have"
    return (
        f"{plural(count, 'response')} of {escape(source)} did not arrive by webhook; {they_have} been asked for and "
        f"taken in. Look at the webhook there, and at `python -m bot sources`."
    )


def silence(source: str, *, last_at: datetime | None, back_at: datetime | None) -> Message:
    """Say that nothing has come since `last_at`; with `back_at`, that something has come again then."""
    name = words.SOURCES.get(source) or escape(source.replace("_", " ").capitalize())
    if back_at is not None:
        after = f" after {apart(back_at, last_at)}" if last_at else ""
        return Message(f"{name} sends answers again{after}.", [section(f"🔔 *{name} sends answers again*{after}.")])
    since = when(last_at) if last_at else "the beginning"
    return Message(
        f"{name} has sent no answer for longer than usual.",
        [
            section(
                f"🔕 *{name} has sent no answer since {since}.* That is longer than it is usually silent.\n"
                "See whether its webhook still works: answer the survey yourself, and look whether it arrives."
            ),
            context("This is said once, and once more when answers come again."),
        ],
    )


def _moment(alarm: Alarm, name: str) -> datetime | None:
    said = alarm.facts.get(name)
    return datetime.fromisoformat(said) if said else None


def _said(text: str) -> Message:
    return Message(text, [section(f"⚠️ {text}")])
