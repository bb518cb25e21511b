"""Answers from a CSV file, some rows at a time: a file of a million rows is never held in memory."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice, repeat
from pathlib import Path
from typing import NamedTuple, TextIO, TypeVar, cast
from zoneinfo import ZoneInfo

from bot.surveys.csv_layout import ALIASES, Layout
from bot.surveys.csv_layout import layout as layout_of
from bot.surveys.generic import METRICS
from bot.surveys.request import Unreadable
from bot.surveys.scoring import contactability_in
from bot.surveys.values import (
    MOST_IDENTIFIER,
    email_of,
    identifier_of,
    language_of,
    line_of,
    number_of,
    text_of,
    timestamp_of,
    utc_of,
)
from workflows.answers import Answer, Contactability
from workflows.policy import Policy
from workflows.scales import Metric, Scale, UnknownScale, scale_for

SOURCE = "csv"  # of rows that name no other
MOST_FIELD = (
    1_000_000  # characters in one cell; a quote that is never closed ends here instead of at the end of the file
)
# So many rows are read column by column: few enough to stay in a processor's own cache.
TOGETHER = 1024
MOST_TOGETHER = 4_000_000  # characters: where rows are very long, fewer are held in memory
DISTINCT_CELLS = 4096  # how many different accounts, touchpoints and languages are remembered
PLAIN_EMAIL = 64  # characters: neither side of it can be too long
_PLAIN_EMAIL = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@(?:[^\W_]+\.)+[^\W_]{2,}", re.ASCII)
_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")  # as in the policy
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]{1,3},[0-9]{1,3}")

T = TypeVar("T")
V = TypeVar("V")


class Part(NamedTuple):
    """Rows of a file that were read together: their answers with their lines, and the rows that can't be taken."""

    answers: list[Answer]
    lines: list[int]
    refused: list[tuple[int, str]]
    """The line of each, and why, in words for whoever imports the file."""


def parts(path: Path, policy: Policy, *, source: str = SOURCE, layout: Layout | None = None) -> Iterator[Part]:
    """Yield a file's rows, at most `TOGETHER` at a time, each with the number of its first line.

    `source` is what rows without a source column belong to: name the survey tool whose export this is, and the same
    response from its webhook and from the file is one. A time without an offset is in the team's time zone. A row
    without an id gets one made from its cells, so the same row is the same response when the file comes again, and a
    row in which anything was changed is another. Raises CsvProblem before the first row.
    """
    found = layout or layout_of(path)
    answers_of = _reader(found.columns, policy, source)
    csv.field_size_limit(MOST_FIELD)
    with path.open(encoding=found.encoding, errors="replace", newline="") as file:
        for sheet in _sheets(file, found):
            answers = answers_of(sheet)
            yield Part(sheet.sound(answers), sheet.sound(sheet.lines), sheet.refused())


@dataclass(slots=True)
class _Sheet:
    """Rows of one width as they stand in the file, with their lines; and what is wrong with some of them."""

    width: int
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)
    """The lines of what is no row at all."""
    problems: dict[int, str] = field(default_factory=dict)
    """The number of a row among `rows`, and the first thing that is wrong with it."""

    def made_wide(self, row: list[str]) -> list[str]:
        """Make the next row as wide as the headings are."""
        if any(row[self.width :]):
            problem = f"The row has {len(row)} columns, the first line names {self.width}: look for a quote."
            self.problems[len(self.rows)] = problem
        return [*row[: self.width], *[""] * (self.width - len(row))]

    def read(
        self, cells: Iterable[T], read: Callable[[T], V], *, empty: V | None = None, is_needed: bool = False
    ) -> list[V | None]:
        """Read one cell of each row. `empty` is what a cell says that says nothing, unless it `is_needed`."""
        kept = [*cells]
        try:
            return [read(cell) if cell or is_needed else empty for cell in kept]
        except (Unreadable, UnknownScale):  # now each by itself: most files have none of these
            return [self._noted(number, read, cell) if cell or is_needed else empty for number, cell in enumerate(kept)]

    def _noted(self, number: int, read: Callable[[T], V], cell: T) -> V | None:
        try:
            return read(cell)
        except (Unreadable, UnknownScale) as problem:
            self.problems.setdefault(number, str(problem) if any(self.rows[number]) else "The row is empty.")
            return None

    def sound(self, values: list[V]) -> list[V]:
        """Leave out those values, one for each row, that belong to a row with which something is wrong."""
        return [one for number, one in enumerate(values) if number not in self.problems] if self.problems else values

    def refused(self) -> list[tuple[int, str]]:
        """Give the lines that can't be taken, and why."""
        return sorted([*self.unread, *((self.lines[number], reason) for number, reason in self.problems.items())])


