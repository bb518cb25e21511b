"""Writing to a customer: prefilled, read once more, sent later, taken back; and where there is no address."""

from datetime import timedelta

import pytest
from slack_house import START, House
from test_case_work import resolve

pytestmark = pytest.mark.anyio


async def test_telling_shows_the_comment_the_draft_and_then_exactly_the_mail(house: House) -> None:
    case_id = await house.case()
    await resolve(house, "Ana")
    ana = house.person("Ana")
    await ana.press("Tell customer", on="#support")
    assert "The parcel came two days late." in ana.modal().words
    assert "We now call you when a parcel is late." in str(ana.filled("Text"))
    assert "English" in ana.modal().words

    await ana.fill("Text", "Dear Jane,\n\nwe call you now.")
    assert await ana.submit() == {}

    assert ana.modal().title == "Read it once more"
    assert "Dear Jane,\n\nwe call you now." in ana.modal().words
    assert "goes out in *2 minutes*, and can be taken back until then" in ana.modal().words
    assert house.outreaches(case_id) == []


async def test_a_mail_goes_out_after_its_delay_and_the_customer_counts_as_told(house: House) -> None:
    case_id = await house.case()
    await resolve(house, "Ana")
    ana = house.person("Ana")
    await ana.press("Tell customer", on="#support")
    await ana.submit()

    await ana.submit()
    await house.settle()

    assert not ana.has_modal()
    [waiting] = house.outreaches(case_id)
    assert (waiting.state, waiting.at, waiting.language) == ("waiting", START + timedelta(minutes=2), "en")
    assert house.mailer.sent == []
    house.clock.wind(minutes=2)
    await house.settle()
    assert len(house.mailer.sent) == 1
    assert house.row(case_id).state == "told"


async def test_what_is_changed_in_the_preview_is_shown_before_it_goes_out(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    await ana.submit()
    await ana.fill("Text", "Other words.")

    await ana.submit()

    assert house.outreaches(case_id) == []
    assert "You changed it" in ana.modal().words
    await ana.submit()
    assert [one.body for one in house.outreaches(case_id)] == ["Other words."]


async def test_a_preview_that_is_submitted_twice_is_one_mail(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    await ana.submit()
    preview = ana.modal().raw
    payload = {"type": "view_submission", "user": {"id": "UANA"}, "view": {**preview, "state": {"values": {}}}}
    await house.send(payload)

    answer = await house.send(payload)

    assert answer.json() == {"response_action": "clear"}
    assert len(house.outreaches(case_id)) == 1


async def test_a_waiting_mail_is_taken_back_on_the_card(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    await ana.submit()
    await ana.submit()
    await house.settle()

    await ana.press("Take back", on="#support")
    house.clock.wind(minutes=5)
    await house.settle()

    assert [one.state for one in house.outreaches(case_id)] == ["taken_back"]
    assert house.mailer.sent == []


async def test_an_empty_text_is_refused_below_its_field(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    await ana.fill("Text", "   ")

    refused = await ana.submit()

    assert refused == {"Text": "Write the mail first."}
    assert house.outreaches(case_id) == []


@pytest.mark.parametrize(
    "address", ["j" * 320 + "@acme.test", "jane@acme.", "jane@.test", "<jane@acme.test>", "jane@acme.test,bo@acme.test"]
)
async def test_what_is_no_address_is_refused_below_its_field(house: House, address: str) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    assert ana.filled("To") == "jane@acme.test"
    await ana.fill("To", address)

    refused = await ana.submit()

    assert set(refused) == {"To"}
    assert house.events(case_id).count("address_changed") == 0


async def test_an_address_that_is_changed_in_the_preview_is_shown_before_it_is_kept(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    await ana.submit()
    await ana.fill("To", "Jane.Doe@acme.test")

    await ana.submit()

    assert house.outreaches(case_id) == []
    assert "You changed it" in ana.modal().words
    assert "*To:* jane.doe@acme.test" in ana.modal().words
    await ana.submit()
    assert [one.recipient for one in house.outreaches(case_id)] == ["jane.doe@acme.test"]
    assert house.events(case_id)[-2:] == ["address_changed", "mail_waiting"]


async def test_an_address_that_stays_is_no_news(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    await ana.fill("To", "JANE@acme.test")
    await ana.submit()

    await ana.submit()

    assert [one.recipient for one in house.outreaches(case_id)] == ["jane@acme.test"]
    assert "address_changed" not in house.events(case_id)


async def test_a_customer_without_an_address_is_only_logged_as_told(house: House) -> None:
    case_id = await house.case(email=None, customer_id="c-7")
    await resolve(house, "Ana")
    ana = house.person("Ana")
    assert "Tell customer" not in ana.latest_in("#support").buttons

    await house.send(press("case_tell", case_id, by="UANA", trigger=house.slack.workspace.trigger("UANA")))

    assert ana.modal().title == "Log as told"
    assert "no address" in ana.modal().words


async def test_only_the_owner_writes_to_a_customer_who_answered_in_confidence(house: House) -> None:
    case_id = await house.case(contactability="confidential")
    owner = house.row(case_id).owner
    other = "UBEN" if owner == "UANA" else "UANA"
    ana = house.person(other)

    await ana.press("Write to customer", on="#support")
    await house.settle()

    assert not ana.has_modal()
    assert "only the case's owner" in ana.private_answers()[-1].text
    await house.person(str(owner)).press("Write to customer", on="#support")
    assert house.person(str(owner)).filled("To") == "jane@acme.test"


async def test_a_form_hides_who_answered_in_confidence_from_all_but_the_owner(house: House) -> None:
    case_id = await house.case(contactability="confidential")
    other = "UBEN" if house.row(case_id).owner == "UANA" else "UANA"
    person = house.person(other)

    await person.press("Note", on="#support")

    assert "Confidential customer" in person.modal().words
    assert "Jane" not in person.modal().words


def press(action_id: str, value: object, *, by: str, trigger: str) -> dict[str, object]:
    """Make a press on a button that no screen shows any more."""
    return {
        "type": "block_actions",
        "user": {"id": by},
        "trigger_id": trigger,
        "container": {"type": "message"},
        "actions": [{"action_id": action_id, "block_id": "b", "type": "button", "value": str(value)}],
    }
