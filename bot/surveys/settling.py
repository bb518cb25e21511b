"""What answers about forms ask for: parked requests are read again, what waited is opened or put right, in parts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from bot.surveys import replaying
from bot.surveys.language import Languages
from storage import alarms
from storage.database import Database
from storage.source_tables import Alarm
from workflows import reversal, reversing
from workflows.policy import Policy

# So many in one transaction: on SQLite a press waits no longer than for these.
AT_ONCE: Final = 25


@dataclass(kw_only=True)
class Settling:
    """Does what answers ask for, and what happens without one. Stopped half-way, it goes on at its next turn."""

    db: Database
    policy: Callable[[], Policy]
    policy_version: Callable[[], int | None]
    refresh: Callable[[], Awaitable[None]]
    """Takes over a version of the policy that was applied just now."""
    clock: Callable[[], datetime]
    languages: Languages = field(default_factory=Languages)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def tick(self) -> None:
        """Look at what is asked and what has been answered. Where nothing is open, nothing is written."""
        async with self._turn:
            for one in await self.db.read(alarms.open_questions):
                if one.alarm.kind == "reversal":
                    await self._unanswered(one.alarm.id or 0)
            unfinished = await self.db.read(alarms.unfinished)
            if unfinished:
                await self.refresh()
            for alarm in unfinished:
                await self._finish(alarm)

    async def _unanswered(self, alarm_id: int) -> None:
        at = self.clock()
        policy = self.policy()
        if not await self.db.write(partial(reversal.give_up, alarm_id=alarm_id, policy=policy, at=at)):
            await self.db.write(partial(reversal.remind, alarm_id=alarm_id, policy=policy, at=at))

    async def _finish(self, alarm: Alarm) -> None:
        alarm_id = alarm.id or 0
        if alarm.kind == "parked":
            await self._replay(alarm)
        else:
            await self._in_parts(reversing.turn_some, alarm_id)
            await self._in_parts(reversing.open_some, alarm_id)
        await self.db.write(partial(reversing.finish, alarm_id=alarm_id))

    async def _replay(self, alarm: Alarm) -> None:
        for parked_id in await self.db.read(partial(alarms.parked_ids, source=alarm.source, form=alarm.form)):
            at, policy, version = self.clock(), self.policy(), self.policy_version()
            await self.db.write(
                partial(
                    replaying.replay,
                    parked_id=parked_id,
                    policy=policy,
                    policy_version=version,
                    at=at,
                    languages=self.languages,
                )
            )

    async def _in_parts(self, some: Callable[..., int], alarm_id: int) -> None:
        while True:
            at, policy, version = self.clock(), self.policy(), self.policy_version()
            part = partial(some, alarm_id=alarm_id, policy=policy, policy_version=version, at=at, limit=AT_ONCE)
            if not await self.db.write(part):
                return
