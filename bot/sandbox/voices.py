"""What a person says and where they are: messages, joining and leaving, their status, the tab they look at."""

import re
from datetime import datetime

from bot.sandbox.api_users import Users
from bot.sandbox.channels import Channel, Json, Member
from bot.sandbox.elements import NotThere
from bot.sandbox.slack_events import Wire, message_event
from bot.sandbox.workspace import Workspace

TYPED_NAME = re.compile(r"(?<![\w@])@([\w.-]*\w)")
TYPED_CHANNEL = re.compile(r"(?<![\w#&])#([\w-]+)")


class Voices:
    """What any member does without pressing anything; the app hears of it by events."""

    def __init__(self, workspace: Workspace, wire: Wire) -> None:
        self.workspace = workspace
        self.wire = wire

    def post(self, member: str, channel: Channel, text: str, *, thread_ts: str | None = None) -> Json:
        """Write a message as a person; @names and #channels become links."""
        workspace = self.workspace
        if member not in channel.member_ids:
            raise NotThere(f"{workspace.members[member].real_name} is not in #{channel.name}.")
        words = self.typed(text)
        message: Json = {"user": member, "text": words, "client_msg_id": workspace.next_id("msg-")}
        if thread_ts:
            if thread_ts not in channel.messages:
                raise NotThere("That thread is gone.")
            message |= {"thread_ts": thread_ts, "parent_user_id": channel.messages[thread_ts].get("user", "")}
        message = workspace.post(channel, message)
        event = message_event(channel, message)
        self.wire.emit(event, channel=channel)
        if f"<@{workspace.bot.id}>" in words and not channel.is_im:
            self.wire.emit({**event, "type": "app_mention"}, channel=channel)
        return message

    def join(self, member: str, channel: Channel) -> None:
        """Let a member into a channel."""
        if member not in channel.member_ids:
            self.workspace.invite(channel, member)
            self._moved("member_joined_channel", member, channel)

    def leave(self, member: str, channel: Channel) -> None:
        """Let a member (or the app itself) out of a channel."""
        if member in channel.member_ids:
            self._moved("member_left_channel", member, channel)
            channel.member_ids.remove(member)
            self.workspace.touch()

    def _moved(self, kind: str, member: str, channel: Channel) -> None:
        event = {"type": kind, "user": member, "channel": channel.id, "channel_type": channel.kind[0].upper()}
        self.wire.emit({**event, "team": self.workspace.team_id}, channel=channel)

    def ask_for_silence(self, member: str, *, start: datetime, end: datetime) -> None:
        """Set do-not-disturb from one time to another, as Slack's client does."""
        who = self.workspace.members[member]
        Users(self.workspace, self.wire).change_dnd(who, start=int(start.timestamp()), end=int(end.timestamp()))

    def set_status(self, member: str, *, text: str, emoji: str = "") -> None:
        """Set a member's status, as people do when they are away."""
        changes = {"status_text": text, "status_emoji": emoji}
        Users(self.workspace, self.wire).change_profile(self.workspace.members[member], changes)

    def open_home(self, member: str, *, tab: str = "home") -> None:
        """Open the app's Home (or its messages) tab."""
        workspace = self.workspace
        event: Json = {
            "type": "app_home_opened",
            "user": member,
            "channel": workspace.direct(member, workspace.bot.id).id,
            "tab": tab,
            "event_ts": workspace.next_ts(),
        }
        home = workspace.homes.get(member)
        if tab == "home" and home:
            event["view"] = workspace.views[home]
        self.wire.emit(event)

    def member(self, wanted: str) -> Member:
        """Return a member by id, name, first name or e-mail. Raises NotThere."""
        for member in self.workspace.members.values():
            if wanted in (member.id, member.name, member.real_name, member.email):
                return member
        for member in self.workspace.members.values():
            if wanted.lower() in (member.name, member.real_name.split()[0].lower()):
                return member
        raise NotThere(f"There is no member {wanted!r}.")

    def typed(self, text: str) -> str:
        """Return a person's text as Slack sends it on: escaped, with @names and #channels as links."""
        workspace = self.workspace
        safe = text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        names = {member.name: member.id for member in workspace.members.values()}
        safe = TYPED_NAME.sub(lambda at: f"<@{names[at[1].lower()]}>" if at[1].lower() in names else at[0], safe)
        places = {channel.name: channel.id for channel in workspace.channels.values() if not channel.is_im}
        return TYPED_CHANNEL.sub(lambda at: f"<#{places[at[1]]}|{at[1]}>" if at[1] in places else at[0], safe)
