"""A customer who answered in confidence: hidden from everybody but the owner and managers, and each look is kept."""

from typing import Any

import pytest
from story_house import House

from storage.tables import Event

pytestmark = pytest.mark.anyio

SECRETS = ("Jane", "jane@acme.test", "Acme")


async def in_confidence(house: House, **more: Any) -> int:
    return int((await answered(house, **more))["case"])


async def answered(house: House, contactability: str = "confidential", **more: Any) -> dict[str, Any]:
    said = {"id": "r1", "score": 2, "comment": "Late.", "name": "Jane Doe", "email": "jane@acme.test", **more}
    body = house.survey.body({**said, "account_name": "Acme"})
    body["data"]["contactability"] = contactability
    return await house.webhook(body)


def shows(words: str) -> list[str]:
    """Name what of the customer's identity can be read."""
    return [one for one in SECRETS if one in words]


def others(house: House, case_id: int) -> list[str]:
    """Name the members of the department who don't own the case."""
    return [name for name in ("Ana", "Ben") if f"U{name.upper()}" != house.row(case_id).owner]


def revealed(house: House) -> list[str]:
    return [one.by for one in house.all(Event) if one.kind == "revealed"]


async def test_the_channel_the_lists_and_the_homes_do_not_say_who_it_is(house: House) -> None:
    case_id = await in_confidence(house, comment="The app crashes.")
    [other] = others(house, case_id)
    await in_confidence(house, id="again", comment="Once more.")
    who = house.person(other)

    assert shows(house.cards()[-1].words + house.cards()[-1].text) == []
    assert [shows(one) for one in house.thread() if shows(one)] == []
    await who.command(f"/loop case {case_id}")
    assert shows(who.modal().words) == []
    await who.close()
    assert shows((await house.home(other)).words) == []
    assert shows((await house.home("Nora")).words) == []
    assert shows((await house.home("Elif")).words) == []  # who has a task of the case
    assert [shows(one.words + one.text) for one in house.person("Elif").direct_messages() if shows(one.words)] == []
    assert shows(house.person(house.row(case_id).owner[1:].capitalize()).direct_messages()[0].words) == list(SECRETS)


async def test_a_manager_may_look_and_it_is_written_down(house: House) -> None:
    case_id = await in_confidence(house)
    nora = house.person("Nora")

    await nora.press("Reveal who", on="#support")

    assert shows(nora.modal().words) == list(SECRETS)
    assert revealed(house) == ["UNORA"]
    await nora.close()
    await nora.command(f"/loop case {case_id}")
    assert "looked who answered in confidence" in nora.modal().words
    assert shows(nora.modal().words) == []


async def test_the_owner_may_look_too(house: House) -> None:
    case_id = await in_confidence(house)
    owner = house.person(str(house.row(case_id).owner)[1:].capitalize())

    await owner.press("Reveal who", on="#support")

    assert shows(owner.modal().words) == list(SECRETS)
    assert revealed(house) == [house.row(case_id).owner]


@pytest.mark.parametrize("name", ["", "Greta", "Zoe"])
async def test_nobody_else_may(house: House, name: str) -> None:
    case_id = await in_confidence(house)
    who = house.person(name or others(house, case_id)[0])

    await who.press("Reveal who", on="#support")
    await house.settle()

    assert not who.has_modal()
    assert shows(who.private_answers()[-1].text) == []
    assert revealed(house) == []


async def test_somebody_who_answers_in_confidence_after_an_open_answer_is_hidden_from_then_on(house: House) -> None:
    await house.answer(id="open")
    assert shows(house.cards()[-1].words) == list(SECRETS)

    await answered(house, id="confidential", score=9)

    assert shows(house.cards()[-1].words + house.cards()[-1].text) == []


async def test_an_anonymous_customer_has_no_button(house: House) -> None:
    await answered(house, contactability="anonymous")

    assert "Reveal who" not in house.cards()[-1].buttons
