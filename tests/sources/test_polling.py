"""Polling: what a tool has is taken in page by page, once; what a webhook missed is found and told."""

import asyncio
from collections.abc import Generator
from datetime import timedelta

import pytest
from source_house import POLICY, POLLED, START, House, answer

from bot.sandbox.faults import Fault, Weather
from bot.sandbox.vendors.server import ANSWERS
from bot.surveys import ADAPTERS
from bot.surveys.api import Apis, ApiTrouble, NotAllowed, Outage, RefusedCall, TooMany
from bot.surveys.polling import Poller, Tally
from bot.surveys.request import Api, Call
from storage import polls, sources
from storage.polls import LeaseLostError, Place
from storage.source_tables import SourceState

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
CALLS_A_PAGE = 3  # of HubSpot: the search, and twice for who gave the answers
LONG_AGO = START - 400 * DAY


def place_of(house: House, tool: str, *, purpose: str = "backfill:2025-01-01") -> Place:
    """Begin to poll a tool from long ago, the form that is asked for if there are forms."""
    target = {"zendesk": "satisfaction_ratings"}.get(tool) or next(iter(ADAPTERS[tool].targets(POLICY))) or ""
    this = {"source": tool, "target": target, "purpose": purpose}
    house.db.write_now(lambda session: polls.begin(session, **this, since=LONG_AGO, at=START))
    until = house.clock() + timedelta(minutes=10)
    return house.db.write_now(lambda session: polls.take_over(session, **this, until=until))


async def all_pages(house: House, place: Place, tally: Tally | None = None, poller: Poller | None = None) -> Place:
    while not place.is_done:
        place = await (poller or house.poller).page(
            place, cases_since=START - 14 * DAY, tally=tally if tally is not None else Tally()
        )
    return place


def fill(house: House, tool: str, count: int, *, every: timedelta = DAY / 24) -> None:
    """Give a tool so many happy answers, the last one an hour ago."""
    best = {"nps": 10, "csat": 5}[answer(1, tool=tool).metric]
    rows = [
        answer(10 * number, at=START - every * number, tool=tool, score=best, comment="")
        for number in range(1, count + 1)
    ]
    house.vendors.shelves[tool].fill(rows)


def test_every_tool_that_is_polled_has_its_api_in_the_sandbox() -> None:
    assert set(POLLED) <= set(ANSWERS)


@pytest.mark.parametrize("tool", POLLED)
async def test_webhook_and_poll_of_one_answer_are_one_response_one_case_and_one_card(house: House, tool: str) -> None:
    given = answer(4_000, tool=tool, at=START - DAY / 24)
    house.vendors.shelves[tool].put(given)
    house.hook(tool, given)
    await house.work()

    tallies = [Tally(), Tally()]
    for n, tally in enumerate(tallies):
        await all_pages(house, place_of(house, tool, purpose=f"backfill:{n}"), tally)
    await house.work(hours=0.02)

    assert len(house.responses()) == len(house.cases()) == len(house.cards()) == 1
    assert tallies[0].counts["new"] == tallies[0].counts["refused"] == 0
    assert tallies[1].counts["known"] == 1, "what a poll says must not go to and fro with what a webhook said"


@pytest.mark.parametrize("tool", POLLED)
async def test_a_poll_brings_an_unhappy_answer_its_case_with_name_and_address(house: House, tool: str) -> None:
    house.vendors.shelves[tool].put(answer(4_000, tool=tool, at=START - DAY / 24))
    house.clock.wind(seconds=1)

    await house.poller.reconcile()
    await house.work()

    [case] = house.cases()
    [response] = house.responses()
    assert (response.source, response.comment, response.case_id) == (tool, "It broke again", case.id)
    assert len(house.cards()) == 1


@pytest.mark.parametrize("tool", POLLED)
async def test_every_page_of_a_tool_is_taken_once(house: House, tool: str) -> None:
    count = 230
    fill(house, tool, count)

    tally = Tally()
    await all_pages(house, place_of(house, tool), tally)

    assert len(house.responses()) == count
    assert tally.counts["new"] == count
    assert tally.refused == []


async def test_what_a_webhook_missed_is_taken_in_counted_and_told_once(house: House) -> None:
    await house.poller.reconcile()
    house.clock.wind(hours=2)
    house.vendors.shelves["hubspot"].put(answer(70, at=house.clock() - timedelta(hours=1)))

    for _ in range(3):
        await house.poller.reconcile()
        await house.work()
        house.clock.wind(hours=1.1)

    assert len(house.cases()) == 1
    state = house.db.read_now(sources.states)["hubspot"]
    assert state.missed == 1
    assert state.polled_at is not None
    told = [one for one in house.direct() if "did not arrive by webhook" in one]
    assert len(told) == 1
    assert "1 response of hubspot" in told[0]
    assert house.db.read_now(lambda session: sources.missed_since(session, START)) == [("hubspot", 1)]


