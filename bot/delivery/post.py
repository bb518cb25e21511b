"""Sending the mail of an outreach: once at most, whatever happens on the way."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.delivery.mail import UnusableAddress, compose
from bot.delivery.mailer import Accepted, Mailer, Refused, TryLater, Unclear
from bot.delivery.mailer import Outcome as Answer
from bot.delivery.outcomes import outcome, waiting
from bot.delivery.pace import Pace
from storage.database import Database
from storage.lanes import Claimed, Outcome
from workflows import outreach
from workflows.outreach import Outgoing
from workflows.policy import Policy

log: Final = logging.getLogger("hearback.delivery")

NO_SERVER: Final = "No mail server is known: set SMTP_URL."
NO_SENDER: Final = "No sender is known: set MAIL_FROM, or `from` under [mail] in the policy."
INTERRUPTED: Final = "Hearback was stopped while the mail was being sent: it may or may not have gone out."
GIVEN_UP: Final = "The mail server could not take it, however often it was tried. Write again once it works."
# The server's word must not be lost because the database is away for a moment.
RECORD_ATTEMPTS: Final = 6


class PostSender:
    """Sends one mail after another; what became of each is written to its case at once."""

    def __init__(
        self,
        *,
        db: Database,
        mailer: Mailer | None,
        policy: Callable[[], Policy],
        clock: Callable[[], datetime],
        pace: Pace,
        random: Callable[[], float],
    ) -> None:
        """Connect to nothing yet."""
        self._db, self._mailer, self._policy = db, mailer, policy
        self._clock, self._pace, self._random = clock, pace, random
        self._turn = asyncio.Lock()

    async def send(self, claimed: Claimed) -> Outcome:
        """Send one mail, unless it was taken back. Raises what the database raises: then its lease runs out."""
        async with self._turn:  # the mailer has one connection: whoever waits for it here can still be taken back
            if self._is_late(claimed):
                return self._again(claimed, "It waited too long for its turn.", wait=0.0, counts=False)
            return await self._send(claimed, int(claimed.facts["outreach_id"]))

    async def _send(self, claimed: Claimed, outreach_id: int) -> Outcome:
        if problem := self._missing():
            wait = self._pace.wait(claimed.attempts, base=self._pace.long_backoff, random=self._random)
            return self._again(claimed, problem, wait=wait, counts=False)
        if claimed.is_unclear:
            await self._db.write(
                lambda session: outreach.unclear(session, outreach_id, reason=INTERRUPTED, at=self._clock())
            )
        outgoing = await self._db.write(lambda session: outreach.begin(session, outreach_id))
        if outgoing is None:  # taken back, settled by a person, or for a person to settle
            return self._done(claimed)
        return await self._settled(claimed, outgoing, await self._answer(outgoing))

    async def _answer(self, outgoing: Outgoing) -> Answer:
        assert self._mailer is not None
        try:
            message = self._composed(outgoing)
        except UnusableAddress as problem:
            return Refused(str(problem), None)
        except ValueError as problem:  # a text that no mail can hold; what it was stays out of the log
            log.warning("Mail %s can't be composed (%s)", outgoing.outreach_id, type(problem).__name__)
            return Refused("The mail can't be composed: look for odd characters in its subject or address.", None)
        try:
            async with asyncio.timeout(self._pace.mail_lease / 2):
                return await self._mailer.send(message)
        except TimeoutError:
            return Unclear("The mail server did not answer in time: the mail may or may not have gone out.")

    def _composed(self, outgoing: Outgoing) -> EmailMessage:
        mail = self._policy().mail
        return compose(
            sender=mail.from_ or "",
            to=outgoing.recipient,
            to_name=outgoing.recipient_name,
            subject=outgoing.subject,
            text=outgoing.body,
            message_id=outgoing.message_id,
            at=self._clock(),
            reply_to=mail.reply_to,
            thread=outgoing.thread,
            language=outgoing.language,
        )

    async def _settled(self, claimed: Claimed, outgoing: Outgoing, answer: Answer) -> Outcome:
        about, at = outgoing.outreach_id, self._clock()
        match answer:
            case Accepted():
                policy = self._policy()
                await self._record(lambda session: outreach.accepted(session, about, policy=policy, at=at))
                return self._done(claimed)
            case Refused(reason=reason):
                await self._record(lambda session: outreach.refused(session, about, reason=reason, at=at))
                return self._done(claimed, reason)
            case Unclear(reason=reason):
                await self._record(lambda session: outreach.unclear(session, about, reason=reason, at=at))
                return self._done(claimed, reason)
            case TryLater(reason=reason):
                return await self._later(claimed, about, reason)

    async def _later(self, claimed: Claimed, about: int, reason: str) -> Outcome:
        if claimed.attempts >= self._pace.patience:
            log.warning("Mail %s is given up: %s", about, reason)
            await self._record(lambda session: outreach.refused(session, about, reason=GIVEN_UP, at=self._clock()))
            return outcome(claimed, "dead", at=self._clock(), problem=f"{GIVEN_UP} {reason}")
        await self._record(lambda session: outreach.not_sent(session, about))
        wait = self._pace.wait(claimed.attempts, base=self._pace.backoff, random=self._random)
        return self._again(claimed, reason, wait=wait)

    async def _record(self, work: Callable[[Session], Any]) -> None:
        """Write down what the server said, waiting for a database that is away for a moment."""
        for attempt in range(1, RECORD_ATTEMPTS + 1):
            try:
                await self._db.write(work)
            except SQLAlchemyError:
                if attempt == RECORD_ATTEMPTS:
                    raise
                await asyncio.sleep(self._pace.wait(attempt, base=self._pace.backoff / 2, random=self._random))
            else:
                return

    def _missing(self) -> str | None:
        if self._mailer is None:
            return NO_SERVER
        return None if self._policy().mail.from_ else NO_SENDER

    def _is_late(self, claimed: Claimed) -> bool:
        return claimed.leased_until - self._clock() < timedelta(seconds=self._pace.mail_lease / 2)

    def _done(self, claimed: Claimed, problem: str | None = None) -> Outcome:
        return outcome(claimed, "sent", at=self._clock(), problem=problem)

    def _again(self, claimed: Claimed, problem: str, *, wait: float, counts: bool = True) -> Outcome:
        # Unclear stays unclear: it is the outreach's own state that says whether the mail may go out.
        at = self._clock()
        opens = at + timedelta(seconds=wait) if wait else None
        state = waiting(claimed)
        return outcome(claimed, state, at=at, wait=wait, problem=problem, lane_opens_at=opens, counts=counts)
