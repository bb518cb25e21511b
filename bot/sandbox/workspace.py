"""Everything the pretend Slack remembers: members, channels, messages, views, triggers, and what it refused."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.channels import Channel, Json, Member

TRIGGER_LIVES = 3.0  # seconds, as in Slack
RESPONSE_URL_LIVES = 30 * 60.0  # seconds, as in Slack
RESPONSE_URL_USES = 5
KEPT = 5000  # triggers and response_urls; older ones have long expired
SEEN_MESSAGES = 300  # a channel's newest messages that the page is shown
COLORS = ("#4a6fa5", "#b5563c", "#4f8a5b", "#8a5b8f", "#b08a2e", "#3d8a8a", "#a5496f", "#5b6470")

SCOPES = (
    "app_mentions:read,channels:history,channels:join,channels:read,chat:write,commands,dnd:read,groups:history,groups:read,"
    "im:history,im:read,im:write,mpim:history,mpim:read,mpim:write,reactions:write,users.profile:read,users:read,"
    "users:read.email"
)


@dataclass(slots=True, kw_only=True)
class Trigger:
    """A trigger_id: it serves once, within three seconds; `view_id` is the view it was pressed in, if any."""

    member: str
    born: float
    view_id: str | None = None
    used: bool = False


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """A response_url: where it answers to, and how often it has been used."""

    channel: str
    member: str
    born: float
    source_ts: str | None = None
    ephemeral: bool = False
    uses: int = 0


@dataclass(slots=True, kw_only=True)
class Refused:
    """One thing Slack would not do for the app, with the messages that say why."""

    method: str
    error: str
    messages: list[str] = field(default_factory=list)


class SlackError(Exception):
    """A method's refusal: Slack's error code, and the messages that explain it."""

    def __init__(self, error: str, messages: list[str] | None = None, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []
        self.extra = extra


class Workspace:
    """The state of one pretend workspace with one installed app.

    `clock` gives the time of the messages (the demo winds it), `real_time` the seconds that triggers, response
    URLs and signatures live by.
    """

    def __init__(
        self, *, clock: Callable[[], datetime], real_time: Callable[[], float], team: str = "Northwind"
    ) -> None:
        self.clock = clock
        self.real_time = real_time
        self.offset = timedelta(0)
        self.team_id = "T0SANDBOX"
        self.team = team
        self.app_id = "A0HEARBACK"
        self.bot_id = "B0HEARBACK"
        self.bot_token = "xoxb-sandbox"  # noqa: S105 (the pretend Slack's own)
        self.app_token = "xapp-sandbox"  # noqa: S105 (the pretend Slack's own)
        self.address = "https://northwind.slack.test"
        self.scopes: set[str] = set(SCOPES.split(","))
        self.subscriptions: set[str] | None = None
        self.commands: set[str] | None = None
        self.shortcuts: dict[str, Json] | None = None
        self.should_escape = False
        self.echoes = True
        self.history_lag = 0.0
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.views: dict[str, Json] = {}
        self.modals: dict[str, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.notices: dict[str, list[str]] = {}
        self.suggested: dict[str, list[Json]] = {}
        self.refusals: list[Refused] = []
        self.on_payload: list[Callable[[str, Json], None]] = []
        self.version = 0
        self._changed = asyncio.Event()
        self._last_ts = 0
        self._next = 0
        self._ims: dict[frozenset[str], str] = {}
        self.bot = self.add_member("hearback", real_name="Hearback", id="U0HEARBACK", is_bot=True)

    def now(self) -> datetime:
        """Return the workspace's time: the clock, wound forward."""
        return self.clock() + self.offset

    def wind(self, hours: float) -> None:
        """Wind the workspace's time forward."""
        self.offset += timedelta(hours=hours)
        self.touch()

    def next_ts(self) -> str:
        """Return a message's ts: the workspace's time in microseconds, unique and always later than the last."""
        self._last_ts = max(self._last_ts + 1, int(self.now().timestamp() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def next_id(self, prefix: str) -> str:
        """Return an id that nothing else in this workspace has."""
        self._next += 1
        return f"{prefix}{self._next:08d}"

    def touch(self) -> None:
        """Say that something changed, to whoever polls."""
        self.version += 1
        self._changed.set()

    async def changed_since(self, version: int, *, patience: float) -> None:
        """Return once the version differs from `version`, or after `patience` seconds."""
        if self.version != version:
            return
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), patience)
        except TimeoutError:
            return

    def add_member(self, name: str, *, id: str | None = None, **details: Any) -> Member:  # noqa: A002 (Slack's word)
        """Add a person; e-mail and real name are made up from the name unless given."""
        key = name.lower().replace(" ", ".")
        details.setdefault("real_name", name)
        if not details.get("is_bot"):
            details.setdefault("email", f"{key}@northwind.example")
        details.setdefault("avatar_color", COLORS[len(self.members) % len(COLORS)])
        member = Member(id=id or self.next_id("U"), name=key, **details)
        self.members[member.id] = member
        self.touch()
        return member

    def add_channel(self, name: str, *members: Member | str, id: str | None = None, private: bool = False) -> Channel:  # noqa: A002 (Slack's word)
        """Add a channel with these members; invite the bot to let it in."""
        channel = Channel(id=id or self.next_id("C"), name=name.lstrip("#"), is_private=private)
        self.channels[channel.id] = channel
        self.invite(channel, *members)
        return channel

    def invite(self, channel: Channel | str, *members: Member | str) -> None:
        """Let members (or `workspace.bot`) into a channel; no event goes out."""
        place = self.channel(channel)
        for member in members:
            key = member if isinstance(member, str) else member.id
            if key not in place.member_ids:
                place.member_ids.append(key)
        self.touch()

    def channel(self, wanted: Channel | str) -> Channel:
        """Return a channel by itself, its id, `#name` or name. Raises KeyError."""
        if isinstance(wanted, Channel):
            return wanted
        found = self.channels.get(wanted)
        if found is not None:
            return found
        name = wanted.lstrip("#")
        for channel in self.channels.values():
            if channel.name == name and not channel.is_im:
                return channel
        raise KeyError(wanted)

    def direct(self, *members: str) -> Channel:
        """Return the direct messages between these members, opened if need be."""
        people = frozenset(members)
        known = self._ims.get(people)
        if known is not None:
            return self.channels[known]
        is_im = len(people) <= 2  # noqa: PLR2004 (two people make a direct message, more a group)
        channel = Channel(
            id=self.next_id("D" if is_im else "G"),
            name="direct" if is_im else "mpdm-" + "--".join(sorted(self.members[m].name for m in people)),
            is_im=is_im,
            is_mpim=not is_im,
            member_ids=sorted(people),
        )
        self.channels[channel.id] = channel
        self._ims[people] = channel.id
        self.touch()
        return channel

    def post(self, channel: Channel, message: Json) -> Json:
        """Put a message into a channel: it gets its ts here."""
        message = {"type": "message", "ts": self.next_ts(), "team": self.team_id, **message}
        channel.add(message, born=self.real_time())
        self.touch()
        return message

    def post_ephemeral(self, channel: Channel, message: Json, *, member: str) -> Json:
        """Show a message to one member only; it is in no history."""
        message = {"type": "message", "ts": self.next_ts(), "is_ephemeral": True, **message, "ephemeral_for": member}
        channel.ephemeral.append(message)
        self.touch()
        return message

    def ephemeral(self, channel: Channel, ts: str) -> Json | None:
        """Return an ephemeral message by its ts."""
        return next((message for message in channel.ephemeral if message["ts"] == ts), None)

    def trigger(self, member: str, *, view_id: str | None = None) -> str:
        """Return a fresh trigger_id for something this member just did."""
        key = self.next_id("trigger.")
        if len(self.triggers) >= KEPT:
            self.triggers = dict(list(self.triggers.items())[KEPT // 2 :])
        self.triggers[key] = Trigger(member=member, born=self.real_time(), view_id=view_id)
        return key

    def response_url(
        self, channel: Channel, *, member: str, source_ts: str | None = None, ephemeral: bool = False
    ) -> str:
        """Return the key of a fresh response_url; routes serve it under the sandbox's address."""
        key = self.next_id("response-")
        if len(self.response_urls) >= KEPT:
            self.response_urls = dict(list(self.response_urls.items())[KEPT // 2 :])
        self.response_urls[key] = ResponseUrl(
            channel=channel.id, member=member, born=self.real_time(), source_ts=source_ts, ephemeral=ephemeral
        )
        return key

    def notice(self, member: str, sentence: str) -> None:
        """Tell one member something in Slack's own name, as its client does when an app fails."""
        self.notices.setdefault(member, []).append(sentence)
        self.touch()

    def refuse(self, method: str, error: str, messages: list[str] | None = None) -> None:
        """Remember what was refused, for tests that say nothing ever was."""
        self.refusals.append(Refused(method=method, error=error, messages=messages or []))

    def need_scope(self, scope: str) -> None:
        """Refuse a call that the app has no scope for. Raises SlackError("missing_scope")."""
        if scope not in self.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def stack(self, member: str) -> list[Json]:
        """Return the open modals of a member, the one on top last."""
        return [self.views[key] for key in self.modals.get(member, [])]

    def dump(self) -> Json:
        """Return the whole state as JSON, to start again from where it was."""
        return {
            "offset_seconds": self.offset.total_seconds(),
            "counters": [self._last_ts, self._next],
            "scopes": sorted(self.scopes),
            "members": [asdict(member) for member in self.members.values()],
            "channels": [asdict(channel) for channel in self.channels.values()],
            "views": self.views,
            "modals": self.modals,
            "homes": self.homes,
            "response_urls": {key: asdict(url) for key, url in self.response_urls.items()},
        }

    @classmethod
    def load(cls, state: Json, *, clock: Callable[[], datetime], real_time: Callable[[], float]) -> "Workspace":
        """Return a workspace as `dump` left it; open triggers are gone, as they would be after three seconds."""
        workspace = cls(clock=clock, real_time=real_time)
        workspace.offset = timedelta(seconds=state["offset_seconds"])
        workspace._last_ts, workspace._next = state["counters"]
        workspace.scopes = set(state["scopes"])
        workspace.members = {row["id"]: Member(**row) for row in state["members"]}
        workspace.bot = workspace.members[workspace.bot.id]
        workspace.channels = {row["id"]: Channel(**row) for row in state["channels"]}
        workspace._ims = {
            frozenset(channel.member_ids): channel.id
            for channel in workspace.channels.values()
            if channel.is_im or channel.is_mpim
        }
        workspace.views, workspace.modals, workspace.homes = state["views"], state["modals"], state["homes"]
        workspace.response_urls = {key: ResponseUrl(**row) for key, row in state["response_urls"].items()}
        workspace.touch()
        return workspace
