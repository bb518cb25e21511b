"""Our client of Slack's Web API: one shared connection pool with its own time-out, and no retries inside a call."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

SLACK_API: Final = "https://slack.com/api/"
# Slack answers within a second or two; after ten nobody waits for it any more, and the outbox tries again.
TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=5)
CONNECTIONS: Final = 32


@asynccontextmanager
async def slack_client(token: str, *, api_url: str | None = None) -> AsyncIterator[AsyncWebClient]:
    """Give a client whose connections live as long as this context. `api_url` names another server than Slack.

    The time-out is the session's: a client that is given a session ignores its own. Without retry handlers, because
    the SDK's own post twice when the server takes a request and drops the connection.
    """
    logger = logging.getLogger("bot.slack.client")
    # At DEBUG, and at the default of no level, the SDK writes whole messages down: they are nobody's business.
    logger.setLevel(logging.INFO)
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(timeout=TIMEOUT, connector=connector) as session:
        yield AsyncWebClient(
            token=token,
            base_url=api_url or SLACK_API,
            session=session,
            retry_handlers=[],
            logger=logger,
        )
