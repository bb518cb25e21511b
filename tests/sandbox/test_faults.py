"""The pretend Slack's bad days, seen from the client's side of a real connection."""

import time
from collections import Counter

import aiohttp
import pytest
from sandbox_town import Town
from slack_sdk.errors import SlackApiError

from bot.sandbox.faults import Fault, Faults, Weather

pytestmark = pytest.mark.anyio


def texts_in(town: Town) -> list[str]:
    return [row.text for row in town.slack.person("Ana").messages_in("#support")]


async def test_429_says_when_to_come_back_and_posts_nothing(town: Town) -> None:
    town.slack.faults.next("chat.postMessage", Fault.RATE_LIMITED, weather=Weather(retry_after=7))

    with pytest.raises(SlackApiError) as refused:
        await town.client.chat_postMessage(channel="#support", text="x")

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"
    assert texts_in(town) == []


async def test_a_500_posts_nothing(town: Town) -> None:
    town.slack.faults.next("chat.postMessage", Fault.BROKEN)

    answer = await town.http.post(f"{town.address}/slack/api/chat.postMessage")

    assert answer.status_code == 500
    assert texts_in(town) == []


async def test_a_reset_drops_the_connection_before_anything_is_done(town: Town) -> None:
    town.slack.faults.next("chat.postMessage", Fault.RESET)

    with pytest.raises(aiohttp.ClientConnectionError):
        await town.client.chat_postMessage(channel="#support", text="x")

    assert texts_in(town) == []


async def test_a_lost_reply_drops_the_connection_after_the_message_is_posted(town: Town) -> None:
    town.slack.faults.next("chat.postMessage", Fault.LOST_REPLY)

    with pytest.raises(aiohttp.ClientConnectionError):
        await town.client.chat_postMessage(channel="#support", text="x")

    assert texts_in(town) == ["x"]
    await town.client.chat_postMessage(channel="#support", text="y")
    assert texts_in(town) == ["x", "y"]


async def test_silence_then_a_closed_connection_and_a_reply_that_comes_late(town: Town) -> None:
    weather = Weather(hangs=0.2)
    town.slack.faults.next("chat.postMessage", Fault.SILENT, weather=weather)
    town.slack.faults.next("chat.postMessage", Fault.LATE_REPLY, weather=weather)
    began = time.monotonic()

    with pytest.raises(aiohttp.ClientConnectionError):
        await town.client.chat_postMessage(channel="#support", text="silent")
    late = await town.client.chat_postMessage(channel="#support", text="late")

    assert time.monotonic() - began > 0.4
    assert late["ok"]
    assert texts_in(town) == ["late"]


async def test_down_is_down_for_every_method_until_it_is_up_again(town: Town) -> None:
    town.slack.faults.is_down = True

    with pytest.raises(aiohttp.ClientConnectionError):
        await town.client.auth_test()
    town.slack.faults.calm()

    assert (await town.client.auth_test())["ok"]


async def test_a_channel_takes_one_message_a_second_where_that_is_planned(town: Town) -> None:
    town.slack.faults.per_channel = 1.0
    await town.client.chat_postMessage(channel="#support", text="one")

    with pytest.raises(SlackApiError, match="ratelimited"):
        await town.client.chat_postMessage(channel="#support", text="two")
    await town.client.chat_postMessage(channel=town.slack.person("Ana").id, text="elsewhere")

    assert texts_in(town) == ["one"]


def test_a_storm_is_the_same_for_the_same_seed_and_as_heavy_as_planned() -> None:
    def storm(seed: int) -> list[Fault | None]:
        faults = Faults(seed=seed)
        faults.weather = Weather(rate_limited=0.2, broken=0.1, lost_reply=0.1)
        return [faults.stroke("chat.postMessage").fault for _ in range(2000)]

    drawn = Counter(storm(1))

    assert storm(1) == storm(1)
    assert storm(1) != storm(2)
    assert drawn[Fault.RATE_LIMITED] == pytest.approx(400, abs=80)
    assert drawn[Fault.LOST_REPLY] == pytest.approx(200, abs=60)
    assert drawn[Fault.SILENT] == 0


def test_one_method_has_its_own_weather() -> None:
    faults = Faults()
    faults.by_method["chat.update"] = Weather(broken=1.0)

    assert faults.stroke("chat.update").fault is Fault.BROKEN
    assert faults.stroke("chat.postMessage").fault is None
    assert faults.inflicted == {Fault.BROKEN: 1}