async def test_what_a_webhook_brought_or_named_is_not_missed(house: House) -> None:
    await house.poller.reconcile()
    house.clock.wind(hours=2)
    by_webhook, unfetched = (answer(number, at=house.clock() - timedelta(hours=1)) for number in (70, 80))
    for one in (by_webhook, unfetched):
        house.vendors.shelves["hubspot"].put(one)
    house.hook("hubspot", by_webhook)
    await house.work()
    house.hook("hubspot", unfetched)

    await house.poller.reconcile()

    assert len(house.responses()) == 2
    assert "hubspot" not in house.db.read_now(sources.states) or not house.db.read_now(sources.states)["hubspot"].missed


async def test_what_came_just_now_or_before_hearback_looked_is_not_missed(house: House) -> None:
    house.vendors.shelves["hubspot"].put(answer(70, at=START - timedelta(hours=20)))
    await house.poller.reconcile()
    house.clock.wind(hours=2)
    house.vendors.shelves["hubspot"].put(answer(80, at=house.clock() - timedelta(minutes=5)))

    await house.poller.reconcile()

    assert len(house.responses()) == 2
    assert house.db.read_now(sources.states)["hubspot"].missed == 0


async def test_without_a_webhook_nothing_is_missed(house: House) -> None:
    poller = house.poll_again(webhooks={})
    await poller.reconcile()
    house.clock.wind(hours=2)
    house.vendors.shelves["hubspot"].put(answer(70, at=house.clock() - timedelta(hours=1)))

    await poller.reconcile()

    assert len(house.responses()) == 1
    assert house.db.read_now(sources.states)["hubspot"].missed == 0


async def test_it_is_asked_once_an_hour_however_often_it_is_looked(house: House) -> None:
    await house.poller.reconcile()
    first = len(house.vendors.asked)
    house.clock.wind(minutes=50)

    await house.poller.reconcile()

    assert len(house.vendors.asked) == first


async def test_two_processes_poll_one_after_the_other(house: House) -> None:
    fill(house, "hubspot", 150, every=timedelta(minutes=10))
    house.vendors.faults.by_method["hubspot"] = Weather(latency=0.05)

    await asyncio.gather(house.poller.reconcile(), house.poll_again().reconcile())

    searches = [one.posted["after"] for _, one in house.vendors.asked if one.path.endswith("submissions/search")]
    assert len(searches) == 2, "each page once"
    assert len(house.responses()) == 150


async def test_a_poll_that_died_is_gone_on_with_after_its_lease(house: House) -> None:
    house.db.write_now(
        lambda s: polls.begin(s, source="hubspot", target="", purpose="reconcile", since=START, at=START)
    )
    until = START + timedelta(minutes=10)
    house.db.write_now(lambda s: polls.take_over(s, source="hubspot", target="", purpose="reconcile", until=until))
    house.vendors.shelves["hubspot"].put(answer(70, at=START))
    await house.poller.reconcile()
    before = len(house.responses())
    house.clock.wind(minutes=11)

    await house.poller.reconcile()

    assert before == 0
    assert len(house.responses()) == 1


async def test_whoever_is_overtaken_writes_nothing_more(house: House) -> None:
    fill(house, "hubspot", 150)
    mine = place_of(house, "hubspot")
    house.clock.wind(seconds=1)
    theirs = place_of(house, "hubspot")

    with pytest.raises(LeaseLostError):
        await house.poller.page(mine, cases_since=START, tally=Tally())
    nothing = len(house.responses())
    await all_pages(house, theirs)

    assert nothing == 0
    assert len(house.responses()) == 150


async def test_history_opens_no_case_and_what_is_young_does(house: House) -> None:
    house.vendors.shelves["hubspot"].fill([answer(10, at=START - 15 * DAY), answer(20, at=START - 13 * DAY)])

    tally = Tally()
    await all_pages(house, place_of(house, "hubspot"), tally)

    assert len(house.cases()) == 1
    assert (tally.counts["cases"], tally.counts["history"]) == (1, 1)


async def test_an_expired_token_is_shown_and_asked_with_again_in_an_hour(house: House) -> None:
    house.vendors.expired.add("hubspot")
    await house.poller.reconcile()
    shown = house.db.read_now(sources.states)["hubspot"].problem
    house.vendors.expired.clear()
    house.clock.wind(minutes=30)
    await house.poller.reconcile()
    too_early = house.db.read_now(sources.states)["hubspot"].polled_at
    house.clock.wind(minutes=31)

    await house.poller.reconcile()

    assert "API_TOKEN_HUBSPOT" in str(shown)
    assert too_early is None
    state = house.db.read_now(sources.states)["hubspot"]
    assert (state.problem, state.polled_at is not None) == (None, True)


