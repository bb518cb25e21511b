"""Responses that come together are kept as if each had come alone."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest
from crowds import AT, NPS, answers, everything, house, urls, without_numbers
from sqlalchemy import select, text
from sqlmodel import Session

from bot.surveys import ADAPTERS
from bot.surveys.request import Found
from bot.surveys.taking import Arrived, Kept, Understood, keep_all
from storage import umbrellas
from storage.database import Database
from storage.rows import table_of
from storage.tables import Umbrella
from tests.databases import WAITS_FOR_A_LOCK, fresh_postgres
from workflows.answers import Answer
from workflows.policy import Policy

__all__ = ["urls"]  # a fixture


class Noted(list[Found]):
    """What a request holds; it notes when it is read."""

    def __init__(self, found: Sequence[Found], log: list[int], number: int) -> None:
        super().__init__(found)
        self._log, self._number = log, number

    def __iter__(self) -> Iterator[Found]:
        self._log.append(self._number)
        return super().__iter__()


def keep(db: Database, policy: Policy, version: int, some: Sequence[Sequence[Found]], at: datetime) -> list[Kept]:
    arrived = [
        Arrived(ADAPTERS["generic"], b"{}", Understood(found), policy, version, at + timedelta(milliseconds=number))
        for number, found in enumerate(some)
    ]
    return db.write_now(lambda session: keep_all(session, arrived))


@pytest.mark.parametrize("seed", range(6))
def test_a_crowd_leaves_what_one_after_the_other_leaves(seed: int, urls: list[str]) -> None:
    together, alone = (house(url) for url in urls)
    rolls, left, turn = random.Random(seed), answers(seed, 90), 0

    while left:
        size = rolls.choice([1, 2, 7, 20])
        some, left, turn = left[:size], left[size:], turn + 1
        at, log = AT + timedelta(minutes=turn), list[int]()
        told = keep(*together, [Noted([one], log, number) for number, one in enumerate(some)], at)
        told_alone = dict[int, Kept]()
        for number in [*dict.fromkeys(reversed(log))][::-1]:  # in the order in which the crowd was kept
            moment = at + timedelta(milliseconds=number)
            [told_alone[number]] = keep(*alone, [[some[number]]], moment)

        assert [(one.status, one.problem) for one in told] == [
            (told_alone[number].status, told_alone[number].problem) for number in range(len(some))
        ]

    in_crowds, one_by_one = everything(together[0]), everything(alone[0])
    for db in (together[0], alone[0]):
        db.close()
    assert without_numbers(in_crowds) == without_numbers(one_by_one)
    if urls[0].startswith("sqlite"):
        assert in_crowds == one_by_one
    assert len(in_crowds["umbrellas"]) > 1
    assert len(in_crowds["alarms"]) > 0


def slow(number: int, *, account: str | None = None) -> Answer:
    """Give one more customer's answer of one theme."""
    return Answer(
        source="generic",
        external_id=f"slow-{number}",
        score=1.0,
        scale=NPS,
        submitted_at=AT,
        comment="So slow.",
        email=f"slow{number}@example.com",
        account_id=account,
        account_name=account,
    )


def test_two_cases_of_one_umbrella_never_wait_for_each_other(postgres_server: str) -> None:
    url = fresh_postgres(postgres_server)
    db, policy, version = house(url)
    for number in range(7):  # of the last ones, an account's first case goes under the theme's umbrella
        keep(db, policy, version, [[slow(number, account="a-1" if number == 6 else None)]], AT)
    [umbrella] = db.read_now(lambda session: session.execute(select(table_of(Umbrella).c.id)).scalars().all())

    with (
        psycopg.connect(url, autocommit=True) as onlooker,
        Session(db.engine) as other,
        ThreadPoolExecutor(1) as threads,
    ):
        umbrellas.held_theme(other, "department:support|rule:Slow")
        of_account = threads.submit(keep, db, policy, version, [[slow(8, account="a-1")]], AT)
        while onlooker.execute(WAITS_FOR_A_LOCK).fetchone() == (0,):
            assert not of_account.done()
        other.execute(text("SET LOCAL lock_timeout = '200ms'"))
        umbrellas.came(other, umbrella, at=AT)  # free, whoever waits for the theme
        other.commit()
        [kept] = of_account.result(5)

    db.close()
    assert kept.status == "new"
