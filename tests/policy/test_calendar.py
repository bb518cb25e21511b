"""Working time agrees with counting minute by minute, in zones whose clocks change in odd ways."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.calendar import Calendar, NoHourLeft, Window, add_each, add_working, working_before, working_between

MINUTE = timedelta(minutes=1)
DAY_MINUTES = 24 * 60
# Both nights of 2026 on which these zones change their clocks, and one without any change.
CHANGES = {
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],  # by half an hour
    "America/Santiago": [date(2026, 4, 5), date(2026, 9, 6)],  # at midnight
    "Pacific/Chatham": [date(2026, 4, 5), date(2026, 9, 27)],  # 12:45 ahead of UTC
    "Asia/Kathmandu": [date(2026, 6, 1)],  # never
}


def office(
    zone: str = "Europe/Berlin",
    *windows: tuple[int, int],
    weekdays: Iterable[int] = range(5),
    country: str | None = None,
    closed: Iterable[date] = (),
    closed_yearly: Iterable[tuple[int, int]] = (),
    opened: Iterable[date] = (),
    opened_yearly: Iterable[tuple[int, int]] = (),
) -> Calendar:
    return Calendar(
        zone=ZoneInfo(zone),
        weekdays=frozenset(weekdays),
        windows=tuple(Window(*window) for window in windows or ((9 * 60, 17 * 60),)),
        country=country,
        closed=frozenset(closed),
        closed_yearly=frozenset(closed_yearly),
        open=frozenset(opened),
        open_yearly=frozenset(opened_yearly),
    )


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


def is_open(at: datetime, calendar: Calendar) -> bool:
    """Apply the rule itself, minute by minute, by the clock on the wall: its own words, not those of the calendar."""
    local = at.astimezone(calendar.zone)
    minute, today, yesterday = local.hour * 60 + local.minute, local.date(), local.date() - timedelta(days=1)
    return any(
        (window.start <= minute < window.end and is_worked(today, calendar))
        or (minute < window.end - DAY_MINUTES and is_worked(yesterday, calendar))
        for window in calendar.windows
    )


def is_worked(day: date, calendar: Calendar) -> bool:
    if day in calendar.open or (day.month, day.day) in calendar.open_yearly:
        return True
    is_closed = day in calendar.closed or (day.month, day.day) in calendar.closed_yearly
    return day.weekday() in calendar.weekdays and not is_closed


@st.composite
def nights(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """Draw a calendar of odd hours, and an instant shortly before a night on which its clocks change."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    night = draw(st.sampled_from(CHANGES[zone]))
    edges = draw(st.lists(st.integers(0, DAY_MINUTES + 300), min_size=2, max_size=6, unique=True).map(sorted))
    last_end = edges[0] + DAY_MINUTES  # a window over midnight ends before the next day's first one
    windows = [
        (start, min(end, last_end))
        for start, end in zip(edges[::2], edges[1::2], strict=False)
        if start < DAY_MINUTES and start < last_end
    ] or [(9 * 60, 17 * 60)]
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    closed = [night] if draw(st.booleans()) else []
    opened = [night + timedelta(days=draw(st.integers(-1, 1)))] if draw(st.booleans()) else []
    calendar = office(zone, *windows, weekdays=weekdays | {night.weekday()}, closed=closed, opened=opened)
    at = datetime(night.year, night.month, night.day, tzinfo=UTC) + draw(st.integers(-1500, 1500)) * MINUTE
    return calendar, at


@settings(max_examples=300, deadline=None, derandomize=True)
@given(nights(), st.integers(0, 2000))
def test_time_between_is_the_number_of_open_minutes(night: tuple[Calendar, datetime], length: int) -> None:
    calendar, at = night
    counted = sum(is_open(at + minute * MINUTE, calendar) for minute in range(length))

    assert working_between(at, at + length * MINUTE, calendar) == counted * MINUTE


