"""The survey tool: thousands of answers, each sent again until it is answered with 2xx."""

import asyncio
import itertools
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

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
        self._random = random.Random(seed)
        self._changed = asyncio.Event()
        self._signer = _signer()

    async def send_all(self) -> None:
        """Send everything, and return when everything has been answered."""
        waiting = iter(self.answers)
        connector = aiohttp.TCPConnector(limit=SENDERS)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=10)) as client,
            asyncio.TaskGroup() as senders,
        ):
            for _ in range(SENDERS):
                senders.create_task(self._send(client, waiting))

    async def until(self, answered: int) -> None:
        """Wait until so many answers (or all of them) have been answered."""
        while len(self.answered) < min(answered, len(self.answers)):
            self._changed.clear()
            await self._changed.wait()

    async def _send(self, client: aiohttp.ClientSession, waiting: Iterator[Said]) -> None:
        for said in waiting:
            for body in said.bodies:
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
