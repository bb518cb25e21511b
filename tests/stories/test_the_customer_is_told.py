"""The customer is told by mail, and a case is told only once the server has taken it; or a person logs how."""

import pytest
from story_house import House
from story_moves import CHANGED, log, resolve, tell, told

from bot.sandbox.mailbox import MailFault

pytestmark = pytest.mark.anyio


async def test_the_customer_reads_what_changed_and_only_then_is_the_case_told(house: House) -> None:
    case_id = await house.answer()
    await resolve(house, "Ana")
    await tell(house, "Ana")

    await house.wind(minutes=1)
    assert (house.row(case_id).state, house.mailbox.mails) == ("ready", [])
    assert {"Take back", "Note"} <= set(house.cards()[-1].buttons)
    assert "Tell customer" not in house.cards()[-1].buttons
    await house.wind(minutes=1)

    [mail] = house.mailbox.to("jane@acme.test")
    assert CHANGED in mail.part("plain")
    assert CHANGED in mail.part("html")
    assert mail.message["Reply-To"] == "care@lumendesk.example"
    assert house.row(case_id).state == "told"
    assert house.row(case_id).next_due_at is None
    assert "The customer has been told" in house.cards()[-1].words
    assert set(house.cards()[-1].buttons) == {"Open case", "Why me?", "Reopen", "Note"}
    assert "told the customer what changed by e-mail" in house.thread()[-1]


async def test_the_mail_is_worded_in_the_customers_language(house: House) -> None:
    await house.answer(language="de")

    await told(house)

    [mail] = house.mailbox.to("jane@acme.test")
    assert mail.message["Subject"] == "Was wir geändert haben"
    assert mail.part("plain").split("\r\n\r\n") == ["Guten Tag Jane Doe,", CHANGED, "Ana Example\r\n"]


async def test_a_mail_is_edited_and_read_once_more_before_it_goes_out(house: House) -> None:
    await house.answer()
    ana = house.person("Ana")
    await resolve(house, "Ana")
    await ana.press("Tell customer", on="#support")
    await ana.submit()

    await ana.fill("Text", "Dear Jane, it is mended.")
    await ana.submit()
    assert "You changed it" in ana.modal().words
    assert "Dear Jane, it is mended." in ana.modal().words
    await ana.submit()
    await house.wind(minutes=3)

    assert not ana.has_modal()
    assert "Dear Jane, it is mended." in house.mailbox.to("jane@acme.test")[0].part("plain")


async def test_a_mail_that_was_taken_back_is_never_sent(house: House) -> None:
    case_id = await house.answer()
    await resolve(house, "Ana")
    await tell(house, "Ana")

    await house.person("Ana").press("Take back", on="#support")
    await house.wind(hours=2)

    assert (house.mailbox.mails, house.row(case_id).state) == ([], "ready")
    assert "took the mail back" in house.thread()[-1]
    assert "Tell customer" in house.cards()[-1].buttons
    await tell(house, "Ana")
    await house.wind(minutes=3)
    assert house.row(case_id).state == "told"


async def test_a_mail_that_has_left_cannot_be_taken_back(house: House) -> None:
    case_id = await house.answer()
    ana = house.person("Ana")
    await resolve(house, "Ana")
    await tell(house, "Ana")
    card = ana.latest_in("#support")
    await house.wind(minutes=3)

    await ana.press_as_seen("Take back", on=card)
    await house.settle()

    assert house.row(case_id).state == "told"
    assert "It is too late: the mail has left." in ana.private_answers()[-1].text


async def test_nothing_else_happens_to_a_case_while_its_mail_is_on_its_way(house: House) -> None:
    case_id = await house.answer()
    ana = house.person("Ana")
    await resolve(house, "Ana")
    card = ana.latest_in("#support")
    await tell(house, "Ana")

    for button in ("Reopen", "Excuse", "Log as told", "Tell customer"):
        await ana.press_as_seen(button, on=card)
        await house.settle()
        assert "Take it back first" in ana.private_answers()[-1].text

    assert house.row(case_id).state == "ready"


async def test_a_refused_mail_leaves_the_case_ready_and_says_so(house: House) -> None:
    case_id = await house.answer()
    house.mailbox.refuse("@acme.test")

    await told(house)

    assert house.row(case_id).state == "ready"
    assert house.mailbox.mails == []
    assert "they have not been told" in house.thread()[-1]
    assert "The last mail was not accepted" in house.cards()[-1].words
    assert {"Tell customer", "Log as told"} <= set(house.cards()[-1].buttons)


async def test_a_mail_server_that_asks_to_wait_is_asked_again(house: House) -> None:
    case_id = await house.answer()
    house.mailbox.next(MailFault.TRY_LATER)
    await told(house)
    assert (house.row(case_id).state, len(house.mailbox.mails)) == ("ready", 0)

    await house.wind(minutes=1)

    assert (house.row(case_id).state, len(house.mailbox.mails)) == ("told", 1)


