"""What survives every kill: a pretend Slack, a mailbox, and the memory of what was posted under which key."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from starlette.applications import Starlette

from bot.sandbox.channels import Channel, Json
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.routes import routes
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack_events import Timing
from bot.sandbox.workspace import Workspace
from bot.slack import ids
from tests.crash import town

SIGNING_SECRET: Final = "crash-signing-secret"
WEBHOOK_SECRET: Final = "whsec_Y3Jhc2gtcnVuLXdlYmhvb2stc2VjcmV0"
# An event is told again until it is acked, as long as the run may last; real Slack gives up after three times.
AGAIN: Final = (0.3, *((1.0,) * 600))


class WatchedWorkspace(Workspace):
    """A workspace that knows where the message of each key stands, however many there are."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.posted: dict[str, list[tuple[str, str]]] = defaultdict(list)

    def post(self, channel: Channel, message: Json) -> Json:
        """Post, and note under which of our keys."""
        made = super().post(channel, message)
        if key := key_of(made):
            self.posted[key].append((channel.id, made["ts"]))
        return made


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything around Hearback."""

    slack: PretendSlack
    workspace: WatchedWorkspace
    mailbox: Mailbox
    hearback: str
    """The address at which the house listens, whenever it is up."""
    folder: Any
    environment: dict[str, str] = field(repr=False)

    def message(self, key: str) -> Json | None:
        """Give the message that carries a key; None: none does."""
        places = self.workspace.posted.get(key)
        if not places:
            return None
        channel, ts = places[-1]
        return self.workspace.channels[channel].messages.get(ts)


def key_of(message: Json) -> str:
    """Read our key from a message's metadata; empty for anybody else's message."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != ids.METADATA_EVENT:
        return ""
    return str((metadata.get("event_payload") or {}).get("key", ""))


@asynccontextmanager
async def outside(folder: Any, *, port: int, database: str) -> AsyncIterator[Outside]:
    """Start everything around a Hearback that listens on `port`; `environment` is what it has to be started with."""
    workspace = WatchedWorkspace(clock=lambda: datetime.now(UTC), real_time=time.time)
    town.settle(workspace)
    # What the app itself posts is none of its business: telling it would only be work.
    workspace.echoes = False
    hearback = f"http://127.0.0.1:{port}"
    (folder / "policy.toml").write_text(town.policy(), encoding="utf-8")
    mailbox = Mailbox(clock=workspace.now)
    await mailbox.start()
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=50)
    async with httpx.AsyncClient(timeout=20, limits=limits) as client:
        slack = PretendSlack(
            workspace,
            client=client,
            hearback_url=f"{hearback}/slack/events",
            signing_secret=SIGNING_SECRET,
            timing=Timing(patience=3.0, retries=AGAIN),
        )
        async with serving(Starlette(routes=routes(slack, mailbox=mailbox))) as address:
            slack.wire.base_url = f"{address}/sandbox"
            environment = {
                "SLACK_BOT_TOKEN": workspace.bot_token,
                "SLACK_SIGNING_SECRET": SIGNING_SECRET,
                "SLACK_API_URL": f"{address}/sandbox/slack/api/",
                "DATABASE_URL": database,
                "HOST": "127.0.0.1",
                "PORT": str(port),
                "SMTP_URL": mailbox.url,
                "POLICY": str(folder / "policy.toml"),
                "WEBHOOK_SECRET_GENERIC": WEBHOOK_SECRET,
            }
            try:
                yield Outside(slack, workspace, mailbox, hearback, folder, environment)
            finally:
                await slack.close()
    await mailbox.stop()
