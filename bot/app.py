"""The house, built: database, policy, Slack, delivery, doors and ticks, wired together and run."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import random
from typing import Any, Final

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from bot import schedule
from bot.delivery.incoming import MailDoor
from bot.delivery.mailer import Mailer
from bot.delivery.pace import Pace
from bot.delivery.worker import Delivery
from bot.policies import PolicyInForce, apply_file
from bot.settings import Settings
from bot.slack.app import slack_app
from bot.slack.client import slack_client
from bot.slack.context import Context
from bot.slack.door import PATH, slack_door
from bot.slack.errors import SlackCallError
from bot.slack.people import sync_members
from bot.web.health import HealthDoor
from bot.web.readiness import checks
from bot.web.webhooks import SurveyDoor
from storage.database import Database
from storage.upgrade import upgrade

log: Final = logging.getLogger("hearback")

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Read the clock on the wall: the only place where Hearback does."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearback:
    """A running house: what serves HTTP, and what a caller may want to look at."""

    web: Starlette
    slack: AsyncApp
    db: Database
    policy: PolicyInForce
    delivery: Delivery
    client: AsyncWebClient


@asynccontextmanager
async def hearback(
    settings: Settings, *, clock: Clock = wall_clock, pace: Pace | None = None
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
        delivery = Delivery(
            db=db,
            slack=client,
            mailer=mailer,
            policy=policy,
            clock=clock,
            random=random,
            pace=pace,
        )
        db.on_commit = delivery.wake
        background = await stack.enter_async_context(_background())
        context = Context(
            db=db,
            clock=clock,
            policy=policy,
            policy_version=lambda: policy.version,
            background=background,
            client=client,
            can_mail=mailer is not None,
            signing_secret=settings.slack_signing_secret.get_secret_value(),
        )
        slack = slack_app(context)
        survey = SurveyDoor(db=db, policy=policy, secrets=settings.webhook_secrets, clock=clock)
        health = HealthDoor(checks(db=db, client=client, delivery=delivery))
        mail = MailDoor(db=db, policy=policy, secret=settings.webhook_secrets.get("mail"), clock=clock)
        slack_route = Route(PATH, slack_door(slack), methods=["POST"])
        web = Starlette(routes=[slack_route, *survey.routes(), *mail.routes(), *health.routes()])
        background(_members(client, db))
        await stack.enter_async_context(_ticking(db, policy, client, clock))
        await stack.enter_async_context(_delivering(delivery))
        yield Hearback(web=web, slack=slack, db=db, policy=policy, delivery=delivery, client=client)


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
async def _ticking(db: Database, policy: PolicyInForce, client: AsyncWebClient, clock: Clock) -> AsyncIterator[None]:
    ticks = schedule.scheduler(
        policy=policy.refresh,
        members=lambda: sync_members(client, db),
        old=lambda: db.write(lambda session: schedule.remove_old(session, at=clock())),
    )
    ticks.start()
    try:
        yield
    finally:
        ticks.shutdown(wait=False)


async def _members(client: AsyncWebClient, db: Database) -> None:
    try:
        await sync_members(client, db)
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
