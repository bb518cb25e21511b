"""A survey tool that is only polled, and a form whose scale nobody knows: an admin says it, and all is taken in."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from story_house import House, Street
from test_a_scale_is_asked_for import questions

from bot.sandbox.given import Given
from bot.sandbox.vendors.server import Vendors, tokens
from bot.surveys.api import Apis
from bot.surveys.polling import Poller
from storage.tables import Case, Customer, Parked, Response

pytestmark = pytest.mark.anyio


@pytest.fixture
def vendors(house: House, street: Street) -> Vendors:
    """Open the tools' APIs beside the house, which has built its own doors by then."""
    assert house.http is street.http
    found = Vendors()
    street.front.router.routes[:0] = found.routes()
    return found


def poller(house: House, street: Street, vendors: Vendors) -> Poller:
    async def awake(seconds: float) -> None:
        """Let nobody wait: the clock of a story is wound by hand."""

    apis = Apis(
        house.http,
        tokens={"asknicely": SecretStr(tokens()["asknicely"])},
        urls=vendors.urls(street.address),
        clock=house.now,
        sleep=awake,
    )
    policy = house.hearback.policy
    return Poller(
        db=house.db,
        apis=apis,
        policy=policy,
        policy_version=lambda: policy.version,
        clock=house.now,
        webhooks={},
    )


async def polled(house: House, street: Street, vendors: Vendors) -> None:
    await poller(house, street, vendors).reconcile()
    await house.settle()


def answered(house: House, vendors: Vendors, number: int, score: float, *, hours: float = 1, **more: Any) -> None:
    given = Given(number, "nps", score, house.now() - timedelta(hours=hours), comment="Late.", **more)
    vendors.shelves["asknicely"].put(given)


async def say_nps(house: House) -> dict[str, str]:
    nora = house.person("Nora")
    await nora.press("Say the scale", on=questions(house, "Nora")[-1])
    await nora.fill("What does it ask for?", "Recommendation (NPS), 0 to 10")
    refused = await nora.submit()
    await house.settle()
    return refused


async def test_an_admin_is_asked_once_and_then_everybody_who_waited_is_heard(
    house: House, street: Street, vendors: Vendors
) -> None:
    answered(house, vendors, 10, 2, name="Jane Doe", email="jane@acme.test")
    answered(house, vendors, 20, 10, name="Adam Roe", email="adam@acme.test")
    for _ in range(3):
        await polled(house, street, vendors)
        await house.wind(hours=1.1)
    asked, parked = questions(house, "Nora"), house.all(Parked)
    home = await house.home("Nora")

    assert await say_nps(house) == {}
    await polled(house, street, vendors)

    assert len(asked) == 1
    assert "lumen-nps" in asked[0].text
    assert [(one.times, one.form) for one in parked] == [(1, "lumen-nps")] * 2
    assert "2 requests wait" in home.words
    assert sorted((one.band, one.high_end) for one in house.all(Response)) == [("high", 10), ("low", 10)]
    assert sorted(one.name for one in house.all(Customer)) == ["Adam Roe", "Jane Doe"]
    assert len(house.all(Case)) == len(house.cards()) == 1
    assert {one.state for one in house.all(Parked)} == {"replayed"}
    assert "Say the scale" not in (await house.home("Nora")).buttons


async def test_who_was_unhappy_has_a_case_however_long_the_admin_took(
    house: House, street: Street, vendors: Vendors
) -> None:
    answered(house, vendors, 10, 2, name="Jane Doe", email="jane@acme.test")
    await polled(house, street, vendors)
    await house.wind(days=30)

    assert await say_nps(house) == {}
    await polled(house, street, vendors)

    assert [one.case_id is not None for one in house.all(Response)] == [True]
    assert len(house.all(Case)) == 1


async def test_the_home_says_that_it_is_asked_for_again_until_it_is(
    house: House, street: Street, vendors: Vendors
) -> None:
    answered(house, vendors, 10, 2)
    await polled(house, street, vendors)
    assert await say_nps(house) == {}

    meanwhile = (await house.home("Nora")).words
    await polled(house, street, vendors)
    after = (await house.home("Nora")).words

    assert "It is asked for again by the next poll, as soon as API_TOKEN_ASKNICELY serves." in meanwhile
    assert "asked for again" not in after
