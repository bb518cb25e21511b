"""Pretended APIs of tools that hand out access tokens for a while: Help Scout, Wootric and Google Forms."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bot.sandbox.channels import Json
from bot.sandbox.given import Given
from bot.sandbox.vendors.shelf import Asked, Reply, Shelf, page_of

APP: Final = "sandbox-app"
REFRESH: Final = "sandbox-refresh"
PATHS: Final = {"helpscout": "/v2/oauth2/token", "wootric": "/oauth/token", "google_forms": "/token"}
LENGTHS: Final = {"helpscout": 172_800, "wootric": 7_200, "google_forms": 3_599}  # seconds that a token is good
KINDS: Final = {"high": 1, "neutral": 2, "low": 3}
REPORT_PAGE: Final = 50
MAILBOX: Final = 12
SURVEY: Final = 40077
SCORE_ITEM, WHY_ITEM = 101, 102
MOST_PAGES: Final = 30  # of Wootric


class TokenDesk:
    """Exchanges an application's id and secret for an access token, and knows those that it has handed out.

    `handed_out` counts by tool; `forget` takes back all tokens of a tool, as a press of a button does there.
    """

    def __init__(self, secret: str) -> None:
        """Have handed out nothing yet."""
        self.handed_out: Counter[str] = Counter()
        self._secret = secret
        self._known: defaultdict[str, set[str]] = defaultdict(set)

    def takes(self, name: str, path: str) -> bool:
        """Tell whether this is the address at which a tool hands out tokens."""
        return PATHS.get(name) == path

    def exchange(self, name: str, form: Mapping[str, str]) -> Json | None:
        """Hand out a token; None for whoever doesn't know the secret."""
        wanted = {"client_id": APP, "client_secret": self._secret, "grant_type": "client_credentials"}
        if name == "google_forms":
            wanted |= {"grant_type": "refresh_token", "refresh_token": REFRESH}
        if dict(form) != wanted:
            return None
        self.handed_out[name] += 1
        token = f"access-{name}-{self.handed_out[name]}"
        self._known[name].add(token)
        return {"access_token": token, "token_type": "bearer", "expires_in": LENGTHS[name]}

    def knows(self, name: str, authorization: str | None) -> bool:
        """Tell whether this header holds a token that is still good."""
        scheme, _, token = (authorization or "").partition(" ")
        return scheme == "Bearer" and token in self._known[name]

    def forget(self, name: str) -> None:
        """Take back all tokens of a tool."""
        self._known[name].clear()


def configured(name: str, secret: str) -> str:
    """Give what API_TOKEN_<SOURCE> has to be for one of these tools."""
    return f"{APP}:{secret}:{REFRESH}" if name == "google_forms" else f"{APP}:{secret}"


