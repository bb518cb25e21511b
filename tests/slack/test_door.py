"""Slack's HTTP door: nothing that is not signed gets in, and nothing that arrives breaks it."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from databases import fresh_sqlite
from slack_house import House, slack_house
from starlette.applications import Starlette
from starlette.routing import Route

from bot.slack.app import slack_app
from bot.slack.context import Context
from bot.slack.door import LARGEST, PATH, slack_door

pytestmark = pytest.mark.anyio

URL = f"http://hearback.test{PATH}"
FORM = "application/x-www-form-urlencoded"
COMMAND = b"command=%2Floop&text=help&user_id=UANA&trigger_id=t"


async def test_a_signed_command_is_answered(house: House) -> None:
    answer = await house.http.post(URL, content=COMMAND, headers=house.slack.wire.signed(COMMAND, FORM))

    assert answer.status_code == 200
    assert answer.json()["response_type"] == "ephemeral"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-slack-signature", "v0=" + "0" * 64),
        ("x-slack-signature", ""),
        ("x-slack-signature", "v0=\xe9"),
        ("x-slack-request-timestamp", "1"),
        ("x-slack-request-timestamp", "soon"),
        ("x-slack-request-timestamp", "9" * 400),
        ("x-slack-request-timestamp", ""),
    ],
)
async def test_whoever_did_not_sign_it_stays_outside(house: House, header: str, value: str) -> None:
    headers: dict[str, Any] = {**house.slack.wire.signed(COMMAND, FORM), header: value.encode("latin-1")}

    answer = await house.http.post(URL, content=COMMAND, headers=headers)

    assert answer.status_code == 401


async def test_a_request_that_was_recorded_is_refused_five_minutes_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = house.slack.wire.signed(COMMAND, FORM)
    now = time.time()
    monkeypatch.setattr("slack_sdk.signature.time", lambda: now + 301)

    answer = await house.http.post(URL, content=COMMAND, headers=headers)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", FORM),
        (b"{", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"payload=%7B", FORM),
        (b"payload=[]", FORM),
        (b"null", "application/json"),
        (b"", "application/json"),
        (b"\x00", FORM),
        (b'{"type":"event_callback","event":{"type":"message","text":"\\ud800\\u0000"}}', "application/json"),
    ],
)
async def test_signed_rubbish_is_no_error_of_ours(house: House, body: bytes, kind: str) -> None:
    answer = await house.http.post(URL, content=body, headers=house.slack.wire.signed(body, kind))

    assert answer.status_code in {200, 400, 401, 404}


async def test_a_body_without_end_is_cut_off(house: House) -> None:
    body = b"x" * (LARGEST + 1)

    answer = await house.http.post(URL, content=body, headers=house.slack.wire.signed(COMMAND, FORM))

    assert answer.status_code == 413


async def test_without_a_secret_nobody_can_sign(house: House) -> None:
    context = house.context
    unsigned = Context(
        db=context.db,
        clock=context.clock,
        policy=context.policy,
        policy_version=context.policy_version,
        background=context.background,
        client=context.client,
        signing_secret="",
    )
    door = Starlette(routes=[Route(PATH, slack_door(slack_app(unsigned)), methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door)) as http:
        answer = await http.post(URL, content=COMMAND, headers=house.slack.wire.signed(COMMAND, FORM))

    assert answer.status_code == 401


async def test_answering_asks_slack_nothing(house: House) -> None:
    case_id = await house.case()
    calls = spied(house)
    ben = house.person("Ben")

    await ben.press("Take", on="#support")
    await asyncio.sleep(0)

    assert house.row(case_id).owner == "UBEN"
    assert calls == []


async def test_a_lone_token_in_the_environment_is_no_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-environment")
    monkeypatch.setenv("SLACK_CLIENT_ID", "1")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "2")

    async with slack_house(fresh_sqlite(tmp_path / "hearback.db")) as house:
        answer = await house.http.post(URL, content=COMMAND, headers=house.slack.wire.signed(COMMAND, FORM))

    assert answer.status_code == 200
    assert [one for one in caplog.records if one.levelname == "WARNING"] == []


def spied(house: House) -> list[str]:
    """Write down the methods of the Web API that are called from now on."""
    calls: list[str] = []
    call = house.slack.api.call

    def spy(method: str, params: Any, *, token: str) -> Any:
        calls.append(method)
        return call(method, params, token=token)

    house.slack.api.call = spy  # type: ignore[method-assign] # a fake's own method
    return calls
