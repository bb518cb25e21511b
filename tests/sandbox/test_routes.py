"""The page's doors: the state with its long poll, the acts, the survey."""

import asyncio
import base64
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sandbox_town import Town
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.channels import Json
from bot.sandbox.survey import Survey

pytestmark = pytest.mark.anyio

BUTTON: Json = {"type": "button", "action_id": "take", "text": {"type": "plain_text", "text": "Take"}, "value": "7"}


async def act(town: Town, name: str, **wish: object) -> Json:
    person = town.slack.person(name)
    answer: Json = (await town.http.post(f"{town.address}/act", json={"as": person.id, **wish})).json()
    return answer


async def state(town: Town, name: str, **query: object) -> Json:
    params: Any = {"as": town.slack.person(name).id, **query}
    found: Json = (await town.http.get(f"{town.address}/state", params=params)).json()
    return found


async def test_the_state_shows_what_one_member_sees(town: Town) -> None:
    ana = town.slack.person("Ana")
    await town.client.chat_postMessage(channel=ana.id, text="for Ana")
    await town.client.chat_postEphemeral(channel="#support", user=ana.id, text="only Ana")
    await town.client.views_publish(user_id=ana.id, view={"type": "home", "blocks": [{"type": "divider"}]})

    hers, his = await state(town, "Ana"), await state(town, "Bo")

    support = town.slack.workspace.channel("#support").id
    direct = next(channel for channel in hers["channels"] if channel["is_im"])
    assert direct["name"] == "Hearback"
    assert direct["unread"] == 1
    assert hers["messages"][direct["id"]][0]["text"] == "for Ana"
    assert hers["messages"][support][0]["ephemeral_for"] == ana.id
    assert hers["home"][ana.id]["type"] == "home"
    assert not any(channel["is_im"] for channel in his["channels"])
    assert his["messages"][support] == []
    assert his["home"] == {}


async def test_the_state_waits_for_news(town: Town) -> None:
    known = (await state(town, "Ana"))["version"]
    waiting = asyncio.create_task(state(town, "Ana", since=known))
    await asyncio.sleep(0.05)
    early = waiting.done()

    await town.client.chat_postMessage(channel="#support", text="news")

    fresh = await asyncio.wait_for(waiting, 2)
    assert not early
    assert fresh["version"] > known


