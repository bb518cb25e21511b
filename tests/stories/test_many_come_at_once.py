"""Responses that come together are kept as if each had come alone."""

import random
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlmodel import Session, SQLModel

from bot.policies import apply
from bot.surveys import ADAPTERS
from bot.surveys.request import Found
from bot.surveys.taking import Arrived, Kept, Understood, keep_all
from storage import umbrellas
from storage.database import Database
from storage.rows import table_of
from storage.source_tables import Alarm, HeldBack
from storage.tables import Case, Customer, Event, Intent, Member, Response, Task, Theme, Umbrella
from tests.databases import fresh_postgres, fresh_sqlite
from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.scales import Scale

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NPS, CSAT = Scale("nps", 0, 10, "up", 6, 8), Scale("csat", 1, 5, "up", 2, 3)
TABLES: tuple[type[SQLModel], ...] = (
    Customer, Umbrella, Case, Task, Response, Event, Theme, Member, Alarm, HeldBack,
)  # fmt: skip
WAITS_FOR_A_LOCK = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
POLICY = """
[team]
name = "Crowd"
timezone = "Europe/Berlin"
languages = ["en"]
admins = ["UTEAMA1"]
managers = ["UTEAMA1"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UTEAMA1"
members = ["UTEAMA1", "UTEAMA2", "UTEAMA3"]

[[department]]
key = "billing"
name = "Billing"
channel = "#billing"
lead = "UTEAMB1"
members = ["UTEAMB1", "UTEAMB2"]

[storm]
cases = 6

[[rule]]
name = "Money"
when = { words = ["invoice"] }
department = "billing"
also = ["support"]
urgency = "high"

[[rule]]
name = "Slow"
when = { words = ["slow"] }
department = "support"

[mail]
from = "care@crowd.example"
"""


class Noted(list[Found]):
    """What a request holds; it notes when it is read."""

    def __init__(self, found: Sequence[Found], log: list[int], number: int) -> None:
        super().__init__(found)
        self._log, self._number = log, number

    def __iter__(self) -> Iterator[Found]:
        self._log.append(self._number)
        return super().__iter__()


def answers(seed: int, count: int) -> list[Answer]:
    """Make up answers of few people, who answer again, correct themselves, and share accounts."""
    rolls = random.Random(seed)
    made: list[Answer] = []
    for number in range(count):
        who = rolls.randrange(count)
        scale = rolls.choice([NPS, NPS, CSAT])
        name = rolls.choice(made).external_id if made and rolls.random() < 0.15 else f"r-{number}"
        made.append(
            Answer(
                source="generic",
                external_id=name,
                score=float(rolls.randint(int(scale.low_end), int(scale.high_end if rolls.random() < 0.3 else 2))),
                scale=scale,
                submitted_at=AT + timedelta(seconds=number),
                comment=rolls.choice(["The invoice is wrong.", "So slow.", "Nobody answers.", ""]),
                form=rolls.choice(["spring", None]),
                touchpoint="after support",
                email=rolls.choice([f"c{who}@example.com", None]),
                customer_id=rolls.choice([f"id-{who}", None]),
                name=rolls.choice([f"Customer {who}", None]),
                account_id=rolls.choice([f"a-{who % 5}", None]),
                account_name=f"Account {who % 5}",
                contactability=rolls.choice([None, None, None, "confidential", "anonymous"]),
            )
        )
    return made


def house(url: str) -> tuple[Database, Policy, int]:
    """Set up a team of five, two of whom look at their App Home."""
    db, policy = Database(url), load(POLICY)
    version = db.write_now(lambda session: apply(session, policy, by="UTEAMA1", at=AT))
    people = table_of(Member)
    looked = people.update().where(people.c.id.in_(["UTEAMA2", "UTEAMB1"])).values(home_opened_at=AT)
    db.write_now(lambda session: session.connection().execute(looked))
    return db, policy, version


def keep(db: Database, policy: Policy, version: int, some: Sequence[Sequence[Found]], at: datetime) -> list[Kept]:
    arrived = [
        Arrived(ADAPTERS["generic"], b"{}", Understood(found), policy, version, at + timedelta(milliseconds=number))
        for number, found in enumerate(some)
    ]
    return db.write_now(lambda session: keep_all(session, arrived))


def everything(db: Database) -> dict[str, list[Any]]:
    """Give every row of every table that intake writes."""
    found: dict[str, list[Any]] = {}
    with db.engine.connect() as connection:
        for model in TABLES:
            table = table_of(model)
            rows = connection.execute(select(table).order_by(*table.primary_key.columns))
            found[table.name] = [dict(row._mapping) for row in rows]
        # A theme may have been held for an answer that opened no case in the end.
        found["themes"] = [one for one in found["themes"] if one["recent"]]
        intents = table_of(Intent)
        # How often something is wanted again before it is drawn, and in which order it was wanted, are no matter.
        columns = [one for one in intents.c if one.name not in {"id", "wanted"}]
        found["intents"] = [dict(row._mapping) for row in connection.execute(select(*columns).order_by(intents.c.key))]
    return found


def without_numbers(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Leave out what hangs on ids: PostgreSQL gives one for whatever was begun, so those of two databases differ."""
    is_id = ("id", "recent", "facts", "key", "lane", "subject")
    return {
        name: [
            {key: re.sub(r"case \d+", "case", str(row[key])) for key in row if not key.endswith(is_id)} for row in kept
        ]
        for name, kept in found.items()
        if name != "intents"
    } | {"intents": sorted(one["kind"] for one in found["intents"])}


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Name two fresh databases of a kind."""
    if request.param == "sqlite":
        return [fresh_sqlite(tmp_path / f"{name}.db") for name in ("together", "alone")]
    server: str = request.getfixturevalue("postgres_server")
    return [fresh_postgres(server) for _ in range(2)]


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
