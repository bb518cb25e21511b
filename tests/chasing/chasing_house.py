"""What the tests of chasing are made of: a team that works day and night, cases as intake opens them, and rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import select

from storage import members
from storage.database import Database
from storage.tables import Case, Event, Intent, Member, Task
from storage.time_tables import Ping
from workflows import chasing, intake
from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.scales import DEFAULT_SCALES

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TEAM = """
[team]
name = "Lumen Desk"
timezone = "Europe/London"
languages = ["en"]
admins = ["UNORA"]
managers = ["UNORA"]
{channel}

[calendar]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
hours = ["00:00-24:00"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UBEN", "UCAY"]

[[clock]]
urgency = "normal"
claim = "4h"
contact = "20h"
tell = "100h"

[[clock]]
urgency = "low"
claim = "4h"
contact = "20h"
tell = "100h"

[pings]
{pings}
"""
QUIETLY = 'quiet = "never"'


def a_policy(*, pings: str = QUIETLY, channel: str = 'manager_channel = "#managers"', more: str = "") -> Policy:
    return load(TEAM.format(pings=pings, channel=channel) + more)


POLICY = a_policy()


@dataclass
class House:
    """One database, a policy, and what is seen of it; `sweep` says what time it is."""

    db: Database
    policy: Policy = field(default_factory=lambda: POLICY)
    count: int = 0

    def case(self, *, at: datetime = START, **columns: Any) -> int:
        """Have a new customer give a low score; `columns` of the case are set afterwards."""
        self.count += 1
        answer = Answer(
            source="generic",
            external_id=f"r{self.count}",
            scale=DEFAULT_SCALES["nps"],
            score=2,
            comment="Late again.",
            submitted_at=at,
            email=f"jane{self.count}@acme.test",
            name="Jane Doe",
        )
        received = self.write(intake.receive, answer, policy=self.policy, policy_version=None, at=at)
        assert received.case_id is not None
        if columns:
            self.change(Case, received.case_id, **columns)
        return int(received.case_id)

    def sweep(self, at: datetime, *, limit: int = 50) -> int:
        """Sweep until nothing is due; gives how many rows were looked at."""
        total = 0
        while looked_at := self.write(chasing.sweep, policy=self.policy, at=at, limit=limit):
            total += looked_at
            assert total < 1000, "the sweep finds the same rows again and again"
        return total

    def write(self, work: Any, *given: Any, **named: Any) -> Any:
        return self.db.write_now(lambda session: work(session, *given, **named))

    def change(self, model: Any, row_id: Any, **columns: Any) -> None:
        def work(session: Any) -> None:
            row = session.get_one(model, row_id)
            for name, value in columns.items():
                setattr(row, name, value)
            session.add(row)

        self.db.write_now(work)

    def row(self, case_id: int) -> Case:
        return self.db.read_now(lambda session: session.get_one(Case, case_id))

    def task(self, task_id: int) -> Task:
        return self.db.read_now(lambda session: session.get_one(Task, task_id))

    def all(self, model: Any) -> list[Any]:
        return self.db.read_now(lambda session: list(session.exec(select(model).order_by(model.id)).all()))

    def steps(self, case_id: int) -> list[str]:
        """List what time has brought to a case, such as `warned claim`."""
        kinds = ("warned", "overdue", "escalated", "lent", "returned", "assigned", "task_overdue", "task_escalated")
        return [
            " ".join(part for part in (one.kind, one.facts.get("clock"), one.facts.get("level")) if part)
            for one in self.all(Event)
            if one.case_id == case_id and one.kind in kinds
        ]

    def pings(self, state: str | None = None) -> list[tuple[str, str]]:
        """List who was disturbed for what, as (member, kind)."""
        return [(one.member, one.kind) for one in self.all(Ping) if state in (None, one.state)]

    def intents(self, *kinds: str) -> list[str]:
        return [one.key for one in self.all(Intent) if one.kind in kinds]


@contextmanager
def chasing_house(database_url: str) -> Iterator[House]:
    db = Database(database_url)
    house = House(db)
    people = ("UANA", "UBEN", "UCAY", "UNORA")
    profiles = [members.Profile(one, one.title()[1:], None, "Europe/London", True, False) for one in people]
    house.write(members.remember, profiles)
    try:
        yield house
    finally:
        db.close()


def away(house: House, member: str, until: datetime) -> None:
    house.change(Member, member, away_until=until)
