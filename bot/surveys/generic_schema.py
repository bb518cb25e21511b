"""What the generic source takes, as a JSON Schema: served for those who write the sending side."""

from typing import Any

from bot.surveys.generic import CONTACTABILITIES, EVENT, METRICS
from bot.surveys.values import MOST_COMMENT, MOST_LINE


def schema(public_url: str = "") -> dict[str, Any]:
    """Return the schema (draft 2020-12); `public_url`, where this Hearback is reached, gives it its own address."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{public_url.rstrip('/')}/webhooks/generic/schema",
        "title": "A survey response for Hearback",
        "description": (
            "POST it to /webhooks/generic, signed by Standard Webhooks: webhook-id, webhook-timestamp and "
            "webhook-signature. The same data.id may be sent again: what is new or corrected updates the response. "
            "Fields that are not named here are ignored."
        ),
        "type": "object",
        "required": ["type", "data"],
        "properties": {
            "type": {"const": EVENT, "description": "Other types are answered 200 and ignored."},
            "timestamp": _time("When the event was sent; stands in for data.submitted_at when that is missing."),
            "data": _response(),
        },
        "anyOf": [{"required": ["timestamp"]}, {"properties": {"data": {"required": ["submitted_at"]}}}],
    }


def _response() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["id", "score"],
        "properties": {
            "id": {
                "type": ["string", "integer"],
                "description": "The response's own id: the same one, the same response.",
            },
            "metric": {
                "enum": [*METRICS, None],
                "description": "May be left out where the policy has a [[source]] entry for the form.",
            },
            "score": {"type": ["number", "string"], "description": "A number inside the scale, also as text."},
            "scale": _scale(),
            "comment": _text("What the customer wrote.", most=MOST_COMMENT),
            "customer": _customer(),
            "account": _account(),
            "segment": _text("The customer's segment, such as `enterprise`; rules can ask for it."),
            "language": _text("The language of the comment: `pl`, `pt-BR`."),
            "submitted_at": _time("When the customer answered."),
            "touchpoint": _text("Where they were asked, such as `after_onboarding`; rules can ask for it."),
            "form": _text("The form's id; the policy's [[source]] entries and rules can ask for it."),
            "url": _text("Where the response can be read in the survey tool (https)."),
            "contactability": {
                "enum": [*CONTACTABILITIES, None],
                "description": "Left out: anonymous without an e-mail address and an id, else contactable.",
            },
        },
    }


def _scale() -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "required": ["min", "max"],
        "properties": {"min": {"type": "number"}, "max": {"type": "number"}},
        "description": "Left out: 0-10 for nps, 1-5 for csat, 1-7 for ces, or what the policy says for the form.",
    }


def _customer() -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "properties": {
            "id": {"type": ["string", "integer", "null"], "description": "Your own id of the customer."},
            "email": _text("Where they can be written to."),
            "name": _text("How they are called."),
        },
    }


def _account() -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "properties": {
            "id": {"type": ["string", "integer", "null"], "description": "Your own id of the account."},
            "name": _text("The company's name."),
            "value": {"type": ["number", "string", "null"], "description": "What it is worth a year: raises urgency."},
            "manager": _text("The e-mail address of the account's own manager, who becomes the owner."),
        },
    }


def _text(description: str, *, most: int = MOST_LINE) -> dict[str, Any]:
    return {"type": ["string", "null"], "description": f"{description} Kept up to {most:,} characters."}


def _time(description: str) -> dict[str, Any]:
    return {
        "type": ["string", "number", "null"],
        "description": f"{description} ISO 8601 with its offset (2026-11-18T09:59:18Z), or unix seconds.",
    }
