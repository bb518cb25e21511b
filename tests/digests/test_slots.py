"""Slots of a schedule, against walking through every minute of the clock in six zones and through their changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.slots import Plan, Slot, day_after, latest_slot, next_slot, slots_after

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EVERY_DAY = frozenset(range(7))
# Six zones, and a day near which each of them changes its clock; the last left a whole day out.
CHANGES = (
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Sao_Paulo", date(2018, 11, 4)),  # at midnight: the day begins at 01:00
    ("America/Nuuk", date(2024, 3, 30)),  # the last hour of a Saturday
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Asia/Kolkata", date(2024, 2, 29)),  # never
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that wasn't
)


def plan(zone: str, hour: str, days: frozenset[int] = EVERY_DAY) -> Plan:
    return Plan(days, time.fromisoformat(hour), ZoneInfo(zone))


def walked(plan: Plan, start: datetime, end: datetime) -> list[Slot]:
    """Find the slots by walking: a slot is the first minute at which its local day's clock has reached its hour."""
    found: dict[str, Slot] = {}
    days: set[date] = set()
    pending: list[datetime] = []
    at = start
    while at < end:
        local = at.astimezone(plan.zone).replace(tzinfo=None)
        if local.date() not in days:
            days.add(local.date())
            if len(days) > 1 and local.weekday() in plan.days:  # the first day may have begun before the walk
                pending.append(datetime.combine(local.date(), plan.hour))
        for due in [one for one in pending if local >= one]:
            pending.remove(due)
            found[f"{due:%Y-%m-%dT%H:%M}"] = Slot(f"{due:%Y-%m-%dT%H:%M}", at)
        at += MINUTE
    return sorted(found.values(), key=lambda one: one.at)


@given(
    place=st.sampled_from(CHANGES),
    hour=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    offset=st.integers(-2 * 1440, 2 * 1440),
)
@settings(max_examples=60, deadline=None)
def test_slots_are_those_that_a_walk_through_every_minute_finds(
    place: tuple[str, date], hour: time, days: frozenset[int], offset: int
) -> None:
    zone, change = place
    tried = Plan(days, hour, ZoneInfo(zone))
    after = datetime.combine(change, time(12), UTC) + MINUTE * offset
    known = walked(tried, after - 4 * DAY, after + 5 * DAY)

    found = [one for one in islice(slots_after(tried, after), 12) if one.at < after + 5 * DAY]

    assert found == [one for one in known if one.at > after]
    if earlier := [one for one in known if one.at <= after]:
        assert latest_slot(tried, at=after) == earlier[-1]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_a_year_has_each_slot_once_and_in_order(zone: str, change: date) -> None:
    start = datetime(change.year, 1, 1, tzinfo=UTC)

    slots = list(islice(slots_after(plan(zone, "02:15"), start), 400))

    assert all(one.at < later.at and one.local < later.local for one, later in pairwise(slots))
    days = [date.fromisoformat(one.local[:10]) for one in slots]
    left_out = {date(2011, 12, 30)} if zone == "Pacific/Apia" else set()
    assert {*days} | left_out == {days[0] + DAY * number for number in range(400 + len(left_out))}


def test_an_hour_that_summer_time_leaves_out_is_posted_right_after_the_gap() -> None:
    night = datetime(2026, 3, 29, 0, tzinfo=UTC)

    slot = next_slot(plan("Europe/Berlin", "02:30"), after=night)

    assert slot == Slot("2026-03-29T02:30", datetime(2026, 3, 29, 1, tzinfo=UTC))


def test_an_hour_that_comes_twice_is_posted_the_first_time_only() -> None:
    tried = plan("Europe/Berlin", "02:30")
    first = next_slot(tried, after=datetime(2026, 10, 24, 12, tzinfo=UTC))

    second = next_slot(tried, after=first.at)

    assert first == Slot("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert second.local == "2026-10-26T02:30"


def test_the_29th_of_february_is_a_day_like_any_other() -> None:
    tried = plan("Asia/Kolkata", "09:00", frozenset({3}))  # Thursdays

    slots = islice(slots_after(tried, datetime(2024, 2, 20, tzinfo=UTC)), 3)

    assert [one.local for one in slots] == ["2024-02-22T09:00", "2024-02-29T09:00", "2024-03-07T09:00"]


def test_a_day_ends_when_the_local_clock_says_so() -> None:
    ends = day_after(plan("America/Sao_Paulo", "09:00"), datetime(2018, 11, 3, 15, tzinfo=UTC))

    assert ends == datetime(2018, 11, 4, 3, tzinfo=UTC)  # 00:00 isn't there: the day begins at 01:00


def test_a_plan_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="without a weekday"):
        next_slot(plan("Europe/Berlin", "09:00", frozenset()), after=datetime(2026, 1, 1, tzinfo=UTC))
