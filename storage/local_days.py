"""Instants as numbers in SQL, and the local day on which one falls, the same on both databases."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, case
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

# 1970-01-01, as `date.toordinal` counts.
FIRST_DAY: Final = date(1970, 1, 1).toordinal()
DAY: Final = 86_400
_SEARCH_STEP: Final = timedelta(hours=12)

Shift = tuple[int, int]
"""(until, offset): up to that second since 1970 local time is so many seconds ahead of UTC."""


class seconds(GenericFunction[int]):  # noqa: N801 -- it stands in statements as func.count does
    """Whole seconds since 1970, as an integer."""

    type = Integer()
    inherit_cache = True
    name = "seconds_since_1970"


@compiles(seconds, "sqlite")
def _on_sqlite(element: seconds, compiler: Any, **how: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **how)}) AS INTEGER)"


@compiles(seconds, "postgresql")
def _on_postgresql(element: seconds, compiler: Any, **how: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **how)})) AS BIGINT)"


def second_of(at: datetime) -> int:
    """Give the same number for an instant in Python."""
    return int(at.timestamp() // 1)


def day_in(column: ColumnElement[Any], shifts: Sequence[Shift]) -> ColumnElement[int]:
    """Give the local day of an instant, as `date.toordinal` counts."""
    second = seconds(column)
    *before, (_, last) = shifts
    offset: Any = case(*((second < until, offset) for until, offset in before), else_=last) if before else last
    found: ColumnElement[int] = (second + offset) // DAY + FIRST_DAY
    return found


def shifts_between(zone: ZoneInfo, first: datetime, last: datetime) -> list[Shift]:
    """Say how far local time was ahead of UTC from `first` to `last`: one entry for each time between two changes."""
    found: list[Shift] = []
    at = first.astimezone(UTC)
    while at < last:
        following = min(at + _SEARCH_STEP, last.astimezone(UTC))
        if _ahead(zone, at) != _ahead(zone, following):
            found.append((_changed(zone, second_of(at), second_of(following)), _ahead(zone, at)))
        at = following
    return [*found, (second_of(last) + DAY, _ahead(zone, last))]


def midnight(day: int, zone: ZoneInfo) -> datetime:
    """Give the instant at which a local day begins."""
    return datetime.combine(date.fromordinal(day), time(), zone).astimezone(UTC)


def _ahead(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _changed(zone: ZoneInfo, early: int, late: int) -> int:
    """Find the first second of the later offset."""
    before = _ahead(zone, datetime.fromtimestamp(early, UTC))
    while late - early > 1:
        middle = (early + late) // 2
        if _ahead(zone, datetime.fromtimestamp(middle, UTC)) == before:
            early = middle
        else:
            late = middle
    return late
