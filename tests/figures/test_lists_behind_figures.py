"""Every figure opens: its list holds as many rows as the figure says, page after page, and no row twice."""

import random
from datetime import timedelta

import pytest
from figures_house import BEGUN, Life, policy_in

from storage.database import Database
from workflows import figures
from workflows.figures import Filters, ListedRow, Period
from workflows.refusal import Refusal

STEPS = 250


def test_each_list_holds_what_its_figure_counts(database_url: str) -> None:
    db, life, period = _lived(database_url)

    found = db.read_now(lambda session: figures.figures(session, policy=life.policy, period=period, at=life.at))

    loops = found.now.loops
    for name in ("low", "told", "excused", "anonymous", "history", "claimed", "contacted", "resolved"):
        assert len(_listed(db, life, name, period)) == getattr(loops, name) > 0, name
    assert len(_listed(db, life, "told_rate", period)) == loops.tellable
    assert len(_listed(db, life, "reopened", period)) == loops.reopened.part > 0
    for clock, share in loops.in_limit.items():
        assert len(_listed(db, life, f"{clock}_kept", period)) == share.part
        assert len(_listed(db, life, f"{clock}_late", period)) == share.whole - share.part
    for metric, score in found.now.scores.items():
        assert len(_listed(db, life, metric, period)) == score.count
    assert len(_listed(db, life, "responses", period)) == sum(one.count for one in found.now.scores.values())
    assert len(_listed(db, life, "customer_hours_waiting", period)) == found.waiting.cases > 0
    db.close()


def test_a_list_is_filtered_as_its_figure_is(database_url: str) -> None:
    db, life, period = _lived(database_url)
    filters = Filters(department="billing", metric="nps")

    found = db.read_now(
        lambda session: figures.figures(session, policy=life.policy, period=period, filters=filters, at=life.at)
    )

    rows = _listed(db, life, "low", period, filters)
    assert len(rows) == found.now.loops.low > 0
    assert {(one.department, one.metric) for one in rows} == {("billing", "nps")}
    assert _listed(db, life, "nps", period, filters) == []
    assert len(_listed(db, life, "nps", period, Filters(touchpoint="chat"))) > 0
    db.close()


def test_the_stream_gives_the_pages_one_after_the_other(database_url: str) -> None:
    db, life, period = _lived(database_url)

    streamed = db.read_now(
        lambda session: list(
            figures.rows(session, "responses", policy=life.policy, period=period, filters=Filters(), at=life.at)
        )
    )

    assert streamed == _listed(db, life, "responses", period)
    assert sorted((one.response_id for one in streamed), reverse=True) == [one.response_id for one in streamed]
    db.close()


@pytest.mark.parametrize(("key", "after"), [("lowest", None), ("low", "first"), ("nps", "1-x")])
def test_a_list_or_a_page_that_is_not_there_is_refused(database_url: str, key: str, after: str | None) -> None:
    db = Database(database_url)
    policy, period = policy_in("UTC"), Period(BEGUN, BEGUN + timedelta(days=7))

    with pytest.raises(Refusal, match="There is no"):
        db.read_now(
            lambda session: figures.behind(
                session, key, policy=policy, period=period, filters=Filters(), at=BEGUN, after=after
            )
        )
    db.close()


def _lived(database_url: str) -> tuple[Database, Life, Period]:
    db = Database(database_url)
    life = Life(policy_in("Europe/Berlin"), random.Random(7))
    db.write_now(life.begin)
    for _ in range(STEPS):
        db.write_now(life.step)
    return db, life, Period(BEGUN - timedelta(days=60), life.at)


def _listed(
    db: Database, life: Life, key: str, period: Period, filters: Filters = figures.EVERYTHING
) -> list[ListedRow]:
    found: list[ListedRow] = []
    after: str | None = None
    while True:
        page = db.read_now(
            lambda session, after=after: figures.behind(  # type: ignore[misc] # bound at once
                session, key, policy=life.policy, period=period, filters=filters, at=life.at, after=after, size=7
            )
        )
        found += page.rows
        if page.next is None:
            assert len({one.response_id for one in found}) == len(found)
            return found
        assert len(page.rows) == 7
        after = page.next
