"""A pretend channel and the messages in it, in the shapes that Slack's Web API hands out."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Member:
    """A person (or the bot) of the workspace; `email` is empty for the bot."""

    id: str
    name: str
    real_name: str
    email: str = ""
    title: str = ""
    tz: str = "Europe/London"
    locale: str = "en-GB"
    avatar_color: str = "#4a6fa5"
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0
    dnd_start: int = 0
    dnd_end: int = 0
    present: bool = True
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Channel:
    """One conversation; messages are kept by ts, which sorts as text because it has a fixed width."""

    id: str
    name: str
    is_im: bool = False
    is_mpim: bool = False
    is_private: bool = False
    is_archived: bool = False
    topic: str = ""
    member_ids: list[str] = field(default_factory=list)
    messages: dict[str, Json] = field(default_factory=dict)
    top: list[str] = field(default_factory=list)
    threads: dict[str, list[str]] = field(default_factory=dict)
    ephemeral: list[Json] = field(default_factory=list)
    born: dict[str, float] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Slack's `channel_type` in events: channel, group, im or mpim."""
        if self.is_im:
            return "im"
        if self.is_mpim:
            return "mpim"
        return "group" if self.is_private else "channel"

    def add(self, message: Json, *, born: float) -> None:
        """Keep a message; `born` is real time in seconds and only feeds the lag of the history."""
        ts = message["ts"]
        self.messages[ts] = message
        self.born[ts] = born
        parent_ts = message.get("thread_ts")
        if parent_ts is None or parent_ts == ts:
            self.top.append(ts)
            return
        self.threads.setdefault(parent_ts, []).append(ts)
        if message.get("subtype") == "thread_broadcast":
            self.top.append(ts)
        self._count_replies(parent_ts)

    def remove(self, ts: str) -> Json:
        """Take a message away; a parent with replies leaves a tombstone, as in Slack. Raises KeyError."""
        message = self.messages[ts]
        if self.threads.get(ts):
            self.messages[ts] = {
                **{key: message[key] for key in ("type", "ts", "thread_ts", "reply_count", "latest_reply")},
                "subtype": "tombstone",
                "text": "This message was deleted.",
                "user": "USLACKBOT",
            }
            return message
        del self.messages[ts]
        self.born.pop(ts, None)
        parent_ts = message.get("thread_ts")
        _drop(self.top, ts)
        if parent_ts and parent_ts != ts:
            _drop(self.threads.get(parent_ts, []), ts)
            self._count_replies(parent_ts)
        return message

    def _count_replies(self, parent_ts: str) -> None:
        parent = self.messages.get(parent_ts)
        if parent is None:
            return
        replies = self.threads.get(parent_ts, [])
        if not replies:
            for key in ("thread_ts", "reply_count", "latest_reply", "reply_users", "reply_users_count"):
                parent.pop(key, None)
            self.threads.pop(parent_ts, None)
            return
        author = self.messages[replies[-1]].get("user", "")
        users = parent.setdefault("reply_users", [])
        if author not in users:
            users.append(author)
        parent.update(
            thread_ts=parent_ts,
            reply_count=len(replies),
            latest_reply=replies[-1],
            reply_users_count=len(users),
        )

    def window(self, stamps: list[str], *, oldest: str, latest: str, inclusive: bool) -> tuple[int, int]:
        """Where the stamps between `oldest` and `latest` lie in a sorted list, as a half-open range of indices."""
        low = 0
        if oldest and oldest != "0":
            low = (bisect_left if inclusive else bisect_right)(stamps, padded(oldest))
        high = len(stamps)
        if latest:
            high = (bisect_right if inclusive else bisect_left)(stamps, padded(latest))
        return low, max(low, high)

    def put_back(self, message: Json, *, born: float) -> None:
        """Keep a message that is older than the newest one (a deleted one that a fault brings back, a seed)."""
        ts = message["ts"]
        self.messages[ts] = message
        self.born[ts] = born
        insort(self.top, ts)


def padded(ts: str) -> str:
    """Return a ts as the channel keeps it (`1700000000` and `1700000000.0` name the same moment)."""
    seconds, _, micros = ts.partition(".")
    return f"{seconds:0>10}.{micros:0<6}"


def _drop(stamps: list[str], ts: str) -> None:
    at = bisect_left(stamps, ts)
    if at < len(stamps) and stamps[at] == ts:
        del stamps[at]