def helpscout(shelf: Shelf, asked: Asked) -> Reply:
    """List the report of ratings, or give a conversation or a customer."""
    if match := re.fullmatch(r"/v2/conversations/([0-9]+)", asked.path):
        found = shelf.one(str(int(match[1]) - 1))
        return _conversation(found) if found else None
    if match := re.fullmatch(r"/v2/customers/([0-9]+)", asked.path):
        found = shelf.one(str(int(match[1]) - 2))
        return _customer(found) if found else None
    if asked.path != "/v2/reports/happiness/ratings":
        return None
    rows = shelf.between(asked.time("start"), asked.time("end"))
    page = asked.number("page", 1)
    results = [_rating(one) for one in page_of(rows, page=page, size=REPORT_PAGE)]
    pages = max(-(-len(rows) // REPORT_PAGE), 1)
    return {"facets": {}, "results": results, "page": page, "count": len(rows), "pages": pages}


def _rating(given: Given) -> Json:
    return {
        "number": given.number + 5,
        "threadid": given.number + 3,
        "threadCreatedAt": given.iso,
        "id": given.number + 1,
        "type": "email",
        "ratingId": KINDS[given.band],
        "ratingCustomerId": given.number + 2,
        "ratingComments": given.comment,
        "ratingCreatedAt": given.iso,
        "ratingCustomerName": given.name or given.email,
        "ratingUserId": 9,
        "ratingUserName": "Lu Ng",
    }


def _conversation(given: Given) -> Json:
    first, last = given.names
    customer = {"id": given.number + 2, "type": "customer", "first": first, "last": last, "email": given.email}
    return {"id": given.number + 1, "number": given.number + 5, "mailboxId": MAILBOX, "primaryCustomer": customer}


def _customer(given: Given) -> Json:
    first, last = given.names
    emails = [{"id": 1, "value": given.email, "type": "work"}] if given.email else []
    return {"id": given.number + 2, "firstName": first, "lastName": last, "_embedded": {"emails": emails}}


def wootric(shelf: Shelf, asked: Asked) -> Reply:
    """List responses by the time they were given, or give the person who gave one."""
    if match := re.fullmatch(r"/v1/end_users/([0-9]+)", asked.path):
        found = shelf.one(str(int(match[1]) - 1))
        return _end_user(found) if found else None
    if asked.path != "/v1/responses":
        return None
    page = asked.number("page", 1)
    rows = shelf.between(asked.time("created[gte]"), asked.time("created[lt]"))
    if asked.query.get("sort_order") != "asc":
        rows.reverse()
    size = min(asked.number("per_page", 25), 50)
    return [_response(one) for one in page_of(rows, page=min(page, MOST_PAGES), size=size)]


def _response(given: Given) -> Json:
    at = f"{given.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} +0000"
    return {
        "id": given.number,
        "end_user_id": given.number + 1,
        "survey_id": SURVEY,
        "score": given.points,
        "text": given.comment or None,
        "completed": True,
        "excluded_from_calculations": False,
        "created_at": at,
        "updated_at": at,
        "tags": [],
        "end_user": {"properties": {"company": given.account}},
    }


def _end_user(given: Given) -> Json:
    return {
        "id": given.number + 1,
        "email": given.email,
        "external_id": given.customer_id or None,
        "properties": {"company": given.account},
    }


def google_forms(shelf: Shelf, asked: Asked) -> Reply:
    """Give what a form asks, or list its responses, in no order that one may lean on."""
    match = re.fullmatch(r"/v1/forms/([^/]+)(/responses)?", asked.path)
    if match is None:
        return None
    if match[2] is None:
        return {"formId": match[1], "info": {"title": "Lumen Desk"}, "items": _items()}
    since = datetime.fromisoformat(asked.query["filter"].removeprefix("timestamp >= "))
    found = shelf.between(since, form=match[1])[::-1]
    begin, size = asked.number("pageToken", 0), min(asked.number("pageSize", 5000), 100)  # fewer than asked for
    if not found:
        return {}
    following = {"nextPageToken": str(begin + size)} if begin + size < len(found) else {}
    return {"responses": [_submission(one) for one in found[begin : begin + size]], **following}


def _items() -> list[Json]:
    scale = {"questionId": "5c0e1", "scaleQuestion": {"low": 1, "high": 5}}
    why = {"questionId": "3b4d2", "textQuestion": {"paragraph": True}}
    return [
        {"itemId": "0f00", "title": "About us", "textItem": {}},
        {"itemId": f"{SCORE_ITEM:08x}", "title": "How satisfied are you?", "questionItem": {"question": scale}},
        {"itemId": f"{WHY_ITEM:08x}", "title": "Why?", "questionItem": {"question": why}},
    ]


def _submission(given: Given) -> Json:
    said = {"5c0e1": str(given.points), "3b4d2": given.comment}
    answers = {
        key: {"questionId": key, "textAnswers": {"answers": [{"value": value}]}} for key, value in said.items() if value
    }
    row = {"responseId": f"ACYD{given.number}", "createTime": given.iso, "lastSubmittedTime": given.iso}
    return row | ({"respondentEmail": given.email} if given.email else {}) | {"answers": answers}
