"""A thousand alerts through a storm: none is lost, none is doubled."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest
from delivery_house import House, house_at, new_case
from sqlmodel import Session

from bot.delivery.pace import Pace
from bot.delivery.worker import Delivery
from bot.sandbox.faults import Fault, Weather
from storage import lanes, outbox

pytestmark = pytest.mark.anyio

ALERTS = 1000
LANES = 100
# The storm of a bad day, a hundred times as fast.
PACE = Pace(
    spacing=0.0, settle=0.3, poll=0.05, backoff=0.05, long_backoff=0.1, most_backoff=0.4, max_attempts=50, patience=50
)
STORM = Weather(
    rate_limited=0.06, broken=0.05, silent=0.01, reset=0.04, lost_reply=0.05, late_reply=0.01, retry_after=0, hangs=0.6
)


def now() -> datetime:
    return datetime.now(UTC)


def alerts(session: Session, house: House, *, at: datetime) -> None:
    """Open cases, each with a card in one of many channels and a message to its owner."""
    workspace = house.slack.workspace
    for number in range(LANES):
        workspace.add_channel(f"room-{number}", workspace.bot)
        workspace.add_member(f"owner{number}", id=f"UOWNER{number}", real_name=f"Owner {number}")
    for number in range(ALERTS // 2):
        channel, owner = f"#room-{number % LANES}", f"UOWNER{number % LANES}"
        case_id = new_case(session, channel=channel, owner=owner, at=at, count=number)
        wanted = [
            outbox.card(f"case:{case_id}", channel, case_id=case_id),
            outbox.card(f"owner:{case_id}", owner, case_id=case_id),
        ]
        outbox.want(session, wanted, at=at)


async def until_all_is_sent(house: House, workers: list[Delivery]) -> None:
    """Run the workers until nothing waits any more."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        async with asyncio.timeout(60):
            while house.db.read_now(lanes.oldest_due) is not None:  # noqa: ASYNC110 -- it is in a database
                await asyncio.sleep(0.05)
    finally:
        for worker in workers:
            await worker.stop()
        await asyncio.gather(*tasks)


async def test_a_storm_loses_nothing_and_doubles_nothing(database_url: str) -> None:
    async with house_at(database_url, clock=now, pace=PACE, patience=0.3) as house:
        house.slack.workspace.history_lag = 0.2
        house.db.write_now(lambda session: alerts(session, house, at=house.clock()))
        house.slack.faults.weather = STORM

        await until_all_is_sent(house, [house.worker(PACE) for _ in range(2)])

        keys = Counter(
            message["metadata"]["event_payload"]["key"]
            for channel in house.slack.workspace.channels.values()
            for message in channel.messages.values()
        )
        assert len(house.slack.faults.inflicted) == len(Fault)
        assert set(house.states().values()) == {"sent"}
        assert (len(keys), max(keys.values())) == (ALERTS, 1)
        standing = {(card.channel, card.ts) for card in house.cards()}
        assert standing == {
            (channel.id, ts) for channel in house.slack.workspace.channels.values() for ts in channel.messages
        }
