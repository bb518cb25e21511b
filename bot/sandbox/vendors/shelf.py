"""What one pretended survey tool has collected, and the questions that its API is asked."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.channels import Json
from bot.sandbox.given import Given


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: path and query as they came, and what was posted."""

    path: str
    query: Mapping[str, str]
    posted: Any = None

    def number(self, key: str, otherwise: int) -> int:
        """Read a whole number of the query."""
        said = self.query.get(key, "")
        return int(said) if said.isdecimal() else otherwise

    def time(self, key: str) -> datetime | None:
        """Read a time of the query: ISO 8601, or unix seconds or milliseconds."""
        said = self.query.get(key, "")
        if not said:
            return None
        if said.isdecimal():
            seconds = int(said)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 10**11 else seconds, UTC)
        at = datetime.fromisoformat(said)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(slots=True)
class Shelf:
    """The answers of one tool, oldest first."""

    answers: list[Given] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)
    """Numbers of answers whose customer had themselves erased: the answer is there, and nobody who gave it."""
    withheld: dict[str, int] = field(default_factory=dict)
    """Paths that this account doesn't have, with the status that says so."""
    looks: Counter[str] = field(default_factory=Counter)
    """How often each export that was asked for has been looked after."""

    def put(self, given: Given) -> None:
        """Add an answer, or what has become of one that is there."""
        self.answers = [one for one in self.answers if one.number != given.number]
        self.answers.insert(bisect_left(self.answers, given.at, key=lambda one: one.at), given)

    def fill(self, answers: list[Given]) -> None:
        """Add many new answers at once."""
        self.answers = sorted([*self.answers, *answers], key=lambda one: one.at)

    def between(self, start: datetime | None, end: datetime | None = None, *, form: str | None = None) -> list[Given]:
        """List answers from `start` on and before `end`, of one form or of all, oldest first."""
        begin = bisect_left(self.answers, start, key=lambda one: one.at) if start else 0
        return [
            one for one in self.answers[begin:] if (end is None or one.at < end) and (form is None or one.form == form)
        ]

    def one(self, number: str) -> Given | None:
        """Find an answer by its number."""
        return next((one for one in self.answers if str(one.number) == number), None)


def page_of(rows: list[Given], *, page: int, size: int) -> list[Given]:
    """Cut out a page; pages are counted from 1."""
    return rows[(page - 1) * size : page * size]


Reply = Json | list[Json] | None
"""What an API answers; None: there is no such thing."""
