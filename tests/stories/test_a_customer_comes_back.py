"""A second low response joins the customer's case, reopens a young one, and opens a new one only when it is old."""

import pytest
from story_house import House
from story_moves import log, reopen, resolve, told

from storage.tables import Case

pytestmark = pytest.mark.anyio


async def test_a_second_low_response_joins_the_open_case_and_makes_it_more_urgent(house: House) -> None:
    case_id = await house.answer()
    before = house.row(case_id)
    await house.wind(minutes=5)

    again = await house.answer(score=1, comment="And now it is broken.")

    case = house.row(case_id)
    assert again == case_id
    assert len(house.all(Case)) == len(house.cards()) == 1
    assert (before.urgency, case.urgency) == ("normal", "high")
    assert case.tell_due_at is not None
    assert before.tell_due_at is not None
    assert case.tell_due_at < before.tell_due_at
    assert "Second low response" in house.thread()[-1]
    assert "And now it is broken." in house.cards()[-1].words
    assert "⬆️ High" in house.cards()[-1].words


async def test_another_customer_of_the_same_account_has_a_case_of_their_own(house: House) -> None:
    first = await house.answer()

    second = await house.answer(email="bo@acme.test", name="Bo Ek")

    assert first != second
    assert len(house.cards()) == 2


async def test_a_young_closed_case_is_reopened_with_its_history(house: House) -> None:
    case_id = await house.answer()
    await told(house)
    await house.wind(days=89)

    again = await house.answer(score=0, comment="Late again.")

    case = house.row(case_id)
    assert again == case_id
    assert (case.state, case.reopened, case.owner) == ("working", 1, "UANA")
    assert case.next_due_at is not None
    assert case.next_due_at > house.now()
    assert "another low score" in house.thread()[-2]
    assert "↺ reopened" in house.cards()[-1].words


async def test_an_old_closed_case_stays_closed_and_the_new_one_tells_its_story(house: House) -> None:
    first = await house.answer()
    await told(house)
    await house.wind(days=91)

    second = await house.answer(score=0, comment="Late again.")

    assert first != second
    assert (house.row(first).state, house.row(second).state) == ("told", "new")
    card = house.cards()[-1].words
    assert f"*Case {first}*, told" in card
    assert "We now call you on the day when a parcel is late." in card
    assert "*Answered before:*" in card


async def test_an_excused_case_is_reopened_by_a_low_response_too(house: House) -> None:
    case_id = await house.answer(email=None, customer_id="c-17")
    await resolve(house, "Ana")
    await log(house, "Ana", "Log as told")

    assert await house.answer(email=None, customer_id="c-17", comment="Again.") == case_id

    assert house.row(case_id).state == "working"


async def test_a_person_reopens_a_case_with_a_reason(house: House) -> None:
    case_id = await house.answer()
    await told(house)

    assert await reopen(house, "Ben") == {}

    assert (house.row(case_id).state, house.row(case_id).reopened) == ("working", 1)
    assert "She called again." in house.thread()[-1]
    assert house.row(case_id).next_due_at is not None


async def test_an_old_case_is_not_reopened_while_the_customer_has_a_newer_one_open(house: House) -> None:
    first = await house.answer()
    await told(house)
    await house.wind(days=91)
    second = await house.answer(comment="Late again.")
    ana = house.person("Ana")

    await ana.press("Reopen", on=house.cards()[0])
    await ana.fill("Why has it to be taken up again?", "She called again.")
    refused = await ana.submit()

    assert f"case {second} open" in refused["Why has it to be taken up again?"]
    assert house.row(first).state == "told"


async def test_a_customer_known_by_id_and_then_by_address_is_one_customer(house: House) -> None:
    first = await house.answer(email=None, customer_id="c-17")

    second = await house.answer(email="jane@acme.test", customer_id="c-17")
    third = await house.answer(email="JANE@acme.test")

    assert first == second == third
