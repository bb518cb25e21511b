"""What figures are made of: loops and counts of a period, open cases and who waits; counted or fresh."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlmodel import Session

from storage import figure_days, loops
from storage.figure_days import FIGURE_DAYS, TALLIES, Cohort
from storage.local_days import midnight, second_of, seconds, shifts_between
from storage.loops import CASES, CUSTOMERS, LOOPS, RESPONSES
from storage.tables import IS_OPEN_CASE
from storage.tallies import Counted, tallied

Row = tuple[Any, ...]
Wanted = Mapping[str, str]
"""Columns of Loop or Tally, and what each must be; "" for what has none."""

HOUR: Final = 3_600
WEEK: Final = 7 * 86_400
FAR: Final = 3_000 * WEEK  # so that no number of seconds before the first end is negative


@dataclass(frozen=True, slots=True)
class Days:
    """Local days from `first` to `last`, as `date.toordinal` counts, of the zone in which responses are counted."""

    first: int
    last: int
    counted: Counted

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The instants from which and before which they are."""
        return midnight(self.first, self.counted.zone), midnight(self.last + 1, self.counted.zone)

    def further(self, days: int) -> "Days":
        """Begin so many days earlier."""
        return replace(self, first=self.first - days)


def cohort_of(session: Session, days: Days, wanted: Wanted, *, at: datetime, scores: bool = True) -> Cohort:
    """Add up the responses of these days and their loops as of `at`. Without a filter, whole days are ready."""
    cohort, missing = Cohort(), {*range(days.first, days.last + 1)}
    if not wanted:
        table = FIGURE_DAYS.c
        columns = table.day, table.scores, table.sums, *(table[name] for name in loops.TIMES)
        ready = _plain(session, select(*columns).where(table.day.between(days.first, days.last), ~table.is_stale))
        cohort.add_days(ready)
        missing -= {row[0] for row in ready}
    for part in parts(days, at, settled=missing):
        chosen = (part.c[name] for name in figure_days.COLUMNS)
        cohort.add_loops(_plain(session, select(*chosen).where(*matches(part, wanted))))
    if scores:
        cohort.add_tallies(_tallies(session, days, wanted, settled=missing))
    return cohort


def told_by_day(session: Session, days: Days, wanted: Wanted, *, at: datetime) -> list[Row]:
    """Count low responses that can be told, and those that have been: (day, tellable, told)."""
    found, missing = [], {*range(days.first, days.last + 1)}
    if not wanted:
        table = FIGURE_DAYS.c
        ready = select(table.day, table.sums).where(table.day.between(days.first, days.last), ~table.is_stale)
        for day, sums in _plain(session, ready):
            low, told, *apart = json.loads(sums)[""][""][: loops.FEATURES.index("claimed")]
            found.append((day, low - sum(apart), told))
            missing.remove(day)
    for part in parts(days, at, settled=missing):
        outcome = part.c.code.op("&")(loops.OUTCOME)
        tellable = func.sum(case((outcome.in_((loops.OPEN, loops.TOLD)), 1), else_=0))
        told = func.sum(case((outcome == loops.TOLD, 1), else_=0))
        chosen = select(part.c.day, tellable, told).where(*matches(part, wanted)).group_by(part.c.day)
        found += _plain(session, chosen)
    return found


def waits(session: Session, counted: Counted, wanted: Wanted, *, until: Sequence[datetime], at: datetime) -> list[Row]:
    """Give all waits that reached over one of these instants, and others: (since, answered or None), in seconds."""
    turns = [second_of(one) for one in until]
    is_early = LOOPS.c.is_settled, LOOPS.c.answered > turns[0], LOOPS.c.since <= turns[-1]
    # Most are answered in the week in which they began, and reach over no end of one. An hour more for summer time.
    began, ended = (LOOPS.c.since - turns[0] + FAR - HOUR) // WEEK, (LOOPS.c.answered - turns[0] + FAR + HOUR) // WEEK
    may_be_over = or_(began < ended, LOOPS.c.answered > turns[-1])
    over = or_(*(and_(LOOPS.c.since <= turn, LOOPS.c.answered > turn) for turn in turns))
    settled = select(LOOPS.c.since, LOOPS.c.answered).where(*is_early, may_be_over, over)
    found = _plain(session, settled.where(*matches(LOOPS, wanted)))
    unsettled = loops.computed(loops.UNSETTLED, day=LOOPS.c.day, at=at, known=True).subquery()
    fresh = loops.computed(RESPONSES.c.id > counted.last_id, day=literal(0), at=at).subquery()
    for part in (unsettled, fresh):
        chosen = select(part.c.since, part.c.answered).where(part.c.since.is_not(None), *matches(part, wanted))
        found += _plain(session, chosen)
    return found


def waiting_now(session: Session, wanted: Wanted, *, at: datetime) -> tuple[int, int]:
    """Count open cases whose customer has not been contacted, and add up their seconds."""
    waited = second_of(at) - seconds(CASES.c.waiting_since)
    total = func.coalesce(func.sum(case((waited > 0, waited), else_=0)), 0)
    found = select(func.count(), total).select_from(_with_customers()).where(*is_waiting(), *of_cases(wanted))
    count, waited_seconds = session.execute(found).one()
    return count, int(waited_seconds)


