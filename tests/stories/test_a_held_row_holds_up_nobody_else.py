"""On PostgreSQL somebody holds a row for long: whoever has nothing to do with it is answered as ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

import psycopg
import pytest
from crowds import AT, NPS, house
from sqlalchemy.exc import OperationalError

from bot.slack import ids
from bot.slack.listeners import buttons
from bot.slack.listeners.move import Move
from bot.slack.payloads import Press
from bot.surveys import ADAPTERS
from bot.surveys.taking import Arrived, Understood, keep_all
from tests.databases import fresh_postgres
from workflows.answers import Answer

pytestmark = pytest.mark.anyio
SLACKS_PATIENCE = 3.0
SLOW = "department:support|rule:Slow"


class Team:
    """A team with so many cases of different kinds, and how long each of its members waits."""

    def __init__(self, url: str, cases: int) -> None:
        self.db, self.policy, self.version = house(url)
        for number in range(1, cases + 1):
            self.db.write_now(lambda session, n=number: keep_all(session, [self.arrived(f"c{n}", "Nobody answers.")]))

    def arrived(self, name: str, comment: str) -> Arrived:
        answer = Answer(
            source="generic",
            external_id=name,
            score=0.0,
            scale=NPS,
            submitted_at=AT,
            comment=comment,
            form=f"form {name}",
            touchpoint=f"touchpoint {name}",
            email=f"{name}@example.com",
        )
        return Arrived(ADAPTERS["generic"], b"{}", Understood([answer]), self.policy, self.version, AT)

    async def take(self, number: int) -> float:
        """Press Take on a case; gives the seconds until it is answered."""
        press = Press(action_id=ids.TAKE, value=str(number), by="UTEAMA1", trigger_id="1.2.3")
        move = Move(by=press.by, at=AT, policy=self.policy, policy_version=self.version)
        begun = monotonic()
        with suppress(OperationalError):  # of the one whose case is held
            await self.db.write_with_others(buttons._Made(press, number, move), buttons._taken_all)
        return monotonic() - begun


@asynccontextmanager
async def holding(url: str, statement: str) -> AsyncIterator[None]:
    """Hold these rows while the context lasts."""
    with psycopg.connect(url) as other:
        assert other.execute(statement).fetchall()
        yield
        other.rollback()


@pytest.mark.parametrize("held", [[1], [1, 2, 3]])
async def test_whoever_takes_other_cases(held: list[int], postgres_server: str) -> None:
    url = fresh_postgres(postgres_server)
    team = Team(url, 10)

    async with holding(url, f"SELECT 1 FROM cases WHERE id <= {len(held)} FOR UPDATE"):  # noqa: S608 -- ours
        waits = {n: asyncio.create_task(team.take(n)) for n in range(1, 8)}
        await asyncio.sleep(1)  # those who come later don't wait for them either
        waits |= {n: asyncio.create_task(team.take(n)) for n in (8, 9, 10)}
        await asyncio.gather(*waits.values())

    team.db.close()
    assert min(waits[n].result() for n in held) > 1
    assert max(one.result() for n, one in waits.items() if n not in held) < SLACKS_PATIENCE / 2


async def test_whoever_presses_while_answers_wait(postgres_server: str) -> None:
    url = fresh_postgres(postgres_server)
    team = Team(url, 1)
    team.db.write_now(lambda session: keep_all(session, [team.arrived("first", "So slow.")]))

    async with holding(url, f"SELECT 1 FROM themes WHERE theme = '{SLOW}' FOR UPDATE"):  # noqa: S608 -- ours
        answers = [team.arrived(f"slow{number}", "So slow.") for number in range(5)]
        kept = [asyncio.create_task(team.db.write_with_others(one, keep_all)) for one in answers]
        await asyncio.sleep(0.3)
        waited = await team.take(1)

    await asyncio.gather(*kept)
    team.db.close()
    assert waited < SLACKS_PATIENCE / 2
