"""What the tests of digests are made of: a database, a policy with digests, and cases in rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, select

from storage import members, rows, sources
from storage.database import Database
from storage.source_tables import SourceState
from storage.tables import Case, Customer, Event, Intent, Member, Response
from storage.time_tables import Run, Schedule
from workflows import digest_editing, digests
from workflows.policy import Policy, load

T = TypeVar("T")
MONDAY = datetime(2026, 3, 2, 7, tzinfo=UTC)  # 08:00 in Berlin
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEAM = """
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
admins = ["UNORA"]
managers = ["UMAX"]
manager_channel = "#managers"

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA", "UBEN"]

[[department]]
key = "billing"
name = "Billing"
channel = "#billing"
lead = "UHUGO"
"""
DAILY = '\n[[digest]]\nname = "Daily"\nkind = "department_daily"\ndepartment = "support"\n'


@dataclass
class Desk:
    """A database on which digests are run, by a policy that may be changed."""

    db: Database
    policy: Policy = field(default_factory=lambda: load(TEAM + DAILY))
    customers: int = 0

    def write(self, work: Callable[[Session], T]) -> T:
        return self.db.write_now(work)

    def apply(self, more: str, *, at: datetime = MONDAY) -> None:
        before, self.policy = self.policy, load(TEAM + more)
        self.write(lambda session: digest_editing.from_policy(session, self.policy, at=at, before=before))

    def due(self, at: datetime) -> int:
        return self.write(lambda session: digests.due(session, policy=self.policy, at=at))

    def all(self, model: type[SQLModel]) -> list[Any]:
        return self.db.read_now(lambda session: list(session.exec(select(model).order_by("id"))))

    def all_sources(self) -> dict[str, SourceState]:
        return self.db.read_now(sources.states)

    def runs(self) -> list[tuple[str, str]]:
        return [(one.slot, one.state) for one in self.all(Run)]

    def posts(self) -> list[str]:
        return [one.key for one in self.all(Intent) if one.kind == "post"]

    def schedule(self, name: str = "Daily") -> Schedule:
        return next(one for one in self.all(Schedule) if one.name == name)

    def people(self, *ids: str, **more: Any) -> None:
        self.write(lambda session: members.make_known(session, ids))
        for one in ids:
            self.change(Member, one, **more)

    def change(self, model: type[SQLModel], key: Any, **values: Any) -> None:
        def work(session: Session) -> None:
            row = session.get_one(model, key)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)

        self.write(work)

    def case(
        self, *, at: datetime = MONDAY, said: str = "It was late.", who: dict[str, Any] | None = None, **more: Any
    ) -> int:
        """Open a case with one low response; returns its id."""
        self.customers += 1
        number = self.customers

        def work(session: Session) -> int:
            known = {"identity": f"mail:{number}@acme.test", "name": f"Customer {number}", **(who or {})}
            customer = rows.add(session, Customer, created_at=at, **known)
            values = {"department": "support", "channel": "#support", "opened_at": at, "waiting_since": at, **more}
            case_id = rows.add(session, Case, customer_id=customer, **values)
            rows.add(
                session,
                Response,
                source="typeform",
                external_id=f"r{number}",
                metric="nps",
                score=2.0,
                low_end=0.0,
                high_end=10.0,
                direction="up",
                band="low",
                comment=said,
                customer_id=customer,
                case_id=case_id,
                submitted_at=at,
                received_at=at,
            )
            return case_id

        return self.write(work)

    def ended(self, state: str, *, at: datetime, **more: Any) -> int:
        """Open a case and end it then."""
        case_id = self.case(at=at - HOUR, state=state, closed_at=at, **more)
        self.write(lambda session: rows.add(session, Event, case_id=case_id, kind=state, by="UANA", at=at, facts={}))
        return case_id
