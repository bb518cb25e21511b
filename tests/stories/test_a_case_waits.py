"""A case waits for its customer, its reminders are put off, and what was promised is kept: all from Slack."""

import pytest
from story_house import START, House
from story_moves import resolve, take, told

from bot.sandbox.people import Seen
from storage.tables import Event
from storage.time_tables import Promise

pytestmark = pytest.mark.anyio
WEDNESDAY = START.replace(day=4, hour=11)  # 12:00 in Berlin; it is Monday, 10:00


async def in_the_case(house: House, name: str, button: str, **fields: object) -> dict[str, str]:
    """Open the latest case of #support, press a button there, and submit its form; gives what was refused."""
    who = house.person(name)
    await who.press("Open case", on="#support")
    await who.press(button, on="modal")
    for label, value in fields.items():
        await who.fill(LABELS[label], value)
    refused = await who.submit()
    await house.settle()
    return refused


LABELS = {
    "until": "Until when?",
    "reason": "What do you wait for?",
    "text": "What did you promise the customer?",
    "due": "For when?",
    "why": "Why doesn't it hold any more?",
}


def card(house: House) -> Seen:
    return house.cards()[-1]


async def test_a_paused_case_shows_until_when_and_why_and_goes_on_when_somebody_says_so(house: House) -> None:
    case_id = await house.answer()
    await take(house, "Ana")

    assert await in_the_case(house, "Ana", "Pause", until=WEDNESDAY, reason="She sends a photo.") == {}

    assert house.row(case_id).contact_due_at == WEDNESDAY.replace(day=5)  # the 8 hours that were left
    assert "Paused until" in card(house).words
    assert "She sends a photo." in card(house).words
    assert "Ana Example paused the case until" in house.thread()[-1]
    ana = house.person("Ana")
    assert "Paused until" in ana.modal().words  # the case, drawn anew below the form
    await ana.close()
    await house.wind(days=1)
    await ana.press("Resume", on="#support")
    await house.settle()
    assert house.row(case_id).contact_due_at == WEDNESDAY.replace(hour=9)
    assert "Paused until" not in card(house).words
    assert "Ana Example ended the pause" in house.thread()[-1]


async def test_both_clocks_stand_on_the_card_in_the_case_and_in_the_home(house: House) -> None:
    await house.answer()
    await house.home("Ana")
    await take(house, "Ana")
    await house.wind(hours=3)
    ana = house.person("Ana")

    await ana.press("Open case", on="#support")

    assert "Waiting 3 h · 3 of 8 working hours used" in ana.modal().words
    assert "Waiting since" in card(house).words
    assert "0 of 8 working hours used as of" in card(house).words  # drawn as it was taken
    assert "0 of 8 working hours used as of" in ana.direct_messages()[-1].words
    assert "Waiting 3 h · 3 of 8 working hours used" in (await house.home("Ana")).words
    await ana.close()
    await ana.command("/loop mine", at="#support")
    assert "Waiting 3 h · 3 of 8 working hours used" in ana.private_answers()[-1].words


async def test_past_a_limit_the_clock_says_by_how_much(house: House) -> None:
    await house.answer()
    await take(house, "Ana")
    await house.wind(days=1, minutes=38)
    ana = house.person("Ana")

    await ana.command("/loop mine", at="#support")

    assert "8 working hours allowed, 38 min over" in ana.private_answers()[-1].words


async def test_what_cannot_be_is_said_at_its_field(house: House) -> None:
    await house.answer()

    for button, fields, words in (
        ("Pause", {"until": START, "reason": "A photo."}, {"Until when?": "has passed already"}),
        ("Pause", {"until": START.replace(month=7), "reason": "A photo."}, {"Until when?": "90 days at most"}),
        ("Put off reminders", {"until": START.replace(day=20)}, {"Until when?": "7 days at most"}),
        ("Promise", {"text": "I call.", "due": START}, {"For when?": "has passed already"}),
    ):
        refused = await in_the_case(house, "Ana", button, **fields)  # type: ignore[arg-type] # a mixed table
        assert [*refused] == [*words]
        assert all(part in refused[label] for label, part in words.items()), (button, refused)
        await house.person("Ana").close()