@settings(max_examples=100, deadline=None, derandomize=True)
@given(nights(), st.integers(1, 200))
def test_adding_stops_after_as_many_open_minutes(night: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, at = night
    expected, left = at, minutes
    while left:
        left -= is_open(expected, calendar)
        expected += MINUTE

    assert add_working(at, minutes * MINUTE, calendar) == expected


@settings(max_examples=100, deadline=None, derandomize=True)
@given(nights(), st.lists(st.integers(0, 300), min_size=1, max_size=4).map(sorted))
def test_one_walk_finds_what_several_find(night: tuple[Calendar, datetime], minutes: list[int]) -> None:
    calendar, at = night
    spans = [minute * MINUTE for minute in minutes]

    assert add_each(at, spans, calendar) == [add_working(at, span, calendar) for span in spans]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(nights(), st.integers(0, 200))
def test_looking_back_stops_at_the_first_minute_with_no_more_left(
    night: tuple[Calendar, datetime], minutes: int
) -> None:
    calendar, end = night
    since = end - 3 * timedelta(days=1)
    expected, left = end, minutes
    while expected > since and left >= is_open(expected - MINUTE, calendar):
        expected -= MINUTE
        left -= is_open(expected, calendar)

    assert (working_before(end, minutes * MINUTE, calendar, since=since) or since) == expected


def test_own_working_days_win_over_weekends_closed_days_and_holidays() -> None:
    calendar = office(
        country="DE",
        closed=[date(2026, 11, 23)],
        opened=[date(2026, 11, 21), date(2026, 11, 23)],
        opened_yearly=[(12, 25)],
    )

    worked = [calendar.is_working_day(date(2026, *day)) for day in ((11, 21), (11, 22), (11, 23), (12, 25), (12, 26))]

    assert worked == [True, False, True, True, False]


def test_a_night_shift_is_an_hour_shorter_when_summer_time_begins() -> None:
    shift = office("Europe/Berlin", (22 * 60, 30 * 60), weekdays=range(7))

    worked = working_between(berlin("2026-03-28T20:00"), berlin("2026-03-29T08:00"), shift)

    assert worked == timedelta(hours=7)


def test_friday_afternoon_is_followed_by_monday_morning() -> None:
    due = add_working(berlin("2026-11-20T16:00"), timedelta(hours=2), office())

    assert due == berlin("2026-11-23T10:00")


def test_the_end_of_a_window_comes_before_the_start_of_the_next() -> None:
    due = add_working(berlin("2026-11-20T16:00"), timedelta(hours=1), office())

    assert due == berlin("2026-11-20T17:00")


def test_nothing_to_add_is_due_at_once_even_at_night() -> None:
    at = berlin("2026-11-21T03:00")

    assert add_working(at, timedelta(), office()) == at


def test_results_are_in_utc_and_keep_their_seconds() -> None:
    due = add_working(berlin("2026-11-20T16:00:07.25"), timedelta(minutes=1), office())

    assert due == datetime(2026, 11, 20, 15, 1, 7, 250_000, tzinfo=UTC)
    assert due.tzinfo is UTC


def test_holidays_and_closed_days_are_passed_over() -> None:
    calendar = office(country="DE-BY", closed=[date(2026, 12, 28)], closed_yearly=[(12, 24), (12, 31)])

    due = [add_working(berlin(f"{day}T09:00"), timedelta(hours=1), calendar) for day in ("2026-12-24", "2027-01-06")]

    assert due == [berlin("2026-12-29T10:00"), berlin("2027-01-07T10:00")]  # Epiphany is off in Bavaria


def test_time_that_runs_backwards_is_none() -> None:
    assert working_between(berlin("2026-11-20T16:00"), berlin("2026-11-20T10:00"), office()) == timedelta()


def test_a_calendar_remembers_a_limited_number_of_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.calendar._KEPT_DAYS", 20)
    calendar = office()

    worked = working_between(berlin("2026-01-01T00:00"), berlin("2026-12-31T00:00"), calendar)

    assert worked == 260 * timedelta(hours=8)
    assert len(calendar._seen) <= 20


def test_a_calendar_without_an_hour_in_two_years_is_named() -> None:
    empty = office(weekdays=())

    with pytest.raises(NoHourLeft, match="two years after 2026-11-20"):
        add_working(berlin("2026-11-20T16:00"), timedelta(hours=1), empty)