async def test_a_bounce_reopens_a_told_case_and_says_so(house: House) -> None:
    case_id = await house.answer()
    await told(house)

    await house.mailbox.bounce("mail-1")
    await house.settle()

    case = house.row(case_id)
    assert (case.state, case.owner, case.reopened) == ("working", "UANA", 1)
    assert case.next_due_at is not None
    assert "they have not been told" in house.thread()[-2]
    assert "The case is open again" in house.thread()[-1]
    assert "The last mail came back" in house.cards()[-1].words


async def test_an_address_is_corrected_after_a_bounce_and_the_mail_arrives_at_the_new_one(house: House) -> None:
    case_id = await house.answer()
    await told(house)
    await house.mailbox.bounce("mail-1")
    await house.settle()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")

    await ana.fill("To", "jane.doe@acme.test")
    assert await ana.submit() == {}
    assert await ana.submit() == {}
    await house.wind(minutes=3)

    assert len(house.mailbox.to("jane.doe@acme.test")) == 1
    assert len(house.mailbox.to("jane@acme.test")) == 1
    assert house.events(case_id).count("address_changed") == 1
    assert "Ana Example corrected the customer's e-mail address." in "".join(house.thread())
    assert "jane.doe@" not in "".join(house.thread())


async def test_a_corrected_address_outlives_the_customers_next_answer(house: House) -> None:
    case_id = await house.answer()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    await ana.fill("To", "jane.doe@acme.test")
    await ana.submit()
    await ana.submit()
    await house.wind(minutes=3)

    assert await house.answer() == case_id

    await ana.press("Write to customer", on="#support")
    assert ana.filled("To") == "jane.doe@acme.test"


async def test_the_same_bounce_twice_reopens_once(house: House) -> None:
    case_id = await house.answer()
    await told(house)

    for _ in range(2):
        await house.mailbox.bounce("mail-1")
    await house.settle()

    assert house.events(case_id).count("mail_bounced") == 1
    assert house.row(case_id).reopened == 1


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_mail_with_an_unclear_outcome_is_never_repeated_and_a_person_settles_it(
    house: House, *, arrived: bool
) -> None:
    case_id = await house.answer()
    house.mailbox.next(MailFault.LOST_REPLY if arrived else MailFault.DROPPED)
    await told(house)
    await house.wind(days=3)
    assert len(house.mailbox.mails) == arrived
    assert house.row(case_id).state == "ready"
    assert "Nobody knows whether the mail reached the customer" in house.cards()[-1].words

    await house.person("Ben").press("It arrived" if arrived else "It did not arrive", on="#support")
    await house.wind(days=1)

    assert len(house.mailbox.mails) == arrived
    assert house.row(case_id).state == ("told" if arrived else "ready")
    assert ("Tell customer" in house.cards()[-1].buttons) is not arrived
    assert "It arrived" not in house.cards()[-1].buttons


async def test_an_unclear_mail_is_settled_once_even_if_two_people_disagree(house: House) -> None:
    case_id = await house.answer()
    house.mailbox.next(MailFault.DROPPED)
    await told(house)
    ana, ben = house.people("Ana", "Ben")
    card = ben.latest_in("#support")
    await ana.press("It did not arrive", on="#support")
    await house.settle()

    await ben.press_as_seen("It arrived", on=card)
    await house.settle()

    assert house.row(case_id).state == "ready"
    assert "settled" in ben.private_answers()[-1].text


async def test_a_customer_who_was_told_by_phone_is_logged_as_told(house: House) -> None:
    case_id = await house.answer()
    await resolve(house, "Ana")

    assert await log(house, "Ana", "Log as told") == {}

    assert house.row(case_id).state == "told"
    assert "by phone by Ana Example" in house.cards()[-1].words
    assert house.mailbox.mails == []


async def test_a_contact_stops_the_contact_clock_and_leaves_the_state(house: House) -> None:
    case_id = await house.answer()

    assert await log(house, "Ben", "Log contact", how="Chat") == {}

    case = house.row(case_id)
    assert (case.state, case.contacted_at) == ("new", house.now())
    assert "contacted the customer by chat" in house.thread()[-1]


async def test_a_customer_without_an_address_can_only_be_told_in_another_way(house: House) -> None:
    await house.answer(email=None, customer_id="c-17")

    await resolve(house, "Ana")

    assert "Log as told" in house.cards()[-1].buttons
    assert "Tell customer" not in house.cards()[-1].buttons


async def test_a_customers_reply_is_kept_on_the_case(house: House) -> None:
    case_id = await house.answer()
    await told(house)

    await house.mailbox.reply("mail-1", text="It is still late!")
    await house.settle()

    assert house.events(case_id)[-1] == "replied"
    assert "Jane Doe replied by e-mail." in house.thread()[-1]
    assert "It is still late!" in house.thread()[-1]


async def test_mails_of_one_case_stand_in_one_thread(house: House) -> None:
    await house.answer()
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    await ana.submit()
    await ana.submit()
    await house.wind(minutes=3)

    await told(house)

    first, second = house.mailbox.to("jane@acme.test")
    assert second.message["References"] == second.message["In-Reply-To"] == first.message["Message-ID"]
