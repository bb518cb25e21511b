"""What the delivery tests are made of: a clock by hand, a pretend Slack behind a real socket, and cases in rows."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session, col, select
from starlette.applications import Starlette

from bot.delivery.mailer import Accepted, Outcome
from bot.delivery.pace import Pace
from bot.delivery.worker import Delivery
from bot.sandbox.routes import routes
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.workspace import Workspace
from storage import outbox, rows
from storage.database import Database
from storage.tables import Card, Case, Customer, Event, Intent, Outreach, Response
from workflows.policy import load

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = load("""
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
languages = ["en"]
admins = ["UANA"]
managers = ["UANA"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA", "UBEN"]

[mail]
from = "care@lumendesk.example"
""")
# No waiting by the wall clock: the clock is wound by hand.
PACE = Pace(spacing=0.0, settle=20.0, poll=0.05)


@dataclass
class Clock:
    """A clock that stands still until it is wound."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def wind(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Mailer:
    """A mailer that gives the answers it was told to give, and keeps what it was given."""

    answers: list[Outcome] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)

    async def send(self, message: Any) -> Outcome:
        self.sent.append(message)
        return self.answers.pop(0) if self.answers else Accepted("250 ok")


@dataclass
class House:
    """Hearback's delivery between a database and a pretend Slack."""

    db: Database
    slack: PretendSlack
    client: AsyncWebClient
    clock: Clock
    mailer: Mailer
    delivery: Delivery

    def worker(self, pace: Pace = PACE, **more: Any) -> Delivery:
        """Make one more worker on the same database."""
        return Delivery(
            **{
                "db": self.db,
                "slack": self.client,
                "mailer": self.mailer,
                "policy": lambda: POLICY,
                "clock": self.clock,
                "random": random.Random(1).random,
                "pace": pace,
                **more,
            }
        )

    def case(self, *, channel: str = "#support", owner: str | None = None) -> int:
        return self.db.write_now(lambda session: new_case(session, channel=channel, owner=owner, at=self.clock()))

    def card(self, case_id: int, place: str = "#support", *, of: str = "case") -> None:
        """Want a card drawn."""
        wanted = outbox.card(f"{of}:{case_id}", place, case_id=case_id)
        self.db.write_now(lambda session: outbox.want(session, [wanted], at=self.clock()))

    def line(self, case_id: int, text: str, place: str = "#support") -> int:
        """Leave a line for the thread under the case's card."""

        def leave(session: Session) -> int:
            event_id = rows.add(
                session, Event, case_id=case_id, kind="note", by="UANA", at=self.clock(), text=text, facts={}
            )
            one = outbox.line(event_id, subject=f"case:{case_id}", place=place, case_id=case_id)
            outbox.leave_all(session, [one], at=self.clock())
            return event_id

        return self.db.write_now(leave)

    def mail(self, case_id: int, *, state: str = "waiting") -> int:
        """Leave a mail to the case's customer."""

        def leave(session: Session) -> int:
            outreach_id = rows.add(
                session,
                Outreach,
                case_id=case_id,
                kind="contact",
                channel="email",
                state=state,
                by="UANA",
                at=self.clock(),
                recipient="jane@acme.test",
                subject="Your answer",
                body="We are sorry.",
                message_id=f"<case-{case_id}.{self.clock().timestamp()}@lumendesk.example>",
                created_at=self.clock(),
            )
            one = outbox.mail(outreach_id, recipient="jane@acme.test", case_id=case_id)
            outbox.leave_all(session, [one], at=self.clock())
            return outreach_id

        return self.db.write_now(leave)

    def intents(self) -> dict[str, Intent]:
        found = self.db.read_now(lambda session: session.exec(select(Intent).order_by(col(Intent.id))).all())
        return {one.key: one for one in found}

    def states(self) -> dict[str, str]:
        return {key: one.state for key, one in self.intents().items()}

    def cards(self) -> list[Card]:
        return self.db.read_now(lambda session: list(session.exec(select(Card).order_by(col(Card.id)))))

    def outreach(self, outreach_id: int) -> Outreach:
        return self.db.read_now(lambda session: session.get_one(Outreach, outreach_id))

    def messages(self, place: str = "#support") -> list[dict[str, Any]]:
        """List all messages of a channel or of a member's direct messages, the oldest first."""
        channel = self.slack.workspace.channel(place) if place.startswith("#") else self._direct(place)
        return [channel.messages[ts] for ts in sorted(channel.messages)]

    def _direct(self, member: str) -> Any:
        return self.slack.workspace.direct(member, self.slack.workspace.bot.id)


def new_case(session: Session, *, channel: str, owner: str | None, at: datetime, count: int | None = None) -> int:
    count = len(session.exec(select(Customer.id)).all()) if count is None else count
    customer = rows.add(
        session, Customer, identity=f"mail:{count}@acme.test", email=f"{count}@acme.test", name="Jane", created_at=at
    )
    case_id = rows.add(
        session,
        Case,
        customer_id=customer,
        department="support",
        channel=channel,
        owner=owner,
        opened_at=at,
        waiting_since=at,
    )
    rows.add(
        session,
        Response,
        source="generic",
        external_id=f"r{count}",
        metric="nps",
        score=2.0,
        low_end=0.0,
        high_end=10.0,
        direction="up",
        band="low",
        comment="The invoice was wrong again.",
        customer_id=customer,
        case_id=case_id,
        submitted_at=at,
        received_at=at,
    )
    return case_id


@asynccontextmanager
async def house_at(
    database_url: str, *, clock: Any = None, pace: Pace = PACE, patience: float = 5.0
) -> AsyncIterator[House]:
    """Open a house on a fresh database; `patience` is how many seconds the the Slack client waits."""
    clock = clock or Clock()
    workspace = Workspace(clock=clock, real_time=lambda: clock().timestamp())
    for member in ("UANA", "UBEN"):
        workspace.add_member(member.lower(), id=member, real_name=member.title())
    for name in ("support", "product"):
        workspace.add_channel(name, "UANA", "UBEN", workspace.bot)
    slack = PretendSlack(workspace)
    db = Database(database_url)
    session_timeout = aiohttp.ClientTimeout(total=patience)
    async with (
        serving(Starlette(routes=routes(slack))) as address,
        aiohttp.ClientSession(timeout=session_timeout) as session,
    ):
        client = AsyncWebClient(
            token=workspace.bot_token, base_url=f"{address}/sandbox/slack/api/", session=session, retry_handlers=[]
        )
        house = House(db=db, slack=slack, client=client, clock=clock, mailer=Mailer(), delivery=None)  # type: ignore[arg-type] # made below
        house.delivery = house.worker(pace)
        try:
            yield house
        finally:
            await house.delivery.stop()
            db.close()
            await slack.close()
