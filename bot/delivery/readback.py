"""Looking whether a message arrived after all, by the intent's key in its metadata."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import ids

# Slack's clock and ours differ a little.
BEFORE: Final = timedelta(minutes=1)
PAGE: Final = 200


async def find(
    slack: AsyncWebClient, *, channel: str, key: str, since: datetime, thread_ts: str | None = None
) -> str | None:
    """Return the `ts` of the message that carries the key, posted after `since`; None: there is none.

    `channel` is Slack's id of it; `thread_ts` looks into that thread instead. Raises what the client raises: then
    nothing is known.
    """
    oldest = f"{(since - BEFORE).timestamp():.6f}"
    asked: dict[str, Any] = {"channel": channel, "oldest": oldest, "include_all_metadata": True, "limit": PAGE}
    if thread_ts is None:
        pages = _pages(slack.conversations_history, "messages", asked)
    else:
        pages = _pages(slack.conversations_replies, "messages", {**asked, "ts": thread_ts})
    try:
        async for message in pages:
            if _key_of(message) == key:
                return str(message["ts"])
    except SlackApiError as error:
        if error.response.get("error") != "thread_not_found":  # with its thread, the line is gone too
            raise
    return None


async def channel_id(slack: AsyncWebClient, name: str) -> str | None:
    """Return the id of a channel that the bot is in, by its name (`#support`); None: it is in no such channel."""
    asked = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": PAGE}
    async for channel in _pages(slack.users_conversations, "channels", asked):
        if channel.get("name") == name.removeprefix("#"):
            return str(channel["id"])
    return None


async def _pages(
    call: Callable[..., Awaitable[Any]], rows: str, asked: dict[str, Any]
) -> AsyncIterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        answer = await call(**asked, **({"cursor": cursor} if cursor else {}))
        for row in answer.get(rows) or ():
            yield row
        following = (answer.get("response_metadata") or {}).get("next_cursor") or None
        if following is None or following == cursor:
            return
        cursor = following


def _key_of(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != ids.METADATA_EVENT:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return key if isinstance(key, str) else None
