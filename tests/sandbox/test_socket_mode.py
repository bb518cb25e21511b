"""Socket Mode: Slack's own client against the sandbox's sockets."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from sandbox_town import Town
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck
from slack_sdk.errors import SlackApiError

pytestmark = pytest.mark.anyio


async def open_socket(town: Town, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    answer = await town.client.apps_connections_open(app_token=town.slack.workspace.app_token)
    socket = await session.ws_connect(str(answer["url"]))
    assert (await socket.receive_json(timeout=2))["type"] == "hello"
    return socket


async def test_bolt_answers_over_a_socket(town: Town) -> None:
    heard: list[str] = []

    @town.app.command("/loop")
    async def loop(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack(f"You wrote {command['text']}")

    @town.app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    town.slack.wire.url = None
    handler = AsyncSocketModeHandler(town.app, town.slack.workspace.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt publishes no types for it
    try:
        ana = town.slack.person("Ana")
        await ana.command("/loop mine", at="#support")
        await ana.post("#support", "hello")
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt publishes no types for it

    assert [row.text for row in ana.private_answers()] == ["You wrote mine"]
    assert heard == ["hello"]


async def test_a_bot_token_opens_no_socket_and_a_ticket_serves_once(town: Town) -> None:
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await town.client.apps_connections_open(app_token=town.slack.workspace.bot_token)

    answer = await town.client.apps_connections_open(app_token=town.slack.workspace.app_token)
    async with aiohttp.ClientSession() as session:
        await session.ws_connect(str(answer["url"]))
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(str(answer["url"]))


async def test_an_event_goes_to_one_of_several_sockets(town: Town) -> None:
    town.slack.wire.url = None
    async with aiohttp.ClientSession() as session:
        sockets = [await open_socket(town, session) for _ in range(2)]
        heard: list[int] = []

        async def answer(number: int) -> None:
            async for frame in sockets[number]:
                heard.append(number)
                await sockets[number].send_json({"envelope_id": json.loads(frame.data)["envelope_id"]})

        listening = [asyncio.create_task(answer(number)) for number in range(2)]
        ana = town.slack.person("Ana")
        for word in ("one", "two", "three", "four"):
            await ana.post("#support", word)
        for task in listening:
            task.cancel()

    assert sorted(heard) == [0, 0, 1, 1]


async def test_an_envelope_without_an_ack_comes_again(town: Town) -> None:
    town.slack.wire.url = None
    town.slack.wire.timing.patience = 0.1
    async with aiohttp.ClientSession() as session:
        socket = await open_socket(town, session)
        posting = asyncio.create_task(town.slack.person("Ana").post("#support", "hello"))

        first = await socket.receive_json(timeout=2)
        second = await socket.receive_json(timeout=2)
        await socket.send_json({"envelope_id": second["envelope_id"]})
        await posting

    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert (first["retry_attempt"], second["retry_attempt"]) == (0, 1)
    assert second["retry_reason"] == "timeout"


async def test_what_a_closed_socket_did_not_answer_goes_to_the_next(town: Town) -> None:
    town.slack.wire.url = None
    town.slack.wire.timing.patience = 2
    async with aiohttp.ClientSession() as session:
        first = await open_socket(town, session)
        posting = asyncio.create_task(town.slack.person("Ana").post("#support", "hello"))
        lost = await first.receive_json(timeout=2)
        await first.close()

        second = await open_socket(town, session)
        again = await second.receive_json(timeout=2)
        await second.send_json({"envelope_id": again["envelope_id"]})
        await posting

    assert again["envelope_id"] == lost["envelope_id"]


async def test_sockets_are_asked_to_refresh(town: Town) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await open_socket(town, session)

        await town.slack.sockets.ask_to_refresh()

        assert (await socket.receive_json(timeout=2))["reason"] == "refresh_requested"
