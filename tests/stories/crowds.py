"""Two databases of a kind: what is done together in one is done one by one in the other, and must leave the same."""

import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from bot.policies import apply
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
