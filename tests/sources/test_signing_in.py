"""Signing in to an API: a token is exchanged once, renewed in time and when it is taken back, and never shown."""

import asyncio
import logging
from collections.abc import AsyncIterator, Generator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr
from source_house import Clock
from starlette.applications import Starlette

from bot.sandbox.channels import Json
from bot.sandbox.faults import Fault, Weather
from bot.sandbox.serving import serving
from bot.sandbox.vendors.oauth_tools import PATHS, TokenDesk, configured
from bot.sandbox.vendors.server import TOKEN, Vendors
from bot.surveys import ADAPTERS
from bot.surveys.api import Apis, ApiTrouble, NotAllowed, Outage, RefusedCall, TooMany, survey_apis
from bot.surveys.request import Call
from bot.surveys.signing_in import AccessTokens

pytestmark = pytest.mark.anyio

TOOL = "wootric"
HOURS = 7_200  # seconds, as long as Wootric's tokens are good
CALL = Call("/v1/responses")


@dataclass
class Desk:
    """The pretended tools, and us with the tokens that are set for them."""

    vendors: Vendors
    apis: Apis
    clock: Clock
    urls: dict[str, str]

    async def ask(self, call: Call = CALL, tool: str = TOOL) -> object:
        return await asked(self.apis, call, tool)

    def with_tokens(self, **tokens: str) -> Apis:
        known = {name: SecretStr(token) for name, token in tokens.items()}
        return Apis(
            self.apis._http, tokens=known, urls=self.urls, clock=self.clock, webhooks=(), sleep=self.clock.sleep
        )

    @property
    def handed_out(self) -> int:
        return self.vendors.sign_ins.handed_out[TOOL]


async def asked(apis: Apis, call: Call = CALL, tool: str = TOOL) -> object:
    def asking() -> Generator[Call, object, object]:
        return (yield call)

    return await apis.drive(ADAPTERS[tool], asking(), heard=[])


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    vendors, clock = Vendors(), Clock()
    tokens = {name: SecretStr(configured(name, TOKEN)) for name in PATHS}
    async with serving(Starlette(routes=vendors.routes())) as address:
        urls = vendors.urls(address)
        async with survey_apis(
            tokens=tokens, urls=urls, clock=clock, webhooks=(), sleep=clock.sleep, patience=5.0
        ) as apis:
            yield Desk(vendors, apis, clock, urls)


class Unknowing(TokenDesk):
    """Hands out tokens and knows none of them."""

    def knows(self, name: str, authorization: str | None) -> bool:  # noqa: ARG002 -- whoever asks
        return False


class Empty(TokenDesk):
    """Answers, and hands out nothing."""

    def exchange(self, name: str, form: Mapping[str, str]) -> Json | None:  # noqa: ARG002 -- whoever asks
        return {"token_type": "bearer"}


@pytest.mark.parametrize("tool", PATHS)
async def test_every_tool_that_wants_it_is_signed_in_to_once(desk: Desk, tool: str) -> None:
    call = {"helpscout": Call("/v2/reports/happiness/ratings"), "google_forms": Call("/v1/forms/lumen-csat")}
    for _ in range(3):
        await desk.ask(call.get(tool, CALL), tool)

    assert desk.vendors.sign_ins.handed_out == {tool: 1}


async def test_calls_that_come_at_once_sign_in_once(desk: Desk) -> None:
    desk.vendors.faults.by_method[TOOL] = Weather(latency=0.05)

    await asyncio.gather(*(desk.ask() for _ in range(4)))

    assert desk.handed_out == 1


@pytest.mark.parametrize(("seconds", "times"), [(HOURS - 150, 1), (HOURS - 60, 2), (HOURS + 1, 2)])
async def test_a_token_is_renewed_shortly_before_its_end(desk: Desk, seconds: float, times: int) -> None:
    await desk.ask()
    desk.clock.wind(seconds=seconds)

    await desk.ask()

    assert desk.handed_out == times


