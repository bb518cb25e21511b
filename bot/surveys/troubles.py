"""What can be the matter with a survey tool's API, each trouble by its name, and which one a reply tells of."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

DEFAULT_WAIT: Final = 60.0  # seconds, when a tool says "too many" and not for how long
MOST_WAIT: Final = 86_400.0


class ApiTrouble(Exception):  # noqa: N818 - it names what there is, and reads well where it is caught
    """A tool's API gave no reply that can be used; the reason is a sentence for an admin, without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Outage(ApiTrouble):
    """It is down, slow, or talks nonsense: later it will do."""


class NotAllowed(ApiTrouble):
    """It doesn't know our token, or the token may not see this: somebody has to give us another one."""


class UnknownToken(NotAllowed):
    """It doesn't know our token, or not any more."""


class RefusedCall(ApiTrouble):
    """It refuses this call, and will again unless something changes there or here."""


class BadRequest(RefusedCall):
    """It doesn't take what was asked: 400."""


class Missing(RefusedCall):
    """It has no such thing: 404 or 410."""


class TooMany(ApiTrouble):
    """It was asked too often: `wait` seconds from now it may be asked again."""

    def __init__(self, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


def of_status(name: str, status: int) -> ApiTrouble:
    """Tell what a status means that is neither success nor "too many"."""
    variable = name.upper()
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        refused = UnknownToken if status == HTTPStatus.UNAUTHORIZED else NotAllowed
        return refused(
            f"The API of {name} refuses our token ({status}): make a new one there, put it into "
            f"API_TOKEN_{variable} and restart."
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Outage(f"The API of {name} has a problem of its own ({status}).")
    reason = f"The API of {name} refuses the question ({status}): look at API_URL_{variable}."
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return Missing(reason)
    return BadRequest(reason) if status == HTTPStatus.BAD_REQUEST else RefusedCall(reason)


def too_many(name: str) -> str:
    """Say that a tool was asked too often."""
    return f"The API of {name} has been asked as often as it allows; it is asked again when it may be."


def seconds_of(said: str, *, now: datetime) -> float:
    """Read Retry-After: seconds, or a date as HTTP writes it."""
    try:
        wait = float(said)
    except ValueError:
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return DEFAULT_WAIT
        wait = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(wait, 1.0), MOST_WAIT) if wait == wait else DEFAULT_WAIT  # noqa: PLR0124 (NaN)
