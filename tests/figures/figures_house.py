"""A few random weeks of a team's life, told through the workflows, for figures to be computed from."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from storage.tables import Case, Member
from workflows import casework, excuses, figures, intake, outreach
from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.refusal import Refusal
from workflows.scales import DEFAULT_SCALES, Scale

PEOPLE = ("UANA", "UBEN", "UZOE")
BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)
SCALES = (*DEFAULT_SCALES.values(), Scale("ces", 1, 5, "down", 4, 3))
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC")


def policy_in(zone: str) -> Policy:
    """Make a policy of two departments, whose team lives in this zone."""
    return load(f"""
[team]
name = "Lumen Desk"
timezone = "{zone}"
languages = ["en"]
admins = ["UANA"]
managers = ["UANA"]
reopen_within = 10

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
lead = "UZOE"
members = ["UZOE"]

[[rule]]
name = "Money"
when.touchpoint = "invoice"
department = "billing"

[mail]
from = "care@lumendesk.example"
""")


@dataclass
class Life:
    """What happens to one team, by chance, as a seed decides. Nothing here reads a clock."""

    policy: Policy
    chance: random.Random
    at: datetime = BEGUN
    given: int = 0
    answers: list[Answer] = field(default_factory=list)

    def begin(self, session: Session) -> None:
        session.add_all(Member(id=one, name=one.title()) for one in PEOPLE)

    def step(self, session: Session) -> None:
        """Let some time pass and one thing happen."""
        self.at += timedelta(minutes=self.chance.choice((0, 7, 90, 600)), microseconds=self.chance.randrange(10**6))
        happens: Any = self.chance.choices((self.answer, self.correct, self.move, self.count), (5, 2, 8, 1))[0]
        with suppress(Refusal):  # what the table of moves refuses changes nothing
            happens(session)

    def answer(self, session: Session) -> None:
        """Hear from a customer, new or known: now, some days late, or from history."""
        self.given += 1
        scale = self.chance.choice(SCALES)
        name = self.chance.choice((None, None, *(f"c{number}" for number in range(25))))
        late = timedelta(hours=self.chance.choice((0, 0, 1, 30, 24 * 40)), minutes=self.chance.randrange(60))
        self.answers.append(
            Answer(
                source="survey",
                external_id=f"r-{self.given}",
                score=self.chance.randint(int(scale.low_end), int(scale.high_end)),
                scale=scale,
                submitted_at=self.at - late,
                email=name and f"{name}@acme.test",
                touchpoint=self.chance.choice((None, "invoice", "chat")),
                segment=self.chance.choice((None, None, "smb", "large")),
            )
        )
        self._receive(session, self.answers[-1])

    def correct(self, session: Session) -> None:
        """Hear an answer once more, with another score, time, touchpoint, segment or customer."""
        if not self.answers:
            return
        known = self.chance.choice(self.answers)
        self._receive(session, known._replace(**self._news(known)))

    def move(self, session: Session) -> None:
        """Do something with a case, closed ones included."""
        ids = session.exec(select(Case.id).order_by(col(Case.id).desc()).limit(20)).all()
        if not ids:
            return
        case_id, by = self.chance.choice(ids), self.chance.choice(PEOPLE)
        how: dict[str, Any] = {"policy": self.policy, "by": by, "at": self.at}
        kind = self.chance.choice(("take", "contact", "resolve", "resolve", "told", "told", "excuse", "reopen"))
        if kind == "take":
            casework.take(session, case_id, **how)
        elif kind in {"contact", "told"}:
            earlier = self.at - timedelta(minutes=self.chance.choice((0, 0, 200)))
            outreach.log(session, case_id, kind=kind, channel="phone", happened_at=earlier, text="Called.", **how)
        elif kind == "resolve":
            cause = self.chance.choice(("people", "process", "product"))
            casework.resolve(session, case_id, root_cause=cause, root_cause_text="", what_changed="It works.", **how)
        elif kind == "excuse":
            excuses.ask(session, case_id, excuse="duplicate", text="Twice.", **(how | {"by": "UANA"}))
        else:
            casework.reopen(session, case_id, reason="Not yet.", **how)

    def count(self, session: Session) -> None:
        """Let a turn of counting happen, at times a short one."""
        figures.tally(session, policy=self.policy, at=self.at, limit=self.chance.choice((7, 1000)))

    def _receive(self, session: Session, answer: Answer) -> None:
        since = self.at - timedelta(days=14)
        intake.receive(session, answer, policy=self.policy, policy_version=None, at=self.at, cases_since=since)

    def _news(self, known: Answer) -> dict[str, Any]:
        scale = known.scale
        return {
            "score": self.chance.randint(int(scale.low_end), int(scale.high_end)),
            "submitted_at": known.submitted_at + timedelta(hours=self.chance.choice((-1, 0, 2, 30))),
            "touchpoint": self.chance.choice((known.touchpoint, "chat")),
            "segment": self.chance.choice((None, "smb", "large")),
            "email": self.chance.choice((known.email, known.email, f"c{self.chance.randrange(30)}@acme.test")),
        }
