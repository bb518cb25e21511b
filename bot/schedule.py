"""The ticks: what every process does again and again. What was done is in the database, never here."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Session

from storage import prune

log: Final = logging.getLogger("hearback.schedule")

Tick = Callable[[], Awaitable[object]]

# A policy that another process applied is in force here after so many seconds at most.
POLICY_SECONDS: Final = 5
MEMBERS_MINUTES: Final = 15
PRUNE_HOURS: Final = 6
# Slack stops repeating an event after an hour or so; sent intents are kept a little for whoever looks for one.
SEEN_FOR: Final = timedelta(days=7)
SENT_FOR: Final = timedelta(days=30)


def scheduler(*, policy: Tick, members: Tick, old: Tick) -> AsyncIOScheduler:
    """Build the ticks, not started yet. One that is late or fails is simply done again at its next turn."""
    ticks = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    ticks.add_job(_kept_going(policy), "interval", seconds=POLICY_SECONDS, id="policy")
    ticks.add_job(_kept_going(members), "interval", minutes=MEMBERS_MINUTES, id="members")
    ticks.add_job(_kept_going(old), "interval", hours=PRUNE_HOURS, id="old rows")
    return ticks


def remove_old(session: Session, *, at: datetime) -> None:
    """Remove what is of no use any more: old marks of what was seen, intents that were sent long ago."""
    prune.seen_before(session, at - SEEN_FOR)
    prune.sent_before(session, at - SENT_FOR)


def _kept_going(tick: Tick) -> Tick:
    async def run() -> None:
        try:
            await tick()
        except Exception:
            log.warning("A tick failed; it is tried again at its next turn.", exc_info=True)

    return run
