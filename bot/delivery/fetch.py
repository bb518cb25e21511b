"""Asking for what a survey tool only named: fetched without a transaction, kept in one with the intent's end."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.delivery.outcomes import outcome
from bot.delivery.pace import Pace
from bot.surveys import adapter_of
from bot.surveys.api import Apis, ApiTrouble, NotAllowed, Outage, TooMany
from bot.surveys.language import Languages
from bot.surveys.refetching import parked_body
from bot.surveys.request import Adapter, Unreadable
from bot.surveys.scoring import as_the_policy_says
from bot.surveys.taking import Understood, in_vain, keep, set_aside
from storage import lanes
from storage.database import Database
from storage.lanes import Claimed, Outcome
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import UnknownScale

log: Final = logging.getLogger("hearback.delivery")

# With ten minutes between two tries that is a day: a tool's bad night, or the time that a new token takes.
A_DAY: Final = 150
# While a tool is down or doesn't know us, it is asked about one response a minute, however many wait.
LANE_PAUSE: Final = 60.0
GONE: Final = "Hearback doesn't ask this tool for responses any more."
BROKEN_OFF: Final = "Asking for it broke off again and again: the log says why."


class FetchSender:
    """Asks for one response after another of each tool; what is found is taken in as if a webhook had brought it."""

    def __init__(
        self,
        *,
        db: Database,
        apis: Apis,
        policy: Callable[[], Policy],
        policy_version: Callable[[], int | None],
        clock: Callable[[], datetime],
        pace: Pace,
        random: Callable[[], float],
        languages: Languages | None = None,
    ) -> None:
        """Ask nothing yet. `random` gives numbers from 0 to 1."""
        self._languages = languages or Languages()
        self._db, self._apis, self._policy, self._version = db, apis, policy, policy_version
        self._clock, self._pace, self._random = clock, pace, random

    async def send(self, claimed: Claimed) -> Outcome:
        """Ask for one response and keep what is found; never raises for anything that the tool or the network does."""
        adapter = adapter_of(str(claimed.facts["source"]))
        if adapter is None or adapter.fetch is None or adapter.api is None:
            return outcome(claimed, "dead", at=self._clock(), problem=GONE)
        if claimed.attempts > A_DAY:
            return outcome(claimed, "dead", at=self._clock(), problem=BROKEN_OFF)
        policy, version, heard = self._policy(), self._version(), list[bytes]()
        asking = adapter.fetch(claimed.facts["ids"], policy, claimed.created_at)
        try:
            async with asyncio.timeout(self._pace.mail_lease / 2):
                found = await self._apis.drive(adapter, asking, heard=heard)
        except ApiTrouble as trouble:
            return self._later(claimed, trouble)
        except TimeoutError:
            return self._later(claimed, Outage(f"The API of {adapter.name} took too long."))
        except (Unreadable, UnknownScale) as problem:
            held = in_vain(problem)
        else:
            held = Understood([as_the_policy_says(found, policy) if isinstance(found, Answer) else found])
        held = replace(held, found=await self._languages.fill_in(held.found, policy))
        return await self._kept(claimed, adapter, held, heard, policy=policy, version=version)

    async def _kept(
        self,
        claimed: Claimed,
        adapter: Adapter,
        held: Understood,
        heard: list[bytes],
        *,
        policy: Policy,
        version: int | None,
    ) -> Outcome:
        """Keep what was found and end the intent in one transaction: nothing is lost between the two, or done twice."""
        assert adapter.api is not None
        at, facts = self._clock(), claimed.facts
        turn = at + timedelta(seconds=60 / adapter.api.per_minute)
        done = outcome(claimed, "sent", at=at, lane_opens_at=turn)

        def kept_and_ended(session: Session) -> None:
            kept = keep(session, adapter, held, policy=policy, policy_version=version, at=at)
            if kept.problem:
                body = parked_body(str(facts["external_id"]), facts["ids"], heard)
                set_aside(session, adapter.name, body, held, kept.problem, policy=policy, at=at)
            lanes.settle(session, [done])

        try:
            await self._db.write(kept_and_ended)
        except SQLAlchemyError as problem:
            log.warning("A response of %s could not be kept: %s", adapter.name, type(problem).__name__)
            wait = self._wait(claimed, base=self._pace.backoff)
            return outcome(claimed, "waiting", at=self._clock(), wait=wait, problem="The database could not take it.")
        return done

    def _later(self, claimed: Claimed, trouble: ApiTrouble) -> Outcome:
        """Say when it is asked for again. The others of its tool wait as well, but never long for this one's sake."""
        at = self._clock()
        if isinstance(trouble, TooMany):
            opens, wait = at + timedelta(seconds=trouble.wait), trouble.wait
            return outcome(
                claimed, "waiting", at=at, wait=wait, problem=trouble.reason, lane_opens_at=opens, counts=False
            )
        is_common = isinstance(trouble, NotAllowed | Outage)
        base = self._pace.backoff if isinstance(trouble, Outage) else self._pace.long_backoff
        wait = self._wait(claimed, base=base)
        is_dead = claimed.attempts >= (A_DAY if is_common else self._pace.max_attempts)
        if is_dead or claimed.attempts == 1:
            log.warning("Intent %s (fetch)%s: %s", claimed.id, " is given up" if is_dead else "", trouble.reason)
        opens = at + timedelta(seconds=min(wait, LANE_PAUSE))
        return outcome(
            claimed,
            "dead" if is_dead else "waiting",
            at=at,
            wait=wait,
            problem=trouble.reason,
            lane_opens_at=opens if is_common else None,
        )

    def _wait(self, claimed: Claimed, *, base: float) -> float:
        return self._pace.wait(claimed.attempts, base=base, random=self._random)
