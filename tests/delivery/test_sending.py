"""What is wanted appears in Slack once, in order, and as the rows say."""

import pytest
from delivery_house import House

pytestmark = pytest.mark.anyio


async def test_a_card_is_posted_once_and_remembered(house: House) -> None:
    house.card(house.case())

    await house.delivery.drain()

    (message,) = house.messages()
    (card,) = house.cards()
    assert (card.subject, card.place, card.ts) == ("case:1", "#support", message["ts"])
    assert card.channel == house.slack.workspace.channel("#support").id
    assert message["metadata"] == {"event_type": "hearback_intent", "event_payload": {"key": "case:1@#support"}}
    assert house.states() == {"case:1@#support": "sent"}


async def test_a_redraw_changes_the_card_where_it_stands(house: House) -> None:
    case_id = house.case()
    house.card(case_id)
    await house.delivery.drain()
    house.card(case_id)

    await house.delivery.drain()

    assert len(house.messages()) == 1
    assert house.states() == {"case:1@#support": "sent"}


async def test_an_owner_gets_a_direct_message(house: House) -> None:
    house.card(house.case(owner="UANA"), "UANA", of="owner")

    await house.delivery.drain()

    assert len(house.messages("UANA")) == 1
    assert house.cards()[0].channel.startswith("D")


async def test_lines_follow_their_card_in_the_order_in_which_they_were_left(house: House) -> None:
    case_id = house.case()
    house.card(case_id)
    for text in ("first", "second", "third"):
        house.line(case_id, text)

    await house.delivery.drain()

    card, *lines = house.messages()
    assert [one["thread_ts"] for one in lines] == [card["ts"]] * 3
    assert [word for one in lines for word in ("first", "second", "third") if word in one["text"]] == [
        "first",
        "second",
        "third",
    ]
