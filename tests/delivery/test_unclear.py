"""After an unclear outcome it is looked up whether the message arrived: nothing is lost, nothing is doubled."""

from typing import Any

import pytest
from delivery_house import House
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import Fault, Weather

pytestmark = pytest.mark.anyio
POST = "chat.postMessage"


async def settle(house: House, seconds: float = 20.0) -> None:
    """Let the history catch up, and go on."""
    house.clock.wind(seconds)
    await house.delivery.drain()


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.RESET, Fault.BROKEN])
async def test_a_card_whose_post_was_unclear_stands_once(house: House, fault: Fault) -> None:
    house.slack.faults.next(POST, fault)
    house.card(house.case())
    await house.delivery.drain()
    unclear = house.states()

    await settle(house)

    assert unclear == {"case:1@#support": "unclear"}
    assert house.states() == {"case:1@#support": "sent"}
    assert [one["ts"] for one in house.messages()] == [house.cards()[0].ts]


async def test_nothing_is_looked_up_before_the_history_has_settled(house: House) -> None:
    house.slack.workspace.history_lag = 15.0
    house.slack.faults.next(POST, Fault.LOST_REPLY)
    house.card(house.case())
    await house.delivery.drain()

    await settle(house, 14.0)
    early = house.states()
    await settle(house, 6.0)

    assert early == {"case:1@#support": "unclear"}
    assert (len(house.messages()), house.states()) == (1, {"case:1@#support": "sent"})


async def test_the_lane_waits_while_one_is_unclear(house: House) -> None:
    house.slack.faults.next(POST, Fault.LOST_REPLY)
    case_id = house.case()
    house.card(case_id)
    house.line(case_id, "first")
    await house.delivery.drain()
    meanwhile = len(house.messages())

    await settle(house)

    card, line = house.messages()
    assert meanwhile == 1
    assert line["thread_ts"] == card["ts"]


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.RESET])
async def test_a_line_whose_post_was_unclear_stands_once(house: House, fault: Fault) -> None:
    case_id = house.case()
    house.card(case_id)
    await house.delivery.drain()
    house.slack.faults.next(POST, fault)
    house.line(case_id, "first")
    await house.delivery.drain()

    await settle(house)

    assert len(house.messages()) == 2
    assert set(house.states().values()) == {"sent"}


async def test_a_direct_message_whose_post_was_unclear_stands_once(house: House) -> None:
    house.slack.faults.next(POST, Fault.LOST_REPLY)
    house.card(house.case(owner="UANA"), "UANA", of="owner")
    await house.delivery.drain()

    await settle(house)

    assert len(house.messages("UANA")) == 1
    assert house.states() == {"owner:1@UANA": "sent"}


async def test_a_card_that_is_found_is_brought_up_to_date(house: House) -> None:
    house.slack.faults.next(POST, Fault.LOST_REPLY)
    case_id = house.case()
    house.card(case_id)
    await house.delivery.drain()
    drawn: list[str] = []
    house.slack.workspace.on_payload.append(lambda kind, _words: drawn.append(kind))

    await settle(house)

    assert drawn == ["message"]
    assert len(house.messages()) == 1


async def test_a_message_is_found_far_down_in_the_history(house: House) -> None:
    house.slack.faults.next(POST, Fault.LOST_REPLY)
    house.card(house.case())
    await house.delivery.drain()
    workspace = house.slack.workspace
    for number in range(450):
        workspace.post(workspace.channel("#support"), {"user": "UANA", "text": f"chatter {number}"})

    await settle(house)

    assert len([one for one in house.messages() if one.get("metadata")]) == 1


async def test_a_look_that_fails_is_made_again_before_anything_is_posted(house: House) -> None:
    house.slack.faults.next(POST, Fault.LOST_REPLY)
    house.slack.faults.next("conversations.history", Fault.BROKEN)
    house.slack.faults.next("conversations.history", Fault.RATE_LIMITED, weather=Weather(retry_after=1))
    house.card(house.case())
    await house.delivery.drain()

    await settle(house)
    failed = house.states()
    await settle(house)
    await settle(house)

    assert failed == {"case:1@#support": "unclear"}
    assert (len(house.messages()), house.states()) == (1, {"case:1@#support": "sent"})


@pytest.mark.parametrize("is_line", [False, True])
async def test_a_crash_between_posting_and_writing_it_down_doubles_nothing(house: House, is_line: bool) -> None:  # noqa: FBT001 -- a parameter
    case_id = house.case()
    house.card(case_id)
    if is_line:
        await house.delivery.drain()
        house.line(case_id, "first")
    killed = house.worker()
    killed._done = _Forgetful()  # what was sent is never written down
    await killed.drain()
    posted = len(house.messages())

    await house.delivery.drain()
    still_leased = len(house.messages())
    await settle(house, 60.0)

    assert posted == still_leased == len(house.messages()) == 1 + is_line
    assert set(house.states().values()) == {"sent"}
    assert len(house.cards()) == 1


class _Forgetful(list[Any]):
    """Keeps nothing, as a process that is gone."""

    def append(self, _one: Any) -> None:
        """Forget it."""


async def test_a_crash_before_posting_loses_nothing(house: House) -> None:
    house.slack.faults.next(POST, Fault.RESET)
    killed = house.worker()
    killed._done = _Forgetful()
    house.card(house.case())
    await killed.drain()

    await settle(house, 60.0)

    assert len(house.messages()) == 1
    assert house.states() == {"case:1@#support": "sent"}


async def test_slack_out_of_reach_is_tried_again_and_counts_as_no_attempt(house: House) -> None:
    nowhere = AsyncWebClient(token="x", base_url="http://127.0.0.1:9/", session=house.client.session, retry_handlers=[])
    house.card(house.case())
    await house.worker(slack=nowhere).drain()
    found = house.intents()["case:1@#support"]

    await settle(house)

    assert (found.state, found.attempts) == ("waiting", 0)
    assert found.problem is not None
    assert "SLACK_API_URL" in found.problem
    assert len(house.messages()) == 1
