"""`mail`: a bounce or a customer's reply, handed over by the mail server."""

from bot.app import wall_clock
from bot.commands.opened import database, policy_in_force
from bot.delivery.incoming import taken


def take(raw: bytes) -> int:
    """Take one mail, as a mail server's pipe hands it over; says what became of it."""
    with database() as db:
        policy, _ = policy_in_force(db)
        print(db.write_now(lambda session: taken(session, raw, policy=policy, at=wall_clock())))
    return 0