async def test_a_page_presses_fills_and_submits(town: Town) -> None:
    heard: list[Any] = []

    @town.app.action("take")
    async def take(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        title = {"type": "plain_text", "text": "T"}
        element = {"type": "plain_text_input", "action_id": "x"}
        block = {"type": "input", "block_id": "b", "label": title, "element": element}
        view = {"type": "modal", "callback_id": "m", "title": title, "submit": title, "blocks": [block]}
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @town.app.view("m")
    async def submitted(ack: AsyncAck, view: dict[str, Any]) -> None:
        heard.append(view["state"]["values"]["b"]["x"]["value"])
        await ack()

    posted = await town.client.chat_postMessage(
        channel="#support", text="c", blocks=[{"type": "actions", "block_id": "moves", "elements": [BUTTON]}]
    )
    ana = town.slack.person("Ana")
    container = {"message": {"channel": posted["channel"], "ts": posted["ts"]}}

    pressed = await act(town, "Ana", do="press", container=container, block_id="moves", action_id="take", value="9")
    view_id = (await state(town, "Ana"))["modals"][ana.id][-1]["id"]
    empty = await act(town, "Ana", do="submit", view_id=view_id, state={})
    filled = {"b": {"x": {"type": "plain_text_input", "value": "because"}}}
    done = await act(town, "Ana", do="submit", view_id=view_id, state=filled)

    assert pressed == {"ok": True}
    assert empty == {"ok": False, "errors": {"b": "Please complete this required field."}}
    assert done == {"ok": True}
    assert heard == ["because"]


async def test_what_cannot_be_done_is_said_in_a_sentence(town: Town) -> None:
    container = {"message": {"channel": town.slack.workspace.channel("#support").id, "ts": "1.0"}}

    gone = await act(town, "Ana", do="press", container=container, block_id="b", action_id="a")
    unknown = await act(town, "Ana", do="dance")
    incomplete = await act(town, "Ana", do="press")
    not_in = await act(town, "Bo", do="post", channel="#random", text="hi")
    nonsense = await town.http.post(f"{town.address}/act", content=b"[")
    failed = await act(town, "Ana", do="command", channel="#support", text="/nobody")

    assert gone == {"ok": False, "error": "That message is gone."}
    assert unknown["error"] == "There is no act 'dance'."
    assert incomplete["error"].startswith("That act is incomplete")
    assert not_in["error"] == "Bo is not in #random."
    assert nonsense.status_code == 400
    assert failed["error"] == "/nobody failed with the error “dispatch_failed”."


async def test_posting_reading_and_winding(town: Town) -> None:
    before = datetime.fromisoformat((await state(town, "Bo"))["now"])

    await act(town, "Ana", do="post", channel="#support", text="hello")
    unread = [channel["unread"] for channel in (await state(town, "Bo"))["channels"]]
    await act(town, "Bo", do="read", channel="#support")
    await act(town, "Bo", do="wind", hours=3)

    after = await state(town, "Bo")
    assert unread == [1, 0]
    assert [channel["unread"] for channel in after["channels"]] == [0, 0]
    assert (datetime.fromisoformat(after["now"]) - before).total_seconds() == 3 * 3600
    assert after["offset_seconds"] == 3 * 3600


async def test_the_page_and_its_files_are_served(town: Town) -> None:
    page = await town.http.get(f"{town.address}/")
    script = await town.http.get(f"{town.address}/main.js")

    assert "text/html" in page.headers["content-type"]
    assert script.status_code == 200


async def test_a_survey_answer_is_signed_as_the_generic_source() -> None:
    secret = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
    heard: list[Any] = []

    async def generic(request: Request) -> Response:
        body = await request.body()
        heard.append(Webhook(secret).verify(body.decode(), dict(request.headers)))
        return JSONResponse({"case": 1})

    app = Starlette(routes=[Route("/webhooks/generic", generic, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        clock = lambda: datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # noqa: E731 (a clock that stands still)
        survey = Survey(client=client, url="http://hearback.test", secret=secret, clock=clock, real_time=time.time)

        status, body = await survey.answer(
            {
                "metric": "nps",
                "score": 2,
                "comment": "No",
                "email": "w@z.example",
                "account": "Zielona",
                "segment": None,
            }
        )

    assert (status, body) == (200, {"case": 1})
    assert heard[0]["type"] == "feedback.received"
    assert heard[0]["data"]["score"] == 2
    assert heard[0]["data"]["scale"] == {"min": 0, "max": 10}
    assert heard[0]["data"]["customer"] == {"email": "w@z.example"}
    assert heard[0]["data"]["account"] == {"name": "Zielona"}
    assert heard[0]["data"]["submitted_at"] == "2026-11-18T09:00:00+00:00"
    assert "segment" not in heard[0]["data"]


async def test_a_choice_on_the_page_is_in_the_state_that_the_app_sees(town: Town) -> None:
    heard: list[Any] = []
    options = [{"text": {"type": "plain_text", "text": "High"}, "value": "high"}]
    select = {"type": "static_select", "action_id": "urgency", "options": options}

    @town.app.action("urgency")
    async def urgency(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.append(body["state"]["values"]["moves"]["urgency"]["selected_option"])
        await ack()

    posted = await town.client.chat_postMessage(
        channel="#support", text="c", blocks=[{"type": "actions", "block_id": "moves", "elements": [select]}]
    )
    where = {"container": {"message": {"channel": posted["channel"], "ts": posted["ts"]}}, "block_id": "moves"}

    chosen = await act(town, "Ana", do="select", **where, action_id="urgency", selected_option=options[0])
    invented = await act(town, "Ana", do="select", **where, action_id="urgency", selected_option={"value": "huge"})

    assert chosen == {"ok": True}
    assert heard == options
    assert invented["error"] == "'huge' is not among the options of 'urgency'."
