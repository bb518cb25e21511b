"""The house, built: database, policy, Slack, delivery, doors and ticks, wired together and run."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import random
from typing import Any, Final

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from bot import schedule
from bot.clock import wall_clock
from bot.counting import count
from bot.delivery.fetch import FetchSender
from bot.delivery.incoming import MailDoor
from bot.delivery.mailer import Mailer
from bot.delivery.pace import Pace
from bot.delivery.worker import Delivery
from bot.digesting import take_digests
from bot.links import Links
from bot.policies import PolicyInForce, apply_file
from bot.schedule import Rhythm
from bot.settings import Settings
from bot.slack.app import slack_app
from bot.slack.client import slack_client
from bot.slack.context import Context
from bot.slack.door import PATH, slack_door
from bot.slack.errors import SlackCallError
from bot.slack.people import sync_members
from bot.surveys.api import survey_apis
from bot.surveys.language import Languages
from bot.surveys.polling import Poller
from bot.surveys.settling import Settling
from bot.sweeping import sweep
from bot.web.entrance import EntranceDoor
from bot.web.health import HealthDoor
from bot.web.readiness import checks
from bot.web.report import ReportDoor
from bot.web.webhooks import SurveyDoor
from storage.database import Database
from storage.upgrade import upgrade
from workflows import silence

log: Final = logging.getLogger("hearback")

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearback:
    """A running house: what serves HTTP, and what a caller may want to look at."""

    web: Starlette
    slack: AsyncApp
    db: Database
    policy: PolicyInForce
    delivery: Delivery
    client: AsyncWebClient
    poller: Poller
    settle: schedule.Tick
    sweep: Callable[[], Awaitable[int]]
    """Does what is due now, as the tick does again and again; gives how many rows were looked at."""


@asynccontextmanager
async def hearback(
    settings: Settings, *, clock: Clock = wall_clock, pace: Pace | None = None, every: Rhythm | None = None
) -> AsyncIterator[Hearback]:
    """Build and start everything but the HTTP server; leaving the context ends what is under way and stops.

    Raises WrongDatabaseError, NoPolicyError or PolicyError when it can't start.
    """
    async with AsyncExitStack() as stack:
        db = Database(settings.database_url)
        stack.callback(db.close)
        upgrade(db.engine)
        text = settings.policy.read_text(encoding="utf-8") if settings.policy.is_file() else None
        await db.write(lambda session: apply_file(session, text, at=clock()))
        policy = PolicyInForce(db, mail_from=settings.mail_from)
        await policy.refresh()
        client = await stack.enter_async_context(
            slack_client(settings.slack_bot_token.get_secret_value(), api_url=settings.slack_api_url)
        )
        mailer = Mailer(settings.smtp_url.get_secret_value()) if settings.smtp_url else None
        if mailer is not None:
            stack.push_async_callback(mailer.close)
        apis = await stack.enter_async_context(
            survey_apis(
                tokens=settings.api_tokens, urls=settings.api_urls, webhooks=settings.webhook_secrets, clock=clock
            )
        )
        languages = Languages()
        fetcher = FetchSender(
            db=db,
            apis=apis,
            policy=policy,
            policy_version=lambda: policy.version,
            clock=clock,
            pace=pace or Pace(),
            random=random,
            languages=languages,
        )
        delivery = Delivery(
            db=db,
            slack=client,
            mailer=mailer,
            policy=policy,
            clock=clock,
            random=random,
            pace=pace,
            fetcher=fetcher,
        )
        db.on_commit = delivery.wake
        background = await stack.enter_async_context(_background())
        home = settings.public_url or f"http://{settings.host}:{settings.port}/"
        links = Links(settings.slack_bot_token.get_secret_value(), home)
        settling = Settling(
            db=db,
            policy=policy,
            policy_version=lambda: policy.version,
            refresh=policy.refresh,
            clock=clock,
            languages=languages,
        )
        context = Context(
            db=db,
            settle=settling.tick,
            clock=clock,
            policy=policy,
            policy_version=lambda: policy.version,
            background=background,
            client=client,
            can_mail=mailer is not None,
            signing_secret=settings.slack_signing_secret.get_secret_value(),
            links=links,
        )
        slack = slack_app(context)
        survey = SurveyDoor(
            db=db,
            policy=policy,
            secrets=settings.webhook_secrets,
            clock=clock,
            public_url=settings.public_url,
            languages=languages,
        )
        health = HealthDoor(checks(db=db, client=client, delivery=delivery))
        mail = MailDoor(db=db, policy=policy, secret=settings.webhook_secrets.get("mail"), clock=clock)
        slack_route = Route(PATH, slack_door(slack), methods=["POST"])
        entrance = EntranceDoor(db=db, policy=policy, clock=clock, links=links)
        report = ReportDoor(db=db, policy=policy, clock=clock, entrance=entrance)
        doors = (survey, mail, health, entrance, report)
        web = Starlette(routes=[slack_route, *(route for door in doors for route in door.routes())])
        poller = Poller(
            db=db,
            apis=apis,
            policy=policy,
            policy_version=lambda: policy.version,
            clock=clock,
            webhooks=settings.webhook_secrets,
            languages=languages,
        )
        sweeping = partial(sweep, db, policy=policy, clock=clock)
        background(_members(client, db, policy, clock))
        await stack.enter_async_context(
            _ticking(
                db,
                policy,
                client,
                clock,
                poller=poller,
                survey=survey,
                sweeping=sweeping,
                settling=settling.tick,
                every=every or Rhythm(),
            )
        )
        await stack.enter_async_context(_delivering(delivery))
        yield Hearback(
            web=web,
            slack=slack,
            db=db,
            policy=policy,
            delivery=delivery,
            client=client,
            poller=poller,
            sweep=sweeping,
            settle=settling.tick,
        )


@asynccontextmanager
async def _background() -> AsyncIterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Run what may only happen after an answer; leaving waits for what has begun."""
    running: set[asyncio.Task[None]] = set()

    def ended(task: asyncio.Task[None]) -> None:
        running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("Something after an answer went wrong.", exc_info=task.exception())

    def start(work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        running.add(task)
        task.add_done_callback(ended)

    try:
        yield start
    finally:
        if running:
            await asyncio.wait(running, timeout=10)


@asynccontextmanager
async def _delivering(delivery: Delivery) -> AsyncIterator[None]:
    task = asyncio.get_running_loop().create_task(delivery.run())
    try:
        yield
    finally:
        await delivery.stop()
        await task


@asynccontextmanager
async def _ticking(
    db: Database,
    policy: PolicyInForce,
    client: AsyncWebClient,
    clock: Clock,
    *,
    poller: Poller,
    survey: SurveyDoor,
    sweeping: schedule.Tick,
    settling: schedule.Tick,
    every: Rhythm,
) -> AsyncIterator[None]:
    ticks = schedule.scheduler(
        policy=policy.refresh,
        members=lambda: sync_members(client, db, policy=policy, clock=clock),
        sweep=sweeping,
        settle=settling,
        digests=lambda: take_digests(db, policy=policy, clock=clock),
        silence=lambda: db.write(lambda session: silence.listen(session, policy=policy(), at=clock())),
        every=every,
        old=lambda: db.write(lambda session: schedule.remove_old(session, at=clock())),
        figures=lambda: count(db, policy=policy, clock=clock),
        polls=poller.reconcile,
        refusals=survey.write_down_refused,
    )
    ticks.start()
    try:
        yield
    finally:
        ticks.shutdown(wait=False)


async def _members(client: AsyncWebClient, db: Database, policy: PolicyInForce, clock: Clock) -> None:
    try:
        await sync_members(client, db, policy=policy, clock=clock)
    except SlackCallError as problem:
        log.warning("The workspace's members can't be read yet (%s); it is tried again later.", problem.code)


@asynccontextmanager
async def socket_mode(house: Hearback, settings: Settings) -> AsyncIterator[AsyncSocketModeHandler | None]:
    """Reach Slack through a socket, if an app token is given."""
    if settings.slack_app_token is None:
        yield None
        return
    client = AsyncWebClient(
        token=settings.slack_app_token.get_secret_value(), base_url=house.client.base_url, retry_handlers=[]
    )
    handler = AsyncSocketModeHandler(house.slack, settings.slack_app_token.get_secret_value(), web_client=client)
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt has no types here
    try:
        yield handler
    finally:
        with contextlib.suppress(Exception):  # it is being closed: whatever the socket says to that
            await handler.close_async()  # type: ignore[no-untyped-call] # Bolt has no types here
