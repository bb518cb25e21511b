"""Asking survey tools for what they have, page by page: each page's answers and the place after it are one commit."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.surveys import ADAPTERS, repolling
from bot.surveys.api import Apis, ApiTrouble, NotAllowed, TooMany
from bot.surveys.language import Languages
from bot.surveys.oldest_first import seen_from
from bot.surveys.request import Adapter, Page, Refused, Unreadable
from bot.surveys.scoring import as_the_policy_says
from bot.surveys.taking import ask_for_scales, in_vain
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
# What is asked for again may be years of responses: after so long, what came in the last hour has its turn.
TURN: Final = timedelta(minutes=5)
NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
SHOWN: Final = 5


@dataclass(slots=True)
class Tally:
    """What became of the answers of some pages: how many were new, changed, known, refused; and why."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def add(self, taken: Iterable[Taken], refused: Sequence[Refused]) -> None:
        """Count a page."""
        for one in taken:
            if one.outcome != "refused":  # those are among the others
                self.counts[one.outcome] += 1
            self.counts["cases"] += one.case_id is not None
            self.counts["history"] += one.is_history
        self.counts["refused"] += len(refused)
        self.refused += [one.reason for one in refused]


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
        # First what waits since long: an hourly poll could take an unhappy customer of it for history.
        for source, wanted in await self._db.read(lambda session: polls.wanted_again(session, at=self._clock())):
            asked = ADAPTERS.get(source)
            if asked is not None and asked.poll is not None and self._apis.missing(asked) is None:
                await self._again(asked, wanted)
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
        try:
            page = await self._apis.drive(adapter, asking, heard=[])
        except UnknownScale as unknown:  # of the whole page: nothing of it is lost, as the place stays before it
            held = in_vain(unknown)
            await self._db.write(partial(ask_for_scales, source=adapter.name, held=held, policy=policy, at=at))
            raise
        told = [as_the_policy_says(one, policy) for one in page.answers]
        answers = list(await self._languages.fill_in(told, policy))
        after, taken, refused = await self._db.write(
            lambda session: self._kept(
                session, place, page, answers, policy=policy, version=version, cases_since=cases_since
            )
        )
        tally.add(taken, refused)
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
    ) -> tuple[Place, list[Taken], list[Refused]]:
        at = self._clock()
        began = seen_from(place.cursor, since=place.since, at=at)
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
        refused = [*page.refused, *_beyond(answers, taken)]
        stood = repolling.Page(place.target, began, cases_since)
        is_again = place.purpose == polls.AGAIN
        repolling.park(session, place.source, stood, refused, policy=policy, at=at, is_again=is_again)
        if is_again and after.is_done:
            repolling.is_past(session, place.source, place.target)
        return after, taken, refused

    async def _reconcile(self, adapter: Adapter, target: str | None) -> None:
        at = self._clock()
        this = {"source": adapter.name, "target": target or "", "purpose": polls.RECONCILE}
        # Read first: looking every few minutes whether an hour has passed must not write.
        if not await self._db.read(lambda session: polls.is_due(session, **this, done_before=at - EVERY, at=at)):
            return
        place = await self._db.write(lambda session: _taken_up(session, this, at=at))
        if place is None:
            return
        await self._through(adapter, place, cases_since=at - CASES_SINCE)

    async def _again(self, adapter: Adapter, target: str) -> None:
        """Ask once more for all since a page with rows that couldn't be read, as far as it goes in one turn."""
        at = self._clock()
        this = {"source": adapter.name, "target": target, "purpose": polls.AGAIN}
        place = await self._db.write(
            lambda session: polls.take_due(session, **this, done_before=NEVER, at=at, until=at + LEASE)
        )
        if place is None:
            return
        since = await self._db.read(lambda session: repolling.cases_since(session, adapter.name, target))
        if since is None:
            await self._db.write(partial(polls.end, place=place, at=at))
            return
        await self._through(adapter, place, cases_since=since, until=at + TURN)

    async def _through(
        self, adapter: Adapter, place: Place, *, cases_since: datetime, until: datetime | None = None
    ) -> None:
        """Take in page after page until there are no more, or the time is over, or something is wrong."""
        tally, problem, again_at = Tally(), None, None
        try:
            for _ in range(MOST_PAGES):
                place = await self.page(place, cases_since=cases_since, tally=tally)
                if place.is_done or (until is not None and self._clock() >= until):
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
            if problem is None and place.is_done:
                sources.polled(session, place.source, at=self._clock())
            if said:
                sources.troubled(session, place.source, said)

        await self._db.write(ended)


def _taken_up(session: Session, this: Mapping[str, str], *, at: datetime) -> Place | None:
    """Take up a poll where it stands, anew if it came to its end an hour ago; None: somebody else was quicker."""
    polls.begin(session, **this, since=at - FIRST_LOOK, at=at)
    return polls.take_due(session, **this, done_before=at - EVERY, at=at, until=at + LEASE)


def _beyond(answers: Iterable[Answer], taken: Iterable[Taken]) -> list[Refused]:
    """List answers that could be read and not kept, a score beyond its scale, by the ids that they have there."""
    return [
        Refused(f"{one.reason[:1].upper()}{one.reason[1:]}.", {"external_id": answer.external_id})
        for answer, one in zip(answers, taken, strict=True)
        if one.outcome == "refused"
    ]


def _unread(tally: Tally) -> str | None:
    if not tally.refused:
        return None
    reasons = " ".join(dict.fromkeys(tally.refused[:SHOWN]))
    return f"{len(tally.refused)} of the last poll's responses can't be read: {reasons}"
