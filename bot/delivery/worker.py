"""The loop that sends the outbox: claim what is due, draw it, send it, write down what came of it."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session

from bot.delivery.drawing import Drawn, NotDrawn, NothingToDraw, drawings
from bot.delivery.fetch import FetchSender
from bot.delivery.mailer import Mailer
from bot.delivery.outcomes import given_back, outcome, waiting
from bot.delivery.pace import Pace
from bot.delivery.post import PostSender
from bot.delivery.slack import SlackSender
from storage import lanes
from storage.database import Database
from storage.lanes import Claimed, Outcome
from workflows.policy import Policy

log: Final = logging.getLogger("hearback.delivery")

# What has been sent waits no longer than this for company before it is written down.
GATHER: Final = 0.1
# What each of the others has a way of its own for; everything else is drawn and goes to Slack.
NOT_DRAWN: Final = frozenset({"mail", "fetch"})
ROW_GONE: Final = "Its row is gone: there is nothing to send."
NOBODY_ASKS: Final = "Nothing is asked for by this process."


class Delivery:
    """Sends the outbox until it is stopped. Any number of processes may do so on one database."""

    def __init__(
        self,
        *,
        db: Database,
        slack: AsyncWebClient,
        mailer: Mailer | None,
        policy: Callable[[], Policy],
        clock: Callable[[], datetime],
        random: Callable[[], float],
        pace: Pace | None = None,
        fetcher: FetchSender | None = None,
    ) -> None:
        """Begin nothing yet. `random` gives numbers from 0 to 1; `clock` gives aware times in UTC."""
        self._db, self._policy, self._clock, self._random = db, policy, clock, random
        self._pace = pace or Pace()
        self._slack = SlackSender(slack, clock=clock, pace=self._pace, random=random)
        self._post = PostSender(db=db, mailer=mailer, policy=policy, clock=clock, pace=self._pace, random=random)
        self._fetcher = fetcher
        self._fetching: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(self._pace.in_flight)
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._in_hand: set[asyncio.Task[None]] = set()
        self._done: list[Outcome] = []
        self._after = ""
        self._low_water = self._pace.batch
        self._is_stopping = False
        self._failures = 0
        self.last_error: str | None = None
        """What stopped the last round, with its reference in the log; None: all is well."""

    @property
    def is_healthy(self) -> bool:
        """Tell whether the last round went well."""
        return self.last_error is None

    async def oldest_waiting(self) -> timedelta:
        """Say for how long the oldest of what is due has been waiting."""
        since = await self._db.read(lanes.oldest_due)
        return max(self._clock() - since, timedelta(0)) if since else timedelta(0)

    def wake(self) -> None:
        """Look at once whether something is due. May be called from any thread."""
        # Who finds it set came before the look that is still to be taken.
        if self._loop is not None and not self._changed.is_set() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed.set)

    async def run(self) -> None:
        """Send what is due, until stopped or cancelled. Survives a database that is locked or gone for a while."""
        self._loop = asyncio.get_running_loop()
        self._idle.clear()
        try:
            while not self._is_stopping:
                await self._round()
        finally:
            self._idle.set()

    async def drain(self) -> None:
        """Send until nothing is due now and nothing is under way. Raises what goes wrong."""
        while await self._step() or self._in_hand or self._done:
            if self._in_hand:
                await asyncio.wait(self._in_hand, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Begin nothing more, let what is under way end, and write it down."""
        self._is_stopping = True
        self._changed.set()
        await self._idle.wait()
        for fetching in self._fetching:
            fetching.cancel()  # a tool may take its time; whoever starts next asks again
        if self._in_hand:
            await asyncio.wait(self._in_hand)
        await self._settle()

    async def _round(self) -> None:
        self._changed.clear()
        try:
            if not await self._step():
                await self._rest()
        except Exception as error:  # the one edge of the loop: whatever it was, it goes on later
            self._failures += 1
            reference = f"delivery-{int(self._random() * 16**8):08x}"
            self.last_error = f"{type(error).__name__} ({reference})"
            log.exception("Delivery had to pause. Reference: %s", reference)
            await self._pause(self._pace.wait(self._failures, base=self._pace.poll / 4, random=self._random))
        else:
            self._failures, self.last_error = 0, None

    async def _step(self) -> bool:
        """Write down what is done, claim what is due, and start sending it; tells whether anything was claimed."""
        room = self._pace.batch - len(self._in_hand)
        if not self._done and (room <= 0 or not await self._db.read(self._is_due)):
            return False  # read first: what nobody waits for must not write
        done = list(self._done)
        claimed = await self._db.write(lambda session: self._turn(session, done, room))
        del self._done[: len(done)]
        # With more waiting than there is room for, the next claim waits until the last of these are under way.
        self._low_water = self._pace.in_flight if len(claimed) == room else self._pace.batch
        if claimed:
            self._after = max(one.lane for one in claimed)
            await self._start(claimed)
        return bool(claimed)

    def _turn(self, session: Session, done: list[Outcome], room: int) -> list[Claimed]:
        lanes.settle(session, done)
        now = self._clock()
        if room <= 0 or self._is_stopping:
            return []
        return lanes.claim(
            session,
            now=now,
            leased_until=now + timedelta(seconds=self._pace.lease),
            mail_until=now + timedelta(seconds=self._pace.mail_lease),
            limit=room,
            after=self._after,
        )

    def _is_due(self, session: Session) -> bool:
        return lanes.is_due(session, now=self._clock())

    async def _start(self, claimed: list[Claimed]) -> None:
        try:
            drawn = await self._drawn([one for one in claimed if one.kind not in NOT_DRAWN])
        except Exception:
            self._done += [given_back(one, at=self._clock()) for one in claimed]
            raise
        for drawing in drawn:
            self._begin(self._send(drawing))
        for one in claimed:
            if one.kind == "mail":
                self._begin(self._mail(one))
            elif one.kind == "fetch":
                fetching = self._begin(self._fetch(one))
                self._fetching.add(fetching)
                fetching.add_done_callback(self._fetching.discard)

    async def _drawn(self, claimed: list[Claimed]) -> list[Drawn]:
        if not claimed:
            return []
        policy, now = self._policy(), self._clock()
        return await self._db.read(lambda session: drawings(session, claimed, policy=policy, at=now))

    def _begin(self, sending: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(sending)
        self._in_hand.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # Its lease runs out, and then it counts as unclear.
            log.error("A delivery broke off and is looked at again later", exc_info=error)
        if len(self._in_hand) < self._low_water:
            self._changed.set()

    async def _send(self, drawn: Drawn) -> None:
        claimed = drawn.claimed
        async with self._slots:
            if self._is_stopping or self._is_late(claimed):
                done = given_back(claimed, at=self._clock())
            elif isinstance(drawn, NothingToDraw):
                done = outcome(claimed, "sent", at=self._clock(), problem=ROW_GONE)
            elif isinstance(drawn, NotDrawn):
                done = self._not_drawn(drawn)
            else:
                done = await self._slack.send(drawn)
        self._done.append(done)

    async def _mail(self, claimed: Claimed) -> None:
        done = given_back(claimed, at=self._clock()) if self._is_stopping else await self._post.send(claimed)
        self._done.append(done)

    async def _fetch(self, claimed: Claimed) -> None:
        now, wait = self._clock(), self._pace.long_backoff
        if self._fetcher is None:
            done = outcome(claimed, "waiting", at=now, problem=NOBODY_ASKS, wait=wait, counts=False)
        elif self._is_stopping:
            done = given_back(claimed, at=now)
        else:
            try:
                done = await self._fetcher.send(claimed)
            except asyncio.CancelledError:  # we are stopping, and nothing else cancels it
                done = given_back(claimed, at=self._clock())
        self._done.append(done)

    async def _settle(self) -> None:
        done = list(self._done)
        if done:
            await self._db.write(lambda session: lanes.settle(session, done))
            del self._done[: len(done)]

    async def _rest(self) -> None:
        """Wait until something changes, or the next thing is due."""
        if self._done:
            await self._pause(GATHER)
            return
        now = self._clock()
        due_at = await self._db.read(lambda session: lanes.next_due(session, now=now))
        until_due = (due_at - now).total_seconds() if due_at else self._pace.poll
        await self._pause(min(self._pace.poll, until_due))

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass

    def _is_late(self, claimed: Claimed) -> bool:
        """Tell whether so much of the lease is gone that somebody else might have it before we are through."""
        return claimed.leased_until - self._clock() < timedelta(seconds=self._pace.lease / 2)

    def _not_drawn(self, drawn: NotDrawn) -> Outcome:
        claimed = drawn.claimed
        state = "dead" if claimed.attempts >= self._pace.max_attempts else waiting(claimed)
        wait = self._pace.wait(claimed.attempts, base=self._pace.long_backoff, random=self._random)
        problem = f"It could not be drawn: see {drawn.reference} in the log."
        return outcome(claimed, state, at=self._clock(), wait=wait, problem=problem)
