"""Figures equal what a plain look at every row gives: whatever was corrected, came late, or was taken up again."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from brute import Brute
from figures_house import BEGUN, ZONES, Life, policy_in

from storage.database import Database
from workflows import figures
from workflows.figures import Figures, Filters, Loops, Period, Score, Times

STEPS = 260
FILTERS = (
    Filters(),
    Filters(metric="nps", touchpoint="invoice"),
    Filters(segment=""),
    Filters(department="support", root_cause="people"),
    Filters(owner="UBEN"),
)


@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_a_look_at_every_row(database_url: str, seed: int) -> None:
    chance = random.Random(seed)
    db = Database(database_url)
    life = Life(policy_in(chance.choice(ZONES)), chance)
    db.write_now(life.begin)
    for _ in range(STEPS):
        db.write_now(life.step)
        if chance.random() < 0.02:
            _compare(db, life, chance)
    _compare(db, life, chance)
    while db.write_now(lambda session: figures.tally(session, policy=life.policy, at=life.at, limit=50)) >= 50:
        pass
    life.at += timedelta(hours=3)

    db.write_now(lambda session: figures.tally(session, policy=life.policy, at=life.at))

    _compare(db, life, chance)
    life.policy = policy_in(chance.choice(ZONES))
    _compare(db, life, chance)
    db.close()


def _compare(db: Database, life: Life, chance: random.Random) -> None:
    first = BEGUN.date() + timedelta(days=chance.randrange(-45, 60))
    last = first + timedelta(days=chance.choice((0, 6, 20, 45)))
    filters = chance.choice(FILTERS)
    zone = db.read_now(lambda session: figures.counted_zone(session, life.policy))
    period = Period.of_days(first, last, zone=zone)
    found = db.read_now(
        lambda session: figures.figures(session, policy=life.policy, period=period, filters=filters, at=life.at)
    )
    brute = db.read_now(lambda session: Brute(session, zone=zone, at=life.at))
    _same(brute, found, filters, first, last)
    weeks = db.read_now(lambda session: figures.series(session, policy=life.policy, at=life.at))
    for week in weeks:
        loops = brute.loops(brute.low(week.first, week.last, Filters()))
        assert week.told_rate.part == loops["told"]
        assert week.told_rate.whole == loops["low"] - loops["excused"] - loops["anonymous"] - loops["history"]
        end = min(Period.of_days(week.first, week.last, zone=zone).end, life.at)
        cases, hours = brute.waited(end)
        assert (week.waiting.cases, week.waiting.hours) == (cases, pytest.approx(hours, abs=cases / 1000))


def _same(brute: Brute, found: Figures, filters: Filters, first: date, last: date) -> None:
    low, said = brute.low(first, last, filters), brute.said(first, last, filters)
    assert _plain(found.now.loops) == brute.loops(low)
    _same_scores(brute, found.now.scores, said)
    for clock, times in found.now.times.items():
        cases = brute.first_cases(low)
        _same_times(times, brute.wall(cases, clock), brute.working(cases, clock))
    length = last - first + timedelta(days=1)
    assert _plain(found.before.loops) == brute.loops(brute.low(first - length, last - length, filters))
    for dimension, groups in found.by.items():
        rows = brute.by(low, dimension)
        assert {one.key: _plain(one.loops) for one in groups if one.loops.low} == {
            key: brute.loops(those) for key, those in rows.items()
        }
        if dimension in {"touchpoint", "segment"}:
            by_key = brute.by(said, dimension)
            assert {one.key for one in groups} == {*by_key, *rows}
            for one in groups:
                _same_scores(brute, one.scores, by_key[one.key])
    assert found.over_time[0].first == first
    assert found.over_time[-1].last == last
    for point in found.over_time:
        assert _plain(point.loops) == brute.loops(brute.low(point.first, point.last, filters))
        _same_scores(brute, point.scores, brute.said(point.first, point.last, filters))
    if filters == Filters():
        cases, hours = brute.waiting(lambda _: True)
        assert (found.waiting.cases, found.waiting.hours) == (cases, pytest.approx(hours, abs=(cases + 1) / 1000))


def _plain(loops: Loops) -> dict[str, Any]:
    names = ("low", "told", "excused", "anonymous", "history", "claimed", "contacted", "resolved")
    return {
        **{name: getattr(loops, name) for name in names},
        "reopened": (loops.reopened.part, loops.reopened.whole),
        "in_limit": {clock: (share.part, share.whole) for clock, share in loops.in_limit.items()},
    }


def _same_scores(brute: Brute, found: Any, said: Any) -> None:
    for metric in ("nps", "csat", "ces"):
        score: Score | None = found.get(metric)
        plain = brute.score(said, metric)
        assert (score is None) == (plain is None)
        if score is not None and plain is not None:
            assert (score.count, score.low, score.neutral, score.high) == tuple(
                plain[name] for name in ("count", "low", "neutral", "high")
            )
            assert score.value == pytest.approx(plain["value"])
        if score is not None and metric == "ces":
            assert score.margin == pytest.approx(brute.ces_margin(said), abs=1e-6)


def _same_times(times: Times, wall: list[int], working: list[float]) -> None:
    for spread, values in ((times.wall, wall), (times.working, working)):
        assert spread.count == len(values)
        if values:
            assert spread.median == values[(len(values) + 1) // 2 - 1]
            assert sum(one <= (spread.p90 or 0) for one in values) >= 0.9 * len(values)
            assert sum(one < (spread.p90 or 0) for one in values) < 0.9 * len(values)
