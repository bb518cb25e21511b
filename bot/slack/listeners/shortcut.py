"""The message shortcut "Log as customer feedback"."""

from bot.slack.context import Context
from bot.slack.listeners import feedback, replies
from bot.slack.listeners.move import Move
from bot.slack.payloads import PickedMessage
from bot.slack.views import modals
from workflows.refusal import Refusal


async def picked(context: Context, message: PickedMessage) -> None:
    """Open the form with what the message says. Raises SlackCallError."""
    move = Move.of(context, message.by)
    try:
        view = await context.db.read(lambda session: feedback.form_about(session, message, move))
    except Refusal as refusal:
        view = modals.sentence(refusal.sentence)
    await replies.open_view(context, trigger_id=message.trigger_id, view=view)
