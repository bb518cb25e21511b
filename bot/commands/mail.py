"""`mail`: a bounce or a customer's reply, handed over by the mail server."""

import sys
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import wall_clock
from bot.commands.opened import database, policy_in_force
from bot.delivery.incoming import taken
from bot.policies import NoPolicyError
from bot.settings import SettingsError
from storage.upgrade import WrongDatabaseError

TRY_AGAIN_LATER: Final = 75


def take(raw: bytes) -> int:
    """Take one mail, as a mail server's pipe hands it over; says what became of it.

    Whatever is wrong on our side ends with 75 (EX_TEMPFAIL in sysexits.h): the mail server keeps the mail and tries
    again, instead of bouncing it to the customer.
    """
    try:
        with database() as db:
            policy, _ = policy_in_force(db)
            print(db.write_now(lambda session: taken(session, raw, policy=policy, at=wall_clock())))
    except (SQLAlchemyError, SettingsError, NoPolicyError, WrongDatabaseError) as problem:
        print(f"Not now: {type(problem).__name__}. Try again later.", file=sys.stderr)
        return TRY_AGAIN_LATER
    return 0
