"""Polling tools that export whatever lies between two times: windows that shrink until one export holds all of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.surveys.pages import MOST_DIGITS, Stretch, stretch

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a poll to ask for: what came at `start` or later and before `end`, cut off after so many rows."""

    poll: Stretch
    start: datetime
    length: timedelta

    @property
    def end(self) -> datetime:
        """The end, which never lies behind the poll's."""
        return max(min(self.start + self.length, self.poll.end), self.start + SECOND)

    @property
    def is_shortest(self) -> bool:
        """Whether there is no shorter one: tools know whole seconds."""
        return self.end - self.start <= SECOND

    def halved(self) -> str:
        """Write the cursor that asks for the first half, because there was more than an export may hold."""
        return self._at(self.start, (self.end - self.start) / 2)

    def onward(self, *, rows: int, most: int) -> tuple[str, bool]:
        """Write the cursor behind this window, which held so many rows; and tell whether it was the last one."""
        if self.end >= self.poll.end:
            return self.poll.done(), True
        longer = self.length * 2 if rows < most // 4 else self.length
        return self._at(self.end, longer), False

    def _at(self, start: datetime, length: timedelta) -> str:
        seconds = max(int(length.total_seconds()), 1)
        return self.poll.on(f"{int(start.timestamp())}/{seconds}")


def window(cursor: str, *, since: datetime, at: datetime) -> Window:
    """Read a cursor that `Window` wrote; "" asks for all since `since` at once, as does one that is none of ours."""
    poll = stretch(cursor, since=since, at=at)
    begin, _, length = poll.place.partition("/")
    if length.isascii() and length.isdigit() and len(length) < MOST_DIGITS:
        return Window(poll, stretch(begin, since=poll.start, at=at).start, timedelta(seconds=int(length)))
    return Window(poll, poll.start, poll.end - poll.start)
