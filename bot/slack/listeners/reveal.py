"""Who answered in confidence: shown to the owner and to managers alone, privately, and each look is written down."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from bot.slack.views.blocks import View
from bot.slack.views.confidence import who_it_is
from storage.casefile import case_file
from workflows import confidence
from workflows.refusal import Refusal

if TYPE_CHECKING:
    from bot.slack.listeners.openers import Asked


def who(session: Session, asked: "Asked") -> View:
    """Show who it is; this is run as a write, so that nobody sees it unrecorded."""
    move = asked.move
    confidence.reveal(session, asked.row, policy=move.policy, by=move.by, at=move.at)
    file = case_file(session, asked.row)
    if file is None:
        raise Refusal(f"There is no case {asked.row}. Look for its number on the card, or try /loop mine.")
    return who_it_is(file)
