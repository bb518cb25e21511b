"""`deadletters list | retry`: what was given up, and sending it again."""

from collections.abc import Sequence

from bot.clock import wall_clock
from bot.commands.opened import database
from storage import outbox


def listed() -> int:
    """List what could not be sent: no words of customers, only which case and why."""
    with database() as db:
        found = db.read_now(lambda session: outbox.dead_letters(session, limit=1000))
    for one in found:
        case = f"case {one.case_id}" if one.case_id else "no case"
        print(f"{one.id}\t{one.kind}\t{case}\t{one.lane}\ttried {one.attempts} times\t{one.problem or ''}")
    print(f"{len(found)} dead letters." if found else "Nothing has been given up.")
    return 0


def retry(ids: Sequence[int]) -> int:
    """Send dead letters again; a Hearback that runs does so within seconds."""
    with database() as db:
        count = db.write_now(lambda session: outbox.retry(session, at=wall_clock(), ids=ids or None))
    print(f"{count} will be sent again.")
    return 0 if count or not ids else 1
