"""Access tokens that are good for a while: exchanged for what an admin has set, kept in memory, and renewed in time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import SecretStr

from bot.surveys.fields import Record
from bot.surveys.request import SignIn, Unreadable

EARLY: Final = timedelta(minutes=2)  # before its end, a token is renewed: a call takes a while, and clocks differ
UNSAID: Final = 3_600.0  # seconds that a token is kept whose reply doesn't say how long it is good
LONGEST: Final = 30 * 86_400.0
MOST_TOKEN: Final = 8_192  # characters: what fits into a header


@dataclass(frozen=True, slots=True)
class _Held:
    text: SecretStr
    until: datetime


class AccessTokens:
    """The access tokens of all tools. However many calls wait for one, it is asked for once."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Hold nothing yet."""
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, name: str, exchange: Callable[[], Awaitable[object]]) -> str:
        """Give a tool's access token; `exchange` asks for one and gives the reply.

        Raises what `exchange` raises, and Unreadable when its reply holds no token.
        """
        async with self._turns[name]:
            held = self._held.get(name)
            if held is None or held.until <= self._clock():
                held = self._held[name] = _read(await exchange(), self._clock())
            return held.text.get_secret_value()

    def forget(self, name: str, token: str) -> None:
        """Drop a token that the tool knows no longer, unless another call has had it renewed by now."""
        held = self._held.get(name)
        if held is not None and held.text.get_secret_value() == token:
            del self._held[name]


def client_credentials(path: str) -> Callable[[str], SignIn | None]:
    """Make what reads `id:secret`, of an application that speaks for itself."""

    def sign_in(token: str) -> SignIn | None:
        client_id, _, secret = (part.strip() for part in token.partition(":"))
        if not (client_id and secret):
            return None
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        return SignIn(path, form)

    return sign_in


def refresh_token(path: str, *, base_url: str = "") -> Callable[[str], SignIn | None]:
    """Make what reads `id:secret:refresh token`, of an application that a person let read for them."""

    def sign_in(token: str) -> SignIn | None:
        parts = [part.strip() for part in token.split(":", 2)]
        if len(parts) != len(("id", "secret", "refresh token")) or not all(parts):
            return None
        client_id, secret, refresh = parts
        form = {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "client_secret": secret,
            "refresh_token": refresh,
        }
        return SignIn(path, form, base_url)

    return sign_in


def _read(reply: object, at: datetime) -> _Held:
    """Read a token and until when it is used: not to its very end."""
    said = Record(reply)
    token = said.string("access_token")
    if not token or len(token) > MOST_TOKEN or not (token.isascii() and token.isprintable()):
        raise Unreadable("access_token is missing.")
    seconds = said.amount("expires_in") or UNSAID
    length = timedelta(seconds=min(max(seconds, 1.0), LONGEST))
    # Of one that is good for less than a few minutes, the first half is used.
    return _Held(SecretStr(token), at + max(length - EARLY, length / 2))
