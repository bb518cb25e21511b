"""Medians, margins and local days, each held against the plain way or a published figure."""

import random
from datetime import UTC, datetime, timedelta
from statistics import stdev
from zoneinfo import ZoneInfo

import pytest

from storage.local_days import second_of, shifts_between
from workflows.figures import Period
from workflows.figures_math import mean_margin, nps_margin, share_margin, spread

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC")


@pytest.mark.parametrize("seed", range(20))
def test_the_median_and_the_ninth_decile_of_sorted_runs_are_those_of_all_values(seed: int) -> None:
    chance = random.Random(seed)
    top = chance.choice((3, 10**4, 10**7))
    runs = [
        sorted(float(chance.randint(0, top)) for _ in range(chance.randint(1, 60)))
        for _ in range(chance.randint(1, 30))
    ]
    values = sorted(one for run in runs for one in run)

    found = spread(runs)

    assert found.count == len(values)
    assert found.median == values[(len(values) + 1) // 2 - 1]
    assert found.p90 == next(one for one in values if 10 * sum(other <= one for other in values) >= 9 * len(values))


def test_of_nothing_there_is_no_median_and_no_margin() -> None:
    assert spread([]).median is None
    assert nps_margin(0, 0, 0) is None
    assert share_margin(0, 0) is None
    assert mean_margin(1, 5.0, 25.0) is None


def test_the_margin_of_nps_is_the_adjusted_one() -> None:
    # 15 answers, 8 promoters, 3 detractors: p = 8.75 / 18, d = 3.75 / 18, variance (p + d - (p - d)²) / 18
    assert nps_margin(3, 8, 15) == pytest.approx(36.3, abs=0.1)
    assert (nps_margin(0, 10, 10) or 0) > 0  # unanimous, and still not certain


def test_the_margin_of_a_share_is_the_adjusted_one() -> None:
    assert share_margin(500, 1000) == pytest.approx(3.09, abs=0.01)
    assert (share_margin(10, 10) or 0) > 0


def test_the_margin_of_a_mean_follows_from_its_sums() -> None:
    scores = [1, 4, 5, 5, 7, 2]

    found = mean_margin(len(scores), sum(scores), sum(one * one for one in scores))

    assert found == pytest.approx(1.959964 * stdev(scores) / len(scores) ** 0.5)


@pytest.mark.parametrize("name", ZONES)
def test_local_days_follow_every_change_of_the_clock(name: str) -> None:
    zone, chance = ZoneInfo(name), random.Random(name)
    first, last = datetime(2009, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)

    shifts = shifts_between(zone, first, last)

    for until, offset in shifts[:-1]:
        assert datetime.fromtimestamp(until - 1, UTC).astimezone(zone).utcoffset() == timedelta(seconds=offset)
        assert datetime.fromtimestamp(until, UTC).astimezone(zone).utcoffset() != timedelta(seconds=offset)
    for _ in range(300):
        at = first + (last - first) * chance.random()
        offset = next(ahead for until, ahead in shifts if second_of(at) < until)
        assert (at + timedelta(seconds=offset)).date() == at.astimezone(zone).date()


def test_a_period_is_whole_local_days_and_the_one_before_has_as_many() -> None:
    zone = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 4, 1, 22, 30, tzinfo=UTC)  # past midnight in Berlin, three days after the clock went on

    period = Period.last_days(7, at=at, zone=zone)

    assert [str(one) for one in period.days(zone)] == ["2026-03-27", "2026-04-02"]
    assert [str(one) for one in period.before_in(zone).days(zone)] == ["2026-03-20", "2026-03-26"]
    assert [str(one) for one in Period.last_week(at=at, zone=zone).days(zone)] == ["2026-03-23", "2026-03-29"]
