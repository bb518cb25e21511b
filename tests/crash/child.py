"""The house that is killed: the real `run`, sending as fast as it can; `CRASH_VARIANT` breaks it on purpose."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

from bot import app
from bot.commands import run
from bot.delivery.pace import Pace
from storage.database import Database
from storage.writers import P, T, Together, Work

# Leases are short, so that what a killed process had in hand is looked for after seconds instead of minutes.
PACE: Final = Pace(
    spacing=0.0,
    settle=0.2,
    lease=2.0,
    mail_lease=6.0,
    backoff=0.2,
    long_backoff=1.0,
    most_backoff=2.0,
    max_attempts=100,
    patience=500,
    poll=0.2,
)


class HastyDatabase(Database):
    """Says that the work is done when it has run and is not committed yet: what the harness has to catch.

    The first work, which applies the policy, is done in good order: without it no door would open.
    """

    has_begun = False

    def submit(self, work: Work[T]) -> Future[T]:
        """Hand over the result as the last act of the work itself."""
        early: Future[T] = Future()

        def and_tell(session: Any) -> T:
            result = work(session)
            if not early.done():  # a transaction that lost a race runs again
                early.set_result(result)
            return result

        def ended(late: Future[T]) -> None:
            problem = late.exception()
            if problem is not None and not early.done():
                early.set_exception(problem)

        super().submit(and_tell).add_done_callback(ended)
        return early

    async def write(self, work: Work[T]) -> T:
        """Do the same for those who await it."""
        if not self.has_begun:
            self.has_begun = True
            return await super().write(work)
        return await asyncio.wrap_future(self.submit(work))

    async def write_with_others(self, piece: P, together: Together[P, T]) -> T:
        """Do the same for those who come together."""
        return await self.write(lambda session: together(session, [piece])[0])


def hold_commits(seconds: float) -> None:
    """Hold each transaction open for a while before its commit: the moment to be killed at becomes easy to hit."""

    @event.listens_for(Engine, "commit")
    def on_commit(_: Connection) -> None:
        time.sleep(seconds)


def main(environment: Mapping[str, str]) -> int:
    """Run until killed; SIGTERM ends it in good order."""
    if environment.get("CRASH_VARIANT") == "ack-first":
        app.Database = HastyDatabase  # type: ignore[attr-defined] # broken on purpose
    if seconds := float(environment.get("CRASH_HOLD_COMMITS") or 0):
        hold_commits(seconds)
    run.hearback = partial(app.hearback, pace=PACE)  # type: ignore[attr-defined] # `run` has no option for a pace
    return asyncio.run(run.run())


if __name__ == "__main__":
    sys.exit(main(os.environ))
