"""The command /loop: help, status, a case, what is mine, and feedback logged by hand. Every answer is private."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from bot.slack.context import Context
from bot.slack.listeners import digests, feedback, replies, team
from bot.slack.listeners.move import Move
from bot.slack.listeners.openers import case_view
from bot.slack.listeners.report import link
from bot.slack.payloads import Typed, row_id
from bot.slack.views import status
from bot.slack.views.blocks import View
from bot.slack.views.message import Message
from bot.slack.views.report import link_message
from storage import lists
from workflows import permission
from workflows.refusal import Refusal

Answer = dict[str, Any]
"""What the ack of a command carries; empty: nothing is posted, a modal is open."""


async def typed(context: Context, command: Typed) -> Answer:
    """Answer what was typed after /loop. Raises SlackCallError."""
    word, rest = (command.words[0].lower(), command.words[1:]) if command.words else ("help", ())
    try:
        match word:
            case "mine":
                return await _message(context, command, _mine)
            case "status":
                return await _message(context, command, lambda session, move: team.status(session, rest, move))
            case "case":
                number = _number(rest)
                return await _modal(context, command, lambda session, move: case_view(session, number, move))
            case "report":
                return _private(link_message(await link(context, command.by)))
            case "digests":
                return await _modal(context, command, digests.listed)
            case "add":
                return await _modal(context, command, feedback.form)
    except Refusal as refusal:
        return _private(Message(refusal.sentence, []))
    return _private(status.help_text())


async def _message(context: Context, command: Typed, draw: Callable[[Session, Move], Message]) -> Answer:
    move = Move.of(context, command.by)
    return _private(await context.db.read(lambda session: draw(session, move)))


async def _modal(context: Context, command: Typed, draw: Callable[[Session, Move], View]) -> Answer:
    move = Move.of(context, command.by)
    view = await context.db.read(lambda session: draw(session, move))
    await replies.open_view(context, trigger_id=command.trigger_id, view=view)
    return {}


def _mine(session: Session, move: Move) -> Message:
    permission.may_join_in(session, move.by, policy=move.policy)
    return status.case_list(lists.mine(session, move.by), policy=move.policy, at=move.at)


def _number(words: tuple[str, ...]) -> int:
    if not words:
        raise Refusal("Say which case: /loop case 12.")
    try:
        return row_id(words[0].lstrip("#"))
    except Refusal:
        raise Refusal("A case goes by its number: /loop case 12. It stands at the foot of the card.") from None


def _private(message: Message) -> Answer:
    answer: Answer = {"response_type": "ephemeral", "text": message.text}
    return {**answer, "blocks": message.blocks} if message.blocks else answer
