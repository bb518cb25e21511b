"""A case ends untold only for a reason that somebody answers for; anonymous ones end by themselves, counted apart."""

import pytest
from story_house import House
from story_moves import excuse, log, reopen, resolve

from storage.tables import Approval, Customer

pytestmark = pytest.mark.anyio


async def test_a_manager_excuses_at_once(house: House) -> None:
    case_id = await house.answer()

    assert await excuse(house, "Nora") == {}

    assert (house.row(case_id).state, house.row(case_id).excuse) == ("excused", "duplicate")
    assert house.row(case_id).next_due_at is None
    assert "a duplicate" in house.cards()[-1].words
    assert house.all(Approval) == []


async def test_somebody_else_asks_and_a_manager_approves(house: House) -> None:
    case_id = await house.answer()
    nora = house.person("Nora")

    assert await excuse(house, "Ana") == {}
    assert house.row(case_id).state == "new"
    assert "A manager is asked to excuse this case" in house.cards()[-1].words
    assert "They wrote twice." in nora.latest_in("#managers").words
    await nora.press("Approve", on="#managers")
    await house.settle()

    assert (house.row(case_id).state, house.row(case_id).excuse) == ("excused", "duplicate")
    assert "Approved" in nora.latest_in("#managers").words
    assert nora.latest_in("#managers").buttons == ["Open case"]
    assert "Nora Example excused the case" in house.thread()[-1]


async def test_a_manager_declines_and_the_case_goes_on(house: House) -> None:
    case_id = await house.answer()
    nora = house.person("Nora")
    await excuse(house, "Ana")

    await nora.press("Decline", on="#managers")
    await nora.fill("Why not, and what should happen next?", "Please call once more.")
    assert await nora.submit() == {}
    await house.settle()

    assert house.row(case_id).state == "new"
    assert "Please call once more." in house.thread()[-1]
    assert "Excuse" in house.cards()[-1].buttons
    assert "Declined" in nora.latest_in("#managers").words


async def test_nobody_but_a_manager_may_decide(house: House) -> None:
    case_id = await house.answer()
    await excuse(house, "Ana")
    ben = house.person("Ben")
    question = ben.latest_in("#managers")

    for button in ("Approve", "Decline"):
        await ben.press(button, on=question)
        await house.settle()
        assert ben.private_answers()[-1].text.startswith("Only a manager may decide this.")

    assert house.row(case_id).state == "new"
    assert not ben.has_modal()


async def test_a_question_that_has_settled_itself_is_not_answered(house: House) -> None:
    case_id = await house.answer()
    nora = house.person("Nora")
    await excuse(house, "Ana")
    question = nora.latest_in("#managers")
    await resolve(house, "Ana")
    await log(house, "Ana", "Log as told")
    assert "No longer asked" in nora.again(question).words

    await nora.press_as_seen("Approve", on=question)
    await house.settle()

    assert house.row(case_id).state == "told"
    assert "There is nothing left to decide" in nora.private_answers()[-1].text


async def test_unreachable_takes_three_tries(house: House) -> None:
    case_id = await house.answer()
    nora = house.person("Nora")
    reason = "Unreachable after three tries"
    for tries in range(3):
        refused = await excuse(house, "Nora", reason=reason)
        assert f"this case has {tries}" in refused["Reason"]
        await nora.close()
        assert await log(house, "Ana", "Log contact") == {}

    assert await excuse(house, "Nora", reason=reason) == {}

    assert (house.row(case_id).state, house.row(case_id).excuse) == ("excused", "unreachable")


async def test_a_reason_and_a_sentence_are_needed(house: House) -> None:
    case_id = await house.answer()
    nora = house.person("Nora")
    await nora.press("Excuse", on="#support")

    refused = await nora.submit()

    assert set(refused) == {"Reason", "Why, in a sentence"}
    assert house.row(case_id).state == "new"


async def test_whoever_does_not_want_to_hear_from_us_is_not_written_to_again(house: House) -> None:
    case_id = await house.answer()
    await excuse(house, "Nora", reason="Asked not to be contacted")

    await reopen(house, "Ana")

    assert house.row(case_id).state == "working"
    assert house.all(Customer)[0].opted_out_at == house.now()
    assert "Write to customer" not in house.cards()[-1].buttons
    assert "Log contact" in house.cards()[-1].buttons


async def test_an_anonymous_case_cannot_be_told_and_ends_once_resolved_counted_apart(house: House) -> None:
    case_id = await house.answer(email=None, name=None)
    card = house.cards()[-1]
    assert "Anonymous customer" in card.words
    assert not {"Write to customer", "Log contact", "Tell customer"} & set(card.buttons)

    assert await resolve(house, "Ana") == {}

    assert (house.row(case_id).state, house.row(case_id).excuse) == ("excused", "anonymous")
    await excuse_one_more(house)
    await house.person("Ana").command("/loop status")
    figures = house.person("Ana").private_answers()[-1].words
    assert "beside it: 1 excused, 1 anonymous" in figures


async def test_two_anonymous_answers_are_two_cases(house: House) -> None:
    first = await house.answer(email=None, name=None)

    second = await house.answer(email=None, name=None)

    assert first != second


async def excuse_one_more(house: House) -> None:
    await house.answer(email="bo@acme.test")
    assert await excuse(house, "Nora") == {}
