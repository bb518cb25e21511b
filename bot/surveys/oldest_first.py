"""Polling tools that list the oldest first: each page goes on from the time of the last row, so that nothing shifts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.surveys.pages import Stretch, stretch

SECOND = timedelta(seconds=1)


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
