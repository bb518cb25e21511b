"""The figures, defined once: what every digest, page and Home shows, computed in one place."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from storage import reports, tallies
from storage.figure_days import Cohort, Sums, nothing
from storage.reports import Days, Row
from storage.tallies import Counted
from workflows.figures_definitions import DEFINITIONS, Definition
from workflows.figures_lists import LISTS, behind, rows
from workflows.figures_math import loops_from, scores_from, spread
from workflows.figures_period import Filters, Period
from workflows.figures_shapes import (
    CLOCKS,
    DIMENSIONS,
    Figures,
    Group,
    Headline,
    ListedRow,
    ListPage,
    Load,
    Loops,
    OpenCases,
    Point,
    Score,
    Share,
    Times,
    Unit,
    Waiter,
    Waiting,
    Week,
)
from workflows.policy import Policy

__all__ = [
    "DEFINITIONS",
    "DIMENSIONS",
    "EVERYTHING",
    "LISTS",
    "Definition",
    "Figures",
    "Filters",
    "Group",
    "Headline",
    "ListPage",
    "ListedRow",
    "Load",
    "Loops",
    "OpenCases",
    "Period",
    "Point",
    "Score",
    "Share",
    "Times",
    "Waiter",
    "Waiting",
    "Week",
    "behind",
    "counted_zone",
    "figures",
    "headline",
    "loads",
    "longest_waiting",
    "open_cases",
    "rows",
    "series",
    "tally",
    "waiting",
    "zone_of",
]

EVERYTHING: Final = Filters()
# Longer than this, and single days can't be told apart any more.
DAYS_SHOWN_SINGLY: Final = 31
# Whoever wrote a response has committed it by then: PostgreSQL hands out ids before.
SETTLING: Final = timedelta(minutes=5)
# Some 0.1 s: whoever else writes on SQLite waits for it.
AT_ONCE: Final = 5_000
# A turn of counting that ends while figures are read shows: they are read once more.
READINGS: Final = 3

T = TypeVar("T")


def tally(session: Session, *, policy: Policy, at: datetime, limit: int = AT_ONCE) -> int:
    """Count what has arrived, for quick figures; `limit` or more is returned while there may be more to do.

    The figures are the same without it, only slower.
    """
    return tallies.take_turn(session, zone=zone_of(policy), until=at - SETTLING, at=at, limit=limit)


def zone_of(policy: Policy) -> ZoneInfo:
    """Give the time zone of the team: its local days are those of all figures."""
    return ZoneInfo(policy.team.timezone)


def counted_zone(session: Session, policy: Policy) -> ZoneInfo:
    """Give the zone in whose local days responses have been counted: the team's, but for a moment after a change."""
    return tallies.counted(session, zone_of(policy)).zone


def figures(
    session: Session, *, policy: Policy, period: Period, filters: Filters = EVERYTHING, at: datetime
) -> Figures:
    """Compute all figures of a period and of the one before it, as things stand at `at`."""

    def read(counted: Counted) -> Figures:
        whole = period.whole(counted.zone)
        days = _days(whole, counted)
        cohort = _cohort(session, days, filters, at=at)
        unit: Unit = "day" if days.last - days.first < DAYS_SHOWN_SINGLY else "week"
        return Figures(
            period=whole,
            filters=filters,
            at=at,
            zone=counted.zone.key,
            now=_headline(cohort),
            before=_headline(_cohort(session, _days(period.before_in(counted.zone), counted), filters, at=at)),
            waiting=waiting(session, filters=filters, at=at),
            unit=unit,
            over_time=tuple(_over_time(days, cohort, unit)),
            by={one: tuple(_groups(one, cohort)) for one in DIMENSIONS},
        )

    return _steadily(session, policy, read)


def headline(
    session: Session, *, policy: Policy, period: Period, filters: Filters = EVERYTHING, at: datetime
) -> Headline:
    """Compute the figures of one period alone."""

    def read(counted: Counted) -> Headline:
        return _headline(_cohort(session, _days(period, counted), filters, at=at))

    return _steadily(session, policy, read)


def waiting(session: Session, *, filters: Filters = EVERYTHING, at: datetime) -> Waiting:
    """Add up how long the customers of open cases have waited without being contacted."""
    cases, seconds = reports.waiting_now(session, filters.wanted, at=at)
    return Waiting(cases, seconds / 3600)


