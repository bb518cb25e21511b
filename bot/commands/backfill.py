"""`backfill SOURCE --since DATE`: a survey tool's history, asked for page by page; stopped, it goes on from there."""

import asyncio
import random
import sys
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bot.clock import wall_clock
from bot.commands.opened import database, policy_in_force
from bot.delivery.pace import Pace
from bot.settings import Settings, read_settings
from bot.surveys import ADAPTERS, adapter_of
from bot.surveys.api import Apis, ApiTrouble, Outage, TooMany, survey_apis
from bot.surveys.polling import LEASE, Poller, Tally
from bot.surveys.request import Adapter, Unreadable
from storage import polls
from storage.database import Database
from storage.polls import LeaseLostError, Place
from workflows.policy import Policy
from workflows.scales import UnknownScale

PACE: Final = Pace(max_attempts=10)
SECONDS_BETWEEN_SIGNS: Final = 1.0
SHOWN: Final = 20


class CannotBackfill(Exception):  # noqa: N818 - it names what there is, and reads well where it is caught
    """It can't begin or go on; the sentence says what to do."""


def run(source: str, *, since: date, form: str | None, cases_since_days: int) -> int:
    """Take in what a tool has since that date; low responses of the last `cases_since_days` open cases.

    Exit status 1 when it had to stop, or rows couldn't be read. What has been taken in stays; run again, it goes on.
    """
    begin = datetime(since.year, since.month, since.day, tzinfo=UTC)
    cases_since = wall_clock() - timedelta(days=cases_since_days)
    settings = read_settings(needs_slack=False)
    with database(settings) as db:
        try:
            return asyncio.run(_run(db, settings, source, form, begin=begin, cases_since=cases_since))
        except CannotBackfill as problem:
            print(f"\r{problem}", file=sys.stderr)
        except LeaseLostError:
            print("\rAnother backfill has taken this over; this one stops.", file=sys.stderr)
    return 1


async def _run(
    db: Database, settings: Settings, source: str, form: str | None, *, begin: datetime, cases_since: datetime
) -> int:
    policy, version = policy_in_force(db)
    async with survey_apis(
        tokens=settings.api_tokens, urls=settings.api_urls, webhooks=settings.webhook_secrets, clock=wall_clock
    ) as apis:
        adapter = _adapter(source, apis)
        poller = Poller(
            db=db,
            apis=apis,
            policy=lambda: policy,
            policy_version=lambda: version,
            clock=wall_clock,
            webhooks={},
        )
        tally, problems = Tally(), list[str]()
        for target in _targets(adapter, policy, form):
            try:
                await _all_pages(db, poller, adapter, target, begin=begin, cases_since=cases_since, tally=tally)
            except CannotBackfill as problem:  # the others may do
                problems.append(f"{_called(adapter, target)}: {problem}")
    if sys.stderr.isatty():
        print(file=sys.stderr)  # the line that showed how far it has come stays
    print(_summary(adapter.name, tally))
    for reason in list(dict.fromkeys(tally.refused))[:SHOWN]:
        print(f"can't be read: {reason}", file=sys.stderr)
    if tally.counts["refused"]:
        print("What can't be read is parked: see `python -m bot parked list`.", file=sys.stderr)
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return 1 if problems or tally.counts["refused"] else 0


def _called(adapter: Adapter, target: str | None) -> str:
    return adapter.name + (f" {target}" if target else "")


def _adapter(source: str, apis: Apis) -> Adapter:
    adapter = adapter_of(source)
    if adapter is None or adapter.poll is None:
        can = ", ".join(name for name, one in ADAPTERS.items() if one.poll is not None)
        raise CannotBackfill(f"Hearback can't ask “{source}” for its history. It can ask {can}; import a file instead.")
    if problem := apis.missing(adapter):
        raise CannotBackfill(problem)
    return adapter


def _targets(adapter: Adapter, policy: Policy, form: str | None) -> list[str | None]:
    targets = [*adapter.targets(policy)]
    if form is not None:
        return [form]
    if not targets:
        raise CannotBackfill(
            f"{adapter.name} is asked form by form, and the policy names none. Add a [[source]] with "
            f'name = "{adapter.name}" and form, or give --form.'
        )
    return targets


async def _all_pages(
    db: Database,
    poller: Poller,
    adapter: Adapter,
    target: str | None,
    *,
    begin: datetime,
    cases_since: datetime,
    tally: Tally,
) -> None:
    this = {"source": adapter.name, "target": target or "", "purpose": f"backfill:{begin:%Y-%m-%d}"}
    await db.write(lambda session: polls.begin(session, **this, since=begin, at=wall_clock()))
    place = await db.write(lambda session: polls.take_over(session, **this, until=_lease()))
    if place.is_done:
        place = await _anew(db, place)
    name = _called(adapter, target)
    if place.cursor:
        print(f"{name}: goes on after {place.taken:,} responses.", file=sys.stderr)
    signs, attempts = _Signs(name), 0
    while not place.is_done:
        try:
            place = await poller.page(place, cases_since=cases_since, tally=tally)
        except TooMany as trouble:
            print(f"\r{trouble.reason} That is in {trouble.wait:.0f} seconds.", file=sys.stderr)
            await asyncio.sleep(trouble.wait)
        except Outage as trouble:
            attempts += 1
            if attempts >= PACE.max_attempts:
                raise CannotBackfill(f"{trouble.reason} Run the same command again: it goes on from here.") from None
            await asyncio.sleep(PACE.wait(attempts, base=PACE.backoff, random=random.random))
        except (ApiTrouble, Unreadable, UnknownScale) as problem:
            raise CannotBackfill(f"{problem} Run the same command again then: it goes on from here.") from None
        else:
            attempts = 0
            signs.show(place.taken, tally.counts)
    await db.write(lambda session: polls.release(session, place))


async def _anew(db: Database, place: Place) -> Place:
    return await db.write(lambda session: polls.restart(session, place, at=wall_clock()))


def _lease() -> datetime:
    return wall_clock() + LEASE


def _summary(name: str, tally: Tally) -> str:
    counts = tally.counts
    said = [f"{name}: " + ", ".join(f"{counts[one]:,} {one}" for one in ("new", "changed", "known", "refused")) + "."]
    if counts["cases"]:
        said.append(f"Low responses that went to a case: {counts['cases']:,}.")
    if counts["history"]:
        said.append(f"Low responses kept as history, without a case: {counts['history']:,}.")
    return " ".join(said)


class _Signs:
    """Shows how far it has come."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = 0.0

    def show(self, taken: int, counts: Mapping[str, int]) -> None:
        """Show it, at most once a second."""
        now = time.monotonic()
        if now - self._shown < SECONDS_BETWEEN_SIGNS:
            return
        self._shown = now
        start, end = ("\r", " ") if sys.stderr.isatty() else ("", "\n")
        print(f"{start}{self._name}: {taken:,} taken in, {counts['new']:,} new", end=end, file=sys.stderr, flush=True)
