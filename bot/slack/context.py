"""What a listener needs of the house, handed to it: nothing here is looked up, and nothing is global."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.links import Links
from storage.database import Database
from workflows.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The database, the time, the policy in force, and the way back to Slack."""

    db: Database
    clock: Callable[[], datetime]
    """Now, aware and in UTC."""
    policy: Callable[[], Policy]
    policy_version: Callable[[], int | None]
    background: Callable[[Coroutine[Any, Any, None]], None]
    """Runs what may only happen after the answer to Slack; it is awaited when the app stops."""
    client: AsyncWebClient
    can_mail: bool = True
    """Whether there is a mail server: without one, what was said elsewhere can only be logged."""
    settle: Callable[[], Coroutine[Any, Any, None]] | None = None
    """Does what an answer about a form asks for; None: somebody else does."""
    links: Links | None = None
    """Makes links to the report; None: nobody could follow them."""
    signing_secret: str = field(repr=False)
