"""Bolt, built: one listener for each way in which people reach us, and a table behind it."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import ids
from bot.slack.context import Context
from bot.slack.listeners.buttons import pressed
from bot.slack.listeners.command import typed
from bot.slack.listeners.events import EVENTS
from bot.slack.listeners.failures import failed
from bot.slack.listeners.shortcut import picked
from bot.slack.listeners.submissions import submitted
from bot.slack.payloads import PickedMessage, Press, Submission, Typed

ANY: Final = re.compile("")
Body = Mapping[str, Any]


def slack_app(context: Context) -> AsyncApp:
    """Build the app that answers Slack: it commits first and acks then, and calls nothing to find out who it is."""
    app = AsyncApp(
        name="bot.slack.bolt",
        logger=_logger(),
        process_before_response=True,
        # Without a secret (Socket Mode) nobody must be able to sign what comes over HTTP.
        signing_secret=context.signing_secret or secrets.token_hex(32),
        client=_without_token(context.client),
        authorize=_OneWorkspace(context.client.token or ""),
        # Our own listeners leave out whatever a bot has written.
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    _listen_to_people(app, context)
    _listen_to_events(app, context)

    @app.error
    async def on_error(error: Exception, body: Body, ack: AsyncAck) -> BoltResponse:
        return await failed(context, error, body, ack)

    return app


def _listen_to_people(app: AsyncApp, context: Context) -> None:
    @app.action(ANY)
    async def on_press(ack: AsyncAck, body: Body) -> None:
        await pressed(context, Press.of(body), ack)

    @app.view(ANY)
    async def on_submission(ack: AsyncAck, body: Body) -> None:
        await ack(**await submitted(context, Submission.of(body)))

    @app.command(ids.COMMAND)
    async def on_command(ack: AsyncAck, body: Body) -> None:
        await ack(**await typed(context, Typed.of(body)))

    @app.shortcut({"type": "message_action", "callback_id": ids.SHORTCUT_LOG_FEEDBACK})
    async def on_shortcut(ack: AsyncAck, body: Body) -> None:
        await picked(context, PickedMessage.of(body))
        await ack()


def _listen_to_events(app: AsyncApp, context: Context) -> None:
    for name, heard in EVENTS.items():
        app.event(name)(_listener(context, heard))


def _listener(
    context: Context, heard: Callable[[Context, Body], Awaitable[None]]
) -> Callable[..., Awaitable[BoltResponse | None]]:
    async def on_event(body: Body) -> None:
        await heard(context, body)

    return on_event


class _OneWorkspace(AsyncAuthorize):
    """Says that every request that Slack signed is for our one workspace. Bolt's own way asks Slack first."""

    def __init__(self, token: str) -> None:
        self._result = AuthorizeResult(enterprise_id=None, team_id=None, bot_token=token)

    async def __call__(self, **_: Any) -> AuthorizeResult:
        return self._result


class _SaidAnyway(logging.Filter):
    """Drops Bolt's remark that SLACK_BOT_TOKEN is set although it was given a client: that is what we want."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.getMessage() != warning_client_prioritized_and_token_skipped()


def _logger() -> logging.Logger:
    logger = logging.getLogger("bot.slack.bolt")
    # Without a level Bolt makes a sentence for each of its steps, with people's words in it, and throws it away.
    logger.setLevel(logging.INFO)
    if not logger.filters:
        logger.addFilter(_SaidAnyway())
    return logger


def _without_token(client: AsyncWebClient) -> AsyncWebClient:
    """Give Bolt a client that shares our connections; the token it gets for each request, from `authorize`."""
    return AsyncWebClient(
        base_url=client.base_url,
        session=client.session,
        retry_handlers=[],
        logger=client.logger,
    )
