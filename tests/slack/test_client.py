"""Our client of Slack: one pool, its own time-out, no repetition inside a call; and each refusal by its class."""

from typing import Any

import aiohttp
import pytest
from slack_house import House
from slack_sdk.errors import SlackApiError

from bot.sandbox.faults import Fault
from bot.slack.client import TIMEOUT, slack_client
from bot.slack.errors import (
    AccessError,
    SlackBusyError,
    SlackCallError,
    TooLateError,
    TooManyWindowsError,
    ViewGoneError,
    of_slack,
    sentence_for,
    slack_calls,
)

pytestmark = pytest.mark.anyio


async def test_the_client_repeats_nothing_and_waits_no_longer_than_its_session() -> None:
    async with slack_client("xoxb-1", api_url="http://127.0.0.1:1/api") as client:
        assert client.retry_handlers == []
        assert client.session is not None
        assert client.session.timeout == TIMEOUT
        assert client.base_url == "http://127.0.0.1:1/api/"
        session = client.session

    assert session.closed


async def test_slack_itself_is_meant_unless_another_server_is_named() -> None:
    async with slack_client("xoxb-1") as client:
        assert client.base_url == "https://slack.com/api/"


async def test_a_message_whose_answer_is_lost_is_posted_once(house: House) -> None:
    house.slack.faults.next("chat.postMessage", Fault.LOST_REPLY)

    with pytest.raises(SlackBusyError):
        async with slack_calls():
            await house.client.chat_postMessage(channel="#support", text="Once.")

    assert [one.text for one in house.person("Ana").messages_in("#support")] == ["Once."]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("expired_trigger_id", TooLateError),
        ("exchanged_trigger_id", TooLateError),
        ("not_found", ViewGoneError),
        ("hash_conflict", ViewGoneError),
        ("push_limit_reached", TooManyWindowsError),
        ("ratelimited", SlackBusyError),
        ("missing_scope", AccessError),
        ("invalid_arguments", SlackCallError),
    ],
)
async def test_each_refusal_of_slack_has_its_class(code: str, kind: type[SlackCallError]) -> None:
    found = of_slack(SlackApiError("no", {"ok": False, "error": code}))

    assert type(found) is kind
    assert found.code == code


class Answered:
    """An answer of a proxy in front of Slack, without Slack's words."""

    status = 503


@pytest.mark.parametrize("response", [Answered(), "no answer at all", {}])
async def test_an_answer_without_slacks_words_counts_as_unreachable(response: Any) -> None:
    assert type(of_slack(SlackApiError("no", response))) is SlackBusyError


async def test_a_network_that_fails_is_no_mistake_of_ours() -> None:
    with pytest.raises(SlackBusyError):
        async with slack_calls():
            raise aiohttp.ServerDisconnectedError


async def test_only_our_own_mistakes_carry_a_reference() -> None:
    assert "press once more" in sentence_for(TooLateError("expired_trigger_id"), "abc123")
    assert "abc123" not in sentence_for(TooLateError("expired_trigger_id"), "abc123")
    assert "abc123" in sentence_for(SlackCallError("invalid_blocks"), "abc123")
    assert "secret" not in sentence_for(ValueError("secret"), "abc123")
