"""`parked list | show | replay | dismiss`: requests that were rightly signed and couldn't be read."""

import sys
from functools import partial

from bot.clock import wall_clock
from bot.commands.opened import database, policy_in_force
from bot.surveys import replaying
from bot.surveys.language import Languages
from storage import parked
from storage.tables import Parked


def listed() -> int:
    """List what is parked, with the reason and how often it came."""
    with database() as db:
        found = db.read_now(parked.waiting)
    for one in found:
        came = "came once" if one.times == 1 else f"came {one.times} times"
        print(f"{one.id}\t{one.received_at:%Y-%m-%d %H:%M}\t{one.source}\t{came}\t{one.reason}")
    print(f"{len(found)} parked." if found else "Nothing is parked.")
    return 0


def show(parked_id: int) -> int:
    """Print the bytes of one, as they came."""
    with database() as db:
        found = db.read_now(lambda session: session.get(Parked, parked_id))
    if found is None:
        print(f"Nothing is parked under {parked_id}.", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(found.body)
    return 0


def replay() -> int:
    """Read everything that is parked once more, under the policy in force; what still can't be read stays."""
    with database() as db:
        policy, version = policy_in_force(db)
        done, asked, languages = 0, 0, Languages()
        for one in db.read_now(parked.waiting):
            assert one.id is not None
            again = partial(
                replaying.replay,
                parked_id=one.id,
                policy=policy,
                policy_version=version,
                at=wall_clock(),
                languages=languages,
            )
            reason = db.write_now(again)
            is_asked = reason is None and replaying.is_asked_for(one.body)
            asked, done = asked + is_asked, done + (reason is None and not is_asked)
            if reason is not None:
                print(f"{one.id}\t{one.source}\tstays parked: {reason}")
    print(f"{done} taken in.")
    if asked:
        print(f"{asked} asked for again: a Hearback that runs does so within some minutes, if it has the API's token.")
    return 0


def dismiss(parked_id: int) -> int:
    """Let go of one: it isn't listed any more, its bytes stay in the database."""
    with database() as db:
        is_known = parked_id in {one.id for one in db.read_now(parked.waiting)}
        if is_known:
            db.write_now(lambda session: parked.settle(session, parked_id, "dismissed"))
    if not is_known:
        print(f"Nothing is parked under {parked_id}.", file=sys.stderr)
        return 1
    return 0
