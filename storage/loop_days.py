"""Loops added up: the settled ones of a day once and for all, the others row by row."""

import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select
from sqlmodel import Session

from storage import loops, rows
from storage.loops import DIMENSIONS, FEATURES, LOOPS, TIMES
from storage.report_tables import LoopDay

LOOP_DAYS: Final = rows.table_of(LoopDay)
COLUMNS: Final = ("day", *DIMENSIONS, "code", *TIMES)
_CODE: Final = COLUMNS.index("code")
_FIRST_TIME: Final = _CODE + 1

Sums = list[int]
Row = tuple[Any, ...]


def nothing() -> Sums:
    """Count nothing, in the order of FEATURES."""
    return [0] * len(FEATURES)


@dataclass(slots=True)
class Cohort:
    """Loops added up: by day, by dimension and key, and their times as sorted runs of seconds."""

    by_day: dict[int, Sums] = field(default_factory=lambda: defaultdict(nothing))
    by: dict[str, dict[str, Sums]] = field(default_factory=lambda: {one: defaultdict(nothing) for one in DIMENSIONS})
    times: dict[str, list["array[float]"]] = field(default_factory=lambda: {one: [] for one in TIMES})

    def add_rows(self, some: Sequence[Row]) -> None:
        """Add loops, as rows of COLUMNS."""
        _add_counts(self.by_day, Counter(map(itemgetter(0, _CODE), some)))
        for at, dimension in enumerate(DIMENSIONS, 1):
            _add_counts(self.by[dimension], Counter(map(itemgetter(at, _CODE), some)))
        first = [row for row in some if row[_CODE] & loops.FIRST]
        for at, name in enumerate(TIMES, _FIRST_TIME):
            self._add_times(name, array("d", sorted(row[at] for row in first if row[at] is not None)))

    def add_days(self, days: Iterable[Row]) -> None:
        """Add days that have been added up, as rows of LoopDay."""
        for day, sums, *times in days:
            given = json.loads(sums)
            self.by_day[day] = _plus(self.by_day[day], given.pop("")[""])
            for dimension, keys in given.items():
                mine = self.by[dimension]
                for key, more in keys.items():
                    mine[key] = _plus(mine[key], more)
            for name, packed in zip(TIMES, times, strict=True):
                self._add_times(name, array("d", bytes(packed)))

    def _add_times(self, name: str, run: "array[float]") -> None:
        if run:
            self.times[name].append(run)


def forget(session: Session, *days: ColumnElement[bool]) -> None:
    """Throw away what was added up of days whose loops change; `days` says which, by the columns of Loop."""
    session.execute(delete(LOOP_DAYS).where(LOOP_DAYS.c.day.in_(select(LOOPS.c.day).where(*days))))


def add_up(session: Session, *, limit: int) -> int:
    """Add up so many days that haven't been, the latest first. Returns how many."""
    is_added = select(LOOP_DAYS.c.day).where(LOOP_DAYS.c.day == LOOPS.c.day).exists()
    some = select(LOOPS.c.day).where(LOOPS.c.is_settled, ~is_added).distinct().order_by(LOOPS.c.day.desc()).limit(limit)
    days = list(session.execute(some).scalars())
    for day in days:
        settled = select(*(LOOPS.c[name] for name in COLUMNS)).where(LOOPS.c.day == day, LOOPS.c.is_settled)
        cohort = Cohort()
        cohort.add_rows(session.execute(settled).all())
        session.execute(LOOP_DAYS.insert().values(_packed(day, cohort)))
    return len(days)


def _packed(day: int, cohort: Cohort) -> dict[str, Any]:
    times = {name: b"".join(run.tobytes() for run in runs) for name, runs in cohort.times.items()}
    sums = json.dumps({"": {"": cohort.by_day[day]}, **cohort.by}, separators=(",", ":"))
    return {"day": day, "sums": sums, **times}


def _add_counts(target: dict[Any, Sums], counts: Counter[tuple[Any, int]]) -> None:
    for (key, code), count in counts.items():
        mine = target[key]
        for at, bit in enumerate(loops.features(code)):
            if bit:
                mine[at] += count


def _plus(one: Sums, other: Sums) -> Sums:
    return [a + b for a, b in zip(one, other, strict=True)]
