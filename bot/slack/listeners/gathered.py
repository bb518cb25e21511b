"""The buttons of an umbrella: look at all its cases, take one's own, resolve them together."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from bot.slack import forms
from bot.slack.listeners.move import Move
from bot.slack.payloads import Submission
from bot.slack.views import umbrella
from bot.slack.views.blocks import View
from storage import umbrellas
from storage.umbrellas import Gathered
from workflows import storms
from workflows.refusal import Refusal

if TYPE_CHECKING:
    from bot.slack.listeners.openers import Asked
    from bot.slack.listeners.submissions import Doing


def all_cases(session: Session, asked: "Asked") -> View:
    """List them."""
    return umbrella.all_cases(_gathered(session, asked, limit=umbrella.LISTED))


def ask_to_resolve(session: Session, asked: "Asked") -> View:
    """Ask for one cause and one text for all of them."""
    return umbrella.resolve_together(_gathered(session, asked, limit=0))


def take_mine(session: Session, umbrella_id: int, move: Move) -> None:
    """Take those that are theirs."""
    storms.may_see(session, umbrella_id, policy=move.policy, by=move.by)
    storms.take_mine(session, umbrella_id, policy=move.policy, by=move.by, at=move.at)


def resolve(sent: Submission) -> "Doing":
    """Resolve those that can be."""
    row, form = sent.row, forms.ResolveForm.of(sent)

    def work(session: Session, move: Move) -> int:
        found = storms.may_see(session, row, policy=move.policy, by=move.by)
        storms.resolve_together(
            session,
            row,
            root_cause=form.root_cause,
            root_cause_text=form.root_cause_text,
            what_changed=form.what_changed,
            policy=move.policy,
            by=move.by,
            at=move.at,
        )
        return found.first_case_id

    return work


def _gathered(session: Session, asked: "Asked", *, limit: int) -> Gathered:
    storms.may_see(session, asked.row, policy=asked.move.policy, by=asked.move.by)
    found = umbrellas.gathered(session, asked.row, limit=limit)
    if found is None:
        raise Refusal("These cases aren't known any more. Try /loop mine instead.")
    return found
