"""A low response becomes a card and a message to its owner, and is worked: taken, assigned, handed over, resolved."""

import time

import pytest
from story_house import House
from story_moves import resolve

pytestmark = pytest.mark.anyio


async def test_a_low_response_is_a_card_and_a_message_to_its_owner_within_seconds(house: House) -> None:
    begun = time.monotonic()

    case_id = await house.answer(account_value=90_000)

    assert time.monotonic() - begun < 3
    [card] = house.cards()
    [message] = house.person("Ana").direct_messages()
    for shown in (card.words, message.words):
        assert "Jane Doe · Acme" in shown
        assert "*2 of 10* · detractor" in shown
        assert "delivery" in shown
        assert "The parcel came two days late." in shown
        assert "English" in shown
        assert "<@UANA>" in shown
        assert "⬆️ High" in shown
        assert "the account is worth 90,000" in shown
        assert "<!date^" in shown
        assert "● *new*" in shown
        assert f"Case {case_id}" in shown or "This case is yours" in shown
    assert {"Take", "Resolve", "Excuse", "Hand over", "Why me?", "Open case"} < set(card.buttons)
    assert not {"Tell customer", "Log as told", "Reopen"} & set(card.buttons)


async def test_a_high_score_is_remembered_and_troubles_nobody(house: House) -> None:
    said = await house.answered(score=9)

    assert said == {"status": "new", "case": None}
    assert house.counts() | {"Customer": 1, "Response": 1} == house.counts()
    assert house.cards() == []


async def test_whoever_takes_a_case_works_on_it_and_everybody_sees_that(house: House) -> None:
    case_id = await house.answer()
    ana, ben = house.people("Ana", "Ben")

    await ben.press("Take", on="#support")
    await house.settle()

    assert (house.row(case_id).state, house.row(case_id).owner) == ("working", "UBEN")
    assert "● *working*" in house.cards()[-1].words
    assert "Take" not in house.cards()[-1].buttons
    assert "Ben Example took the case instead of <@UANA>." in house.thread()[-1]
    assert "handed over to <@UBEN>" in ana.direct_messages()[-1].words
    assert "Take" not in ana.direct_messages()[-1].buttons
    assert "This case is yours" in ben.direct_messages()[-1].words


async def test_a_case_is_handed_to_a_colleague_with_a_reason(house: House) -> None:
    case_id = await house.answer()
    ana, ben = house.people("Ana", "Ben")
    await ana.press("Hand over", on="#support")
    await ana.fill("Person", "Ben")
    await ana.fill("Reason", "You know this customer.")

    assert await ana.submit() == {}
    await house.settle()

    assert (house.row(case_id).state, house.row(case_id).owner) == ("working", "UBEN")
    assert "You know this customer." in house.thread()[-1]
    assert "This case is yours" in ben.direct_messages()[-1].words
    assert ana.direct_messages()[-1].buttons == ["Open case"]


async def test_a_case_that_moves_to_another_department_says_so_on_its_old_card(house: House) -> None:
    case_id = await house.answer()
    ana = house.person("Ana")
    await ana.press("Hand over", on="#support")
    await ana.fill("Department", "Billing")

    assert await ana.submit() == {}
    await house.settle()

    assert (house.row(case_id).department, house.row(case_id).owner) == ("billing", "UGRETA")
    assert "moved to" in house.cards("#support")[-1].words
    assert not {"Take", "Resolve", "Hand over"} & set(house.cards("#support")[-1].buttons)
    assert "Resolve" in house.cards("#billing")[-1].buttons
    assert "This case is yours" in house.person("Greta").direct_messages()[-1].words


async def test_a_case_that_came_back_to_its_first_department_lives_on_its_first_card(house: House) -> None:
    await house.answer()
    for name, place, target in (("Ana", "#support", "Billing"), ("Greta", "#billing", "Support")):
        who = house.person(name)
        await who.press("Hand over", on=place)
        await who.fill("Department", target)
        assert await who.submit() == {}
        await house.settle()

    assert len(house.cards("#support")) == 1
    assert "Resolve" in house.cards("#support")[-1].buttons
    assert "moved to" in house.cards("#billing")[-1].words


async def test_a_case_cannot_be_resolved_while_a_task_is_open(house: House) -> None:
    case_id = await house.answer(comment="The app crashes every morning.")
    ana, elif_ = house.people("Ana", "Elif")

    refused = await resolve(house, "Ana")

    assert "Have every task done or cancelled first." in refused["What changed, in words for the customer"]
    assert house.row(case_id).state == "new"
    await ana.close()
    await elif_.press("Done", on=elif_.direct_messages()[-1])
    await elif_.fill("What was done?", "The crash is mended.")
    assert await elif_.submit() == {}
    await house.settle()
    assert "Every task is settled" in house.thread()[-1]
    assert await resolve(house, "Ana") == {}
    assert house.row(case_id).state == "ready"


async def test_tasks_go_to_other_departments_and_are_handed_over_done_or_cancelled(house: House) -> None:
    case_id = await house.answer()
    ana, greta, hugo = house.people("Ana", "Greta", "Hugo")
    for title in ("Correct the invoice", "Send a voucher"):
        await ana.press("Add task", on="#support")
        await ana.fill("What is to be done?", title)
        await ana.fill("Department", "Billing")
        assert await ana.submit() == {}
        await house.settle()
    [first], [second] = greta.direct_messages(), hugo.direct_messages()

    await greta.press("Hand over", on=first)
    await greta.fill("Person", "Hugo")
    assert await greta.submit() == {}
    await house.settle()
    await hugo.press("Done", on=hugo.direct_messages()[-1])
    assert await hugo.submit() == {}
    await hugo.press("Not needed", on=second)
    await hugo.fill("Why isn't it needed any more?", "She has one already.")
    assert await hugo.submit() == {}
    await house.settle()

    assert "Handed over to <@UHUGO>" in greta.again(first).words
    assert greta.again(first).buttons == []
    assert ["Done by" in one.words for one in hugo.direct_messages()] == [False, True]
    assert "*Tasks* · 0 open of 2" in house.cards()[-1].words
    assert [one for one in house.events(case_id) if one.startswith("task")] == [
        "task_added", "task_added", "task_handed_over", "task_done", "task_cancelled",
    ]  # fmt: skip


async def test_the_case_of_a_person_on_holiday_comes_to_somebody_who_is_there(house: House) -> None:
    ana, ben = house.people("Ana", "Ben")
    await ana.set_status("On holiday", emoji=":palm_tree:")

    first = await house.answer()
    await ben.set_status("Ill", emoji=":face_with_thermometer:")
    second = await house.answer(email="bo@acme.test")

    assert house.row(first).owner == "UBEN"
    assert (house.row(second).owner, house.row(second).is_owner_stand_in) == ("UANA", True)
    assert "stand-in: nobody of Support was present" in house.cards()[-1].words


async def test_the_accounts_own_manager_gets_the_case(house: House) -> None:
    case_id = await house.answer(account_manager="Hugo@northwind.example")

    assert (house.row(case_id).owner, house.row(case_id).department) == ("UHUGO", "support")
    hugo = house.person("Hugo")
    await hugo.press("Why me?", on="#support")
    assert "account's own manager" in hugo.modal().words
