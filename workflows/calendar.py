"""Working hours: adds and measures working time in a calendar's own zone, over nights, holidays and clock changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import holidays

HORIZON: Final = timedelta(days=731)  # two years: who has no hour until then has none
_DAY: Final = timedelta(days=1)
_KEPT_DAYS: Final = 3000  # days that a calendar remembers: eight years, about a megabyte


class NoHourLeft(Exception):  # noqa: N818 - it says what is the case, like Refusal
    """The calendar has too few working hours in the two years to come."""


class Window(NamedTuple):
    """Hours of a day, in minutes after its midnight; `end` above 1440 lies on the next day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When somebody works: weekdays (Monday is 0), the windows of such a day in order, and the days off.

    A window over midnight belongs to the day on which it begins. `country` is a code such as "DE" or "DE-BY" whose
    public holidays are off; `closed` are single days off, `closed_yearly` are (month, day). `open` and `open_yearly`
    are working days whatever else is said of them.
    """

    zone: ZoneInfo
    weekdays: frozenset[int]
    windows: tuple[Window, ...]
    country: str | None = None
    closed: frozenset[date] = frozenset()
    closed_yearly: frozenset[tuple[int, int]] = frozenset()
    open: frozenset[date] = frozenset()
    open_yearly: frozenset[tuple[int, int]] = frozenset()
    _seen: dict[date, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict, compare=False, repr=False)

    def is_working_day(self, day: date) -> bool:
        """Say whether the windows of this day are open."""
        if day in self.open or (day.month, day.day) in self.open_yearly:
            return True
        if day.weekday() not in self.weekdays or day in self.closed or (day.month, day.day) in self.closed_yearly:
            return False
        return self.country is None or day not in public_holidays(self.country, day.year)

    def stretches(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the open stretches that begin with this local day's windows, in UTC and in order."""
        if (known := self._seen.get(day)) is None:
            if len(self._seen) >= _KEPT_DAYS:
                self._seen.clear()
            known = tuple(self._opened(day)) if self.is_working_day(day) else ()
            self._seen[day] = known
        return known

    def _opened(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, time())
        for window in self.windows:
            yield from _in_utc(
                midnight + timedelta(minutes=window.start), midnight + timedelta(minutes=window.end), self.zone
            )


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Return the public holidays of a country ("DE") or a part of it ("DE-BY")."""
    code, _, part = country.partition("-")
    return frozenset(holidays.country_holidays(code, subdiv=part or None, years=year, expand=False))


def add_working(at: datetime, span: timedelta, calendar: Calendar) -> datetime:
    """Return the first instant, in UTC, at which `span` of working time has passed since `at`.

    That is the end of a window rather than the start of the next one. Nothing to add returns `at`. Raises NoHourLeft
    when two years don't hold so much time.
    """
    return add_each(at, [span], calendar)[0]


def add_each(at: datetime, spans: Sequence[timedelta], calendar: Calendar) -> list[datetime]:
    """Return what `add_working` does for each of these spans, which grow, in one walk through the days."""
    start = at.astimezone(UTC)
    found: list[datetime] = [start for span in spans if span <= timedelta()]
    passed = timedelta()
    stretches = _open_from(start, start + HORIZON, calendar)
    while len(found) < len(spans):
        opens, closes = next(stretches, (start, start))
        if opens == closes:
            raise NoHourLeft(f"There are no {spans[-1]} of working time left in the two years after {at:%Y-%m-%d}.")
        while len(found) < len(spans) and spans[len(found)] <= passed + (closes - opens):
            found.append(opens + (spans[len(found)] - passed))
        passed += closes - opens
    return found


def working_before(end: datetime, span: timedelta, calendar: Calendar, *, since: datetime) -> datetime | None:
    """Return the first instant, in UTC, from which no more than `span` of working time is left until `end`.

    None: there is less than that between `since` and `end`.
    """
    last, first = end.astimezone(UTC), since.astimezone(UTC)
    day = last.astimezone(calendar.zone).date()
    earliest = first.astimezone(calendar.zone).date() - _DAY
    while day >= earliest:
        for opens, closes in reversed(calendar.stretches(day)):
            start, stop = max(opens, first), min(closes, last)
            if start >= stop:
                continue
            if span < stop - start:
                return stop - span
            span -= stop - start
        day -= _DAY
    return first if not span else None


def working_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Return how much working time lies from `start` to `end`; none when `end` isn't later."""
    stretches = _open_from(start.astimezone(UTC), end.astimezone(UTC), calendar)
    return sum((closes - opens for opens, closes in stretches), timedelta())


def _open_from(start: datetime, end: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open stretches between two instants in UTC, cut to fit."""
    day = start.astimezone(calendar.zone).date() - _DAY  # yesterday's window may last over midnight
    last = end.astimezone(calendar.zone).date()
    while start < end and day <= last:
        for opens, closes in calendar.stretches(day):
            if opens < end and start < closes:
                yield max(opens, start), min(closes, end)
        day += _DAY


def _in_utc(opens: datetime, closes: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield one local window in UTC: two pieces when the clock goes back in its midst, less when it goes forward."""
    before = opens.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
    after = closes.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
    start, end = opens.replace(tzinfo=UTC), closes.replace(tzinfo=UTC)
    if before == after:
        yield start - before, end - before
        return
    change = _change_between(start - before, end - after, zone)
    for first, last in ((start - before, min(end - before, change)), (max(start - after, change), end - after)):
        if first < last:
            yield first, last


def _change_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant, to the second, at which the zone's offset changes; bisecting takes 18 steps."""
    low, high = min(low, high) - _DAY, max(low, high) + _DAY
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
    return high
