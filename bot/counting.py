"""The tick that counts responses for quick figures, in turns so short that nobody waits for them."""

from collections.abc import Callable
from datetime import datetime

from bot.policies import PolicyInForce
from storage.database import Database
from workflows import figures


async def count(db: Database, *, policy: PolicyInForce, clock: Callable[[], datetime]) -> None:
    """Count what has arrived since the last time, and all there is after an upgrade or a change of the time zone."""
    while await db.write(lambda session: figures.tally(session, policy=policy(), at=clock())) >= figures.AT_ONCE:
        pass  # whoever has come to write meanwhile is served before the next turn
