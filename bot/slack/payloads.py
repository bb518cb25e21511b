"""What Slack sends, read once at the door: a press, a submitted modal, a command, a shortcut, a reply in a thread."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from bot.slack import ids
from workflows.refusal import Refusal

LARGEST_ID: Final = 2**31 - 1  # the largest that an integer column of PostgreSQL holds
_DIGITS: Final = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_WORD: Final = re.compile(r"<[@#!][^<>]*>|\S+")
_INITIAL: Final = {
    "initial_value": "value",
    "initial_option": "selected_option",
    "initial_user": "selected_user",
    "initial_date_time": "selected_date_time",
    "initial_time": "selected_time",
    "initial_options": "selected_options",
    "initial_conversation": "selected_conversation",
}
_CARD_KEY: Final = re.compile(r"((?:case|owner|task|approval|umbrella):[1-9][0-9]{0,9})@([#\w.-]{1,80})")


def row_id(carried: object) -> int:
    """Return the primary key that a button or a modal carries; Refusal for anything else."""
    if isinstance(carried, str) and _DIGITS.fullmatch(carried) and int(carried) <= LARGEST_ID:
        return int(carried)
    raise Refusal("This button is from another time and doesn't say what it is about. Try /loop mine instead.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A message of ours that shows a row: which row, for which place, and where it stands."""

    subject: str
    place: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that somebody pressed, or what they chose in a menu, on a message, in a modal or in the App Home."""

    action_id: str
    value: str
    by: str
    trigger_id: str
    channel: str | None = None
    response_url: str | None = None
    view_id: str | None = None
    view_callback: str | None = None
    view_metadata: str = ""
    is_in_modal: bool = False
    block_id: str = ""
    message_ts: str | None = None
    copy: Copy | None = None

    @property
    def row(self) -> int:
        """The primary key that the button carries; Refusal if it carries none."""
        return row_id(self.value)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Read a block_actions payload; what is missing in it is empty, never an error."""
        action = _first(body.get("actions"))
        view = _mapping(body.get("view"))
        return cls(
            action_id=text_of(action.get("action_id")),
            value=text_of(action.get("value")) or text_of(_mapping(action.get("selected_option")).get("value")),
            by=text_of(_mapping(body.get("user")).get("id")),
            trigger_id=text_of(body.get("trigger_id")),
            channel=text_of(_mapping(body.get("channel")).get("id")) or None,
            response_url=text_of(body.get("response_url")) or None,
            view_id=text_of(view.get("id")) or None,
            view_callback=text_of(view.get("callback_id")) or None,
            view_metadata=text_of(view.get("private_metadata")),
            is_in_modal=view.get("type") == "modal",
            block_id=text_of(action.get("block_id")),
            message_ts=text_of(_mapping(body.get("message")).get("ts")) or None,
            copy=_copy(body),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A modal that somebody submitted. `values` holds, by the name of the field, what its input says."""

    callback_id: str
    metadata: str
    by: str
    view_id: str
    parent_view_id: str | None
    inputs: tuple[str, ...]
    """The names of the input fields that the modal shows, from the top."""
    values: Mapping[str, Mapping[str, Any]]

    @property
    def row(self) -> int:
        """The primary key that the modal carries; Refusal if it carries none."""
        return row_id(self.metadata.partition(" ")[0])

    @property
    def key(self) -> str:
        """Names this submission: the same modal submitted twice is one submission."""
        return f"view:{self.view_id}"

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Read a view_submission payload; what is missing in it is empty, never an error."""
        view = _mapping(body.get("view"))
        state = _mapping(_mapping(view.get("state")).get("values"))
        blocks = view.get("blocks")
        inputs = [one for one in (blocks if isinstance(blocks, list) else []) if _mapping(one).get("type") == "input"]
        return cls(
            callback_id=text_of(view.get("callback_id")),
            metadata=text_of(view.get("private_metadata")),
            by=text_of(_mapping(body.get("user")).get("id")),
            view_id=text_of(view.get("id")),
            parent_view_id=text_of(view.get("previous_view_id")) or None,
            inputs=tuple(text_of(one.get("block_id")) for one in inputs),
            values={text_of(one.get("block_id")): _entered(one, state) for one in inputs},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A slash command: what follows its name, word by word; a mention is one word."""

    words: tuple[str, ...]
    by: str
    trigger_id: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Read a command's fields."""
        return cls(
            words=tuple(_WORD.findall(text_of(body.get("text")))),
            by=text_of(body.get("user_id")),
            trigger_id=text_of(body.get("trigger_id")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedMessage:
    """A message that somebody chose the shortcut on."""

    text: str
    channel: str
    ts: str
    by: str
    trigger_id: str
    response_url: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Read a message_action payload."""
        message = _mapping(body.get("message"))
        return cls(
            text=text_of(message.get("text")),
            channel=text_of(_mapping(body.get("channel")).get("id")),
            ts=text_of(message.get("ts")) or text_of(body.get("message_ts")),
            by=text_of(_mapping(body.get("user")).get("id")),
            trigger_id=text_of(body.get("trigger_id")),
            response_url=text_of(body.get("response_url")) or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadReply:
    """What a person wrote in a thread."""

    event_id: str
    channel: str
    thread_ts: str
    text: str
    by: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self | None:
        """Read a message event. None: no reply of a person, such as an edit, a bot's words, or a new message."""
        event = _mapping(body.get("event"))
        if event.get("bot_id") or event.get("subtype") not in {None, "file_share", "thread_broadcast"}:
            return None
        reply = cls(
            event_id=text_of(body.get("event_id")),
            channel=text_of(event.get("channel")),
            thread_ts=text_of(event.get("thread_ts")),
            text=text_of(event.get("text")),
            by=text_of(event.get("user")),
        )
        is_reply = reply.thread_ts and reply.thread_ts != event.get("ts")
        return reply if is_reply and reply.channel and reply.by and reply.event_id else None


def _entered(block: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what an input holds. Some clients leave out what wasn't touched: then a required one holds what we put in.

    An optional one that says nothing was cleared.
    """
    held = _mapping(state.get(text_of(block.get("block_id"))))
    entered = {key: value for key, value in _first(list(held.values())).items() if value not in (None, "")}
    if block.get("optional"):
        return entered
    element = _mapping(block.get("element"))
    return {**{ours: element[theirs] for theirs, ours in _INITIAL.items() if theirs in element}, **entered}


def _copy(body: Mapping[str, Any]) -> Copy | None:
    """Find out from our own metadata which row a pressed message shows; ephemeral messages are no copies."""
    container, message = _mapping(body.get("container")), _mapping(body.get("message"))
    metadata = _mapping(message.get("metadata"))
    channel, ts = text_of(_mapping(body.get("channel")).get("id")), text_of(message.get("ts"))
    if container.get("is_ephemeral") or metadata.get("event_type") != ids.METADATA_EVENT or not (channel and ts):
        return None
    found = _CARD_KEY.fullmatch(text_of(_mapping(metadata.get("event_payload")).get("key")))
    return Copy(subject=found[1], place=found[2], channel=channel, ts=ts) if found else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(values: object) -> Mapping[str, Any]:
    return _mapping(values[0]) if isinstance(values, list) and values else {}


def text_of(value: object) -> str:
    """Return a text that both databases can keep: PostgreSQL takes no NUL, and no halves of characters."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
