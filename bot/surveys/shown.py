"""The secret itself, shown in a header or in our address: for survey tools that sign nothing."""

import hmac
from urllib.parse import parse_qsl

from bot.surveys.request import Request

HEADERS = ("x-hearback-token", "x-pulse-token", "x-webhook-token")
PARAMETERS = ("key", "token")
MOST_PARAMETERS = 50
BEARER = "bearer "


def shows(request: Request, secret: str) -> bool:
    """Tell whether the secret is in one of the headers for it, or in the address: in constant time, never raises."""
    bearer = request.headers.get("authorization", "")
    shown = [request.headers.get(name, "") for name in HEADERS]
    shown += [bearer[len(BEARER) :] if bearer[: len(BEARER)].lower() == BEARER else "", request.token]
    expected, matched = _bytes(secret), False
    for candidate in shown:  # no early end: every one is compared
        matched |= hmac.compare_digest(expected, _bytes(candidate))
    return matched and bool(expected)


def shown_in_address(query: bytes) -> str:
    """Find the secret behind the `?` of our address; "" for none."""
    try:
        given = dict(parse_qsl(query.decode("ascii"), max_num_fields=MOST_PARAMETERS))
    except ValueError:
        return ""
    return next((given[name] for name in PARAMETERS if given.get(name)), "")


def _bytes(text: str) -> bytes:
    return text.strip().encode("utf-8", "surrogatepass")
