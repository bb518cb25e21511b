"""The chat.* and reactions.* methods: posting, changing and deleting messages as the app."""

from typing import Any

from bot.sandbox.api_params import is_true, json_param, needed
from bot.sandbox.channels import Channel, Json
from bot.sandbox.elements import name_elements
from bot.sandbox.rules import MESSAGE_TEXT, blocks_text_length, message_problems, metadata_problem
from bot.sandbox.slack_events import Wire, change_event, message_event
from bot.sandbox.workspace import SlackError, Workspace

ATTACHMENTS = 100
BLOCKS_TEXT = 12_000  # characters of all blocks together; Slack says so only in msg_blocks_too_long


class Chat:
    """Messages of the app in one workspace."""

    def __init__(self, workspace: Workspace, wire: Wire) -> None:
        self.workspace = workspace
        self.wire = wire

    def post_message(self, params: Json) -> Json:
        """chat.postMessage: to a channel, to a person's direct messages, or into a thread."""
        channel = self._place(needed(params, "channel", error="channel_not_found"))
        words = self._words(params, "chat.postMessage")
        message = {**self._author(), **{key: value for key, value in words.items() if value is not None}}
        thread_ts = params.get("thread_ts")
        if thread_ts:
            parent = channel.messages.get(str(thread_ts))
            if parent is None:
                raise SlackError("thread_not_found")
            message["thread_ts"] = parent.get("thread_ts") or parent["ts"]
            message["parent_user_id"] = parent.get("user", "")
            if is_true(params, "reply_broadcast"):
                message["subtype"] = "thread_broadcast"
        message = self.workspace.post(channel, message)
        if self.workspace.echoes:
            self.wire.emit(message_event(channel, message), channel=channel)
        return {"channel": channel.id, "ts": message["ts"], "message": message, **_warning(words)}

    def post_ephemeral(self, params: Json) -> Json:
        """chat.postEphemeral: one member of the channel sees it."""
        channel = self._place(needed(params, "channel", error="channel_not_found"))
        member = needed(params, "user", error="user_not_found")
        if member not in channel.member_ids:
            raise SlackError("user_not_in_channel")
        words = self._words(params, "chat.postEphemeral")
        words.pop("metadata", None)
        if params.get("thread_ts"):
            words["thread_ts"] = str(params["thread_ts"])
        message = self.workspace.post_ephemeral(channel, {**self._author(), **words}, member=member)
        return {"message_ts": message["ts"], **_warning(words)}

    def update(self, params: Json) -> Json:
        """chat.update: the app's own messages only; `text` alone takes the blocks away."""
        channel, message = self._own(params, "cant_update_message")
        words = self._words(params, "chat.update", previous=message)
        fresh = {**message, "text": words["text"]}
        for key in ("blocks", "attachments", "metadata"):
            if words.get(key) is not None:
                fresh[key] = words[key]
        if params.get("text") and words["blocks"] is None:
            fresh.pop("blocks", None)
        if not fresh.get("blocks"):
            fresh["edited"] = {"user": self.workspace.bot.id, "ts": self.workspace.next_ts()}
        channel.messages[message["ts"]] = fresh
        self.workspace.touch()
        if self.workspace.echoes:
            event = change_event(self.workspace, channel, message=fresh, previous=message)
            self.wire.emit(event, channel=channel)
        return {"channel": channel.id, "ts": fresh["ts"], "text": fresh["text"], "message": fresh, **_warning(words)}

    def delete(self, params: Json) -> Json:
        """chat.delete: the app's own messages only."""
        channel, message = self._own(params, "cant_delete_message")
        channel.remove(message["ts"])
        self.workspace.touch()
        if self.workspace.echoes:
            self.wire.emit(change_event(self.workspace, channel, message=None, previous=message), channel=channel)
        return {"channel": channel.id, "ts": message["ts"]}

    def permalink(self, params: Json) -> Json:
        """chat.getPermalink."""
        channel = self._seen(needed(params, "channel", error="channel_not_found"))
        message = channel.messages.get(needed(params, "message_ts"))
        if message is None:
            raise SlackError("message_not_found")
        ts = message["ts"]
        link = f"{self.workspace.address}/archives/{channel.id}/p{ts.replace('.', '')}"
        if message.get("thread_ts") not in (None, ts):
            link += f"?thread_ts={message['thread_ts']}&cid={channel.id}"
        return {"channel": channel.id, "permalink": link}

    def react(self, params: Json) -> Json:
        """reactions.add."""
        channel = self._seen(needed(params, "channel", error="channel_not_found"))
        message = channel.messages.get(needed(params, "timestamp", error="no_item_specified"))
        if message is None:
            raise SlackError("message_not_found")
        name = needed(params, "name", error="invalid_name").strip(":")
        reactions: list[Json] = message.setdefault("reactions", [])
        for reaction in reactions:
            if reaction["name"] == name:
                if self.workspace.bot.id in reaction["users"]:
                    raise SlackError("already_reacted")
                reaction["users"].append(self.workspace.bot.id)
                reaction["count"] += 1
                break
        else:
            reactions.append({"name": name, "users": [self.workspace.bot.id], "count": 1})
        self.workspace.touch()
        return {}

    def _place(self, wanted: str) -> Channel:
        if wanted in self.workspace.members:
            member = self.workspace.members[wanted]
            if member.deleted or member.is_bot:
                raise SlackError("channel_not_found" if member.deleted else "cannot_dm_bot")
            return self.workspace.direct(wanted, self.workspace.bot.id)
        channel = self._seen(wanted)
        if channel.is_archived:
            raise SlackError("is_archived")
        if self.workspace.bot.id not in channel.member_ids and "chat:write.public" not in self.workspace.scopes:
            raise SlackError("not_in_channel")
        return channel

    def _seen(self, wanted: str) -> Channel:
        try:
            channel = self.workspace.channel(wanted)
        except KeyError:
            raise SlackError("channel_not_found") from None
        if channel.kind != "channel" and self.workspace.bot.id not in channel.member_ids:
            raise SlackError("channel_not_found")
        return channel

    def _own(self, params: Json, error: str) -> tuple[Channel, Json]:
        channel = self._seen(needed(params, "channel", error="channel_not_found"))
        message = channel.messages.get(needed(params, "ts"))
        if message is None or message.get("subtype") == "tombstone":
            raise SlackError("message_not_found")
        if message.get("bot_id") != self.workspace.bot_id:
            raise SlackError(error)
        if channel.is_archived:
            raise SlackError("is_archived")
        return channel, message

    def _author(self) -> Json:
        workspace = self.workspace
        return {"user": workspace.bot.id, "bot_id": workspace.bot_id, "app_id": workspace.app_id}

    def _words(self, params: Json, method: str, *, previous: Json | None = None) -> Json:
        blocks = json_param(params, "blocks", error="invalid_blocks_format")
        if blocks is None and params.get("blocks") == []:
            blocks = []
        attachments = json_param(params, "attachments", error="invalid_attachments")
        metadata = json_param(params, "metadata", error="invalid_metadata_format")
        if params.get("metadata") in ({}, "{}"):
            metadata = {}
        text = params.get("text")
        words: Json = {"text": text or "", "blocks": blocks, "attachments": attachments, "metadata": metadata}
        self._refuse_words(words, is_update=previous is not None)
        if previous is not None and text is None:
            words["text"] = previous["text"]
        elif blocks and not text:
            # Slack posts it and warns; a message without words is silent for a screen reader and in notifications
            self.workspace.refuse(method, "missing_text_in_message", ["[WARN] text is missing beside the blocks"])
        for look in self.workspace.on_payload:
            look("message", words)
        if isinstance(blocks, list):
            name_elements(self.workspace, blocks)
        return words

    def _refuse_words(self, words: Json, *, is_update: bool) -> None:
        text, blocks = words["text"], words["blocks"]
        if not (text or blocks or words["attachments"]) and not (is_update and words["metadata"] is not None):
            raise SlackError("no_text")
        if not isinstance(text, str):
            raise SlackError("invalid_arguments", ["[ERROR] must be a string [json-pointer:/text]"])
        if len(text) > MESSAGE_TEXT:
            raise SlackError("msg_too_long")
        if len(words["attachments"] or ()) > ATTACHMENTS:
            raise SlackError("too_many_attachments")
        problem = metadata_problem(words["metadata"])
        if problem:
            raise SlackError(problem)
        problems = message_problems(words)
        if problems:
            raise SlackError("invalid_blocks", problems)
        if blocks and blocks_text_length(blocks) > BLOCKS_TEXT:
            raise SlackError("msg_blocks_too_long")


def _warning(words: Json) -> dict[str, Any]:
    if words["blocks"] and not words["text"]:
        return {"warning": "missing_text_in_message"}
    return {}
