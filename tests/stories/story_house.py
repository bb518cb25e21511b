"""What the stories are told in: the real Hearback on a real port, between a pretend Slack, a mailbox and a survey."""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, SQLModel, col, select
from starlette.applications import Starlette
from starlette.routing import Mount
from story_policy import POLICY

from bot.app import Hearback, hearback
from bot.delivery.pace import Pace
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.people import Person, Seen
from bot.sandbox.returns import Returns
from bot.sandbox.routes import routes
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack_events import Reply, Timing
from bot.sandbox.survey import Survey
from bot.sandbox.workspace import Workspace
from bot.settings import Settings
from storage.database import Database
from storage.tables import Approval, Case, Customer, Event, Intent, Member, Outreach, Response, Task
from storage.time_tables import Pause, Promise

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday morning. The clock stands still until a story winds it."""
SIGNING_SECRET = "story-signing-secret"
WEBHOOK_SECRET = "whsec_c3Rvcnktc3VydmV5LXNlY3JldA=="
PEOPLE = ("Nora", "Ana", "Ben", "Greta", "Hugo", "Elif", "Zoe")
CHANNELS = ("support", "billing", "product", "managers")
REMEMBERED = (Case, Response, Customer, Event, Task, Outreach, Approval, Pause, Promise)
UNDELIVERED = (
    select(func.count())
    .select_from(Intent)
    .where(or_(col(Intent.state) == "sending", col(Intent.state).in_(("waiting", "unclear"))))
    .where(or_(col(Intent.state) == "sending", col(Intent.not_before) <= bindparam("now")))
)
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here speaks TLS: reading the machine's certificates for every story would take longer than some of them."""
PACE = Pace(spacing=0.0, settle=0.01, poll=1.0)


@dataclass
class House:
    """Everything a story needs: who acts, what arrives, and what is remembered."""

    hearback: Hearback
    slack: PretendSlack
    mailbox: Mailbox
    survey: Survey
    http: httpx.AsyncClient
    database_url: str
    interactions: list[dict[str, Any]] = field(default_factory=list)
    expected_refusals: list[str] = field(default_factory=list)

    @property
    def db(self) -> Database:
        return self.hearback.db

    def now(self) -> datetime:
        return self.slack.workspace.now()

    def person(self, name: str) -> Person:
        return self.slack.person(name)

    def people(self, *names: str) -> list[Person]:
        return [self.slack.person(name) for name in names]

    async def answer(self, score: float = 2, **form: Any) -> int:
        """Let Jane answer a survey with a low score; returns the number of the case that it belongs to."""
        case_id = (await self.answered(score=score, **form))["case"]
        assert case_id is not None
        return int(case_id)

    async def answered(self, **form: Any) -> dict[str, Any]:
        """Let a customer answer a survey; returns what Hearback said to the survey tool."""
        jane = {"name": "Jane Doe", "email": "jane@acme.test", "account_name": "Acme", "language": "en"}
        said = {"comment": "The parcel came two days late.", "touchpoint": "delivery", **jane, **form}
        return await self.webhook(self.survey.body(said))

    async def webhook(self, body: dict[str, Any]) -> dict[str, Any]:
        """Post a survey answer as it is, rightly signed."""
        raw = httpx.Request("POST", "http://x", json=body).content
        signed = self.survey.signed(raw)
        answer = await self.http.post(f"{self.survey.url}/webhooks/generic", content=raw, headers=signed)
        assert answer.status_code == 200, answer.text
        await self.settle()
        found: dict[str, Any] = answer.json()
        return found

    async def wind(self, **span: float) -> None:
        """Wind the clock forward by minutes, hours or days, and let happen what is due by then."""
        hours = span.get("days", 0) * 24 + span.get("hours", 0) + span.get("minutes", 0) / 60
        self.slack.workspace.wind(hours)
        await self.hearback.sweep()
        await self.settle()

    async def settle(self) -> None:
        """Wait until all that was begun has ended, and all that is due has been sent."""
        self.hearback.delivery.wake()
        async with asyncio.timeout(15):
            await self.slack.wire.settle()
            while _under_way() or self.hearback.delivery._in_hand or self.undelivered():
                await asyncio.sleep(0.005)
                await self.slack.wire.settle()

    def undelivered(self) -> int:
        """Count what is due to be sent now."""
        return int(self.db.read_now(lambda session: session.connection().scalar(UNDELIVERED, {"now": self.now()}) or 0))

    async def again(self) -> Reply:
        """Have Slack send the last press or submission once more, as it was."""
        reply = await self.slack.wire._send("interactive", self.interactions[-1], {})
        await self.settle()
        return reply

    def row(self, case_id: int) -> Case:
        return self.db.read_now(lambda session: session.get_one(Case, case_id))

    def all(self, model: type[Any]) -> list[Any]:
        return list(self.db.read_now(lambda session: session.exec(select(model).order_by(model.id)).all()))

    def events(self, case_id: int) -> list[str]:
        return [one.kind for one in self.all(Event) if one.case_id == case_id]

    def counts(self) -> dict[str, int]:
        """Count every row that says what has happened: a harmless repeat changes none of these figures."""

        def counted(session: Session, model: type[SQLModel]) -> int:
            return session.exec(select(func.count()).select_from(model)).one()

        return self.db.read_now(lambda session: {one.__name__: counted(session, one) for one in REMEMBERED})

    async def home(self, name: str) -> Seen:
        """Let somebody open the App Home, and return what they see there once it is drawn."""
        who = self.person(name)
        who.hands.open_home(who.id)
        await self.settle()
        return who.home()

    def cards(self, place: str = "#support") -> list[Seen]:
        return self.person("Nora").messages_in(place)

    def thread(self, place: str = "#support") -> list[str]:
        """Say what stands in the thread of a channel's latest card, a text a line."""
        nora = self.person("Nora")
        return [f"{one.text}\n{one.words}" for one in nora.thread_of(nora.latest_in(place))]