async def test_a_customer_who_writes_ends_the_pause(house: House) -> None:
    case_id = await house.answer()
    await take(house, "Ana")
    ana = house.person("Ana")
    await ana.press("Write to customer", on="#support")
    assert await ana.submit() == {}
    assert await ana.submit() == {}
    await house.wind(minutes=3)
    assert await in_the_case(house, "Ana", "Pause", until=WEDNESDAY, reason="A photo.") == {}

    await house.mailbox.reply("mail-1", text="Here it is.")
    await house.settle()

    assert house.row(case_id).paused_until is None
    assert house.events(case_id)[-2:] == ["replied", "resumed"]
    assert "The customer was heard, so the pause is over" in house.thread()[-1]


async def test_reminders_are_put_off_and_the_limits_run_on(house: House) -> None:
    case_id = await house.answer()
    due = house.row(case_id).next_due_at

    assert await in_the_case(house, "Ana", "Put off reminders", until=START.replace(hour=14)) == {}

    assert house.row(case_id).next_due_at == due
    assert "No reminders until" in card(house).words
    assert "put off the reminders until" in house.thread()[-1]


async def test_a_promise_stands_on_the_card_until_it_is_kept(house: House) -> None:
    case_id = await house.answer()

    assert await in_the_case(house, "Ana", "Promise", text="I call her.", due=WEDNESDAY) == {}

    assert "Promised for" in card(house).words
    assert "I call her." in card(house).words
    assert "Ana Example promised the customer something for" in house.thread()[-1]
    ben = house.person("Ben")
    await ben.press("Promise kept", on="#support")
    await house.settle()
    assert [one.state for one in house.all(Promise)] == ["kept"]
    assert "I call her." not in card(house).words
    assert "Ben Example kept the promise: “I call her.”" in house.thread()[-1]
    assert house.events(case_id)[-1] == "promise_kept"


async def test_a_promise_that_was_kept_late_is_said_to_be_late(house: House) -> None:
    await house.answer()
    assert await in_the_case(house, "Ana", "Promise", text="I call her.", due=START.replace(hour=12)) == {}
    await house.person("Ana").close()
    await house.wind(days=1)

    await house.person("Ana").press("Promise kept", on="#support")
    await house.settle()

    assert house.all(Event)[-1].facts["late"] is True
    assert "kept the promise, 21 hours late" in house.thread()[-1]


async def test_a_promise_is_withdrawn_from_the_case(house: House) -> None:
    case_id = await house.answer()
    assert await in_the_case(house, "Ana", "Promise", text="I call her.", due=WEDNESDAY) == {}
    await house.person("Ana").close()

    assert await in_the_case(house, "Ana", "Withdraw", why="She called us.") == {}

    assert [one.state for one in house.all(Promise)] == ["withdrawn"]
    assert "Ana Example withdrew the promise “I call her.”." in house.thread()[-1]
    assert "✗ Withdrawn" in house.person("Ana").modal().words
    assert house.events(case_id)[-1] == "promise_withdrawn"


async def test_telling_the_customer_keeps_the_promise_and_ends_the_pause(house: House) -> None:
    case_id = await house.answer()
    await take(house, "Ana")
    for button, fields in (("Promise", {"text": "I call her.", "due": WEDNESDAY}), ("Pause", {"reason": "A photo."})):
        assert await in_the_case(house, "Ana", button, **fields) == {}  # type: ignore[arg-type] # a mixed table
        await house.person("Ana").close()

    await told(house)

    case = house.row(case_id)
    assert (case.state, case.paused_until, case.next_step_at) == ("told", None, None)
    assert [one.state for one in house.all(Promise)] == ["kept"]
    assert case.tell_used == 0  # it was paused from the beginning
    assert "Waited 3 min · 0 working hours used" in card(house).words
    assert not {"Resume", "Promise kept"} & set(card(house).buttons)


async def test_somebody_of_another_department_is_told_whom_to_ask(house: House) -> None:
    await house.answer()
    assert await resolve(house, "Ana") == {}
    greta = house.person("Greta")

    await greta.press("Open case", on="#support")
    await greta.press("Pause", on="modal")
    await house.settle()

    assert "belongs to Support" in greta.modal().words + "".join(one.text for one in greta.private_answers())
