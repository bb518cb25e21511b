"""What an event leaves in the thread under its case's card."""

from typing import Final

from bot.slack.views import customer
from bot.slack.views.blocks import quote, section
from bot.slack.views.lines import said, words_of
from bot.slack.views.message import Message
from bot.slack.views.text import mention, quoted
from storage.casefile import CaseFile
from storage.tables import Event
from workflows.policy import Policy

TEXT: Final = 1500  # characters of what somebody wrote
# What the owner has to hear of even if they aren't looking. A changed message notifies nobody; a mention does.
_FOR_THE_OWNER: Final = frozenset({"replied", "joined", "mail_refused", "mail_bounced", "mail_unclear", "reopened"})


def line(file: CaseFile, event: Event, *, policy: Policy) -> Message:
    """Draw one event for the thread under a case's card: a sentence, and what somebody wrote with it as a quote."""
    shown = customer.veiled(file)
    text = f"{_called(file, event)}{said(shown, event, policy=policy)}"
    free = words_of(shown, event)
    spoken = f"{text} {quoted(free)}" if free else text
    return Message(spoken, [section(text), *([quote(free, TEXT)] if free else [])])


def _called(file: CaseFile, event: Event) -> str:
    """Mention the owner where they have to act. A reopening that follows from another line pages nobody again."""
    owner = file.case.owner
    is_consequence = event.kind == "reopened" and event.facts.get("cause") != "person"
    if event.kind not in _FOR_THE_OWNER or is_consequence or not owner or owner == event.by:
        return ""
    return f"{mention(owner)} "
