"""What the tests of asking survey tools are made of: a clock by hand, their pretended APIs, a database, and Slack."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session, col, select
from starlette.applications import Starlette

from bot.delivery.fetch import FetchSender
from bot.delivery.pace import Pace
from bot.delivery.worker import Delivery
from bot.policies import apply
from bot.sandbox.given import Given
from bot.sandbox.routes import routes
from bot.sandbox.senders import SENDERS, secrets
from bot.sandbox.senders.signing import Pen
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.vendors.server import Vendors, tokens
from bot.sandbox.workspace import Workspace
from bot.surveys import ADAPTERS
from bot.surveys.api import Apis, survey_apis
from bot.surveys.polling import Poller
from bot.surveys.taking import Kept, keep, understood
from storage import members, parked
from storage.database import Database
from storage.tables import Case, Intent, Parked, Response
from workflows.policy import load

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = load("""
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
languages = ["en"]
admins = ["UANA"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA", "UBEN"]

[mail]
from = "care@lumendesk.example"

[[source]]
name = "typeform"
form = "lumen-nps"
metric = "nps"
score_field = "score_main"
comment_field = "score_why"

[[source]]
name = "formbricks"
form = "lumen-nps"
metric = "nps"
score_field = "qscore"
comment_field = "qwhy"

[[source]]
name = "tally"
form = "lumen-csat"
metric = "csat"
scale = [1, 5]
score_field = "question_st4rs"

[[source]]
name = "surveymonkey"
form = "lumen-nps"
metric = "nps"

[[source]]
name = "qualtrics"
form = "lumen-nps"
metric = "nps"

[[source]]
name = "asknicely"
form = "lumen-nps"
metric = "nps"

[[source]]
name = "posthog"
form = "lumen-nps"
metric = "nps"
score_field = "score"
comment_field = "why"

[[source]]
name = "jotform"
form = "lumen-csat"
metric = "csat"
scale = [1, 5]
score_field = "q5_rating"
comment_field = "q6_comment"

[[source]]
name = "surveysparrow"
form = "40"
metric = "nps"

[[source]]
name = "questionpro"
form = "lumen-nps"
metric = "nps"
score_field = "501"
comment_field = "502"

[[source]]
name = "survicate"
form = "lumen-nps"
metric = "nps"

[[source]]
name = "satismeter"
form = "lumen"
metric = "nps"

[[source]]
name = "wootric"
metric = "nps"

[[source]]
name = "google_forms"
form = "lumen-csat"
metric = "csat"
scale = [1, 5]
""")
PACE = Pace(spacing=0.0, poll=0.05)
POLLED = [name for name, one in ADAPTERS.items() if one.poll is not None and not one.has_other_ids]


@dataclass
class Clock:
    """A clock that stands still until it is wound; whoever sleeps winds it."""

    now: datetime = START
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def wind(self, **length: float) -> None:
        self.now += timedelta(**length)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def answer(number: int, *, at: datetime = START, score: float = 1, tool: str = "hubspot", **more: Any) -> Given:
    """Make an answer that this tool can hold, unhappy unless `score` says otherwise."""
    said = {"comment": "It broke again", "email": f"c{number}@acme.test", "name": "Jane Doe", **more}
    return Given(number, SENDERS[tool].metrics[0], score, at, **said)


@dataclass
class House:
    """Hearback between the tools' APIs, a database and a pretend Slack."""

    db: Database
    version: int
    vendors: Vendors
    apis: Apis
    poller: Poller
    fetcher: FetchSender
    delivery: Delivery
    slack: PretendSlack
    clock: Clock
    urls: dict[str, str]

    def hook(self, tool: str, given: Given) -> Kept:
        """Take in what this tool sends of an answer, as its door would."""
        pen = Pen(secrets()[tool], self.clock(), f"https://hearback.example/webhooks/{tool}")
        adapter, at = ADAPTERS[tool], self.clock()
        held = understood(adapter, SENDERS[tool].send(given, pen).body, POLICY, at)
        return self.db.write_now(
            lambda session: keep(session, adapter, held, policy=POLICY, policy_version=self.version, at=at)
        )

    def replay(self, one: Parked) -> str:
        """Read once more what is parked, as an admin has it done; gives why it still can't be read."""
        adapter, at = ADAPTERS[one.source], self.clock()
        held = understood(adapter, one.body, POLICY, at)

        def replayed(session: Session) -> str:
            kept = keep(session, adapter, held, policy=POLICY, policy_version=self.version, at=at)
            if not kept.problem:
                parked.settle(session, one.id or 0, "replayed")
            return kept.problem

        return self.db.write_now(replayed)

    async def work(self, *, hours: float = 0.0) -> None:
        """Let what is due be done, now and minute by minute for so long."""
        await self.delivery.drain()
        end = self.clock() + timedelta(hours=hours)
        while self.clock() < end:
            self.clock.wind(minutes=1)
            await self.delivery.drain()

    def all(self, model: Any) -> list[Any]:
        return list(self.db.read_now(lambda session: session.exec(select(model).order_by(col(model.id))).all()))

    def responses(self) -> list[Response]:
        return self.all(Response)

    def cases(self) -> list[Case]:
        return self.all(Case)

    def fetches(self) -> list[Intent]:
        return [one for one in self.all(Intent) if one.kind == "fetch"]

    def parked(self) -> list[Parked]:
        return list(self.db.read_now(parked.waiting))

    def cards(self) -> list[str]:
        """List what stands in the department's channel, without threads."""
        channel = self.slack.workspace.channel("#support")
        return [channel.messages[ts]["text"] for ts in channel.top]

    def direct(self, member: str = "UANA") -> list[str]:
        """List what a member was told by direct message."""
        channel = self.slack.workspace.direct(member, self.slack.workspace.bot.id)
        return [one["text"] for one in channel.messages.values()]

    def poll_again(self, **more: Any) -> Poller:
        """Make another process that polls."""
        how: dict[str, Any] = {
            "db": self.db,
            "apis": self.apis,
            "policy": lambda: POLICY,
            "policy_version": lambda: self.version,
            "clock": self.clock,
            "webhooks": {name: SecretStr(secret) for name, secret in secrets().items()},
        }
        return Poller(**how | more)


@asynccontextmanager
async def house_at(database_url: str, *, patience: float = 5.0, only: list[str] | None = None) -> AsyncIterator[House]:
    """Open a house on a fresh database; `only` are the tools that we have a token for."""
    clock = Clock()
    workspace = Workspace(clock=clock, real_time=lambda: clock().timestamp())
    for member in ("UANA", "UBEN"):
        workspace.add_member(member.lower(), id=member, real_name=member.title())
    workspace.add_channel("support", "UANA", "UBEN", workspace.bot)
    slack, vendors, db = PretendSlack(workspace), Vendors(), Database(database_url)
    version = db.write_now(lambda session: apply(session, POLICY, by="UANA", at=START))
    db.write_now(lambda session: members.make_known(session, ["UANA", "UBEN"]))
    known = {name: SecretStr(token) for name, token in tokens().items() if only is None or name in only}
    async with (
        serving(Starlette(routes=[*vendors.routes(), *routes(slack)])) as address,
        aiohttp.ClientSession() as session,
        survey_apis(
            tokens=known, urls=vendors.urls(address), clock=clock, sleep=clock.sleep, patience=patience
        ) as apis,
    ):
        client = AsyncWebClient(
            token=workspace.bot_token, base_url=f"{address}/sandbox/slack/api/", session=session, retry_handlers=[]
        )
        fetcher = FetchSender(
            db=db,
            apis=apis,
            policy=lambda: POLICY,
            policy_version=lambda: version,
            clock=clock,
            pace=PACE,
            random=random.Random(1).random,
        )
        delivery = Delivery(
            db=db,
            slack=client,
            mailer=None,
            policy=lambda: POLICY,
            clock=clock,
            random=random.Random(1).random,
            pace=PACE,
            fetcher=fetcher,
        )
        house = House(db, version, vendors, apis, None, fetcher, delivery, slack, clock, vendors.urls(address))  # type: ignore[arg-type] # made below
        house.poller = house.poll_again()
        try:
            yield house
        finally:
            await delivery.stop()
            db.close()
            await slack.close()
