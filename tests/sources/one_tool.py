"""Polling one tool alone, as if Hearback had a token for no other; and what is parked, read once more."""

from datetime import timedelta
from functools import partial
from typing import Any

from pydantic import SecretStr
from source_house import POLICY, START, House, answer

from bot.sandbox.vendors.server import tokens
from bot.surveys import ADAPTERS, replaying
from bot.surveys.api import Apis
from bot.surveys.language import Languages
from bot.surveys.polling import Poller, Tally
from storage import parked, polls
from storage.polls import Place
from storage.tables import Parked
from workflows.policy import Policy

DAY = timedelta(days=1)
LONG_AGO = START - 400 * DAY
UNKNOWN = POLICY.model_copy(update={"sources": [one for one in POLICY.sources if one.name != "asknicely"]})
"""The policy without the form of AskNicely: nobody has said on which scale it asks."""


async def look(house: House, *tools: str, **more: Any) -> None:
    """Let what is due of these tools be polled."""
    known = {tool: SecretStr(tokens()[tool]) for tool in tools}
    apis = Apis(house.apis._http, tokens=known, urls=house.urls, clock=house.clock, sleep=house.clock.sleep)
    await house.poll_again(apis=apis, **more).reconcile()


def put(house: House, number: int, score: float, *, tool: str = "typeform", ago: timedelta = DAY / 24) -> None:
    house.vendors.shelves[tool].put(answer(number, tool=tool, score=score, at=START - ago))


def replay(house: House, policy: Policy = POLICY) -> list[str | None]:
    """Have everything that is parked read once more, as an admin does."""
    again = partial(replaying.replay, policy=policy, policy_version=house.version, languages=Languages())
    return [
        house.db.write_now(partial(again, parked_id=one.id or 0, at=house.clock()))
        for one in house.db.read_now(parked.waiting)
    ]


def rows(house: House) -> list[Parked]:
    return house.all(Parked)


async def begin(house: House, tool: str, *, purpose: str = "backfill:2025-01-01", target: str | None = None) -> Place:
    named = next(iter(ADAPTERS[tool].targets(POLICY))) or ""
    this = {"source": tool, "target": named if target is None else target, "purpose": purpose}
    until = house.clock() + timedelta(minutes=10)
    await house.db.write(lambda session: polls.begin(session, **this, since=LONG_AGO, at=house.clock()))
    return await house.db.write(lambda session: polls.take_over(session, **this, until=until))


async def to_the_end(poller: Poller, place: Place, *, cases_since_days: int = 14) -> Tally:
    tally = Tally()
    while not place.is_done:
        place = await poller.page(place, cases_since=START - cases_since_days * DAY, tally=tally)
    return tally
