"""Responses that come together are kept as if each had come alone."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest
from crowds import AT, NPS, answers, everything, house, urls, without_numbers
from sqlalchemy import select, text, update
from sqlmodel import Session

from bot.surveys import ADAPTERS
from bot.surveys.request import Found
from bot.surveys.taking import Arrived, Kept, Understood, keep_all
from storage import crowd, umbrellas
from storage.database import Database
from storage.rows import table_of
from storage.tables import Case, Intent, Member, Umbrella
from tests.databases import WAITS_FOR_A_LOCK, fresh_postgres
from workflows import casework, timeline
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


def unhappy(who: str, request: str, *, score: float = 0.0) -> Answer:
    return Answer(
        source="generic",
        external_id=request,
        score=score,
        scale=NPS,
        submitted_at=AT,
        comment="So slow.",
        email=f"{who}@example.com",
    )


def test_the_lines_of_a_crowd_stand_in_the_order_of_their_events(urls: list[str]) -> None:
    db, policy, version = house(urls[0])
    keep(db, policy, version, [[unhappy("ann", "r1")]], AT)

    def say_twelve_things(session: Session) -> None:
        case = casework.held(session, 1)
        with crowd.gathered(session):
            for number in range(12):  # their events have one digit, then two
                timeline.record(session, case, "note", by="UTEAMA1", at=AT, text=str(number))

    db.write_now(say_twelve_things)

    with db.engine.connect() as connection:
        intents = table_of(Intent)
        said = select(intents.c.facts).where(intents.c.kind == "line").order_by(intents.c.id)
        lines = [facts["event_id"] for facts in connection.execute(said).scalars()]
    db.close()
    assert len(lines) == 12
    assert lines == sorted(lines)


def test_who_gets_a_case_back_has_one_more_when_the_next_owner_is_chosen(urls: list[str]) -> None:
    together, alone = (house(url) for url in urls)
    again, new = unhappy("ann", "r2"), unhappy("bob", "r3")
    for db, policy, version in (together, alone):  # nobody owns the case any more; who had it has waited longest
        keep(db, policy, version, [[unhappy("ann", "r1")]], AT)
        cases, members = table_of(Case), table_of(Member)
        with db.engine.begin() as connection:
            owner = connection.execute(select(cases.c.owner)).scalar_one()
            over = {"state": "excused", "excuse": "duplicate", "closed_at": AT}
            connection.execute(update(cases).values(owner=None, claimed_at=AT, **over))
            connection.execute(update(members).values(assigned_at=AT))
            connection.execute(update(members).where(members.c.id == owner).values(assigned_at=AT - timedelta(days=9)))

    keep(*together, [[again, new]], AT + timedelta(hours=1))
    for one in (again, new):
        keep(*alone, [[one]], AT + timedelta(hours=1))

    owners = [everything(db)["cases"] for db, *_ in (together, alone)]
    for db, *_ in (together, alone):
        db.close()
    assert [one["owner"] for one in owners[0]] == [one["owner"] for one in owners[1]]


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
