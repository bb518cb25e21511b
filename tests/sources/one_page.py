"""One page of a poll, asked for over HTTP or by hand, its API being a function."""

from collections.abc import Callable
from datetime import datetime, timedelta

from source_house import POLICY, START, House, answer

from bot.surveys import ADAPTERS
from bot.surveys.polling import Tally
from bot.surveys.request import Call, Page
from storage import polls
from storage.polls import Place

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONG_AGO = START - 400 * DAY
MOST_CALLS = 20


def place_of(house: House, tool: str) -> Place:
    """Take up a backfill where it stands, from its beginning if nobody has begun it."""
    target = next(iter(ADAPTERS[tool].targets(POLICY))) or ""
    this = {"source": tool, "target": target, "purpose": "backfill:2025-01-01"}
    house.db.write_now(lambda session: polls.begin(session, **this, since=LONG_AGO, at=START))
    return house.db.write_now(lambda session: polls.take_over(session, **this, until=house.clock() + 10 * MINUTE))


def fill(house: House, tool: str, count: int, *, every: timedelta = MINUTE) -> None:
    """Give a tool so many happy answers, the last one an hour ago."""
    rows = [answer(10 * n, at=START - DAY / 24 - every * n, tool=tool, score=5, comment="") for n in range(count)]
    if tool == "posthog":
        rows = [answer(one.number, at=one.at, tool=tool, score=10, comment="") for one in rows]
    house.vendors.shelves[tool].fill(rows)


async def pages(house: House, place: Place, tally: Tally, *, most: int = 50) -> Place:
    for _ in range(most):
        if not place.is_done:
            place = await house.poller.page(place, cases_since=START - 14 * DAY, tally=tally)
    return place


def replied(tool: str, reply: Callable[[Call], object], cursor: str = "", *, at: datetime = START) -> Page:
    """Ask for one page of a tool, whose API is this function."""
    poll, target = ADAPTERS[tool].poll, next(iter(ADAPTERS[tool].targets(POLICY)))
    assert poll is not None
    asking = poll(target, START - DAY, cursor, POLICY, at)
    try:
        call = next(asking)
        for _ in range(MOST_CALLS):
            call = asking.send(reply(call))
    except StopIteration as end:
        page: Page = end.value
        return page
    raise AssertionError("A page takes more calls than it is worth.")


def kept(calls: list[Call], reply: object) -> Callable[[Call], object]:
    """Give the same reply to every call, and remember what was asked."""

    def replying(call: Call) -> object:
        calls.append(call)
        return reply

    return replying
