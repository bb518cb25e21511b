"""Figures added up by day: what is counted and settled once and for all, the rest row by row."""

import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Select, Table, literal, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage import loops, rows
from storage.loops import DIMENSIONS, FEATURES, LOOPS, TIMES
from storage.report_tables import FigureDay, Tally

FIGURE_DAYS: Final = rows.table_of(FigureDay)
TALLIES: Final = rows.table_of(Tally)
COLUMNS: Final = ("day", *DIMENSIONS, "code", *TIMES)
SCORE_DIMENSIONS: Final = ("touchpoint", "segment")
SCALE: Final = ("metric", "low_end", "high_end", "direction", "band")
COUNTED: Final = ("count", "total", "squares")
_CODE: Final = COLUMNS.index("code")
_FIRST_TIME: Final = _CODE + 1
# As the partial index has it, word for word: else SQLite would not see that it fits.
_IS_STALE: Final[ColumnElement[bool]] = literal_column("figure_days.is_stale")
_STALE: Final = literal(True, Boolean)

Sums = list[int]
Row = tuple[Any, ...]
Scale = tuple[Any, ...]
"""Metric, low end, high end, direction and band."""
Scores = dict[Scale, list[float]]
"""Of each scale and band the count of responses, the sum of their scores and of the squares."""


def nothing() -> Sums:
    """Count nothing, in the order of FEATURES."""
    return [0] * len(FEATURES)


def no_scores() -> Scores:
    """Count no responses."""
    return defaultdict(lambda: [0, 0.0, 0.0])


@dataclass(slots=True)
class Cohort:
    """Loops and responses added up: by day, by dimension and key; the loops' times as sorted runs of seconds."""

    by_day: dict[int, Sums] = field(default_factory=lambda: defaultdict(nothing))
    by: dict[str, dict[str, Sums]] = field(default_factory=lambda: {one: defaultdict(nothing) for one in DIMENSIONS})
    times: dict[str, list["array[float]"]] = field(default_factory=lambda: {one: [] for one in TIMES})
    scores_by_day: dict[int, Scores] = field(default_factory=lambda: defaultdict(no_scores))
    scores_by: dict[str, dict[str, Scores]] = field(
        default_factory=lambda: {one: defaultdict(no_scores) for one in SCORE_DIMENSIONS}
    )

    def add_loops(self, some: Sequence[Row]) -> None:
        """Add loops, as rows of COLUMNS."""
        _add_counts(self.by_day, Counter(map(itemgetter(0, _CODE), some)))
        for at, dimension in enumerate(DIMENSIONS, 1):
            _add_counts(self.by[dimension], Counter(map(itemgetter(at, _CODE), some)))
        first = [row for row in some if row[_CODE] & loops.FIRST]
        for at, name in enumerate(TIMES, _FIRST_TIME):
            self._add_times(name, array("d", sorted(row[at] for row in first if row[at] is not None)))

    def add_tallies(self, some: Iterable[Row]) -> None:
        """Add counts of responses, as rows of the day, SCORE_DIMENSIONS, SCALE and COUNTED."""
        for day, touchpoint, segment, *rest in some:
            scale, sums = tuple(rest[: len(SCALE)]), rest[len(SCALE) :]
            for scores in (
                self.scores_by_day[day],
                self.scores_by["touchpoint"][touchpoint],
                self.scores_by["segment"][segment],
            ):
                _add_scores(scores[scale], sums)

    def add_days(self, days: Iterable[Row]) -> None:
        """Add days that have been added up: the day, its scores, sums and times."""
        for day, said, sums, *times in days:
            given = json.loads(said)
            _add_said(self.scores_by_day[day], given[""][""])
            for dimension, mine in self.scores_by.items():
                for key, listed in given[dimension].items():
                    _add_said(mine[key], listed)
            given = json.loads(sums)
            self.by_day[day] = _plus(self.by_day[day], given.pop("")[""])
            for dimension, keys in given.items():
                ours = self.by[dimension]
                for key, more in keys.items():
                    ours[key] = _plus(ours[key], more)
            for name, packed in zip(TIMES, times, strict=True):
                self._add_times(name, array("d", bytes(packed)))

    def _add_times(self, name: str, run: "array[float]") -> None:
        if run:
            self.times[name].append(run)


def spoil(session: Session, days: Select[Any]) -> None:
    """Note that these days have to be added up anew; the statement gives each once."""
    insert = upsert(session, FIGURE_DAYS).from_select(["day", "is_stale"], days.add_columns(_STALE))
    session.execute(insert.on_conflict_do_update(index_elements=["day"], set_={"is_stale": True}))


def spoil_of_loops(session: Session, *which: ColumnElement[bool]) -> None:
    """Note the same of the days of these loops."""
    spoil(session, select(LOOPS.c.day).where(*which).distinct())


def add_up(session: Session, *, limit: int) -> int:
    """Add up so many of the days that have to be, the latest first. Returns how many."""
    table = FIGURE_DAYS.c
    stale = select(table.day).where(_IS_STALE).order_by(table.day.desc()).limit(limit)
    days = list(session.execute(stale).scalars())
    for day in days:
        cohort = Cohort()
        cohort.add_loops(session.execute(_of_day(LOOPS, COLUMNS, day).where(LOOPS.c.is_settled)).all())
        counted = _of_day(TALLIES, ("day", *SCORE_DIMENSIONS, *SCALE, *COUNTED), day)
        cohort.add_tallies(tuple(row) for row in session.execute(counted))
        session.execute(update(FIGURE_DAYS).where(table.day == day).values(is_stale=False, **_packed(day, cohort)))
    return len(days)


def upsert(session: Session, table: Table) -> Any:
    """Give the INSERT of this database that can meet a row that is there."""
    make: Any = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    return make(table)


def _of_day(table: Table, columns: Iterable[str], day: int) -> Select[Any]:
    return select(*(table.c[name] for name in columns)).where(table.c.day == day)


def _packed(day: int, cohort: Cohort) -> dict[str, Any]:
    times = {name: b"".join(run.tobytes() for run in runs) for name, runs in cohort.times.items()}
    said: dict[str, dict[str, Any]] = {"": {"": _listed(cohort.scores_by_day[day])}}
    for dimension, keys in cohort.scores_by.items():
        said[dimension] = {key: _listed(scores) for key, scores in keys.items()}
    return {"scores": json.dumps(said), "sums": json.dumps({"": {"": cohort.by_day[day]}, **cohort.by}), **times}


def _listed(scores: Scores) -> list[list[Any]]:
    return [[*scale, *sums] for scale, sums in scores.items()]


def _add_said(scores: Scores, listed: Iterable[Sequence[Any]]) -> None:
    for *scale, count, total, squares in listed:
        _add_scores(scores[tuple(scale)], (count, total, squares))


def _add_scores(mine: list[float], more: Sequence[float]) -> None:
    mine[0] += more[0]
    mine[1] += more[1]
    mine[2] += more[2]


def _add_counts(target: dict[Any, Sums], counts: Counter[tuple[Any, int]]) -> None:
    for (key, code), count in counts.items():
        mine = target[key]
        for at, bit in enumerate(loops.features(code)):
            if bit:
                mine[at] += count


def _plus(one: Sums, other: Sums) -> Sums:
    return [a + b for a, b in zip(one, other, strict=True)]
