"""The ticks: what every process does again and again. What was done is in the database, never here."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
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
# How often it is looked whether an hour has passed since a survey tool was asked for what it has.
POLLS_SECONDS: Final = 60
REFUSALS_SECONDS: Final = 60
# Until they are counted, responses are looked at one by one: figures are right, and a little slower.
FIGURES_SECONDS: Final = 60
# Slack stops repeating an event after an hour or so; sent intents are kept a little for whoever looks for one.
SEEN_FOR: Final = timedelta(days=7)
SENT_FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often, in seconds, it is looked whether something is due; a demo whose clock is wound looks more often."""

    sweep: float = 10.0
    digests: float = 15.0
    silence: float = 300.0
    settle: float = 30.0


def scheduler(
    *,
    every: Rhythm,
    policy: Tick,
    members: Tick,
    old: Tick,
    sweep: Tick,
    digests: Tick,
    silence: Tick,
    settle: Tick,
    figures: Tick,
    polls: Tick,
    refusals: Tick,
) -> AsyncIOScheduler:
    """Build the ticks, not started yet. One that is late or fails is simply done again at its next turn."""
    ticks = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    ticks.add_job(_kept_going(policy), "interval", seconds=POLICY_SECONDS, id="policy")
    ticks.add_job(_kept_going(members), "interval", minutes=MEMBERS_MINUTES, id="members")
    ticks.add_job(_kept_going(sweep), "interval", seconds=every.sweep, id="sweep")
    ticks.add_job(_kept_going(digests), "interval", seconds=every.digests, id="digests")
    ticks.add_job(_kept_going(silence), "interval", seconds=every.silence, id="silence")
    ticks.add_job(_kept_going(settle), "interval", seconds=every.settle, id="settle")
    ticks.add_job(_kept_going(old), "interval", hours=PRUNE_HOURS, id="old rows")
    ticks.add_job(_kept_going(figures), "interval", seconds=FIGURES_SECONDS, id="figures")
    ticks.add_job(_kept_going(polls), "interval", seconds=POLLS_SECONDS, id="polls")
    ticks.add_job(_kept_going(refusals), "interval", seconds=REFUSALS_SECONDS, id="refusals")
    return ticks


def remove_old(session: Session, *, at: datetime) -> None:
    """Remove what is of no use any more: old marks of what was seen, intents that were sent long ago."""
    prune.seen_before(session, at - SEEN_FOR)
    prune.sent_before(session, at - SENT_FOR)
    prune.sessions_before(session, at)


def _kept_going(tick: Tick) -> Tick:
    async def run() -> None:
        try:
            await tick()
        except Exception:
            log.warning("A tick failed; it is tried again at its next turn.", exc_info=True)

    return run
