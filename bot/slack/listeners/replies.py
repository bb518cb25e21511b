"""How a person is answered: a modal on what they pressed, or a sentence where they are."""

import asyncio
import logging
import re
from typing import Any, Final

from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.context import Context
from bot.slack.errors import SlackCallError, slack_calls
from bot.slack.payloads import Press
from bot.slack.views import modals
from bot.slack.views.blocks import View
from storage import members

log = logging.getLogger(__name__)

# A trigger lives three seconds; what isn't open by then never will be.
TRIGGER_PATIENCE: Final = 2.5
_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


async def open_view(context: Context, *, trigger_id: str, view: View) -> None:
    """Open a modal in answer to a press or a command. Raises SlackCallError."""
    async with slack_calls(), asyncio.timeout(TRIGGER_PATIENCE):
        await context.client.views_open(trigger_id=trigger_id, view=view)


async def show(context: Context, press: Press, view: View) -> None:
    """Open a modal, on top of the one that was pressed in if there is one. Raises SlackCallError."""
    if not press.is_in_modal:
        await open_view(context, trigger_id=press.trigger_id, view=view)
        return
    async with slack_calls(), asyncio.timeout(TRIGGER_PATIENCE):
        await context.client.views_push(trigger_id=press.trigger_id, view=view)


async def replace_view(context: Context, *, view_id: str, view: View) -> None:
    """Draw an open modal anew. One that was closed meanwhile is nobody's loss."""
    try:
        async with slack_calls():
            await context.client.views_update(view_id=view_id, view=view)
    except SlackCallError as error:
        log.info("a modal could not be redrawn: %s", error.code)


async def say(context: Context, press: Press, sentence: str) -> None:
    """Tell whoever pressed, and nobody else. In a modal or the App Home, where nothing can be posted, in a modal."""
    try:
        if press.response_url:
            await say_at(context, press.response_url, sentence)
        else:
            await show(context, press, modals.sentence(sentence))
    except SlackCallError as error:
        log.warning("somebody could not be told why a press did nothing: %s", error.code)


async def say_at(context: Context, response_url: str, sentence: str) -> None:
    """Post a sentence that only the person sees to the URL that came with their press. Raises SlackCallError."""
    webhook = AsyncWebhookClient(response_url, session=context.client.session, retry_handlers=[])
    async with slack_calls():
        answer = await webhook.send(text=sentence, response_type="ephemeral", replace_original=False)
    if answer.status_code != 200:  # noqa: PLR2004 -- HTTP's own word for "done"
        raise SlackCallError(f"http_{answer.status_code}")


async def in_plain_words(context: Context, sentence: str) -> str:
    """Return the sentence with people's names for mentions: for places where Slack draws no mention."""
    wanted = [found[1] for found in _MENTION.finditer(sentence)]
    if not wanted:
        return sentence
    known = await context.db.read(lambda session: members.names(session, wanted))
    return _MENTION.sub(lambda found: known.get(found[1], "somebody"), sentence)


def errors(fields: dict[str, str]) -> dict[str, Any]:
    """Give the answer to a submitted modal that shows a sentence below each of these fields."""
    return {"response_action": "errors", "errors": fields}


def update(view: View) -> dict[str, Any]:
    """Give the answer to a submitted modal that shows another one in its place."""
    return {"response_action": "update", "view": view}
