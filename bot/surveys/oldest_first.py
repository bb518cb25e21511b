"""Polling tools that list the oldest first: each page goes on from the time of the last row, so that nothing shifts."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.surveys.fields import Record
from bot.surveys.pages import Stretch, stretch
from bot.surveys.request import Unreadable

SECOND = timedelta(seconds=1)
_STEP = re.compile(r"[0-9]{10}/[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Step:
    """The page to ask for: what came at `start` or later, and of that the page of this number, from 1."""

    poll: Stretch
    start: datetime
    page: int = 1

    def onward(self, newest: datetime | None, *, is_last: bool) -> str:
        """Write the cursor after a page whose last row has this time.

        It goes back by a second: rows of the same second may be on the next page, and some tools leave out what came
        at `start` itself. Where a whole page came within that second, the next one is asked for by its number.
        """
        if is_last:
            return self.poll.done()
        begin = newest.astimezone(UTC).replace(microsecond=0) - SECOND if newest else self.start
        if begin > self.start:
            return self.poll.on(f"{int(begin.timestamp())}/1")
        return self.poll.on(f"{int(self.start.timestamp())}/{self.page + 1}")


def step(cursor: str, *, since: datetime, at: datetime) -> Step:
    """Read a cursor that `Step` wrote; "" begins at `since`, and so does one that is none of ours."""
    poll = stretch(cursor, since=since, at=at)
    begin, _, page = poll.place.partition("/")
    start = stretch(begin, since=poll.start, at=at).start
    return Step(poll, start, int(page) if page.isascii() and page.isdigit() and len(page) <= len("99999") else 1)


def newest_of(rows: Iterable[object], when: Callable[[Record], datetime | None]) -> datetime | None:
    """Give the latest time of a page's rows, also of those that can't be read otherwise: the next page begins there."""
    found = (_time(row, when) for row in rows)
    return max((at for at in found if at), default=None)


def seen_from(cursor: str, *, since: datetime, at: datetime) -> datetime:
    """Say from when on a poll has to begin to see the page of this cursor again, whichever way its tool is paged."""
    poll = stretch(cursor, since=since, at=at)
    start = step(cursor, since=since, at=at).start if _STEP.fullmatch(poll.place) else poll.start
    return start if poll.start <= start <= at else poll.start


def _time(row: object, when: Callable[[Record], datetime | None]) -> datetime | None:
    try:
        return when(Record(row))
    except Unreadable:
        return None
