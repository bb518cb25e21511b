"""Answers from a CSV file, row by row: a file of a million rows is never held in memory."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, TypeVar, cast
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
DISTINCT_CELLS = 4096  # how many different accounts, touchpoints and languages are remembered
PLAIN_EMAIL = 64  # characters: neither side of it can be too long
_PLAIN_EMAIL = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@(?:[^\W_]+\.)+[^\W_]{2,}", re.ASCII)
_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")  # as in the policy
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]{1,3},[0-9]{1,3}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken, and why, in words for whoever imports the file."""

    reason: str


def answers(
    path: Path, policy: Policy, *, source: str = SOURCE, layout: Layout | None = None
) -> Iterator[tuple[int, Answer | Refused]]:
    """Yield each row's first line number with its answer or the reason why there is none.

    `source` is what rows without a source column belong to: name the survey tool whose export this is, and the same
    response from its webhook and from the file is one. A time without an offset is in the team's time zone. A row
    without an id gets one made from its cells, so the same row is the same response when the file comes again, and a
    row in which anything was changed is another. Raises CsvProblem before the first row.
    """
    found = layout or layout_of(path)
    read = _reader(found, policy, source)
    csv.field_size_limit(MOST_FIELD)
    with path.open(encoding=found.encoding, errors="replace", newline="") as file:
        rows = csv.reader(islice(file, found.skipped, None), delimiter=found.delimiter, strict=True)
        line, is_at_end = found.skipped + 1, False
        while not is_at_end:
            try:
                for row in rows:
                    if row:
                        yield line, read(row)
                    line = rows.line_num + found.skipped + 1
                is_at_end = True
            except csv.Error as problem:
                yield line, Refused(f"The row can't be read ({problem}): look for a quote that is left open.")
                line = rows.line_num + found.skipped + 1


def _reader(layout: Layout, policy: Policy, source: str) -> Callable[[list[str]], Answer | Refused]:
    """Make the function that reads one row: everything that is the same for all rows is looked up here, once."""
    width = layout.width
    # A column that the file doesn't have is read from an empty cell that is put behind every row.
    at = [layout.columns.get(name, -1) for name in ALIASES]
    used = [position for position in at if position >= 0]  # in our order, however the file has them
    answer_of = _answer_reader(ZoneInfo(policy.team.timezone), _asked(policy, source))
    picked = itemgetter(*at)

    def read(row: list[str]) -> Answer | Refused:
        if len(row) != width:
            if any(row[width:]):
                return Refused(f"The row has {len(row)} columns, the first line names {width}: look for a quote.")
            row = [*row[:width], *[""] * (width - len(row))]
        row.append("")
        try:
            return answer_of(picked(row), row, used)
        except (Unreadable, UnknownScale) as problem:
            return Refused(str(problem) if any(row) else "The row is empty.")

    return read


def _answer_reader(
    zone: ZoneInfo, asked_of: "Callable[[tuple[str, ...]], _Asked]"
) -> Callable[[tuple[str, ...], list[str], list[int]], Answer]:
    """Make the function that reads one row's cells. Cells are mostly empty or repeated: both cost next to nothing."""
    line = _remembered(lambda text: line_of(text) or None)
    language_of_text = _remembered(language_of)
    manager = _remembered(email_of)
    asked: dict[tuple[str, ...], _Asked] = {}

    def answer_of(cells: tuple[str, ...], row: list[str], used: list[int]) -> Answer:
        (
            score_text, metric, comment, email, name, customer_id, account, account_id, account_value,
            account_manager, segment, language, touchpoint, form_text, submitted_at, external_id, source_text,
            scale_min, scale_max,
        ) = cells  # fmt: skip
        key = (score_text, source_text, form_text, metric, scale_min, scale_max)
        this = asked.get(key)
        if this is None:
            if len(asked) >= DISTINCT_CELLS:
                asked.clear()
            this = asked[key] = asked_of(key)
        from_source, form, score, scale, contactability = this
        return Answer(
            source=from_source,
            external_id=(_identifier(external_id) if external_id else "") or _made_id(row, used),
            score=score,
            scale=scale,
            submitted_at=_time(submitted_at, zone),
            comment=text_of(comment) if comment else "",
            form=form,
            touchpoint=line(touchpoint) if touchpoint else None,
            language=language_of_text(language) if language else None,
            email=_email(email) if email else None,
            name=(line_of(name) or None) if name else None,
            customer_id=(identifier_of(customer_id) or None) if customer_id else None,
            account_id=(identifier_of(account_id) or None) if account_id else None,
            account_name=line(account) if account else None,
            account_value=number_of(account_value, "account_value") if account_value.strip() else None,
            account_manager=manager(account_manager) if account_manager else None,
            segment=line(segment) if segment else None,
            contactability=contactability,
        )

    return answer_of


def _remembered(read: Callable[[str], T]) -> Callable[[str], T]:
    return lru_cache(maxsize=DISTINCT_CELLS)(read)


class _Asked(NamedTuple):
    """What a row says of its question, and the score: a file has many rows and few of these."""

    source: str
    form: str | None
    score: float
    scale: Scale
    contactability: Contactability | None


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