def _sheets(file: TextIO, layout: Layout) -> Iterator[_Sheet]:
    characters = 0

    def counted(lines: Iterable[str]) -> Iterator[str]:
        nonlocal characters
        for one in lines:
            characters += len(one)
            yield one

    rows = csv.reader(counted(islice(file, layout.skipped, None)), delimiter=layout.delimiter, strict=True)
    sheet, width = _Sheet(layout.width), layout.width
    line, is_at_end = layout.skipped + 1, False
    while not is_at_end:
        try:
            for row in rows:
                if row:
                    sheet.rows.append(row if len(row) == width else sheet.made_wide(row))
                    sheet.lines.append(line)
                line = rows.line_num + layout.skipped + 1
                if len(sheet.rows) == TOGETHER or characters >= MOST_TOGETHER:
                    yield sheet
                    sheet, characters = _Sheet(width), 0
            is_at_end = True
        except csv.Error as problem:
            sheet.unread.append((line, f"The row can't be read ({problem}): look for a quote that is left open."))
            line = rows.line_num + layout.skipped + 1
            if len(sheet.unread) == TOGETHER:
                yield sheet
                sheet = _Sheet(width)
    if sheet.rows or sheet.unread:
        yield sheet


def _reader(columns: Mapping[str, int], policy: Policy, source: str) -> Callable[[_Sheet], list[Answer]]:
    """Make the function that reads rows, column by column: empty cells and columns that aren't there cost nothing.

    What it gives for a row with which something is wrong is not to be used.
    """
    zone = ZoneInfo(policy.team.timezone)
    asked_of = _remembered(_asked(policy, source))
    read_cell = _cell_readers()
    used = [columns[name] for name in ALIASES if name in columns]  # in our order, however the file has them

    def answers_of(sheet: _Sheet) -> list[Answer]:
        if not sheet.rows:
            return []
        columns_of_file, blank = [*zip(*sheet.rows, strict=True)], ("",) * len(sheet.rows)
        cells = {name: columns_of_file[columns[name]] if name in columns else blank for name in ALIASES}
        asked = sheet.read(zip(*map(cells.__getitem__, _QUESTION), strict=True), asked_of)
        ids = zip(sheet.read(cells["id"], _identifier), sheet.rows, strict=True)
        fields: dict[str, Iterable[object]] = {
            **dict(zip(_Asked._fields, zip(*(one or _NOTHING for one in asked), strict=True), strict=True)),
            "submitted_at": sheet.read(cells["submitted_at"], lambda text: _time(text, zone), is_needed=True),
            "external_id": [one or _made_id(row, used) for one, row in ids],
        }
        for name, (called, read) in read_cell.items():
            if name in columns:
                fields[called] = sheet.read(cells[name], read, empty=Answer._field_defaults[called])
        every = [fields[name] if name in fields else repeat(Answer._field_defaults[name]) for name in Answer._fields]
        return [*map(Answer._make, zip(*every, strict=False))]

    return answers_of


