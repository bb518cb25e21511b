"""What Slack tells us by itself: thread replies, the Home, people; and copies of cards that people press."""

from typing import Any

import pytest
from slack_house import House
from sqlmodel import select

from bot.slack.door import PATH
from storage.tables import Card, Intent, Member

pytestmark = pytest.mark.anyio


async def test_an_event_that_slack_sends_twice_is_kept_once(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.reply("I will call her.", to=ana.latest_in("#support"))
    envelope = next(one for one in house.slack.wire.sent if one["event"].get("text") == "I will call her.")

    answer = await post(house, envelope)

    assert answer == 200
    assert house.events(case_id).count("note") == 1


async def test_a_form_that_slack_sends_twice_is_done_once(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")
    await ana.press("Note", on="#support")
    state = {"values": {"text": {"value": {"type": "plain_text_input", "value": "Noted."}}}}
    payload = {"type": "view_submission", "user": {"id": "UANA"}, "view": {**ana.modal().raw, "state": state}}

    answers = [await house.send(payload) for _ in range(2)]

    assert [(one.status_code, one.text) for one in answers] == [(200, ""), (200, "")]
    assert house.events(case_id).count("note") == 1


async def test_what_is_written_outside_a_cards_thread_is_not_kept(house: House) -> None:
    case_id = await house.case()
    ana = house.person("Ana")

    message = await ana.post("#support", "Lunch?")
    await ana.reply("Yes", to=message)

    assert "note" not in house.events(case_id)


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"thread_ts": None},
        {"user": None},
        {"text": None},
        {"thread_ts": 7, "channel": {}, "text": []},
    ],
)
async def test_the_words_of_bots_edits_and_odd_events_are_no_notes(house: House, more: dict[str, Any]) -> None:
    case_id = await house.case()
    card = house.person("Ana").latest_in("#support")
    event = {
        "type": "message",
        "channel": card.channel_id,
        "ts": "1.1",
        "thread_ts": card.ts,
        "user": "UANA",
        "text": "Hello",
    }

    answer = await post(house, {"type": "event_callback", "event_id": "Ev1", "event": {**event, **more}})

    assert answer == 200
    assert "note" not in house.events(case_id)


async def test_opening_the_home_draws_it_and_keeps_it_up_to_date(house: House) -> None:
    case_id = await house.case()
    owner = house.person(str(house.row(case_id).owner))
    owner.hands.open_home(owner.id)

    await house.settle()

    assert f"Case {case_id}" in owner.home().words
    member = house.db.read_now(lambda session: session.get_one(Member, owner.id))
    assert member.home_opened_at == house.clock()


async def test_a_press_in_the_home_opens_the_case(house: House) -> None:
    case_id = await house.case()
    owner = house.person(str(house.row(case_id).owner))
    owner.hands.open_home(owner.id)
    await house.settle()

    await owner.press("Open case", on="home")

    assert owner.modal().title == f"Case {case_id}"


async def test_the_messages_tab_needs_no_home(house: House) -> None:
    ana = house.person("Ana")

    ana.hands.open_home("UANA", tab="messages")
    await house.slack.wire.settle()

    found = house.db.read_now(lambda session: session.exec(select(Intent)).all())
    assert [one.key for one in found] == []


async def test_a_member_on_holiday_gets_no_cases_until_they_are_back(house: House) -> None:
    user = {"id": "UANA", "name": "ana", "profile": {"real_name": "Ana E", "status_emoji": ":palm_tree:"}}
    await post(house, changed(user))
    away = await house.case()
    user["profile"] = {"real_name": "Ana E", "status_emoji": ":house_with_garden:"}
    await post(house, changed(user))
    back = await house.case(email="bo@acme.test")

    assert (house.row(away).owner, house.row(back).owner) == ("UBEN", "UANA")


async def test_a_press_on_a_copy_makes_the_copy_the_card(house: House) -> None:
    case_id = await house.case()
    ben = house.person("Ben")
    card, copy = ben.latest_in("#support"), await a_copy(house)

    await ben.press("Take", on=copy)
    await house.settle()

    assert house.row(case_id).owner == "UBEN"
    assert standing(house, f"case:{case_id}") == copy.ts
    assert "Take" not in ben.again(copy).buttons
    assert "Take" in ben.again(card).buttons


async def test_a_refused_press_on_a_copy_has_the_copy_redrawn(house: House) -> None:
    case_id = await house.case()
    ana, ben = house.person("Ana"), house.person("Ben")
    copy = await a_copy(house)
    await ana.press("Take", on=ana.messages_in("#support")[0])
    await house.settle()

    await ben.press("Take", on=copy)
    await house.settle()

    assert house.row(case_id).owner == "UANA"
    assert standing(house, f"case:{case_id}") == copy.ts
    assert "Take" not in ben.again(copy).buttons


async def test_looking_into_a_case_through_a_copy_adopts_the_copy_too(house: House) -> None:
    case_id = await house.case()
    ben = house.person("Ben")
    copy = await a_copy(house)

    await ben.press("Note", on=copy)
    await house.settle()

    assert standing(house, f"case:{case_id}") == copy.ts


async def a_copy(house: House) -> Any:
    """Post the newest card once more, as when Slack's answer to the first posting was lost."""
    card = house.person("Ben").latest_in("#support").raw
    await house.client.chat_postMessage(
        channel="#support", text=card["text"], blocks=card["blocks"], metadata=card["metadata"]
    )
    return house.person("Ben").latest_in("#support")


def standing(house: House, subject: str) -> str:
    found = house.db.read_now(lambda session: session.exec(select(Card).where(Card.subject == subject)).one())
    return found.ts


def changed(user: dict[str, Any]) -> dict[str, Any]:
    return {"type": "event_callback", "event_id": "Ev9", "event": {"type": "user_change", "user": user}}


async def post(house: House, envelope: dict[str, Any]) -> int:
    import json  # noqa: PLC0415 -- nothing else here needs it

    body = json.dumps(envelope).encode()
    headers = house.slack.wire.signed(body, "application/json")
    return (await house.http.post(f"http://hearback.test{PATH}", content=body, headers=headers)).status_code
