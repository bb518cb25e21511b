"""The pretend Slack put together: one workspace, its Web API, its line to Hearback, and its people."""

import httpx

from bot.sandbox.faults import Faults
from bot.sandbox.interactions import Hands
from bot.sandbox.people import Person
from bot.sandbox.slack_api import SlackApi
from bot.sandbox.slack_events import Timing, Wire
from bot.sandbox.socket_mode import Sockets
from bot.sandbox.views import Views
from bot.sandbox.workspace import Workspace


class PretendSlack:
    """One workspace with everything around it; `hearback_url` is where events go (`.../slack/events`)."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        client: httpx.AsyncClient | None = None,
        hearback_url: str | None = None,
        signing_secret: str = "sandbox-signing-secret",  # noqa: S107 (the pretend Slack's own)
        timing: Timing | None = None,
        seed: int = 0,
    ) -> None:
        self.workspace = workspace
        self.wire = Wire(workspace, client=client, url=hearback_url, signing_secret=signing_secret, timing=timing)
        self.views = Views(workspace)
        self.api = SlackApi(workspace, self.wire, self.views)
        self.hands = Hands(workspace, self.wire, self.views)
        self.faults = Faults(seed=seed, clock=workspace.real_time)
        self.sockets = Sockets(self.wire)
        self.api.open_socket = self.sockets.ticket
        self.wire.carry = self.sockets.carry
        self.wire.is_carried = lambda: self.sockets.is_used

    def person(self, name: str) -> Person:
        """Return a member by name, first name, id or e-mail, in front of their screen. Raises NotThere."""
        return Person(self.workspace, self.hands, name)

    async def close(self) -> None:
        """Give up what is under way and hang up."""
        self.workspace.touch()  # wakes who waits for news, so that a server can stop at once
        await self.wire.close()
        await self.sockets.close()
