"""Pretended APIs of help desks: Zendesk with both its kinds of ratings, Freshdesk and Chatwoot."""

import re

from bot.sandbox.channels import Json
from bot.sandbox.given import Given
from bot.sandbox.vendors.shelf import Asked, Reply, Shelf, page_of

FRESHDESK_CODES = {1: -103, 2: -101, 3: 100, 4: 102, 5: 103}
FACES = 25  # Chatwoot's pages


def zendesk(shelf: Shelf, asked: Asked) -> Reply:
    """List ratings, good or bad, by a cursor, or who gave them; this account has none of the newer surveys."""
    if asked.path == "/api/v2/users/show_many":
        wanted = set(asked.query.get("ids", "").split(","))
        people = {_person(one): one for one in shelf.answers if _person(one) in wanted}
        return {"users": [_user(one) for one in people.values()]}
    if asked.path == "/api/v2/guide/survey_responses":
        return {"survey_responses": [], "meta": {"has_more": False, "after_cursor": None}}
    if asked.path != "/api/v2/satisfaction_ratings":
        return None
    size, begin = asked.number("page[size]", 100), asked.number("page[after]", 0)
    found = shelf.between(asked.time("start_time"))
    has_more = begin + size < len(found)
    return {
        "satisfaction_ratings": [_rating(one) for one in found[begin : begin + size]],
        "meta": {"has_more": has_more, "after_cursor": str(begin + size) if has_more else None},
    }


def _rating(given: Given) -> Json:
    return {
        "id": given.number + 1,
        "ticket_id": given.number,
        "requester_id": int(_person(given)),
        "score": "bad" if given.band == "low" else "good",
        "comment": given.comment,
        "created_at": given.iso,
        "updated_at": given.iso,
    }


def _person(given: Given) -> str:
    return str(given.number + 2)


def _user(given: Given) -> Json:
    return {
        "id": int(_person(given)),
        "name": given.name,
        "email": given.email,
        "external_id": given.customer_id or None,
    }


def freshdesk(shelf: Shelf, asked: Asked) -> Reply:
    """List ratings by their codes, or give one contact."""
    if match := re.fullmatch(r"/api/v2/contacts/([0-9]+)", asked.path):
        found = shelf.one(match[1])
        is_there = found is not None and found.number not in shelf.erased
        return {"id": found.number, "name": found.name, "email": found.email} if found and is_there else None
    if asked.path != "/api/v2/surveys/satisfaction_ratings":
        return None
    rows = shelf.between(asked.time("created_since"))
    some = page_of(rows, page=asked.number("page", 1), size=min(asked.number("per_page", 30), 100))
    return [_freshdesk_rating(one) for one in some]


def _freshdesk_rating(given: Given) -> Json:
    return {
        "id": given.number + 1,
        "survey_id": 3,
        "user_id": given.number,
        "ticket_id": given.number,
        "feedback": given.comment,
        "ratings": {"default_question": FRESHDESK_CODES[given.points]},
        "created_at": given.iso,
        "updated_at": given.iso,
    }


def chatwoot(shelf: Shelf, asked: Asked) -> Reply:
    """List faces, twenty-five to a page."""
    if asked.path != "/api/v1/accounts/1/csat_survey_responses":
        return None
    rows = shelf.between(asked.time("since"), asked.time("until"))
    return [_face(one) for one in page_of(rows, page=asked.number("page", 1), size=FACES)]


def _face(given: Given) -> Json:
    return {
        "id": given.number + 1,
        "message_id": given.number,
        "conversation_id": given.number + 2,
        "rating": given.points,
        "feedback_message": given.comment,
        "created_at": given.seconds,
        "contact": {
            "id": given.number + 3,
            "name": given.name,
            "email": given.email,
            "identifier": given.customer_id or None,
            "additional_attributes": {"company_name": given.account},
        },
    }
