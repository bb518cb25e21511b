"""Who asks for the report gets a link of their own."""

from sqlmodel import Session

from bot.slack.context import Context
from bot.slack.listeners import replies
from bot.slack.listeners.move import Move
from bot.slack.payloads import Press
from bot.slack.views import report
from workflows import permission
from workflows.refusal import Refusal


async def link(context: Context, by: str) -> str:
    """Make a link for this person; Refusal when the policy doesn't name them, or when there is no address to go to."""
    if context.links is None:
        raise Refusal("The report has no address yet: an admin can set PUBLIC_URL, and start Hearback again.")
    move = Move.of(context, by)

    def allowed(session: Session) -> None:
        permission.may_join_in(session, by, policy=move.policy)

    await context.db.read(allowed)
    return context.links.report(by, at=move.at)


async def pressed(context: Context, press: Press) -> None:
    """Answer the button in the App Home. Raises SlackCallError."""
    await replies.show(context, press, report.link_modal(await link(context, press.by)))
