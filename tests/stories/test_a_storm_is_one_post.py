"""Many complaints at once: of one theme one post, of one account one owner's; each stays a case of its own."""

import asyncio
from typing import Any

import pytest
from story_house import House
from story_moves import CHANGED, excuse
from story_promises import broken_promises

from storage.tables import Case, Task
from storage.time_tables import Ping

pytestmark = pytest.mark.anyio

MANY = 50


async def storm(house: House, count: int, **form: Any) -> list[int]:
    """Let so many customers complain of the same within a few minutes; returns the numbers of their cases."""
    return [
        await house.answer(
            id=f"r{number}", email=f"c{number}@x.test", name=f"Customer {number}", account_name="", **form
        )
        for number in range(count)
    ]


def umbrellas(house: House, place: str = "#support") -> list[Any]:
    return [one for one in house.cards(place) if "in a short time" in one.text]


def all_messages(house: House) -> int:
    """Count what was posted in channels and to owners."""
    channels = sum(len(house.cards(place)) for place in ("#support", "#billing", "#product", "#managers"))
    return channels + sum(len(house.person(name).direct_messages()) for name in ("Ana", "Ben", "Greta", "Hugo", "Elif"))


async def test_fifty_cases_in_an_hour_are_fifty_cases_and_one_post(house: House) -> None:
    ids = await storm(house, MANY)

    assert len(set(ids)) == MANY
    assert len(house.cards()) == 9 + 1
    [post] = umbrellas(house)
    assert "50 cases in a short time" in post.text
    assert all(house.row(one).owner in {"UANA", "UBEN"} for one in ids)
    assert house.db.read_now(lambda session: broken_promises(session, at=house.now())) == []


async def test_an_owner_gets_one_message_for_all_of_theirs(house: House) -> None:
    await storm(house, 20)

    messages = {name: house.person(name).direct_messages() for name in ("Ana", "Ben")}
    assert sum(len(those) for those in messages.values()) == 9 + 2
    for those in messages.values():
        assert sum("cases for you in a short time" in one.text for one in those) == 1


async def test_each_of_them_can_be_opened_and_worked_on_and_then_has_a_card(house: House) -> None:
    ids = await storm(house, 12)
    ana = house.person("Ana")
    hers = [one for one in ids if house.row(one).owner == "UANA" and house.row(one).withheld_at is not None]
    await ana.command(f"/loop case {hers[0]}")

    await ana.press("Take", on="modal")
    await house.settle()

    assert house.row(hers[0]).state == "working"
    assert house.row(hers[0]).withheld_at is None
    assert f"Case {hers[0]}" in house.cards()[-1].words
    assert any("took the case" in one for one in house.thread())


async def test_all_of_them_are_a_press_away(house: House) -> None:
    ids = await storm(house, 14)

    await house.person("Ana").press("All cases", on=umbrellas(house)[-1])

    shown = house.person("Ana").modal().words
    assert [one for one in ids if f"Case {one}*" not in shown] == []


async def test_they_are_taken_and_resolved_together_and_each_customer_is_told(house: House) -> None:
    ids = await storm(house, 12)
    before = all_messages(house)
    for name in ("Ana", "Ben"):
        await house.person(name).press("Take mine", on=umbrellas(house)[-1])
        await house.settle()
    assert {house.row(one).state for one in ids} == {"working"}
    ana = house.person("Ana")
    await ana.press("Resolve together", on=umbrellas(house)[-1])
    await ana.fill("What caused it?", "Process: how we work")
    await ana.fill("What changed, in words for the customer", CHANGED)
    assert await ana.submit() == {}
    await house.settle()

    assert {house.row(one).state for one in ids} == {"ready"}
    assert {house.row(one).what_changed for one in ids} == {CHANGED}
    assert all_messages(house) == before
    for case_id in ids:
        await ana.command(f"/loop case {case_id}")
        await ana.press("Log as told", on="modal")
        await ana.fill("How did you reach them?", "Phone")
        await ana.fill("What did you tell them, and what did they say?", "We talked it through.")
        assert await ana.submit() == {}
        await house.settle()
        await ana.close()
    assert {house.row(one).state for one in ids} == {"told"}
    assert "All of them are closed" in umbrellas(house)[-1].words
    assert house.db.read_now(lambda session: broken_promises(session, at=house.now())) == []


async def test_a_second_press_and_a_second_arrival_of_the_modal_change_nothing(house: House) -> None:
    await storm(house, 11)
    ana = house.person("Ana")
    await ana.press("Take mine", on=umbrellas(house)[-1])
    await house.settle()
    before = house.counts()
    await house.again()
    assert house.counts() == before
    assert ana.private_answers() == []
    await ana.press("Resolve together", on=umbrellas(house)[-1])
    await ana.fill("What caused it?", "Process: how we work")
    await ana.fill("What changed, in words for the customer", CHANGED)
    await ana.submit()
    await house.settle()
    before = house.counts()

    reply = await house.again()

    assert "errors" not in (reply.body or {})
    assert house.counts() == before


