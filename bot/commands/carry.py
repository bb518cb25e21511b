"""`carry FROM_URL`: everything is carried over into the empty database that DATABASE_URL names."""

from collections import Counter

from pydantic import ValidationError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.settings import Settings, SettingsError, read_settings
from storage import carrying


def carry(source: str) -> int:
    """Copy all that is in `source`, a URL as in DATABASE_URL, and say how much it is.

    Raises SettingsError or WrongDatabaseError, with nothing carried over.
    """
    target = _read(read_settings(needs_slack=False).database_url, "DATABASE_URL")
    origin = _read(_checked(source), "FROM_URL")
    counts: Counter[str] = Counter()

    def say(table: str, count: int) -> None:
        counts[table] = count
        print(f"{table:12} {count:>11,}", flush=True)

    with carrying.held(origin, target=target) as given:
        print(f"From {_shown(origin)}, where nobody can write meanwhile, to {_shown(target)}:", flush=True)
        carrying.carry(given, target, say=say)
    print(
        f"{counts.total():,} rows in {len(counts)} tables were carried over, and counted on both sides. "
        "Leave DATABASE_URL as it is now, wherever Hearback gets it from, and start Hearback."
    )
    return 0


def _checked(source: str) -> str:
    """Give the URL as it would be taken from DATABASE_URL."""
    try:
        return Settings(slack_bot_token="", slack_signing_secret="", database_url=source).database_url
    except ValidationError:
        raise SettingsError("FROM_URL can't be used: it should begin with sqlite:/// or postgresql://.") from None


def _read(url: str, name: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # what they say may hold a part of the password
        raise SettingsError(
            f"{name} can't be read. Write it as sqlite:///hearback.sqlite or "
            "postgresql://user:password@host:5432/name, with %40 for an @ in the password."
        ) from None


def _shown(url: URL) -> str:
    """Show which database it is, without a password: that may stand behind a question mark as well."""
    return url.set(query={}).render_as_string()
