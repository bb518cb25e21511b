"""The database for a command: opened, brought up to date, and closed again."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.policies import NoPolicyError
from bot.settings import Settings, read_settings
from storage import policies
from storage.database import Database
from storage.upgrade import upgrade
from workflows.policy import Policy, load


@contextmanager
def database(settings: Settings | None = None) -> Iterator[Database]:
    """Open the database that the environment names. Raises SettingsError or WrongDatabaseError."""
    db = Database((settings or read_settings(needs_slack=False)).database_url)
    try:
        upgrade(db.engine)
        yield db
    finally:
        db.close()


def policy_in_force(db: Database) -> tuple[Policy, int]:
    """Return the policy in force and its version; raises NoPolicyError."""
    found = db.read_now(policies.latest)
    if found is None or found.id is None:
        raise NoPolicyError("No policy has been applied yet. Run: python -m bot policy apply FILE")
    return load(found.text), found.id