async def test_who_owns_none_of_them_is_told_what_to_do(house: House) -> None:
    await storm(house, 11)

    await house.person("Greta").press("Take mine", on=umbrellas(house)[-1])
    await house.settle()

    assert "None of these is yours" in house.person("Greta").private_answers()[-1].text


async def test_limits_that_come_near_together_are_one_message_to_each_owner(house: House) -> None:
    await storm(house, 30)
    before = all_messages(house)

    await house.wind(hours=3, minutes=10)
    await house.hearback.sweep()
    await house.wind(minutes=6)
    await house.hearback.sweep()
    await house.settle()

    assert house.all(Ping)
    assert all_messages(house) - before <= 2 + 9


async def test_when_the_storm_is_over_cases_have_their_cards_again(house: House) -> None:
    await storm(house, 11)
    await house.wind(hours=2)

    case_id = await house.answer(id="late", email="late@x.test", name="Lena", account_name="")

    assert house.row(case_id).umbrella_id is None
    assert f"Case {case_id}" in house.cards()[-1].words


async def test_cases_of_several_themes_make_no_storm(house: House) -> None:
    await storm(house, 9)
    for number in range(5):
        await house.answer(id=f"m{number}", email=f"m{number}@x.test", account_name="", comment="The invoice is wrong.")

    assert umbrellas(house) == umbrellas(house, "#billing") == []


async def test_a_second_person_of_an_account_goes_to_the_same_owner_without_another_card(house: House) -> None:
    lead = house.row(await of_acme(house, "Jane Doe"))
    other = house.row(await of_acme(house, "Kim Roe", comment="The invoice is wrong."))

    assert lead.id != other.id
    assert (other.owner, other.department) == (lead.owner, lead.department)
    assert [(one.case_id, one.department) for one in house.all(Task)] == [(other.id, "billing")]
    assert len(house.cards()) == 2
    assert "2 people of Acme are unhappy" in house.cards()[-1].text
    assert "every one of these people is to be told" in house.cards()[-1].words


async def test_every_person_of_an_account_is_told(house: House) -> None:
    ids = [await of_acme(house, name) for name in ("Jane Doe", "Kim Roe", "Lou Poe")]
    ana, owner = house.person("Nora"), house.row(ids[0]).owner
    post = house.cards()[-1]
    who = house.person(str(owner)[1:].capitalize())
    await who.press("Take mine", on=post)
    await house.settle()
    await ana.press("Resolve together", on=house.cards()[-1])
    await ana.fill("What caused it?", "Process: how we work")
    await ana.fill("What changed, in words for the customer", CHANGED)
    assert await ana.submit() == {}
    await house.settle()

    for case_id in ids:
        await who.command(f"/loop case {case_id}")
        await who.press("Tell customer", on="modal")
        assert await who.submit() == {}
        assert await who.submit() == {}
        await house.settle()
    await house.wind(minutes=3)

    assert {house.row(one).state for one in ids} == {"told"}
    assert [len(house.mailbox.to(f"{name}@acme.test")) for name in ("jane", "kim", "lou")] == [1, 1, 1]


async def test_once_the_accounts_case_is_closed_the_next_person_has_a_card(house: House) -> None:
    lead = await of_acme(house, "Jane Doe")
    await excuse(house, "Nora")
    assert house.row(lead).state == "excused"

    other = await of_acme(house, "Kim Roe")

    assert house.row(other).umbrella_id is None


async def of_acme(house: House, name: str, **more: Any) -> int:
    """Let somebody of the account Acme complain; returns their case's number."""
    email = f"{name.split(maxsplit=1)[0].lower()}@acme.test"
    said = house.survey.body({"id": email, "score": 2, "name": name, "email": email, "comment": "Late.", **more})
    said["data"]["account"] = {"id": "a-31", "name": "Acme"}
    return int((await house.webhook(said))["case"])


async def test_cases_that_open_at_the_same_moment_are_counted_one_after_the_other(house: House) -> None:
    await storm(house, 8)
    late = ({"id": f"l{one}", "email": f"l{one}@x.test", "name": f"Late {one}", "account_name": ""} for one in range(6))

    await asyncio.gather(*(house.answered(score=2, **who) for who in late))

    cases = house.all(Case)
    assert len(cases) == 14
    assert sum(one.withheld_at is not None for one in cases) == 14 - 9
    assert len({one.umbrella_id for one in cases}) == 1
    assert len(umbrellas(house)) == 1
