"""Asking a survey tool's API: call by call, inside its limit, and at no other address than its own."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, NamedTuple, TypeVar

import httpx
from pydantic import SecretStr

from bot.surveys.fields import json_body
from bot.surveys.request import Adapter, Api, Call, Unreadable

T = TypeVar("T")

PATIENCE: Final = 60.0  # seconds for one reply, however slowly it trickles in
LARGEST: Final = 20_000_000  # bytes of one reply: a page of a thousand long responses has a tenth of it
MOST_REDIRECTS: Final = 3
LASTING: Final = timedelta(hours=1)
MOST_KEPT: Final = 200  # replies that are kept because they seldom change
DEFAULT_WAIT: Final = 60.0  # seconds, when a tool says "too many" and not for how long
MOST_WAIT: Final = 86_400.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class ApiTrouble(Exception):  # noqa: N818 - it names what there is, and reads well where it is caught
    """A tool's API gave no reply that can be used; the reason is a sentence for an admin, without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Outage(ApiTrouble):
    """It is down, slow, or talks nonsense: later it will do."""


class NotAllowed(ApiTrouble):
    """It doesn't know our token, or the token may not see this: somebody has to give us another one."""


class RefusedCall(ApiTrouble):
    """It refuses this call, and will again unless something changes there or here."""


class TooMany(ApiTrouble):
    """It was asked too often: `wait` seconds from now it may be asked again."""

    def __init__(self, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: float = PATIENCE,
    ) -> None:
        """Call nothing yet. `tokens` and `urls` are by source; `sleep` and `patience` count seconds."""
        self._http, self._tokens, self._urls = http, tokens, urls
        self._clock, self._sleep, self._patience = clock, sleep, patience
        self._turns: dict[str, datetime] = {}
        self._closed: dict[str, datetime] = {}
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
            raise TooMany(_too_many(name), (closed - now).total_seconds())
        turn = max(now, self._turns.get(name, now))
        self._turns[name] = turn + timedelta(seconds=60 / api.per_minute)
        if turn > now:
            await self._sleep((turn - now).total_seconds())

    async def _asked(self, name: str, api: Api, call: Call) -> bytes:
        request = self._http.build_request(
            "GET" if call.post is None else "POST",
            self._base(name, api) + call.path,
            params=dict(call.query) or None,
            json=call.post,
            headers={"Accept": "application/json", **api.headers(self._tokens[name].get_secret_value())},
        )
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
        status = response.status_code
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return NotAllowed(
                f"The API of {name} refuses our token ({status}): make a new one there, put it into "
                f"API_TOKEN_{name.upper()} and restart."
            )
        if status == HTTPStatus.TOO_MANY_REQUESTS or "retry-after" in response.headers:
            wait = _seconds(response.headers.get("retry-after", ""), now=self._clock())
            self._closed[name] = self._clock() + timedelta(seconds=wait)
            return TooMany(_too_many(name), wait)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return Outage(f"The API of {name} has a problem of its own ({status}).")
        return RefusedCall(f"The API of {name} refuses the question ({status}): look at API_URL_{name.upper()}.")

    def _base(self, name: str, api: Api) -> str:
        return self._urls.get(name) or api.base_url


@asynccontextmanager
async def survey_apis(
    *,
    tokens: Mapping[str, SecretStr],
    urls: Mapping[str, str],
    clock: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    patience: float = PATIENCE,
) -> AsyncIterator[Apis]:
    """Open the one client that all survey tools are asked with."""
    async with httpx.AsyncClient(timeout=httpx.Timeout(patience, connect=10.0)) as http:
        yield Apis(http, tokens=tokens, urls=urls, clock=clock, sleep=sleep, patience=patience)


def _onward(name: str, request: httpx.Request, response: httpx.Response) -> httpx.Request:
    """Follow a redirect that stays where our token belongs; raise RefusedCall for any other."""
    follow = response.next_request
    same = follow is not None and _origin(follow.url) == _origin(request.url)
    if follow is None or not same or request.method != "GET":
        raise RefusedCall(f"The API of {name} sends us to another address: correct API_URL_{name.upper()}.")
    return follow


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _too_many(name: str) -> str:
    return f"The API of {name} has been asked as often as it allows; it is asked again when it may be."


def _seconds(said: str, *, now: datetime) -> float:
    """Read Retry-After: seconds, or a date as HTTP writes it."""
    try:
        wait = float(said)
    except ValueError:
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return DEFAULT_WAIT
        wait = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(wait, 1.0), MOST_WAIT) if wait == wait else DEFAULT_WAIT  # noqa: PLR0124 (NaN)
