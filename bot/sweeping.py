"""The sweep, again and again until nothing is due: one transaction after the other, so that presses get between."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from storage import due
from storage.database import Database
from workflows import chasing
from workflows.policy import Policy

# So many rows of each kind in one transaction: on SQLite a press waits no longer than for these.
AT_ONCE: Final = 50
# What can't be stepped, however often, must not keep the tick busy for ever.
ROUNDS: Final = 500


async def sweep(db: Database, *, policy: Callable[[], Policy], clock: Callable[[], datetime]) -> int:
    """Do what is due now; returns how many rows were looked at. Where nothing is due, nothing is written."""
    total = 0
    for _ in range(ROUNDS):
        at, rules = clock(), policy()
        if not await db.read(lambda session, at=at: due.anything(session, at=at)):  # type: ignore[misc] # its default is a time
            break
        looked_at = await db.write(
            lambda session, at=at, rules=rules: chasing.sweep(session, policy=rules, at=at, limit=AT_ONCE)  # type: ignore[misc] # as above
        )
        if not looked_at:  # somebody else has all of it in hand
            break
        total += looked_at
    return total
