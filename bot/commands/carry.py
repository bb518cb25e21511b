"""`carry FROM_URL`: everything is carried over into the database that DATABASE_URL names."""

from typing import Final

from bot.commands.opened import database
from bot.settings import SettingsError
from storage import carrying

KINDS: Final = ("sqlite:///", "postgresql://")


def carry(source: str) -> int:
    """Copy all that is in `source`, a URL as in DATABASE_URL, and say how much it is.

    Raises SettingsError or WrongDatabaseError, with nothing changed.
    """
    if not source.startswith(KINDS):
        raise SettingsError(f"FROM_URL should begin with {' or '.join(KINDS)}, as DATABASE_URL does.")
    counts: dict[str, int] = {}
    with database() as db:
        carrying.carry(source, db, say=counts.__setitem__)
        to = db.url.render_as_string()  # without the password
    for table, count in counts.items():
        if count:
            print(f"{table:12} {count:>11,}")
    print(
        f"{sum(counts.values()):,} rows were carried over to {to}. Start Hearback with this DATABASE_URL from now on."
    )
    return 0