@pytest.mark.parametrize(("fault", "minutes"), [(Fault.RATE_LIMITED, 5), (Fault.BROKEN, 10), (Fault.RESET, 10)])
async def test_a_poll_that_fails_goes_on_from_its_last_page(house: House, fault: Fault, minutes: int) -> None:
    fill(house, "hubspot", 250, every=timedelta(minutes=5))
    await house.db.write(
        lambda s: polls.begin(s, source="hubspot", target="", purpose="reconcile", since=LONG_AGO, at=START)
    )
    original, calls = house.vendors.faults.stroke, []

    def second_page_fails(method: str, *, channel: str | None = None) -> object:
        calls.append(method)
        if method == "hubspot" and calls.count(method) == CALLS_A_PAGE + 2:
            house.vendors.faults.next("hubspot", fault, weather=Weather(retry_after=300))
        return original(method, channel=channel)

    house.vendors.faults.stroke = second_page_fails  # type: ignore[method-assign, assignment] # a will of its own
    await house.poller.reconcile()
    half = len(house.responses())
    house.clock.wind(minutes=minutes, seconds=1)
    await house.poller.reconcile()

    assert half == 100
    assert len(house.responses()) == 250


async def test_rows_that_cannot_be_read_are_said_and_the_others_are_taken(house: House) -> None:
    house.vendors.shelves["typeform"].fill(
        [answer(10, tool="typeform", score=77, at=START), answer(20, tool="typeform", at=START)]
    )

    await house.poller.reconcile()

    assert [one.external_id for one in house.responses()] == ["tf20"]
    said = house.db.read_now(sources.states)["typeform"].problem
    assert "1 of the last poll's responses can't be read: " in str(said)


async def test_a_tool_without_a_token_is_left_alone(house: House) -> None:
    apis = Apis(house.apis._http, tokens={}, urls=house.urls, clock=house.clock)

    await house.poll_again(apis=apis).reconcile()

    assert house.vendors.asked == []
    assert house.db.read_now(sources.states) == {}


async def asked(apis: Apis, tool: str, call: Call) -> object:
    def asking() -> Generator[Call, object, object]:
        return (yield call)

    return await apis.drive(ADAPTERS[tool], asking(), heard=[])


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [(Fault.BROKEN, Outage), (Fault.RESET, Outage), (Fault.LOST_REPLY, Outage), (Fault.RATE_LIMITED, TooMany)],
)
async def test_every_bad_day_of_a_tool_has_its_name(house: House, fault: Fault, trouble: type[ApiTrouble]) -> None:
    house.vendors.faults.next("hubspot", fault)

    with pytest.raises(trouble):
        await asked(house.apis, "hubspot", Call("/crm/v3/objects/contacts/1"))


async def test_what_is_not_there_and_what_is_not_allowed_have_theirs(house: House) -> None:
    house.vendors.expired.add("tally")

    with pytest.raises(RefusedCall):
        await asked(house.apis, "hubspot", Call("/nothing"))
    with pytest.raises(NotAllowed):
        await asked(house.apis, "tally", Call("/forms/x/submissions"))


async def test_calls_keep_the_distance_that_the_tool_allows(house: House) -> None:
    house.vendors.shelves["surveymonkey"].put(answer(70, tool="surveymonkey"))
    for _ in range(4):
        await asked(house.apis, "surveymonkey", Call("/v3/surveys/lumen-nps/responses/70/details"))

    api = ADAPTERS["surveymonkey"].api
    assert isinstance(api, Api)
    assert house.clock.slept == [60 / api.per_minute] * 3


async def test_a_tool_that_said_too_many_is_not_asked_before_its_time(house: House) -> None:
    house.vendors.faults.next("hubspot", Fault.RATE_LIMITED, weather=Weather(retry_after=90))
    for _ in range(2):
        with pytest.raises(TooMany) as stopped:
            await asked(house.apis, "hubspot", Call("/crm/v3/objects/contacts/1"))

    assert stopped.value.wait == 90
    assert house.vendors.asked == []


def test_refused_requests_are_added_up(database_url: str) -> None:
    from storage.database import Database  # noqa: PLC0415 -- the only test here without a house

    db = Database(database_url)
    try:
        for _ in range(2):
            db.write_now(lambda session: sources.count_refused(session, {"tally": 3, "hubspot": 1}, at=START))
        found: dict[str, SourceState] = db.read_now(sources.states)
    finally:
        db.close()

    assert {name: one.refused for name, one in found.items()} == {"tally": 6, "hubspot": 2}
    assert found["tally"].refused_at == START
