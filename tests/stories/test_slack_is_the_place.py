"""Everything can be done where people are: commands, a shortcut, the Home, threads. Strangers are told whom to ask."""

import pytest
from story_house import House
from story_moves import take

from storage.tables import Card, Event

pytestmark = pytest.mark.anyio


async def test_a_reply_in_a_cards_thread_is_kept_as_a_note(house: House) -> None:
    case_id = await house.answer()
    ben = house.person("Ben")

    await ben.reply("I know her, I will call.", to=ben.latest_in("#support"))
    await house.settle()

    note = house.all(Event)[-1]
    assert (note.case_id, note.kind, note.by, note.text) == (case_id, "note", "UBEN", "I know her, I will call.")
    await ben.press("Open case", on="#support")
    assert "I know her, I will call." in ben.modal().words


async def test_the_command_says_what_it_can_do_and_shows_status_a_case_and_what_is_mine(house: House) -> None:
    case_id = await house.answer()
    ana = house.person("Ana")

    said = {}
    for words in ("help", "status", "mine"):
        await ana.command(f"/loop {words}", at="#support")
        said[words] = ana.private_answers()[-1].words
    await ana.command(f"/loop case {case_id}", at="#support")

    assert all(f"`/loop {one}" in said["help"] for one in ("mine", "case", "status", "add"))
    assert "1 new" in said["status"]
    assert "Jane Doe · Acme" in said["mine"]
    assert ana.modal().title == f"Case {case_id}"
    assert len(house.cards()) == 1


async def test_feedback_that_somebody_heard_becomes_a_case(house: House) -> None:
    ana = house.person("Ana")
    await ana.command("/loop add")
    await ana.fill("What did they say?", "Nobody calls back.")
    await ana.fill("Score", "3")
    await ana.fill("Customer's e-mail address", "bo@acme.test")

    assert await ana.submit() == {}
    await house.settle()

    assert "this customer will hear back" in ana.modal().words
    assert "Nobody calls back." in house.cards()[-1].words
    assert "logged by hand" in house.cards()[-1].words


async def test_a_message_is_logged_as_feedback_by_its_menu_once(house: House) -> None:
    ben = house.person("Ben")
    message = await ben.post("#product", "A customer said: never again.")
    for _ in range(2):
        await ben.shortcut("log_feedback", on=message)
        await ben.fill("Score", "1")
        await ben.fill("Customer's e-mail address", "bo@acme.test")
        assert await ben.submit() == {}
        await house.settle()
        await ben.close()

    [card] = house.cards()
    assert "A customer said: never again." in card.words


async def test_the_home_shows_my_cases_and_stays_up_to_date(house: House) -> None:
    first = await house.answer()
    ana = house.person("Ana")
    await house.home("Ana")
    assert "1 open case, 0 open tasks" in ana.home().words
    assert f"Case {first}, new" in ana.home().words

    await take(house, "Ben")

    assert f"Case {first}" not in ana.home().words
    assert "Nothing is waiting for you." in ana.home().words


async def test_why_me_names_the_rule_the_words_the_owner_and_what_comes_next(house: House) -> None:
    await house.answer(comment="The app crashes every morning.", account_value=60_000)
    ana = house.person("Ana")

    await ana.press("Why me?", on="#support")

    why = ana.modal().words
    assert "The rule “It broke” matched:" in why
    assert "The comment says “crash" in why
    assert "Product got a task as well." in why
    assert "fewest open cases" in why
    assert "🚨 Urgent." in why
    assert "the account is worth 60,000, and 50,000 is valuable" in why
    assert "<!date^" in why
    assert "Version 1 of the policy decided this." in why


async def test_a_stranger_is_told_whom_to_ask_and_changes_nothing(house: House) -> None:
    await house.answer()
    zoe = house.person("Zoe")
    card = zoe.latest_in("#support")
    before = house.counts()

    for number, button in enumerate(card.buttons, start=1):
        await zoe.press(button, on=card)
        await house.settle()
        assert len(zoe.private_answers()) == number
        assert "Ask an admin to add you to a department" in zoe.private_answers()[-1].text
    for words in ("status", "mine", "case 1", "add"):
        await zoe.command(f"/loop {words}")
        assert "Ask an admin" in zoe.private_answers()[-1].text

    assert not zoe.has_modal()
    assert house.counts() == before


async def test_somebody_of_another_department_may_note_but_not_move(house: House) -> None:
    case_id = await house.answer()
    hugo = house.person("Hugo")
    card = hugo.latest_in("#support")

    await hugo.press("Take", on=card)
    await house.settle()

    assert "belongs to Support" in hugo.private_answers()[-1].text
    assert house.row(case_id).state == "new"
    await hugo.press("Note", on=card)
    await hugo.fill("Note", "She is right.")
    assert await hugo.submit() == {}
    await house.settle()
    assert "She is right." in house.thread()[-1]


async def test_a_card_that_somebody_deleted_is_posted_anew(house: House) -> None:
    case_id = await house.answer()
    card = house.cards()[-1]
    await house.hearback.client.chat_delete(channel=card.channel_id, ts=card.ts)
    assert house.cards() == []
    house.expected_refusals = ["message_not_found"]

    await house.person("Ana").press("Take", on=house.person("Ana").direct_messages()[-1])
    await house.settle()

    [anew] = house.cards()
    assert "● *working*" in anew.words
    [known] = [one for one in house.all(Card) if one.subject == f"case:{case_id}"]
    assert known.ts == anew.ts


async def test_a_confidential_customer_is_named_to_the_owner_only(house: House) -> None:
    body = house.survey.body({"score": 2, "email": "jane@acme.test", "name": "Jane Doe", "comment": "Late."})
    body["data"]["contactability"] = "confidential"

    await house.webhook(body)

    assert "Jane" not in house.cards()[-1].words
    assert "jane@" not in house.cards()[-1].words
    assert "Jane Doe" in house.person("Ana").direct_messages()[-1].words
