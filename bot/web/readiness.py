"""What has to work for Hearback to be ready: the database, Slack, and delivery."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.worker import Delivery
from bot.web.health import Check
from storage.database import Database
from storage.writers import DatabaseClosedError

# Pacing makes a busy channel wait for seconds, a rate limit for a minute; after five nothing is moving.
STUCK_AFTER: Final = timedelta(minutes=5)
# Supervisors ask every few seconds; Slack need not be asked as often.
SLACK_EVERY: Final = 30.0


def checks(*, db: Database, client: AsyncWebClient, delivery: Delivery) -> Mapping[str, Check]:
    """Give the checks by name; each says None when all is well, else a sentence."""
    slack = _SlackCheck(client)

    async def database() -> str | None:
        try:
            await db.write(lambda session: session.execute(text("SELECT 1")))
        except (SQLAlchemyError, DatabaseClosedError) as problem:
            return f"The database does not answer ({type(problem).__name__}). Look at DATABASE_URL and its server."
        return None

    async def sending() -> str | None:
        if not delivery.is_healthy:
            return f"Delivery has stumbled and goes on trying: {delivery.last_error}"
        waiting = await delivery.oldest_waiting()
        if waiting > STUCK_AFTER:
            return f"Something has been waiting to be sent for {waiting.total_seconds() // 60:.0f} minutes."
        return None

    return {"database": database, "slack": slack, "delivery": sending}


class _SlackCheck:
    """Asks Slack who we are, at most every so often."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._asked_at = float("-inf")
        self._found: str | None = None

    async def __call__(self) -> str | None:
        now = asyncio.get_running_loop().time()
        if now - self._asked_at > SLACK_EVERY or self._found is not None:
            self._found, self._asked_at = await self._ask(), now
        return self._found

    async def _ask(self) -> str | None:
        try:
            await self._client.auth_test()
        except SlackClientError as problem:
            return f"Slack refuses us: {getattr(problem, 'response', {}).get('error', type(problem).__name__)}."
        except (aiohttp.ClientError, TimeoutError):
            return "Slack can't be reached."
        return None
