"""The turns of digests that are due, taken one after the other: each in a transaction of its own."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from storage import schedules
from storage.database import Database
from workflows import digests
from workflows.policy import Policy

# One at a time: while it is found out what a digest tells, presses wait on SQLite.
AT_ONCE: Final = 1


async def take_digests(db: Database, *, policy: Callable[[], Policy], clock: Callable[[], datetime]) -> None:
    """Take all that is due now. What another process has in hand is left to it."""
    at = clock()
    while await db.read(lambda session: schedules.is_due(session, at=at)):
        taken = await db.write(lambda session: digests.due(session, policy=policy(), at=at, limit=AT_ONCE))
        if not taken:
            return
