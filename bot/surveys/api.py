"""Asking a survey tool's API: call by call, inside its limit, and at no other address than its own."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Generator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, NamedTuple, TypeVar

import httpx
from pydantic import SecretStr

from bot.surveys.budgets import Budgets
from bot.surveys.fields import json_body
from bot.surveys.request import Adapter, Api, Call, SignIn, Unreadable
from bot.surveys.signing_in import AccessTokens
from bot.surveys.troubles import (
    ApiTrouble,
    BadRequest,
    Missing,
    NotAllowed,
    Outage,
    RefusedCall,
    TooMany,
    UnknownToken,
    of_status,
    seconds_of,
    too_many,
)

__all__ = ["ApiTrouble", "Apis", "NotAllowed", "Outage", "RefusedCall", "TooMany", "survey_apis"]

T = TypeVar("T")

PATIENCE: Final = 60.0  # seconds for one reply, however slowly it trickles in
LARGEST: Final = 20_000_000  # bytes of one reply: a page of a thousand long responses has a tenth of it
MOST_REDIRECTS: Final = 3
LASTING: Final = timedelta(hours=1)
MOST_KEPT: Final = 200  # replies that are kept because they seldom change
_NOTHING: Final = b"null"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class _Reply(NamedTuple):
    read: object
    raw: bytes


class Apis:
    """The APIs of all survey tools, through one HTTP client; what a token or an address is missing for is said."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        tokens: Mapping[str, SecretStr],
        urls: Mapping[str, str],
        clock: Callable[[], datetime],
        webhooks: Collection[str] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: float = PATIENCE,
    ) -> None:
        """Call nothing yet. `tokens` and `urls` are by source; `sleep` and `patience` count seconds.

        `webhooks` are the sources that send us their responses; None: any may.
        """
        self._http, self._tokens, self._urls, self._webhooks = http, tokens, urls, webhooks
        self._access = AccessTokens(clock)
        self._clock, self._sleep, self._patience = clock, sleep, patience
        self._turns: dict[str, datetime] = {}
        self._closed: dict[str, datetime] = {}
        self._budgets = Budgets()
        self._kept: OrderedDict[tuple[str, str, str], tuple[datetime, _Reply]] = OrderedDict()

    def missing(self, adapter: Adapter) -> str | None:
        """Say what has to be set before this tool's API can be asked; None: nothing."""
        name = adapter.name.upper()
        if adapter.api is None:
            return f"Hearback doesn't ask the API of {adapter.name}."
        if adapter.name not in self._tokens:
            return f"API_TOKEN_{name} isn't set: without it, the API of {adapter.name} can't be asked."
        if not self._base(adapter.name, adapter.api):
            return f"API_URL_{name} isn't set: each customer of {adapter.name} has an address of their own."
        if adapter.has_other_ids and (self._webhooks is None or adapter.name in self._webhooks):
            return (
                f"The API of {adapter.name} names responses otherwise than its webhook does, and each would be taken "
                f"in twice: remove API_TOKEN_{name}, or, to do without the webhook, WEBHOOK_SECRET_{name}."
            )
        return None

    async def drive(self, adapter: Adapter, asking: Generator[Call, object, T], *, heard: list[bytes]) -> T:
        """Make the calls that an adapter asks for, and return what it makes of the replies, which are put in `heard`.

        Raises ApiTrouble, and what the adapter raises: Unreadable or UnknownScale.
        """
        if problem := self.missing(adapter):
            raise NotAllowed(problem)
        try:
            call = next(asking)
            while True:
                reply = await self._reply(adapter, call)
                heard.append(reply.raw)
                call = asking.send(reply.read)
        except StopIteration as end:
            found: T = end.value
            return found
        finally:
            asking.close()

    async def _reply(self, adapter: Adapter, call: Call) -> _Reply:
        key = (adapter.name, call.path, str(sorted(call.query.items())))
        if call.is_lasting and (kept := self._kept.get(key)) and kept[0] > self._clock():
            return kept[1]
        if call.pause > 0:
            await self._sleep(call.pause)
        assert adapter.api is not None
        await self._turn(adapter.name, adapter.api)
        raw = await self._asked(adapter.name, adapter.api, call)
        try:
            reply = _Reply(json_body(raw), raw)
        except Unreadable as problem:
            raise Outage(f"The API of {adapter.name} sends what isn't JSON: {problem.reason}") from None
        if call.is_lasting:
            self._kept[key] = (self._clock() + LASTING, reply)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return reply

    async def _turn(self, name: str, api: Api) -> None:
        """Wait until the tool may be asked again: its calls keep their distance, whoever makes them."""
        now = self._clock()
        closed = self._closed.get(name, now)
        if closed > now:
            raise TooMany(too_many(name), (closed - now).total_seconds())
        if api.per_day is not None and (wait := self._budgets.wait(name, api.per_day, at=now)):
            raise TooMany(too_many(name), wait)
        turn = max(now, self._turns.get(name, now))
        self._turns[name] = turn + timedelta(seconds=60 / api.per_minute)
        if api.per_day is not None:
            self._budgets.spend(name, at=turn)
        if turn > now:
            await self._sleep((turn - now).total_seconds())

    async def _asked(self, name: str, api: Api, call: Call) -> bytes:
        token = await self._token(name, api)
        try:
            return await self._called(name, api, call, token)
        except UnknownToken:
            if api.sign_in is None:
                raise
            self._access.forget(name, token)  # taken back before its time: with a new one it may do
        return await self._called(name, api, call, await self._token(name, api))

    async def _called(self, name: str, api: Api, call: Call, token: str) -> bytes:
        request = self._http.build_request(
            "GET" if call.post is None else "POST",
            self._base(name, api) + call.path,
            params=[*call.query.items(), *call.also] or None,
            json=call.post,
            headers={"Accept": "application/json", **api.headers(token)},
        )
        try:
            return await self._sent(name, request)
        except Missing:
            if call.may_be_missing or call.may_be_withheld:
                return _NOTHING
            raise
        except UnknownToken:
            raise
        except NotAllowed:
            if call.may_be_withheld:
                return _NOTHING
            raise

    async def _token(self, name: str, api: Api) -> str:
        """Give what the API is asked with: the token that is set, or the one that it is exchanged for."""
        configured = self._tokens[name].get_secret_value()
        if api.sign_in is None:
            return configured
        sign_in = api.sign_in(configured)
        if sign_in is None:
            raise NotAllowed(f"API_TOKEN_{name.upper()} has to be {api.token_is}: correct it and restart.")
        try:
            return await self._access.of(name, lambda: self._exchanged(name, api, sign_in))
        except Unreadable as problem:
            raise Outage(f"The API of {name} gives us no access token: {problem.reason}") from None

    async def _exchanged(self, name: str, api: Api, sign_in: SignIn) -> object:
        base = self._urls.get(name) or sign_in.base_url or api.base_url
        request = self._http.build_request(
            "POST", base + sign_in.path, data=dict(sign_in.form), headers={"Accept": "application/json"}
        )
        await self._turn(name, api)
        try:
            return json_body(await self._sent(name, request))
        except (NotAllowed, BadRequest):
            raise NotAllowed(
                f"The API of {name} doesn't sign us in: make {api.token_is} there anew, put it into "
                f"API_TOKEN_{name.upper()} and restart."
            ) from None

    async def _sent(self, name: str, request: httpx.Request) -> bytes:
        try:
            async with asyncio.timeout(self._patience):
                return await self._answer(name, request)
        except TimeoutError:
            raise Outage(f"The API of {name} did not answer in time.") from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Outage(f"The API of {name} can't be reached ({type(error).__name__}).") from None

    async def _answer(self, name: str, request: httpx.Request) -> bytes:
        for _ in range(MOST_REDIRECTS):
            response = await self._http.send(request, stream=True, follow_redirects=False)
            try:
                if response.status_code not in _REDIRECTS:
                    return await self._body(name, response)
                request = _onward(name, request, response)
            finally:
                await response.aclose()
        raise RefusedCall(f"The API of {name} sends us round in circles: correct API_URL_{name.upper()}.")

    async def _body(self, name: str, response: httpx.Response) -> bytes:
        if not response.is_success:
            raise self._trouble(name, response)
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > LARGEST:
                raise RefusedCall(f"A reply of the API of {name} is larger than {LARGEST} bytes.")
        return bytes(body)

    def _trouble(self, name: str, response: httpx.Response) -> ApiTrouble:
        now, status = self._clock(), response.status_code
        is_refusal = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        if is_refusal or (status != HTTPStatus.TOO_MANY_REQUESTS and "retry-after" not in response.headers):
            return of_status(name, status)
        wait = seconds_of(response.headers.get("retry-after", ""), now=now)
        self._closed[name] = now + timedelta(seconds=wait)
        return TooMany(too_many(name), wait)

    def _base(self, name: str, api: Api) -> str:
        return self._urls.get(name) or api.base_url


@asynccontextmanager
async def survey_apis(
    *,
    tokens: Mapping[str, SecretStr],
    urls: Mapping[str, str],
    clock: Callable[[], datetime],
    webhooks: Collection[str] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    patience: float = PATIENCE,
) -> AsyncIterator[Apis]:
    """Open the one client that all survey tools are asked with."""
    async with httpx.AsyncClient(timeout=httpx.Timeout(patience, connect=10.0)) as http:
        yield Apis(http, tokens=tokens, urls=urls, clock=clock, webhooks=webhooks, sleep=sleep, patience=patience)


def _onward(name: str, request: httpx.Request, response: httpx.Response) -> httpx.Request:
    """Follow a redirect that stays where our token belongs; raise RefusedCall for any other."""
    follow = response.next_request
    same = follow is not None and _origin(follow.url) == _origin(request.url)
    if follow is None or not same or request.method != "GET":
        raise RefusedCall(f"The API of {name} sends us to another address: correct API_URL_{name.upper()}.")
    return follow


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
