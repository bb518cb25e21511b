"""The survey tool: thousands of answers, each sent again until it is answered with 2xx."""

import asyncio
import itertools
import json
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.survey import SCALES, Survey
from tests.crash.outside import WEBHOOK_SECRET

SENDERS: Final = 32
# Of a hundred answers: this many are low, anonymous, sent twice although answered, and followed by a second part.
LOW, ANONYMOUS, TWICE, IN_PARTS = 35, 4, 2, 3
CUSTOMERS: Final = 0.5  # customers for each answer: some answer several times
COMMENTS: Final = (
    "The invoice was wrong.",
    "It is broken since Monday.",
    "I find it confusing.",
    "Nobody called me back.",
    "It took too long.",
)
LOW_SCORES: Final = {"nps": (0, 6), "csat": (1, 2), "ces": (1, 3)}
OTHER_SCORES: Final = {"nps": (7, 10), "csat": (3, 5), "ces": (4, 7)}


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of a customer: the bodies that are sent one after another, and what must be remembered of it."""

    id: str
    score: int
    comment: str
    is_low: bool
    bodies: tuple[bytes, ...]


class SurveyTool:
    """Sends every answer until it hears 2xx."""

    def __init__(self, answers: list[Said], *, address: str, seed: int) -> None:
        self.answers = answers
        self.answered: set[str] = set()
        """The ids of those whose every part was answered with 2xx."""
        self.sent = self.unanswered = self.refused = 0
        self._url = f"{address}/webhooks/generic"
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._left: list[tuple[Said, tuple[bytes, ...]]] = []
        """What was aimed with, and the parts of it that are still to be sent."""
        self._random = random.Random(seed)
        self._waiting = iter(answers)
        self._changed = asyncio.Event()
        self._signer = _signer()

    async def send_all(self) -> None:
        """Send everything, and return when everything has been answered."""
        connector = aiohttp.TCPConnector(limit=SENDERS)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=10)) as client,
            asyncio.TaskGroup() as senders,
        ):
            for _ in range(SENDERS):
                senders.create_task(self._send_waiting(client))

    async def until(self, answered: int) -> None:
        """Wait until so many answers (or all of them) have been answered."""
        while len(self.answered) < min(answered, len(self.answers)):
            self._changed.clear()
            await self._changed.wait()

    async def aim(self, strike: Callable[[], None]) -> bool:
        """Send the next answer, and strike the moment that 2xx is heard. False: nothing is left, or it isn't heard."""
        said = next(self._waiting, None)
        if said is None:
            return False
        self.sent += 1
        is_heard = await asyncio.get_running_loop().run_in_executor(None, self._shoot, said.bodies[0], strike)
        self._left.append((said, said.bodies[is_heard:]))
        return is_heard

    def _shoot(self, body: bytes, strike: Callable[[], None]) -> bool:
        """Send one request and strike, in a thread that does nothing else: what counts here are milliseconds."""
        headers = {"host": self._host, "content-length": str(len(body)), **self._signer.signed(body)}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        try:
            with socket.create_connection((self._host, self._port), timeout=5) as line:
                line.sendall(f"POST /webhooks/generic HTTP/1.1\r\n{head}\r\n".encode() + body)
                is_heard = line.recv(4096).startswith(b"HTTP/1.1 2")
                if is_heard:
                    strike()
        except OSError:
            return False
        return is_heard

    async def _send_waiting(self, client: aiohttp.ClientSession) -> None:
        while True:
            if self._left:
                said, bodies = self._left.pop()
            elif (following := next(self._waiting, None)) is not None:
                said, bodies = following, following.bodies
            elif len(self.answered) < len(self.answers):
                await asyncio.sleep(0.1)  # one is being aimed with, and comes back here
                continue
            else:
                return
            for body in bodies:
                await self._until_taken(client, body)
            self.answered.add(said.id)
            self._changed.set()

    async def _until_taken(self, client: aiohttp.ClientSession, body: bytes) -> None:
        for _ in itertools.count():
            if await self._is_taken(client, body):
                return
            await asyncio.sleep(self._random.uniform(0.1, 0.4))

    async def _is_taken(self, client: aiohttp.ClientSession, body: bytes) -> bool:
        self.sent += 1
        try:
            async with client.post(self._url, data=body, headers=self._signer.signed(body)) as answer:
                if answer.status >= 300:
                    self.refused += 1
                    return False
                # What hasn't arrived whole was not answered.
                return bool((await answer.json())["status"])
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            self.unanswered += 1
            return False


def answers(count: int, *, seed: int) -> list[Said]:
    """Make up answers; the same seed makes the same ones."""
    chance = random.Random(seed)
    return [_answer(number, chance, customers=max(1, int(count * CUSTOMERS))) for number in range(count)]


def _answer(number: int, chance: random.Random, *, customers: int) -> Said:
    metric = chance.choice(("nps", "csat", "ces"))
    is_low = chance.randrange(100) < LOW
    score = chance.randint(*(LOW_SCORES if is_low else OTHER_SCORES)[metric])
    comment = f"{chance.choice(COMMENTS)} ({number})"
    who = chance.randrange(customers)
    form: dict[str, Any] = {"id": f"r-{number}", "metric": metric, "score": score, "scale": SCALES[metric]}
    if chance.randrange(100) >= ANONYMOUS:
        form |= {"email": f"c{who}@customer{who % 7}.example", "name": f"Customer {who}", "account": f"Account {who}"}
    bodies = [_body({**form, "comment": comment})]
    if chance.randrange(100) < IN_PARTS:
        bodies.append(_body({**form, "comment": f"{comment} And more."}))
        comment += " And more."
    elif chance.randrange(100) < TWICE:
        bodies *= 2
    return Said(form["id"], score, comment, is_low, tuple(bodies))


def _body(form: dict[str, Any]) -> bytes:
    return json.dumps(_signer().body(form)).encode()


def _signer() -> Survey:
    """Make what signs and words an answer; it sends nothing here."""
    return Survey(
        client=None,  # type: ignore[arg-type] # never used
        url="",
        secret=WEBHOOK_SECRET,
        clock=lambda: datetime.now(UTC),
        real_time=time.time,
    )
