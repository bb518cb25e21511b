"""Polling page by page: where a poll stands, in words that can be kept, and the rows of one page, each by itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.surveys.fields import Record
from bot.surveys.request import Found, Refused, Unreadable
from bot.surveys.values import kind
from workflows.answers import Answer
from workflows.scales import UnknownScale

OVERLAP = timedelta(days=2)  # asked for again at each poll: what was changed since, and what a tool was late to list
MOST_DIGITS = 10
MOST_ROWS = 1_000  # of one page; no tool's pages are that long


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time that a poll asks for, and the place it has reached: a page's number, or a tool's own cursor.

    The end stays where it was when the poll began, so that pages don't shift when new responses come in meanwhile.
    """

    start: datetime
    end: datetime
    place: str = ""

    @property
    def page(self) -> int:
        """The number of the page to ask for, where the place is one: pages are counted from 1."""
        return int(self.place) if self.place.isascii() and self.place.isdigit() and len(self.place) < MOST_DIGITS else 1

    def on(self, place: str) -> str:
        """Write the cursor of the next page of this poll."""
        return f"{_seconds(self.start)} {_seconds(self.end)} {place}"

    def done(self) -> str:
        """Write the cursor of the next poll, which looks a little further back than where this one ended."""
        return str(_seconds(max(self.start, self.end - OVERLAP)))


def stretch(cursor: str, *, since: datetime, at: datetime) -> Stretch:
    """Read a cursor that `Stretch` wrote; "" begins at `since`, and so does one that is none of ours."""
    start, _, rest = cursor.partition(" ")
    end, _, place = rest.partition(" ")
    if not _is_time(start):
        return Stretch(since, at)
    if not (_is_time(end) and place):
        return Stretch(_time(start), at)
    return Stretch(_time(start), _time(end), place)


def rows_of(reply: object, path: str = "") -> list[object]:
    """Take the rows of a reply that is, or holds, a list; raise Unreadable when it is none."""
    if not isinstance(reply, list):
        raise Unreadable(f"{path or 'The reply'} must be a list, not {kind(reply)}.")
    return reply[:MOST_ROWS]


def each(rows: Iterable[object], read: Callable[[Record], Found], path: str = "") -> tuple[list[Answer], list[Refused]]:
    """Read every row by itself: the answers, and the rows that can't be read, each with the reason."""
    answers, refused = list[Answer](), list[Refused]()
    for number, row in enumerate(rows):
        place = f"{path}[{number}]"
        try:
            found = read(Record(row, place))
        except (Unreadable, UnknownScale) as problem:
            refused.append(Refused(str(problem), row, problem if isinstance(problem, UnknownScale) else None, place))
        else:
            if isinstance(found, Answer):
                answers.append(found)
    return answers, refused


def latest_by_id(answers: Iterable[Answer]) -> list[Answer]:
    """Keep of several answers with one id the latest: where a ticket was rated twice, the last word counts."""
    found = dict[str, Answer]()
    for answer in sorted(answers, key=lambda one: one.submitted_at):
        found[answer.external_id] = answer
    return list(found.values())


def known_by(answer: Answer, *, email: str | None, name: str | None = None, customer_id: str | None = None) -> Answer:
    """Fill in who gave this answer, which their API tells in another call; nothing that is known is emptied."""
    return answer._replace(
        email=email or answer.email,
        name=name or answer.name,
        customer_id=customer_id or answer.customer_id,
    )


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _is_time(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len("4102444800")


def _time(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC)