def _cell_readers() -> dict[str, tuple[str, Callable[[str], object]]]:
    """Name for each column that says more the field of an answer, and give what reads a cell that isn't empty."""
    return {
        "comment": ("comment", text_of),
        "email": ("email", _email),
        "name": ("name", _line),
        "customer_id": ("customer_id", lambda text: identifier_of(text) or None),
        "account": ("account_name", _remembered(_line)),
        "account_id": ("account_id", lambda text: identifier_of(text) or None),
        "account_value": ("account_value", lambda text: number_of(text, "account_value") if text.strip() else None),
        "account_manager": ("account_manager", _remembered(email_of)),
        "segment": ("segment", _remembered(_line)),
        "language": ("language", _remembered(language_of)),
        "touchpoint": ("touchpoint", _remembered(_line)),
    }


def _line(text: str) -> str | None:
    return line_of(text) or None


def _remembered(read: Callable[[T], V]) -> Callable[[T], V]:
    return lru_cache(maxsize=DISTINCT_CELLS)(read)


class _Asked(NamedTuple):
    """What a row says of its question, and the score: a file has many rows and few of these."""

    source: str
    form: str | None
    score: float
    scale: Scale
    contactability: Contactability | None


_QUESTION = ("score", "source", "form", "metric", "scale_min", "scale_max")  # the columns that say it
_NOTHING = (None,) * len(_Asked._fields)


def _asked(policy: Policy, source: str) -> Callable[[tuple[str, ...]], _Asked]:
    """Make the function that reads these cells of a row."""

    def asked_of(cells: tuple[str, ...]) -> _Asked:
        score_text, source_text, form_text, metric, low, high = cells
        score = _number(score_text, "score")
        from_source = _source(source_text) if source_text else source
        form = (identifier_of(form_text) or None) if form_text else None
        scale = scale_for(policy, source=from_source, form=form, metric=_metric(metric), ends=_ends(low, high))
        if not scale.low_end <= score <= scale.high_end:
            raise Unreadable(f"score lies outside its scale of {scale.low_end:g} to {scale.high_end:g}.")
        return _Asked(from_source, form, score, scale, contactability_in(policy, from_source, form))

    return asked_of


def _source(text: str) -> str:
    name = text.strip().lower()
    if not _SOURCE_NAME.fullmatch(name):
        raise Unreadable("source must be a name of small letters, digits and underscores, such as typeform.")
    return name


def _metric(text: str) -> Metric | None:
    word = text.strip().lower()
    if word and word not in METRICS:
        raise Unreadable(f"metric must be one of {', '.join(METRICS)}.")
    return cast("Metric | None", word or None)


def _ends(low: str, high: str) -> tuple[float, float] | None:
    if not low.strip() and not high.strip():
        return None
    ends = _number(low, "scale_min"), _number(high, "scale_max")
    if ends[0] >= ends[1]:
        raise Unreadable("scale_min must be smaller than scale_max.")
    return ends


def _number(text: str, column: str) -> float:
    if not text.strip():
        raise Unreadable(f"{column} is missing.")
    if _DECIMAL_COMMA.fullmatch(text.strip()):
        return float(text.replace(",", "."))
    return number_of(text, column)


def _email(text: str) -> str | None:
    """Read an address; most are so plain that a short look is enough."""
    return text.lower() if len(text) <= PLAIN_EMAIL and _PLAIN_EMAIL.fullmatch(text) else email_of(text)


def _identifier(text: str) -> str:
    """Read an id; most are so plain that nothing could change them."""
    is_plain = len(text) <= MOST_IDENTIFIER and text.isprintable() and text.isascii() and " " not in text
    return text if is_plain else identifier_of(text)


def _time(text: str, zone: ZoneInfo) -> datetime:
    text = text.strip()
    if text.isdigit() and len(text) != len("20261118"):
        return timestamp_of(text, "submitted_at")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        problem = "must be a time such as 2026-11-18 09:59" if text else "is missing"
        raise Unreadable(f"submitted_at {problem}.") from None
    return utc_of(at, "submitted_at", zone=zone)


def _made_id(row: list[str], used: list[int]) -> str:
    content = "\x1f".join(row[position].strip() for position in used)
    return f"row-{sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
