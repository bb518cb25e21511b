"""Intercom, PostHog and Jotform are polled over HTTP, from pretended APIs: nothing is lost and nothing doubled."""

from datetime import timedelta

import pytest
from one_page import DAY, fill, pages, place_of
from pydantic import SecretStr
from source_house import START, House, answer

from bot.surveys.api import Apis
from bot.surveys.polling import Tally
from storage import sources
from storage.tables import Customer

pytestmark = pytest.mark.anyio

TOOLS = ("intercom", "posthog", "jotform")


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_poll_that_is_killed_between_two_pages_goes_on_without_a_gap_or_a_double(
    house: House, tool: str
) -> None:
    count = 450
    fill(house, tool, count)
    first, second = Tally(), Tally()

    await pages(house, place_of(house, tool), first, most=2)
    half = len(house.responses())
    asked = len(house.vendors.asked)
    house.poller = house.poll_again()
    place = await pages(house, place_of(house, tool), second)

    found = [one.external_id for one in house.responses()]
    assert place.is_done
    assert 0 < half < count
    assert len(set(found)) == len(found) == count
    assert (first.counts["new"], second.counts["new"]) == (half, count - half)
    assert second.counts["known"] <= 2, "only what came within a second of the last row is read again"
    assert house.vendors.asked[asked] != house.vendors.asked[0]


@pytest.mark.parametrize("tool", TOOLS)
async def test_as_many_answers_as_fit_on_no_page_within_one_second_are_all_taken(house: House, tool: str) -> None:
    count = 450
    fill(house, tool, count, every=timedelta(0))

    place = await pages(house, place_of(house, tool), Tally())

    assert place.is_done
    assert len(house.responses()) == count


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_score_beyond_its_scale_is_said_and_the_rest_of_the_page_is_taken(house: House, tool: str) -> None:
    fill(house, tool, 3)
    house.vendors.shelves[tool].put(answer(77, tool=tool, at=START - DAY / 2, score=77))

    await house.poller.reconcile()

    assert len(house.responses()) == 3
    said = house.db.read_now(sources.states)[tool].problem
    assert "1 of the last poll's responses can't be read: " in str(said)
    assert "outside its scale" in str(said)


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_wrong_token_is_named_and_asked_with_again_in_an_hour(house: House, tool: str) -> None:
    fill(house, tool, 1)
    another = {tool: SecretStr("another")}
    wrong = Apis(house.apis._http, tokens=another, urls=house.urls, clock=house.clock, sleep=house.clock.sleep)

    await house.poll_again(apis=wrong).reconcile()
    said = house.db.read_now(sources.states)[tool].problem
    house.clock.wind(minutes=61)
    await house.poller.reconcile()

    assert f"API_TOKEN_{tool.upper()}" in str(said)
    assert len(house.responses()) == 1


@pytest.mark.parametrize("tool", TOOLS)
async def test_the_next_poll_looks_back_and_takes_only_what_is_new(house: House, tool: str) -> None:
    fill(house, tool, 3)
    await house.poller.reconcile()
    house.vendors.shelves[tool].put(answer(4_001, tool=tool, at=START - DAY / 2))
    house.clock.wind(minutes=61)

    await house.poller.reconcile()

    assert len(house.responses()) == 4
    assert len(house.cases()) == 1


@pytest.mark.parametrize("tool", TOOLS)
async def test_whoever_answered_is_known_by_name_and_address(house: House, tool: str) -> None:
    given = answer(4_001, tool=tool, at=START - DAY / 2)
    house.vendors.shelves[tool].put(given)

    await house.poller.reconcile()
    await house.work()

    [response] = house.responses()
    assert (response.external_id, response.comment) == (
        {"intercom": "4001", "posthog": "ph4001", "jotform": "jf4001"}[tool],
        "It broke again",
    )
    assert response.submitted_at == given.at
    customer = house.db.read_now(lambda session: session.get_one(Customer, response.customer_id))
    assert (customer.name, customer.email) == ("Jane Doe", "c4001@acme.test")
