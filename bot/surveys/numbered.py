"""Polling tools whose pages are numbered: one that gives the same page for every number must not keep us for ever."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bot.surveys.pages import MOST_DIGITS, Stretch, stretch

MARK = 16  # hexadecimal digits: enough to tell two pages apart


@dataclass(frozen=True, slots=True)
class Numbered:
    """The page to ask for, from 1, and a mark of the page before it."""

    poll: Stretch
    number: int = 1
    before: str = ""

    def onward(self, rows: Sequence[object], *, has_more: bool) -> tuple[str, bool]:
        """Write the cursor after this page, and tell whether it was the last: an empty one is, and a repeated one."""
        mark = _mark(rows)
        if not has_more or not rows or mark == self.before:
            return self.poll.done(), True
        return self.poll.on(f"{self.number + 1}/{mark}"), False

    def is_repeated(self, rows: Sequence[object]) -> bool:
        """Tell whether these rows are those of the page before."""
        return bool(rows) and _mark(rows) == self.before


def numbered(cursor: str, *, since: datetime, at: datetime) -> Numbered:
    """Read a cursor that `Numbered` wrote; "" begins at `since`, and so does one that is none of ours."""
    poll = stretch(cursor, since=since, at=at)
    number, _, mark = poll.place.partition("/")
    if number.isascii() and number.isdigit() and len(number) < MOST_DIGITS:
        return Numbered(poll, int(number), mark)
    return Numbered(poll)


def _mark(rows: Sequence[object]) -> str:
    return sha256(json.dumps(rows).encode()).hexdigest()[:MARK]
