"""What the Slack tests are made of: Hearback's whole Slack half between a database and a pretend workspace."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.routing import Route

from bot.delivery.mailer import Accepted, Outcome
from bot.delivery.pace import Pace
from bot.delivery.worker import Delivery
from bot.sandbox.people import Person
from bot.sandbox.routes import routes
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack_events import Timing
from bot.sandbox.workspace import Workspace
from bot.slack.app import slack_app
from bot.slack.client import slack_client
from bot.slack.context import Context
from bot.slack.door import PATH, slack_door
from bot.slack.people import sync_members
from storage.database import Database
from storage.tables import Case, Event, Outreach, Task
from workflows import intake
from workflows.answers import Answer
from workflows.policy import load
from workflows.scales import DEFAULT_SCALES

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = load("""
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
languages = ["en", "de"]
admins = ["UNORA"]
managers = ["UNORA"]
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
lead = "UGRETA"
members = ["UGRETA"]

[mail]
from = "care@lumendesk.example"
""")


@dataclass
class Clock:
    """A clock that stands still until it is wound."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def wind(self, **span: float) -> None:
        self.now += timedelta(**span)


class Mailer:
    """A mail server that takes everything."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, message: Any) -> Outcome:
        self.sent.append(message)
        return Accepted("250 ok")


@dataclass
class House:
    """Hearback between a database and a pretend Slack; people press what they see."""

    db: Database
    slack: PretendSlack
    client: AsyncWebClient
    clock: Clock
    context: Context
    http: httpx.AsyncClient
    mailer: Mailer
    delivery: Delivery
    running: set[asyncio.Task[None]] = field(default_factory=set)

    def person(self, name: str) -> Person:
        return self.slack.person(name)

    async def settle(self) -> None:
        """Wait until everything that was begun has ended, and all that was left to be drawn is drawn."""
        while self.running:
            await asyncio.gather(*self.running)
        await self.slack.wire.settle()
        await self.delivery.drain()

    async def case(self, **more: Any) -> int:
        """Have a customer give a low answer, and its card drawn; returns the case's id."""
        said: dict[str, Any] = {
            "source": "generic",
            "external_id": f"r{self.slack.workspace.next_ts()}",
            "score": 2.0,
            "scale": DEFAULT_SCALES["nps"],
            "submitted_at": self.clock(),
            "comment": "The parcel came two days late.",
            "email": "jane@acme.test",
            "name": "Jane Doe",
            "account_name": "Acme",
            "language": "en",
            **more,
        }
        received = await self.db.write(
            lambda session: intake.receive(session, Answer(**said), policy=POLICY, policy_version=None, at=self.clock())
        )
        assert received.case_id is not None
        await self.settle()
        return received.case_id

    def row(self, case_id: int) -> Case:
        return self.db.read_now(lambda session: session.get_one(Case, case_id))

    def events(self, case_id: int) -> list[str]:
        found = select(Event.kind).where(Event.case_id == case_id).order_by(col(Event.id))
        return list(self.db.read_now(lambda session: session.exec(found).all()))

    def tasks(self, case_id: int) -> list[Task]:
        return list(self.db.read_now(lambda session: session.exec(select(Task).where(Task.case_id == case_id)).all()))

    def outreaches(self, case_id: int) -> list[Outreach]:
        found = select(Outreach).where(Outreach.case_id == case_id).order_by(col(Outreach.id))
        return list(self.db.read_now(lambda session: session.exec(found).all()))

    async def send(self, payload: dict[str, Any]) -> httpx.Response:
        """Send an interaction as Slack would, whatever is in it."""
        body = httpx.QueryParams({"payload": json_of(payload)}).__str__().encode()
        headers = self.slack.wire.signed(body, "application/x-www-form-urlencoded")
        return await self.http.post(f"http://hearback.test{PATH}", content=body, headers=headers)


def json_of(payload: Any) -> str:
    import json  # noqa: PLC0415 -- nothing else here needs it

    return json.dumps(payload)


@asynccontextmanager
async def slack_house(database_url: str) -> AsyncIterator[House]:
    clock = Clock()
    workspace = Workspace(clock=clock, real_time=time.time)
    for name in ("Nora", "Ana", "Ben", "Greta", "Zoe"):
        workspace.add_member(name, id=f"U{name.upper()}", real_name=f"{name} Example")
    for channel in ("support", "billing", "managers"):
        workspace.add_channel(channel, "UNORA", "UANA", "UBEN", "UGRETA", "UZOE", workspace.bot)
    slack = PretendSlack(workspace, timing=Timing(patience=3.0, retries=()))
    db, running = Database(database_url), set[asyncio.Task[None]]()

    def background(work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        running.add(task)
        task.add_done_callback(running.discard)

    async with (
        serving(Starlette(routes=routes(slack))) as address,
        slack_client(workspace.bot_token, api_url=f"{address}/sandbox/slack/api/") as client,
    ):
        slack.wire.base_url = f"{address}/sandbox"
        context = Context(
            db=db,
            clock=clock,
            policy=lambda: POLICY,
            policy_version=lambda: None,
            background=background,
            client=client,
            signing_secret=slack.wire.signing_secret,
        )
        door = Route(PATH, slack_door(slack_app(context)), methods=["POST"])
        transport = httpx.ASGITransport(Starlette(routes=[door]))
        async with httpx.AsyncClient(transport=transport) as http:
            slack.wire.client, slack.wire.url = http, f"http://hearback.test{PATH}"
            await sync_members(client, db, policy=lambda: POLICY, clock=clock)
            mailer = Mailer()
            delivery = Delivery(
                db=db,
                slack=client,
                mailer=mailer,  # type: ignore[arg-type] # it sends, which is all that is asked of it
                policy=lambda: POLICY,
                clock=clock,
                random=random.Random(1).random,
                pace=Pace(spacing=0.0, settle=20.0, poll=0.05),
            )
            try:
                yield House(db, slack, client, clock, context, http, mailer, delivery, running)
            finally:
                await delivery.stop()
                await slack.close()
                db.close()


def bolt_warnings(caplog: Any) -> list[str]:
    """List what Bolt warned of: a misspelt argument of a listener is only that."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("slack_bolt", "bot.slack.bolt")) and record.levelno >= logging.WARNING
    ]
