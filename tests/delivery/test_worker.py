"""The loop wakes, rests, survives and stops."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from delivery_house import PACE, House
from sqlalchemy.exc import OperationalError

from bot.delivery.pace import Pace
from bot.sandbox.faults import Fault, Weather

pytestmark = pytest.mark.anyio
SLOW = Pace(spacing=0.0, poll=30.0)


async def until(is_so: Callable[[], bool], *, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 -- what is waited for is in a database
            await asyncio.sleep(0.01)


async def running(house: House, work: Callable[[], Awaitable[Any]]) -> None:
    task = asyncio.create_task(house.delivery.run())
    try:
        await asyncio.sleep(0.05)
        await work()
    finally:
        await house.delivery.stop()
        await task


async def test_a_commit_wakes_it(house: House) -> None:
    house.delivery = house.worker(SLOW)
    house.db.on_commit = house.delivery.wake

    async def work() -> None:
        house.card(house.case())
        await until(lambda: house.states() == {"case:1@#support": "sent"})

    await running(house, work)


async def test_its_own_commits_do_not_keep_it_awake(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.delivery = house.worker(SLOW)
    house.db.on_commit = house.delivery.wake
    steps = []
    step = house.delivery._step

    async def counted() -> bool:
        steps.append(1)
        return await step()

    monkeypatch.setattr(house.delivery, "_step", counted)

    async def work() -> None:
        house.card(house.case())
        await until(lambda: house.states() == {"case:1@#support": "sent"})
        await asyncio.sleep(0.3)

    await running(house, work)

    assert len(steps) < 15


async def test_without_a_wake_it_looks_by_itself(house: House) -> None:
    async def work() -> None:
        house.card(house.case())
        await until(lambda: house.states() == {"case:1@#support": "sent"})

    await running(house, work)


async def test_it_survives_a_database_that_is_gone_for_a_while(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    write, failures = house.db.write, []

    async def gone(work: Any) -> Any:
        if len(failures) < 3:
            failures.append(1)
            raise OperationalError("BEGIN", {}, Exception("database is locked"))
        return await write(work)

    monkeypatch.setattr(house.db, "write", gone)
    seen: list[str | None] = []

    async def work() -> None:
        house.card(house.case())
        await until(lambda: bool(failures))
        await until(lambda: seen.append(house.delivery.last_error) or house.states() == {"case:1@#support": "sent"})  # type: ignore[func-returns-value] # noted on the way
        await until(lambda: house.delivery.is_healthy)

    await running(house, work)

    assert any(one and one.startswith("OperationalError (delivery-") for one in seen)
    assert len(house.messages()) == 1


async def test_what_was_sent_is_written_down_when_the_database_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = house.db.write

    async def gone(work: Any) -> Any:
        if house.messages() and len(failures) < 3:
            failures.append(1)
            raise OperationalError("BEGIN", {}, Exception("database is locked"))
        return await write(work)

    failures: list[int] = []
    monkeypatch.setattr(house.db, "write", gone)

    async def work() -> None:
        house.card(house.case())
        await until(lambda: house.states() == {"case:1@#support": "sent"})

    await running(house, work)

    assert (len(failures), len(house.messages()), len(house.cards())) == (3, 1, 1)


async def test_stopping_lets_what_is_under_way_end(house: House) -> None:
    house.slack.faults.weather = Weather(latency=0.3)
    house.card(house.case())
    for _ in range(3):
        house.card(house.case(channel="#product"), "#product")
    task = asyncio.create_task(house.delivery.run())
    await until(lambda: len(house.delivery._in_hand) == 2)
    await asyncio.sleep(0.1)

    await house.delivery.stop()
    await task

    states = house.states()
    assert (states["case:1@#support"], len(house.messages())) == ("sent", 1)
    assert sorted(states.values()) == ["sent", "sent", "waiting", "waiting"]


async def test_the_oldest_that_waits_is_known(house: House) -> None:
    house.slack.faults.next("chat.postMessage", Fault.RATE_LIMITED, weather=Weather(retry_after=600))
    house.delivery = house.worker(PACE)
    house.card(house.case())
    await house.delivery.drain()
    house.clock.wind(700)

    age = await house.delivery.oldest_waiting()

    assert age.total_seconds() == 100
