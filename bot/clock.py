"""The clock on the wall: the only place where Hearback reads it."""

from datetime import UTC, datetime


def wall_clock() -> datetime:
    """Say what time it is, in UTC."""
    return datetime.now(UTC)
