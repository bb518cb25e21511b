"""Sends what happens in the pretend Slack to Hearback, signed, with Slack's time limit and its retries."""

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.sandbox.channels import Channel, Json
from bot.sandbox.workspace import Workspace

OK = 200
REDIRECT = 300
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    """What Hearback answered; `failure` is Slack's word for why there is no usable answer."""

    failure: str = ""
    body: Any = None

    @property
    def ok(self) -> bool:
        """Whether Hearback acknowledged in time."""
        return not self.failure


@dataclass(slots=True, kw_only=True)
class Timing:
    """How patient Slack is, in seconds; tests shorten it."""

    patience: float = 3.0
    retries: tuple[float, ...] = (1.0, 60.0, 300.0)


Carry = Callable[[str, Json, Json], Awaitable[Reply | None]]


class Wire:
    """The line to Hearback: HTTP to one address, or whatever `carry` takes (the sockets of Socket Mode)."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        client: httpx.AsyncClient | None = None,
        url: str | None = None,
        signing_secret: str = "sandbox-signing-secret",  # noqa: S107 (the pretend Slack's own)
        timing: Timing | None = None,
    ) -> None:
        self.workspace = workspace
        self.client = client
        self.url = url
        self.signing_secret = signing_secret
        self.timing = timing or Timing()
        self.base_url = ""
        self.carry: Carry | None = None
        self.is_carried: Callable[[], bool] = lambda: False
        self.sent: deque[Json] = deque(maxlen=1000)
        self._running: set[asyncio.Task[None]] = set()

    def signed(self, body: bytes, kind: str) -> dict[str, str]:
        """Return the headers of a request that Hearback believes."""
        stamp = str(int(self.workspace.real_time()))
        digest = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}

    def learn_base_url(self, scheme: str, host: str, prefix: str) -> None:
        """Remember the address under which Hearback reaches the sandbox, from the first call that came in."""
        if not self.base_url:
            self.base_url = f"{scheme}://{host}{prefix}"

    def emit(self, event: Json, *, channel: Channel | None = None) -> None:
        """Tell Hearback about an event if it subscribed to it and may see it; returns at once."""
        if not self._is_wanted(event, channel):
            return
        envelope = self.envelope(event)
        self.sent.append(envelope)
        task = asyncio.get_running_loop().create_task(self._deliver(envelope))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def envelope(self, event: Json) -> Json:
        """Return the Events API's wrapping of one event."""
        workspace = self.workspace
        member = {"enterprise_id": None, "team_id": workspace.team_id, "user_id": workspace.bot.id, "is_bot": True}
        return {
            "token": "verification",
            "team_id": workspace.team_id,
            "context_team_id": workspace.team_id,
            "context_enterprise_id": None,
            "api_app_id": workspace.app_id,
            "event": {**event, "event_ts": event.get("event_ts") or event.get("ts") or workspace.next_ts()},
            "type": "event_callback",
            "event_id": workspace.next_id("Ev"),
            "event_time": int(workspace.now().timestamp()),
            "authorizations": [{**member, "is_enterprise_install": False}],
            "is_ext_shared_channel": False,
        }

    async def settle(self) -> None:
        """Wait until every event that is under way was answered or given up."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in list(self._running):
            task.cancel()
        await self.settle()

    async def _deliver(self, envelope: Json) -> None:
        reason = ""
        for attempt, wait in enumerate((0.0, *self.timing.retries)):
            if wait:
                await asyncio.sleep(wait)
            retry = {"retry_num": attempt, "retry_reason": reason} if attempt else {}
            reply = await self._send("events_api", envelope, retry)
            if reply.ok:
                return
            reason = "http_timeout" if reply.failure == "operation_timeout" else "http_error"

    async def interact(self, payload: Json) -> Reply:
        """Send an interaction and wait for its ack."""
        return await self._send("interactive", payload, {})

    async def command(self, fields: Json) -> Reply:
        """Send a slash command and wait for its ack."""
        return await self._send("slash_commands", fields, {})

    async def _send(self, kind: str, payload: Json, retry: Json) -> Reply:
        if self.carry is not None:
            carried = await self.carry(kind, payload, retry)
            if carried is not None:
                return carried
        if self.client is None or self.url is None:
            return Reply("dispatch_failed")
        return await self._post(kind, payload, retry)

    async def _post(self, kind: str, payload: Json, retry: Json) -> Reply:
        assert self.client is not None
        assert self.url is not None
        if kind == "events_api":
            body, content_type = json.dumps(payload).encode(), "application/json"
        elif kind == "interactive":
            body, content_type = urlencode({"payload": json.dumps(payload)}).encode(), FORM
        else:
            body, content_type = urlencode(payload).encode(), FORM
        headers = self.signed(body, content_type)
        if retry:
            headers |= {
                "x-slack-retry-num": str(retry["retry_num"]),
                "x-slack-retry-reason": retry["retry_reason"],
            }
        try:
            async with asyncio.timeout(self.timing.patience):
                answer = await self.client.post(self.url, content=body, headers=headers, timeout=None)
        except TimeoutError:
            return Reply("operation_timeout")
        except httpx.HTTPError:
            return Reply("dispatch_failed")
        if not OK <= answer.status_code < REDIRECT:
            return Reply("dispatch_failed")
        return Reply(body=read_body(answer.text))

    def _is_wanted(self, event: Json, channel: Channel | None) -> bool:
        workspace = self.workspace
        if self.url is None and not self.is_carried():
            return False
        if channel is not None and workspace.bot.id not in channel.member_ids:
            return False
        if workspace.subscriptions is None:
            return True
        name = event["type"]
        if name == "message" and channel is not None:
            name = f"message.{'groups' if channel.kind == 'group' else channel.kind + 's'}"
            name = {"message.ims": "message.im", "message.mpims": "message.mpim"}.get(name, name)
        return name in workspace.subscriptions


def read_body(text: str) -> Any:
    """Return an ack's body: JSON where it is JSON, else the text."""
    with contextlib.suppress(ValueError):
        return json.loads(text)
    return text or None


def message_event(channel: Channel, message: Json, **extra: Any) -> Json:
    """Return a `message` event about a new message."""
    seen = {key: value for key, value in message.items() if key not in ("metadata", "reply_users", "ephemeral_for")}
    return {**seen, "channel": channel.id, "channel_type": channel.kind, "event_ts": message["ts"], **extra}


def change_event(workspace: Workspace, channel: Channel, *, message: Json | None, previous: Json) -> Json:
    """Return a `message_changed` event, or `message_deleted` when nothing is left."""
    stamp = workspace.next_ts()
    event: Json = {
        "type": "message",
        "subtype": "message_changed" if message else "message_deleted",
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.kind,
        "previous_message": previous,
        "ts": stamp,
        "event_ts": stamp,
    }
    if message:
        event["message"] = message
    else:
        event["deleted_ts"] = previous["ts"]
    return event