def series(
    session: Session, *, policy: Policy, weeks: int = 12, filters: Filters = EVERYTHING, at: datetime
) -> tuple[Week, ...]:
    """Give the told-rate of each of the latest weeks, and what waited at its end; the last one ends today.

    What waited in the past is told from the cases as they are known now: of one that was taken up again only the latest
    wait, and only cases that a low response belongs to.
    """

    def read(counted: Counted) -> tuple[Week, ...]:
        today = at.astimezone(counted.zone).toordinal()
        days = Days(today - 7 * weeks + 1, today, counted)
        told: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for day, tellable, is_told in reports.told_by_day(session, days, filters.wanted, at=at):
            week = told[(day - days.first) // 7]
            week[0] += is_told
            week[1] += tellable
        ends = [min(Days(first, first + 6, counted).span[1], at) for first in range(days.first, today + 1, 7)]
        waits = reports.waits(session, counted, filters.wanted, until=ends, at=at)
        return tuple(
            Week(*_dates(first, first + 6), Share(*told[number]), _waited(waits, end))
            for number, (first, end) in enumerate(zip(range(days.first, today + 1, 7), ends, strict=True))
        )

    return _steadily(session, policy, read)


def longest_waiting(session: Session, count: int, *, filters: Filters = EVERYTHING) -> tuple[Waiter, ...]:
    """List the open cases whose customers have waited longest without being contacted."""
    return tuple(Waiter(*row) for row in reports.waiting_longest(session, filters.wanted, limit=count))


def open_cases(session: Session, *, filters: Filters = EVERYTHING, at: datetime) -> tuple[OpenCases, ...]:
    """Count the open cases by department, state, and the limit that is next."""
    return tuple(OpenCases(*row) for row in reports.open_by_state(session, filters.wanted, at=at))


def loads(session: Session, *, filters: Filters = EVERYTHING, at: datetime) -> tuple[Load, ...]:
    """Count the open cases of everybody who has some, whoever has most first."""
    return tuple(Load(*row) for row in reports.open_by_owner(session, filters.wanted, at=at))


def _steadily(session: Session, policy: Policy, read: Callable[[Counted], T]) -> T:
    """Read once more when somebody has counted meanwhile: what moved in between would be missed or counted twice."""
    counted = tallies.counted(session, zone_of(policy))
    for _ in range(READINGS):
        found = read(counted)
        now = tallies.counted(session, zone_of(policy))
        if now == counted:
            break
        counted = now
    return found


def _days(period: Period, counted: Counted) -> Days:
    first, last = period.days(counted.zone)
    return Days(first.toordinal(), last.toordinal(), counted)


def _dates(first: int, last: int) -> tuple[date, date]:
    return date.fromordinal(first), date.fromordinal(last)


def _cohort(session: Session, days: Days, filters: Filters, *, at: datetime) -> Cohort:
    """Add up a period; no answers where the filter asks for what only cases have."""
    return reports.cohort_of(session, days, filters.wanted, at=at, scores=not filters.is_of_cases)


def _headline(cohort: Cohort) -> Headline:
    return Headline(_loops(cohort), scores_from(cohort.scores_by_day.values()), _times(cohort))


def _loops(cohort: Cohort) -> Loops:
    return loops_from(_sum(cohort.by_day.values()))


def _sum(many: Iterable[Sums]) -> Sums:
    return [sum(column) for column in zip(nothing(), *many, strict=True)]


def _times(cohort: Cohort) -> dict[str, Times]:
    """Give the times of the cases, each counted once, with its first low response."""
    runs = cohort.times
    return {clock: Times(spread(runs[f"{clock}_wall"]), spread(runs[f"{clock}_used"])) for clock in CLOCKS}


def _over_time(days: Days, cohort: Cohort, unit: Unit) -> Iterable[Point]:
    """Cut the period into days or weeks; its last week may be a short one."""
    step = 1 if unit == "day" else 7
    for first in range(days.first, days.last + 1, step):
        last = min(first + step - 1, days.last)
        those = range(first, last + 1)
        sums = _sum(cohort.by_day[day] for day in those if day in cohort.by_day)
        said = [cohort.scores_by_day[day] for day in those if day in cohort.scores_by_day]
        yield Point(*_dates(first, last), loops_from(sums), scores_from(said))


def _groups(dimension: str, cohort: Cohort) -> Iterable[Group]:
    sums, said = cohort.by[dimension], cohort.scores_by.get(dimension, {})
    groups = [
        Group(key, loops_from(sums.get(key, nothing())), scores_from([said[key]] if key in said else []))
        for key in {*sums, *said}
    ]
    return sorted(groups, key=lambda one: (-one.loops.low, one.key))


def _waited(waits: Iterable[Row], end: datetime) -> Waiting:
    moment = int(end.timestamp() // 1)
    open_then = [moment - since for since, answered in waits if since <= moment and (answered or moment + 1) > moment]
    return Waiting(len(open_then), sum(open_then) / 3600)
