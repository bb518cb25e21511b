"""Asking survey tools for what they have, page by page: each page's answers and the place after it are one commit."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.surveys import ADAPTERS
from bot.surveys.api import Apis, ApiTrouble, NotAllowed, TooMany
from bot.surveys.language import Languages
from bot.surveys.request import Adapter, Page, Unreadable
from bot.surveys.scoring import as_the_policy_says
from storage import polls, sources
from storage.database import Database
from storage.polls import LeaseLostError, Place
from workflows import bulk, missed
from workflows.answers import Answer
from workflows.bulk import Taken
from workflows.policy import Policy
from workflows.scales import UnknownScale

log: Final = logging.getLogger("hearback.polling")

# A page and whoever answered on it, each asked for in its turn, take less. Whoever dies is followed after that.
LEASE: Final = timedelta(minutes=10)
EVERY: Final = timedelta(hours=1)
# The first time there is nothing to go on from: what came shortly before is looked at.
FIRST_LOOK: Final = timedelta(days=2)
# As a file does, a poll brings history: nobody wants a case for what a customer said last year.
CASES_SINCE: Final = timedelta(days=14)
AFTER_TROUBLE: Final = timedelta(minutes=10)
MOST_PAGES: Final = 5_000  # of one turn: a tool whose pages never end must not keep us for ever
SHOWN: Final = 5


@dataclass(slots=True)
class Tally:
    """What became of the answers of some pages: how many were new, changed, known, refused; and why."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def add(self, taken: Iterable[Taken], refused: Sequence[str]) -> None:
        """Count a page."""
        for one in taken:
            self.counts[one.outcome] += 1
            self.counts["cases"] += one.case_id is not None
            self.counts["history"] += one.is_history
            if one.reason:
                self.refused.append(one.reason)
        self.counts["refused"] += len(refused)
        self.refused += refused


class Poller:
    """Polls survey tools. `webhooks` are the sources that should have told us themselves: what they didn't, is missed.

    What is taken in goes the way of an import: what is history opens no case.
    """

    def __init__(
        self,
        *,
        db: Database,
        apis: Apis,
        policy: Callable[[], Policy],
        policy_version: Callable[[], int | None],
        clock: Callable[[], datetime],
        webhooks: Mapping[str, SecretStr],
        languages: Languages | None = None,
    ) -> None:
        """Ask nothing yet."""
        self._languages = languages or Languages()
        self._db, self._apis, self._policy, self._version = db, apis, policy, policy_version
        self._clock, self._webhooks = clock, webhooks

    async def reconcile(self) -> None:
        """Take in what came since each source was last polled, wherever an hour has passed and nobody is at it."""
        for adapter in ADAPTERS.values():
            if adapter.poll is not None and self._apis.missing(adapter) is None:
                for target in adapter.targets(self._policy()):
                    await self._reconcile(adapter, target)

    async def page(self, place: Place, *, cases_since: datetime, tally: Tally) -> Place:
        """Ask for the next page and keep it; gives the place after it, still ours.

        Raises ApiTrouble, Unreadable or UnknownScale when there is no page to read, LeaseLostError when somebody else
        has taken over, and what the database raises. Then nothing has been kept, and the place is as it was.
        """
        adapter = ADAPTERS[place.source]
        assert adapter.poll is not None
        policy, version, at = self._policy(), self._version(), self._clock()
        asking = adapter.poll(place.target or None, place.since, place.cursor, policy, at)
        page = await self._apis.drive(adapter, asking, heard=[])
        told = [as_the_policy_says(one, policy) for one in page.answers]
        answers = list(await self._languages.fill_in(told, policy))
        after, taken = await self._db.write(
            lambda session: self._kept(
                session, place, page, answers, policy=policy, version=version, cases_since=cases_since
            )
        )
        tally.add(taken, page.refused)
        return after

    def _kept(
        self,
        session: Session,
        place: Place,
        page: Page,
        answers: list[Answer],
        *,
        policy: Policy,
        version: int | None,
        cases_since: datetime,
    ) -> tuple[Place, list[Taken]]:
        at = self._clock()
        after = polls.advance(
            session, place, cursor=page.cursor, is_done=page.is_last, taken=len(answers), at=at, until=at + LEASE
        )
        taken = bulk.receive_many(
            session, answers, policy=policy, policy_version=version, at=at, cases_since=cases_since
        )
        if place.purpose == polls.RECONCILE and place.source in self._webhooks:
            new = [answer for answer, one in zip(answers, taken, strict=True) if one.outcome == "new"]
            key = f"{place.target}:{at:%Y-%m-%dT%H:%M:%S.%f}"
            missed.count(session, place.source, new, key=key, since=place.since + FIRST_LOOK, policy=policy, at=at)
        return after, taken

    async def _reconcile(self, adapter: Adapter, target: str | None) -> None:
        at = self._clock()
        this = {"source": adapter.name, "target": target or "", "purpose": polls.RECONCILE}
        # Read first: looking every few minutes whether an hour has passed must not write.
        if not await self._db.read(lambda session: polls.is_due(session, **this, done_before=at - EVERY, at=at)):
            return
        place = await self._db.write(lambda session: _taken_up(session, this, at=at))
        if place is None:
            return
        tally, problem, again_at = Tally(), None, None
        try:
            for _ in range(MOST_PAGES):
                place = await self.page(place, cases_since=at - CASES_SINCE, tally=tally)
                if place.is_done:
                    break
        except (Unreadable, UnknownScale) as unread:
            problem, again_at = f"A page can't be read: {unread}", self._clock() + EVERY
        except TooMany as trouble:
            problem, again_at = trouble.reason, self._clock() + timedelta(seconds=trouble.wait)
        except ApiTrouble as trouble:
            pause = EVERY if isinstance(trouble, NotAllowed) else AFTER_TROUBLE
            problem, again_at = trouble.reason, self._clock() + pause
        except (LeaseLostError, SQLAlchemyError) as lost:
            log.info("A poll of %s stops here (%s); it goes on from its last page.", adapter.name, type(lost).__name__)
            return
        await self._ended(place, tally, problem, again_at)

    async def _ended(self, place: Place, tally: Tally, problem: str | None, again_at: datetime | None) -> None:
        said = problem or _unread(tally)
        if said:
            log.warning("Polling %s: %s", place.source, said)

        def ended(session: Session) -> None:
            polls.release(session, place, until=again_at)
            if problem is None:
                sources.polled(session, place.source, at=self._clock())
            if said:
                sources.troubled(session, place.source, said)

        await self._db.write(ended)


def _taken_up(session: Session, this: Mapping[str, str], *, at: datetime) -> Place | None:
    """Take up a poll where it stands, anew if it came to its end an hour ago; None: somebody else was quicker."""
    polls.begin(session, **this, since=at - FIRST_LOOK, at=at)
    return polls.take_due(session, **this, done_before=at - EVERY, at=at, until=at + LEASE)


def _unread(tally: Tally) -> str | None:
    if not tally.refused:
        return None
    reasons = " ".join(dict.fromkeys(tally.refused[:SHOWN]))
    return f"{len(tally.refused)} of the last poll's responses can't be read: {reasons}"
