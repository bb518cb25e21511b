"""Delivery: the outbox emptied into a server that answers at once, beside bare calls of Slack's client."""

import asyncio
import gc
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text
from sqlmodel import Session

from bot.commands.run import spare_the_collector
from bot.delivery.pace import Pace
from bot.delivery.worker import Delivery
from bot.slack.client import slack_client
from bot.slack.views.card import case_card
from storage.casefile import case_files
from storage.database import Database
from tests.bench.house import low_answer, prepared, without_storms
from tests.bench.places import Place, free_port, process, wait_until_ready
from tests.bench.table import Line, Measure
from workflows import intake
from workflows.policy import Policy

IN_FLIGHT = 16
MANY_LANES = "UPDATE intents SET lane = 'slack:' || (id % 200)"  # as many channels and members
SEEDED_TOGETHER = 200
Message = dict[str, Any]


def sending(place: Place, *, runs: int, count: int) -> list[Line]:
    """Measure the cards and messages of so many new cases."""
    seeded = place.empty()
    policy, version = prepared(seeded)
    policy = without_storms(policy)
    messages = _seed(seeded, count, policy, version)
    floor, ours = [], []
    spare_the_collector()  # as `run` does before it begins
    port = free_port()
    with process(["tests.bench.pretend_slack", str(port)]):
        wait_until_ready(port, "/auth.test")
        for _ in range(runs):
            floor.append(asyncio.run(_bare(port, messages)))
            ours.append(asyncio.run(_delivered(port, place.copy_of(seeded), policy)))
    gc.unfreeze()
    return [
        Line(
            name=f"delivery, {place.kind}",
            unit="/s",
            floor=Measure(runs=floor),
            ours=Measure(runs=ours),
            wanted=0.25,
            better="more",
        )
    ]


async def _bare(port: int, messages: Sequence[Message]) -> float:
    """Post the messages, 16 at once, through one shared session."""
    left = iter(messages)
    async with slack_client("xoxb-bench", api_url=f"http://127.0.0.1:{port}/") as client:
        begun = time.perf_counter()
        await asyncio.gather(*(_post_all(client, left) for _ in range(IN_FLIGHT)))
        return len(messages) / (time.perf_counter() - begun)


async def _post_all(client: AsyncWebClient, left: Iterator[Message]) -> None:
    for message in left:
        await client.chat_postMessage(**message)


async def _delivered(port: int, url: str, policy: Policy) -> float:
    db = Database(url)
    waiting = db.read_now(lambda session: session.execute(text("SELECT count(*) FROM intents")).scalar_one())
    async with slack_client("xoxb-bench", api_url=f"http://127.0.0.1:{port}/") as client:
        delivery = Delivery(
            db=db,
            slack=client,
            mailer=None,
            policy=lambda: policy,
            clock=lambda: datetime.now(UTC),
            random=random.Random(1).random,
            pace=Pace(spacing=0.0, in_flight=IN_FLIGHT),
        )
        db.on_commit = delivery.wake
        begun = time.perf_counter()
        running = asyncio.create_task(delivery.run())
        while await db.read(_is_waiting):  # noqa: ASYNC110 -- nothing rings here
            await asyncio.sleep(0.05)
        took = time.perf_counter() - begun
        await delivery.stop()
        await running
    db.close()
    return float(waiting) / took


def _is_waiting(session: Session) -> bool:
    left = "SELECT 1 FROM intents WHERE state IN ('waiting', 'sending', 'unclear') LIMIT 1"
    return session.execute(text(left)).first() is not None


def _seed(url: str, count: int, policy: Policy, version: int) -> list[Message]:
    """Open so many cases, each with its card and messages left to be sent; gives their cards."""
    db, at = Database(url), datetime.now(UTC)
    try:
        cases: list[int | None] = []
        for start in range(0, count, SEEDED_TOGETHER):
            together = range(start, min(start + SEEDED_TOGETHER, count))
            cases += db.write_now(
                lambda session, together=together: [  # type: ignore[misc] # its loop variable
                    intake.receive(session, low_answer(n, at), policy=policy, policy_version=version, at=at).case_id
                    for n in together
                ]
            )
        # One message at a time goes out in a lane: few lanes would measure the waiting for each other.
        db.write_now(lambda session: session.execute(text(MANY_LANES)))
        files = db.read_now(lambda session: case_files(session, [one for one in cases if one])).values()
    finally:
        db.close()
    drawn = [(one.case.channel, case_card(one, policy=policy, place=one.case.channel)) for one in files]
    return [{"channel": channel, "text": card.text, "blocks": card.blocks} for channel, card in drawn]