@pytest.mark.parametrize(
    ("said", "kept", "over"),
    [(60, 25, 35), (None, 3_400, 3_500), ("soon", 3_400, 3_500), (-5, 0.2, 2), (10**12, 86_400, 31 * 86_400)],
)
async def test_whatever_a_tool_says_of_its_tokens_they_are_renewed_in_time(
    said: object, kept: float, over: float
) -> None:
    clock, exchanged = Clock(), list[int]()
    tokens = AccessTokens(clock)

    async def exchange() -> object:
        exchanged.append(1)
        return {"access_token": "opens", "expires_in": said}

    await tokens.of(TOOL, exchange)
    clock.wind(seconds=kept)
    await tokens.of(TOOL, exchange)
    early = len(exchanged)
    clock.wind(seconds=over - kept)
    await tokens.of(TOOL, exchange)

    assert (early, len(exchanged)) == (1, 2)


async def test_a_token_that_another_call_has_had_renewed_is_not_dropped() -> None:
    clock, exchanged = Clock(), list[int]()
    tokens = AccessTokens(clock)

    async def exchange() -> object:
        exchanged.append(1)
        return {"access_token": f"the {len(exchanged)}."}

    first = await tokens.of(TOOL, exchange)
    tokens.forget(TOOL, first)
    second = await tokens.of(TOOL, exchange)
    tokens.forget(TOOL, first)

    assert await tokens.of(TOOL, exchange) == second == "the 2."


async def test_a_token_that_is_taken_back_is_renewed_within_the_call(desk: Desk) -> None:
    await desk.ask()
    desk.vendors.sign_ins.forget(TOOL)

    found = await desk.ask()

    assert found == []
    assert desk.handed_out == 2


async def test_a_tool_that_knows_none_of_its_tokens_is_asked_twice_and_no_more(desk: Desk) -> None:
    desk.vendors.sign_ins = Unknowing(TOKEN)

    with pytest.raises(NotAllowed, match="API_TOKEN_WOOTRIC"):
        await desk.ask()

    assert desk.handed_out == 2


async def test_what_the_token_may_not_see_is_no_reason_to_sign_in_again() -> None:
    transport = Told(httpx.Response(200, json={"access_token": "a"}), httpx.Response(403))
    apis = apis_on(transport)

    with pytest.raises(NotAllowed, match="403"):
        await asked(apis)

    assert [one.method for one in transport.heard] == ["POST", "GET"]


@pytest.mark.parametrize("tool", PATHS)
async def test_a_refused_secret_is_said_with_what_to_put_where_and_without_itself(
    desk: Desk, tool: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    apis = desk.with_tokens(**{tool: configured(tool, "hush-hush")})

    with pytest.raises(NotAllowed) as refused:
        await asked(apis, tool=tool)

    sentence = refused.value.reason
    assert f"API_TOKEN_{tool.upper()}" in sentence
    assert "id:secret" in sentence
    assert "hush-hush" not in sentence + caplog.text + repr(refused.value)
    assert "sandbox-app" not in caplog.text


@pytest.mark.parametrize("token", ["sandbox-token", ":secret", "id:", " : "])
async def test_a_token_of_another_shape_is_said_without_asking(desk: Desk, token: str) -> None:
    apis = desk.with_tokens(wootric=token)

    with pytest.raises(NotAllowed, match=r"API_TOKEN_WOOTRIC has to be an API client's id and secret, as id:secret"):
        await asked(apis)

    assert desk.vendors.asked == []


async def test_access_tokens_are_shown_nowhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    await desk.ask()

    sign_in = ADAPTERS[TOOL].api.sign_in  # type: ignore[union-attr] # it has one
    assert sign_in is not None
    assert TOKEN not in repr(sign_in(configured(TOOL, TOKEN)))
    assert "access-wootric" not in caplog.text + repr(vars(desk.apis._access))
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("fault", "trouble"), [(Fault.RATE_LIMITED, TooMany), (Fault.BROKEN, Outage), (Fault.RESET, Outage)]
)
async def test_a_bad_day_of_the_sign_in_is_no_refusal(desk: Desk, fault: Fault, trouble: type[ApiTrouble]) -> None:
    desk.vendors.faults.next(TOOL, fault)

    with pytest.raises(trouble):
        await desk.ask()
    desk.clock.wind(hours=1)
    found = await desk.ask()

    assert found == []


