"""Pretended APIs that are searched or queried: Intercom's conversations, PostHog's events and Jotform's submissions."""

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.channels import Json
from bot.sandbox.given import Given
from bot.sandbox.vendors.shelf import Asked, Reply, Shelf

PROJECT = "/api/projects/900"  # PostHog's customers each have a number
NEW_YORK = ZoneInfo("America/New_York")  # Jotform's times, wherever its customers are
QUERY = re.compile(
    r".* properties\.\$survey_id = '([^']+)' AND timestamp >= toDateTime\('([^']+)'\)"
    r" ORDER BY timestamp, uuid LIMIT (\d+) OFFSET (\d+)"
)


def intercom(shelf: Shelf, asked: Asked) -> Reply:
    """Search conversations or contacts, or say whose they are."""
    if asked.path == "/me":
        return {"type": "admin", "id": "1", "app": {"type": "app", "id_code": "lumen123"}}
    if asked.path == "/contacts/search":
        wanted = asked.posted["query"]["value"]
        found = [_contact(one) for one in shelf.answers if f"ic{one.number}" in wanted]
        return {"type": "list", "data": found, "total_count": len(found)}
    return _conversations(shelf, asked.posted) if asked.path == "/conversations/search" else None


def _conversations(shelf: Shelf, posted: Json) -> Json:
    bounds = {one["operator"]: one["value"] for one in posted["query"]["value"] if one["field"] == "updated_at"}
    start, end = (datetime.fromtimestamp(bounds[sign], UTC) for sign in "><")
    rows = [(one.seconds, one.number, one) for one in shelf.between(start, end) if one.at > start]
    token = posted["pagination"].get("starting_after")
    if token:
        after = tuple(json.loads(base64.b64decode(token)))
        rows = [row for row in rows if row[:2] > after]
    page = rows[: min(posted["pagination"]["per_page"], 150)]
    following = base64.b64encode(json.dumps(page[-1][:2]).encode()).decode() if len(page) < len(rows) else None
    pages: dict[str, Any] = {"type": "pages", "page": 1, "per_page": len(page)}
    if following:
        pages["next"] = {"per_page": len(page), "starting_after": following}
    return {"type": "conversation.list", "conversations": [_conversation(row[2]) for row in page], "pages": pages}


def _conversation(given: Given) -> Json:
    """Write a conversation; of some it was us who began it, and whoever rated is only named by an id."""
    contact = {"type": "contact", "id": f"ic{given.number}", "external_id": given.customer_id or None}
    author = {"type": "user", "id": f"ic{given.number}", "name": given.name, "email": given.email}
    if given.number % 4:
        author = {"type": "admin", "id": "1", "name": "Ada", "email": "ada@lumen.example"}
    return {
        "type": "conversation",
        "id": str(given.number),
        "created_at": given.seconds,
        "updated_at": given.seconds,
        "source": {"type": "conversation", "author": author},
        "contacts": {"type": "contact.list", "contacts": [contact]},
        "conversation_rating": {
            "rating": given.points,
            "remark": given.comment or None,
            "created_at": given.seconds,
            "contact": contact,
        },
    }


def _contact(given: Given) -> Json:
    return {
        "type": "contact",
        "id": f"ic{given.number}",
        "external_id": given.customer_id or None,
        "role": "user",
        "email": given.email,
        "name": given.name,
    }


def posthog(shelf: Shelf, asked: Asked) -> Reply:
    """Answer the one query that Hearback makes, row by row."""
    if asked.path != f"{PROJECT}/query/":
        return None
    match = QUERY.fullmatch(asked.posted["query"]["query"])
    if match is None:
        raise ValueError("HogQL is not understood")
    form, start, limit, offset = match[1], datetime.fromisoformat(match[2]), int(match[3]), int(match[4])
    rows = shelf.between(start, form=form)[offset:]
    return {
        "columns": ["uuid", "timestamp", "distinct_id", "properties", "properties"],
        "results": [_event(one) for one in rows[:limit]],
        "hasMore": len(rows) > limit,
    }


def _event(given: Given) -> list[str]:
    properties = {
        "$survey_id": given.form,
        "$survey_name": "Lumen Desk",
        "$survey_response_score": str(given.points),
        "$survey_response_why": given.comment,
        "$survey_submission_id": f"ph{given.number}",
        "$survey_completed": True,
    }
    person = {"email": given.email, "name": given.name}
    known = {key: value for key, value in person.items() if value}
    distinct_id = given.customer_id or f"ph{given.number}"
    return [f"phe{given.number}", given.at.isoformat(), distinct_id, json.dumps(properties), json.dumps(known)]


def jotform(shelf: Shelf, asked: Asked) -> Reply:
    """List the submissions of a form, of which none was ever changed."""
    match = re.fullmatch(r"/form/([^/]+)/submissions", asked.path)
    if match is None:
        return None
    begin = json.loads(asked.query.get("filter", "{}")).get("created_at:gt")
    start = datetime.fromisoformat(begin).replace(tzinfo=NEW_YORK) if begin else None
    rows = [one for one in shelf.between(start, form=match[1]) if start is None or one.at > start]
    if asked.query.get("direction") != "ASC":
        rows.reverse()
    offset, limit = asked.number("offset", 0), min(asked.number("limit", 20), 1000)
    some = [_submission(one, match[1]) for one in rows[offset : offset + limit]]
    result_set = {"offset": offset, "limit": limit, "count": len(some)}
    return {"responseCode": 200, "message": "success", "content": some, "resultSet": result_set, "limit-left": 900}


def _submission(given: Given, form: str) -> Json:
    first, last = given.names
    answers: dict[str, Json] = {
        "1": {"name": "clickTo", "type": "control_head", "text": "Lumen Desk"},
        "3": {"name": "name", "type": "control_fullname", "answer": {"first": first, "last": last}},
        "4": {"name": "email", "type": "control_email", "answer": given.email},
        "5": {"name": "rating", "type": "control_rating", "answer": str(given.points)},
        "6": {"name": "comment", "type": "control_textarea"} | ({"answer": given.comment} if given.comment else {}),
    }
    return {
        "id": f"jf{given.number}",
        "form_id": form,
        "created_at": f"{given.at.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S}",
        "updated_at": None,
        "status": "ACTIVE",
        "answers": answers,
    }
