"""The conversations.* methods: opening, listing, joining and reading back."""

from bisect import bisect_right
from collections.abc import Callable

from bot.sandbox.api_params import is_true, limit_of, needed, page_of
from bot.sandbox.channels import Channel, Json
from bot.sandbox.slack_events import Wire
from bot.sandbox.workspace import SlackError, Workspace

SCOPES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
MEMBERS_OF_A_GROUP = 8


class Conversations:
    """The channels and direct messages of one workspace, as the app sees them."""

    def __init__(self, workspace: Workspace, wire: Wire) -> None:
        self.workspace = workspace
        self.wire = wire

    def open(self, params: Json) -> Json:
        """conversations.open: the direct messages with one person, or with several."""
        workspace = self.workspace
        if params.get("channel"):
            channel = self._readable(params)
            return {"channel": self._shown(channel), "no_op": True, "already_open": True}
        people = [name.strip() for name in str(params.get("users") or "").split(",") if name.strip()]
        if not people:
            raise SlackError("users_list_not_supplied")
        if len(people) > MEMBERS_OF_A_GROUP:
            raise SlackError("too_many_users")
        for name in people:
            member = workspace.members.get(name)
            if member is None:
                raise SlackError("user_not_found")
            if member.deleted:
                raise SlackError("user_disabled")
            if member.is_bot:
                raise SlackError("cannot_dm_bot")
        if len(people) > 1:
            workspace.need_scope("mpim:write")
        channel = workspace.direct(*people, workspace.bot.id)
        return {"channel": self._shown(channel) if is_true(params, "return_im") else {"id": channel.id}}

    def list_all(self, params: Json) -> Json:
        """conversations.list: private ones only where the app is a member."""
        return self._list(params, lambda channel: channel.kind == "channel" or self._is_in(channel))

    def of_member(self, params: Json) -> Json:
        """users.conversations: where a member (the app itself, unless `user` is given) is in."""
        member = params.get("user") or self.workspace.bot.id
        if member not in self.workspace.members:
            raise SlackError("user_not_found")
        return self._list(
            params,
            lambda channel: member in channel.member_ids and (channel.kind == "channel" or self._is_in(channel)),
        )

    def _list(self, params: Json, is_seen: Callable[[Channel], bool]) -> Json:
        kinds = set()
        for name in str(params.get("types") or "public_channel").split(","):
            kind = TYPES.get(name.strip())
            if kind is None:
                raise SlackError("invalid_types")
            self.workspace.need_scope(f"{SCOPES[kind]}:read")
            kinds.add(kind)
        without_archived = is_true(params, "exclude_archived")
        rows = [
            channel
            for channel in self.workspace.channels.values()
            if channel.kind in kinds and is_seen(channel) and not (without_archived and channel.is_archived)
        ]
        page, cursor = page_of(rows, params)
        return {"channels": [self._shown(row) for row in page], "response_metadata": {"next_cursor": cursor}}

    def info(self, params: Json) -> Json:
        """conversations.info."""
        channel = self._found(params)
        self.workspace.need_scope(f"{SCOPES[channel.kind]}:read")
        shown = self._shown(channel)
        if is_true(params, "include_num_members"):
            shown["num_members"] = len(channel.member_ids)
        return {"channel": shown}

    def members(self, params: Json) -> Json:
        """conversations.members."""
        channel = self._found(params)
        self.workspace.need_scope(f"{SCOPES[channel.kind]}:read")
        page, cursor = page_of(channel.member_ids, params)
        return {"members": page, "response_metadata": {"next_cursor": cursor}}

    def join(self, params: Json) -> Json:
        """conversations.join: public channels only."""
        channel = self._found(params)
        if channel.kind != "channel":
            raise SlackError("method_not_supported_for_channel_type")
        if channel.is_archived:
            raise SlackError("is_archived")
        bot = self.workspace.bot.id
        if bot in channel.member_ids:
            return {"channel": self._shown(channel), "warning": "already_in_channel"}
        self.workspace.invite(channel, bot)
        event = {"type": "member_joined_channel", "user": bot, "channel": channel.id, "channel_type": "C"}
        self.wire.emit({**event, "team": self.workspace.team_id}, channel=channel)
        return {"channel": self._shown(channel)}

    def history(self, params: Json) -> Json:
        """conversations.history: newest first, without the replies in threads; it may lag behind what was posted."""
        channel = self._readable(params)
        inclusive = is_true(params, "inclusive")
        stamps = self._settled(channel, channel.top)
        latest = str(params.get("latest") or "")
        low, high = channel.window(stamps, oldest=str(params.get("oldest") or ""), latest=latest, inclusive=inclusive)
        if params.get("cursor"):
            before = str(params["cursor"]).removeprefix("before:")
            high = min(high, channel.window(stamps, oldest="", latest=before, inclusive=False)[1])
        limit = limit_of(params, default=100)
        start = max(low, high - limit)
        page = [channel.messages[ts] for ts in reversed(stamps[start:high])]
        cursor = f"before:{stamps[start]}" if start > low else ""
        return {
            "messages": self._as_asked(page, params),
            "has_more": bool(cursor),
            "pin_count": 0,
            "response_metadata": {"next_cursor": cursor},
        }

    def replies(self, params: Json) -> Json:
        """conversations.replies: a message and the replies in its thread, oldest first."""
        channel = self._readable(params)
        ts = needed(params, "ts")
        message = channel.messages.get(ts)
        if message is None or not self._settled(channel, [ts]):
            raise SlackError("thread_not_found")
        parent = channel.messages.get(message.get("thread_ts") or ts, message)
        stamps = self._settled(channel, channel.threads.get(parent["ts"], []))
        low, high = channel.window(
            stamps,
            oldest=str(params.get("oldest") or ""),
            latest=str(params.get("latest") or ""),
            inclusive=is_true(params, "inclusive"),
        )
        page, cursor = page_of([parent, *(channel.messages[at] for at in stamps[low:high])], params, default=1000)
        return {
            "messages": self._as_asked(page, params),
            "has_more": bool(cursor),
            "response_metadata": {"next_cursor": cursor},
        }

    def _settled(self, channel: Channel, stamps: list[str]) -> list[str]:
        lag = self.workspace.history_lag
        if not lag:
            return stamps
        settled_by = self.workspace.real_time() - lag
        return stamps[: bisect_right(stamps, settled_by, key=channel.born.__getitem__)]

    def _as_asked(self, page: list[Json], params: Json) -> list[Json]:
        if is_true(params, "include_all_metadata"):
            return page
        return [{key: value for key, value in row.items() if key != "metadata"} for row in page]

    def _found(self, params: Json) -> Channel:
        channel = self.workspace.channels.get(needed(params, "channel", error="channel_not_found"))
        if channel is None or (channel.kind != "channel" and not self._is_in(channel)):
            raise SlackError("channel_not_found")
        return channel

    def _readable(self, params: Json) -> Channel:
        channel = self._found(params)
        self.workspace.need_scope(f"{SCOPES[channel.kind]}:history")
        if not self._is_in(channel):
            raise SlackError("not_in_channel")
        return channel

    def _is_in(self, channel: Channel) -> bool:
        return self.workspace.bot.id in channel.member_ids

    def _shown(self, channel: Channel) -> Json:
        shown: Json = {
            "id": channel.id,
            "is_channel": channel.kind == "channel",
            "is_group": channel.kind == "group",
            "is_im": channel.is_im,
            "is_mpim": channel.is_mpim,
            "is_private": channel.kind != "channel",
            "is_archived": channel.is_archived,
            "is_member": self._is_in(channel),
            "context_team_id": self.workspace.team_id,
        }
        if channel.is_im:
            others = [member for member in channel.member_ids if member != self.workspace.bot.id]
            return {**shown, "user": others[0] if others else self.workspace.bot.id}
        return {**shown, "name": channel.name, "topic": {"value": channel.topic}}
