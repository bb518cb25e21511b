"""Polls of Help Scout, Wootric and Google Forms: page by page, once, to an end, and never beside another name."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import SecretStr
from source_house import START, House, answer

from bot.sandbox.faults import Fault
from bot.sandbox.vendors.oauth_tools import configured
from bot.sandbox.vendors.server import tokens
from bot.surveys import ADAPTERS
from bot.surveys.api import Apis, NotAllowed
from bot.surveys.polling import LEASE, Poller, Tally
from storage import polls, sources
from storage.polls import Place
from storage.tables import Customer

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
LONG_AGO = START - 400 * DAY
TARGETS = {"helpscout": "", "wootric": "", "google_forms": "lumen-csat"}
ALONE = ("helpscout", "google_forms")
COUNT = 230  # several pages of each


def apis(house: House, own: Mapping[str, str] | None = None, *, webhooks: tuple[str, ...] = ()) -> Apis:
    """Ask as one does to whom only `webhooks` send something; `own` are other tokens."""
    known = {name: SecretStr(token) for name, token in (tokens() | dict(own or {})).items() if name in TARGETS}
    return Apis(
        house.apis._http, tokens=known, urls=house.urls, clock=house.clock, webhooks=webhooks, sleep=house.clock.sleep
    )


def poller(house: House, own: Mapping[str, str] | None = None) -> Poller:
    return house.poll_again(apis=apis(house, own), webhooks={})


def place_of(house: House, tool: str, *, purpose: str = "backfill:2025-01-01") -> Place:
    """Begin a poll, or go on with it where it stands."""
    this = {"source": tool, "target": TARGETS[tool], "purpose": purpose}
    house.db.write_now(lambda session: polls.begin(session, **this, since=LONG_AGO, at=START))
    return house.db.write_now(lambda session: polls.take_over(session, **this, until=house.clock() + LEASE))


async def all_pages(house: House, tool: str, *, purpose: str = "backfill:2025-01-01") -> Tally:
    tally, place = Tally(), place_of(house, tool, purpose=purpose)
    while not place.is_done:
        place = await poller(house).page(place, cases_since=START - 14 * DAY, tally=tally)
    return tally


def fill(house: House, tool: str) -> None:
    best = {"nps": 10, "csat": 5}[answer(1, tool=tool).metric]
    numbers = range(1, COUNT + 1)
    rows = [answer(10 * n, at=START - n * DAY / 12, tool=tool, score=best, comment="") for n in numbers]
    house.vendors.shelves[tool].fill(rows)


@pytest.mark.parametrize("tool", TARGETS)
async def test_a_poll_that_is_stopped_within_each_page_goes_on_without_gap_or_double(house: House, tool: str) -> None:
    fill(house, tool)
    tally, stops = Tally(), 0
    while not (place := place_of(house, tool)).is_done:
        house.vendors.faults.next(tool, Fault.RESET)
        with pytest.raises(Exception, match="can't be reached"):
            await poller(house).page(place, cases_since=START, tally=tally)
        await poller(house).page(place_of(house, tool), cases_since=START, tally=tally)
        stops += 1

    assert stops > 2
    assert len({one.external_id for one in house.responses()}) == COUNT == len(house.responses())
    assert tally.counts["new"] == COUNT
    assert tally.refused == []


@pytest.mark.parametrize("tool", TARGETS)
async def test_a_second_poll_finds_nothing_new(house: House, tool: str) -> None:
    house.vendors.shelves[tool].put(answer(4_000, tool=tool, at=START - DAY / 24))

    tallies = [await all_pages(house, tool, purpose=f"backfill:{n}") for n in range(2)]

    assert [one.counts["new"] for one in tallies] == [1, 0]
    assert tallies[1].counts["known"] == 1
    assert len(house.cases()) == 1


@pytest.mark.parametrize("tool", ALONE)
async def test_an_unhappy_answer_gets_its_case_with_name_address_and_comment(house: House, tool: str) -> None:
    house.vendors.shelves[tool].put(answer(4_000, tool=tool, at=START - DAY / 24))

    await poller(house).reconcile()

    [response] = house.responses()
    [case], [customer] = house.cases(), house.all(Customer)
    assert (response.source, response.comment, response.band) == (tool, "It broke again", "low")
    assert (response.case_id, customer.email) == (case.id, "c4000@acme.test")
    assert response.touchpoint == {"helpscout": "mailbox:12", "google_forms": "lumen-csat"}[tool]


@pytest.mark.parametrize("tool", ALONE)
async def test_beside_its_webhook_a_tool_with_other_ids_is_not_asked(house: House, tool: str) -> None:
    house.vendors.shelves[tool].put(answer(4_000, tool=tool, at=START - DAY / 24))
    beside = apis(house, webhooks=(tool,))
    unsaid = Apis(house.apis._http, tokens={tool: SecretStr("x:y:z")}, urls=house.urls, clock=house.clock)

    await house.poll_again(apis=beside).reconcile()

    assert tool not in {name for name, _ in house.vendors.asked}
    assert house.responses() == []
    for one in (beside, unsaid):
        assert f"WEBHOOK_SECRET_{tool.upper()}" in str(one.missing(ADAPTERS[tool]))
    assert apis(house).missing(ADAPTERS[tool]) is None


@pytest.mark.parametrize("tool", TARGETS)
async def test_a_wrong_secret_is_shown_and_asked_with_again_in_an_hour(house: House, tool: str) -> None:
    polls_it = poller(house, {tool: configured(tool, "hush-hush")})
    await polls_it.reconcile()

    shown = str(house.db.read_now(sources.states)[tool].problem)

    assert f"API_TOKEN_{tool.upper()}" in shown
    assert "hush-hush" not in shown
    with pytest.raises(NotAllowed):
        await polls_it.page(place_of(house, tool), cases_since=START, tally=Tally())


@pytest.mark.parametrize("tool", TARGETS)
async def test_a_token_that_is_taken_back_between_pages_costs_nothing(house: House, tool: str) -> None:
    fill(house, tool)
    asking, place, tally = poller(house), place_of(house, tool), Tally()
    while not place.is_done:
        place = await asking.page(place, cases_since=START, tally=tally)
        house.vendors.sign_ins.forget(tool)

    assert tally.counts["new"] == COUNT


@pytest.mark.parametrize("tool", ["wootric", "google_forms"])
async def test_a_row_that_cannot_be_read_is_said_and_the_others_are_taken(house: House, tool: str) -> None:
    bad = answer(10, tool=tool, at=START - DAY, score=77)
    house.vendors.shelves[tool].fill([bad, answer(20, tool=tool, at=START - DAY)])

    tally = await all_pages(house, tool)

    assert (tally.counts["new"], tally.counts["refused"]) == (1, 1)