def is_waiting() -> tuple[ColumnElement[bool], ...]:
    """Hold of an open case whose customer can be contacted and has not been."""
    table = CASES.c
    return IS_OPEN_CASE, table.contacted_at.is_(None), CUSTOMERS.c.contactability != "anonymous"


def of_cases(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Hold of a case that is what is wanted; by touchpoint, segment and metric, one that has such a low response."""
    own = {name: value for name, value in wanted.items() if name in CASES.c}
    found: list[ColumnElement[bool]] = [func.coalesce(CASES.c[name], "") == value for name, value in own.items()]
    theirs = {name: value for name, value in wanted.items() if name not in own}
    if theirs:
        same = [func.coalesce(RESPONSES.c[name], "") == value for name, value in theirs.items()]
        said = select(RESPONSES.c.id).where(RESPONSES.c.case_id == CASES.c.id, RESPONSES.c.band == "low", *same)
        found.append(said.exists())
    return found


def waiting_longest(session: Session, wanted: Wanted, *, limit: int) -> list[Any]:
    """List the open cases whose customers have waited longest without being contacted."""
    table, who = CASES.c, CUSTOMERS.c
    chosen = (
        select(
            *(table.id, table.customer_id, who.name, who.account_name, table.department, table.owner, table.state),
            *(table.urgency, table.waiting_since, table.contacted_at, table.next_due_at),
        )
        .select_from(_with_customers())
        .where(*is_waiting(), *of_cases(wanted))
    )
    return list(session.execute(chosen.order_by(table.waiting_since, table.id).limit(limit)))


def open_by_state(session: Session, wanted: Wanted, *, at: datetime) -> list[Any]:
    """Count open cases by department, state and the limit that is next: (..., count, overdue, unowned)."""
    table = CASES.c
    clock = case(
        (and_(table.claimed_at.is_(None), table.next_due_at == table.claim_due_at), "claim"),
        (and_(table.contacted_at.is_(None), table.next_due_at == table.contact_due_at), "contact"),
        else_="tell",
    )
    group = (table.department, table.state, clock)
    overdue = func.sum(case((table.next_due_at < at, 1), else_=0))
    unowned = func.sum(case((table.owner.is_(None), 1), else_=0))
    counted = select(*group, func.count(), overdue, unowned).where(IS_OPEN_CASE, *of_cases(wanted))
    return list(session.execute(counted.group_by(*group).order_by(*group)))


def open_by_owner(session: Session, wanted: Wanted, *, at: datetime) -> list[Any]:
    """Count open cases by owner: (owner, count, overdue, uncontacted), whoever has most first."""
    table = CASES.c
    overdue = func.sum(case((table.next_due_at < at, 1), else_=0))
    silent = func.sum(case((table.contacted_at.is_(None), 1), else_=0))
    counted = select(table.owner, func.count(), overdue, silent).where(IS_OPEN_CASE, *of_cases(wanted))
    return list(session.execute(counted.group_by(table.owner).order_by(func.count().desc(), table.owner)))


def parts(days: Days, at: datetime, *, settled: Collection[int] | None = None) -> Iterable[Any]:
    """Give three parts, as tables like Loop: what is open, what is settled, and what isn't counted yet.

    `settled`: the days of which to give what is settled; None: all.
    """
    is_of_days = LOOPS.c.day.between(days.first, days.last)
    yield loops.computed(loops.UNSETTLED, is_of_days, day=LOOPS.c.day, at=at, known=True).subquery()
    these = is_of_days if settled is None else LOOPS.c.day.in_(settled)
    yield select(LOOPS).where(LOOPS.c.is_settled, these).subquery()
    fresh = RESPONSES.c.id > days.counted.last_id, *_between(days)
    yield loops.computed(*fresh, day=_day(days), at=at).subquery()


def _tallies(session: Session, days: Days, wanted: Wanted, *, settled: Collection[int]) -> list[Row]:
    """Give what is counted of these days, and what isn't yet."""
    found: list[Row] = []
    fresh = tallied(RESPONSES.c.id > days.counted.last_id, *_between(days), day=_day(days)).subquery()
    names = ("day", *figure_days.SCORE_DIMENSIONS, *figure_days.SCALE, *figure_days.COUNTED)
    for part, conditions in ((TALLIES, [TALLIES.c.day.in_(settled), TALLIES.c.count > 0]), (fresh, [])):
        found += _plain(session, select(*(part.c[name] for name in names)).where(*conditions, *matches(part, wanted)))
    return found


def _day(days: Days) -> ColumnElement[int]:
    return loops.by_local_day(shifts_between(days.counted.zone, *days.span))


def _between(days: Days) -> tuple[ColumnElement[bool], ...]:
    start, end = days.span
    return RESPONSES.c.submitted_at >= start, RESPONSES.c.submitted_at < end


def matches(part: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Hold of what is wanted, in a table that has such columns."""
    return [part.c[name] == value for name, value in wanted.items()]


def _with_customers() -> Any:
    return CASES.join(CUSTOMERS, CUSTOMERS.c.id == CASES.c.customer_id)


def _plain(session: Session, chosen: Select[Any]) -> list[Row]:
    """Give rows of numbers and texts as the driver does: tens of thousands of them need nothing more."""
    result: Any = session.connection().execute(chosen)
    found: list[Row] = result.cursor.fetchall()
    return found
