"""A database with a policy whose people work 09:00 to 17:00 in Berlin, and what the tests do in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot.policies import apply
from storage.database import Database
from storage.tables import Case, Event
from storage.time_tables import Pause, Promise
from workflows import intake
from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.scales import DEFAULT_SCALES

T = TypeVar("T")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = """
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
admins = ["UNORA"]
managers = ["UNORA"]

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
lead = "UGRETA"
members = ["UGRETA"]
calendar = { timezone = "America/New_York" }

[[rule]]
name = "Money"
when = { words = ["invoice*"] }
department = "billing"
"""


def berlin(text: str) -> datetime:
    """Read a local time, such as 2026-03-02T09:00."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@dataclass
class ClockHouse:
    """The rows, the policy and the time, which stands still until a test sets it."""

    db: Database
    policy: Policy = field(default_factory=lambda: load(POLICY))
    now: datetime = field(default_factory=lambda: berlin("2026-03-02T10:00"))  # a Monday
    answers: int = 0

    def __post_init__(self) -> None:
        self.do(lambda session: apply(session, self.policy, by="UNORA", at=self.now))

    def do(self, work: Callable[[Session], T]) -> T:
        return self.db.write_now(work)

    def go(self, text: str) -> None:
        """Set the clock, in Berlin's time."""
        self.now = berlin(text)

    def who(self, by: str = "UANA") -> dict[str, Any]:
        """Give what every move takes."""
        return {"policy": self.policy, "by": by, "at": self.now}

    def change(self, *, to: str) -> None:
        """Put another policy in force."""
        self.policy = load(to)

    def answer(self, comment: str = "Late.", **more: Any) -> int:
        """Let a customer answer with a low score, each time another one; returns the case's number."""
        self.answers += 1
        answer = Answer(
            source="generic",
            external_id=f"r{self.answers}",
            score=2,
            scale=DEFAULT_SCALES["nps"],
            submitted_at=self.now,
            comment=comment,
            **({"email": f"c{self.answers}@acme.test"} | more),
        )
        received = self.do(
            lambda session: intake.receive(session, answer, policy=self.policy, policy_version=1, at=self.now)
        )
        assert received.case_id is not None
        return received.case_id

    def case(self, case_id: int) -> Case:
        return self.db.read_now(lambda session: session.get_one(Case, case_id))

    def promise(self, promise_id: int) -> Promise:
        return self.db.read_now(lambda session: session.get_one(Promise, promise_id))

    def pauses(self, case_id: int) -> list[Pause]:
        found = select(Pause).where(Pause.case_id == case_id).order_by(Pause.id)  # type: ignore[arg-type] # a column
        return self.db.read_now(lambda session: list(session.exec(found)))

    def events(self, case_id: int) -> list[Event]:
        found = select(Event).where(Event.case_id == case_id).order_by(Event.id)  # type: ignore[arg-type] # a column
        return self.db.read_now(lambda session: list(session.exec(found)))

    def kinds(self, case_id: int) -> list[str]:
        return [one.kind for one in self.events(case_id)]