def _under_way() -> list[asyncio.Task[Any]]:
    """List what Hearback does after its answer: ephemeral sentences, redrawn modals, and the members at the start."""
    codes = [(task, getattr(task.get_coro(), "cr_code", None)) for task in asyncio.all_tasks()]
    return [task for task, code in codes if code and ("/slack/listeners/" in code.co_filename or _is_start(code))]


def _is_start(code: Any) -> bool:
    return code.co_name == "_members" and code.co_filename.endswith("app.py")


@dataclass(frozen=True)
class Street:
    """Where the houses of some stories are built, one after the other: a port, and a client for everybody."""

    front: Starlette
    address: str
    http: httpx.AsyncClient


@asynccontextmanager
async def street() -> AsyncIterator[Street]:
    """Open a port: to open and close one for every story would take longer than most of them."""
    front = Starlette()
    async with httpx.AsyncClient(timeout=20, verify=NO_TLS) as http, serving(front) as address:
        yield Street(front, address, http)


@asynccontextmanager
async def story_house(street: Street, database_url: str, folder: Path) -> AsyncIterator[House]:
    """Build the house on a fresh database; leaving it stops everything."""
    policy = folder / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    workspace, address = _town(), street.address
    slack = PretendSlack(
        workspace,
        client=street.http,
        hearback_url=f"{address}/slack/events",
        signing_secret=SIGNING_SECRET,
        timing=Timing(retries=()),
    )
    slack.wire.base_url = f"{address}/sandbox"
    survey = Survey(
        client=street.http,
        url=address,
        secret=WEBHOOK_SECRET,
        clock=workspace.now,
        real_time=lambda: workspace.now().timestamp(),
    )
    async with _mailbox(workspace) as mailbox:
        Returns(mailbox, client=street.http, url=address, signer=survey)
        street.front.router.routes[:] = routes(slack, mailbox=mailbox, survey=survey)
        settings = Settings(
            slack_bot_token=SecretStr(workspace.bot_token),
            slack_signing_secret=SecretStr(SIGNING_SECRET),
            slack_api_url=f"{address}/sandbox/slack/api/",
            database_url=database_url,
            smtp_url=SecretStr(mailbox.url),
            policy=policy,
            webhook_secrets={"generic": SecretStr(WEBHOOK_SECRET), "mail": SecretStr(WEBHOOK_SECRET)},
        )
        async with hearback(settings, clock=workspace.now, pace=PACE) as built:
            street.front.router.routes.append(Mount("/", built.web))
            house = House(built, slack, mailbox, survey, street.http, database_url)
            _listen(house)
            await house.settle()
            yield house
        await slack.close()


def _town() -> Workspace:
    workspace = Workspace(clock=lambda: START, real_time=time.time)
    workspace.echoes = False  # what an app hears of its own messages is for the Slack tests
    for name in PEOPLE:
        workspace.add_member(name, id=f"U{name.upper()}", real_name=f"{name} Example")
    for channel in CHANNELS:
        workspace.add_channel(channel, *(f"U{name.upper()}" for name in PEOPLE), workspace.bot)
    return workspace


@asynccontextmanager
async def _mailbox(workspace: Workspace) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(clock=workspace.now)
    await mailbox.start()
    try:
        yield mailbox
    finally:
        await mailbox.stop()


def _listen(house: House) -> None:
    """Keep every press and submission, so that a story can repeat it."""
    send = house.slack.wire.interact

    async def interact(payload: dict[str, Any]) -> Reply:
        house.interactions.append(payload)
        return await send(payload)

    house.slack.wire.interact = interact  # type: ignore[method-assign] # the line is tapped, not replaced


def open_cases_are_counted_right(house: House) -> bool:
    """Tell whether every member's count of open cases is what a count says."""
    cases, members = house.all(Case), house.all(Member)
    counted = Counter(one.owner for one in cases if one.state in {"new", "working", "ready"})
    return all(one.open_cases == counted[one.id] for one in members)