async def test_a_reply_without_a_token_is_a_trouble_of_theirs(desk: Desk) -> None:
    desk.vendors.sign_ins = Empty(TOKEN)

    with pytest.raises(Outage, match="gives us no access token: access_token is missing"):
        await desk.ask()


class Told(httpx.AsyncBaseTransport):
    """A wire on which every request is answered as told, and remembered."""

    def __init__(self, sign_in: httpx.Response, reply: httpx.Response | None = None) -> None:
        self._sign_in, self._reply = sign_in, reply
        self.heard: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        if request.method == "POST":
            return self._sign_in
        return self._reply or httpx.Response(200, json={"items": []})


def apis_on(transport: httpx.AsyncBaseTransport, **urls: str) -> Apis:
    clock = Clock()
    tokens = {name: SecretStr(configured(name, TOKEN)) for name in PATHS}
    http = httpx.AsyncClient(transport=transport)
    return Apis(http, tokens=tokens, urls=urls, clock=clock, webhooks=(), sleep=clock.sleep)


@pytest.mark.parametrize(
    ("urls", "addresses"),
    [
        ({}, ["https://oauth2.googleapis.com/token", "https://forms.googleapis.com/v1/forms/a"]),
        ({"google_forms": "https://near.test"}, ["https://near.test/token", "https://near.test/v1/forms/a"]),
    ],
)
async def test_google_is_signed_in_to_at_its_own_address_unless_another_is_set(
    urls: dict[str, str], addresses: list[str]
) -> None:
    transport = Told(httpx.Response(200, json={"access_token": "opens"}))
    apis = apis_on(transport, **urls)

    await asked(apis, Call("/v1/forms/a"), "google_forms")

    assert [str(one.url) for one in transport.heard] == addresses
    posted = parse_qs(transport.heard[0].content.decode())
    assert posted["grant_type"] == ["refresh_token"]
    assert transport.heard[1].headers["authorization"] == "Bearer opens"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_sign_in_that_is_sent_elsewhere_does_not_go_there(status: int) -> None:
    transport = Told(httpx.Response(status, headers={"Location": "https://elsewhere.test/token"}))
    apis = apis_on(transport)

    with pytest.raises(RefusedCall):
        await asked(apis)

    assert [one.url.host for one in transport.heard] == ["api.wootric.com"]


@pytest.mark.parametrize("status", [404, 410])
async def test_what_may_be_missing_is_nothing_and_what_may_not_is_a_refusal(status: int) -> None:
    apis = apis_on(Told(httpx.Response(200, json={"access_token": "opens"}), httpx.Response(status)))

    found = await asked(apis, Call("/v1/end_users/9", may_be_missing=True))

    assert found is None
    with pytest.raises(RefusedCall):
        await asked(apis, Call("/v1/end_users/9"))


@pytest.mark.parametrize(("status", "is_trouble"), [(403, False), (404, False), (401, True), (400, True)])
async def test_what_may_be_withheld_is_nothing_to_whoever_is_known(status: int, *, is_trouble: bool) -> None:
    apis = apis_on(Told(httpx.Response(200, json={"access_token": "opens"}), httpx.Response(status)))
    call = Call("/v1/end_users/9", may_be_withheld=True)

    if is_trouble:
        with pytest.raises(ApiTrouble):
            await asked(apis, call)
    else:
        assert await asked(apis, call) is None
