"""What an event leaves in the thread under its case's card."""

from typing import Final

from bot.slack.views import customer
from bot.slack.views.blocks import quote, section
from bot.slack.views.lines import said, words_of
from bot.slack.views.message import Message
from bot.slack.views.text import quoted
from storage.casefile import CaseFile
from storage.tables import Event
from workflows.policy import Policy

TEXT: Final = 1500  # characters of what somebody wrote


def line(file: CaseFile, event: Event, *, policy: Policy) -> Message:
    """Draw one event for the thread under a case's card: a sentence, and what somebody wrote with it as a quote."""
    shown = customer.veiled(file)
    text = said(shown, event, policy=policy)
    free = words_of(shown, event)
    spoken = f"{text} {quoted(free)}" if free else text
    return Message(spoken, [section(text), *([quote(free, TEXT)] if free else [])])
