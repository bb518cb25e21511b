"""Reading the parameters of a Web API call, which come as a form, as a query or as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from bot.sandbox.channels import Json
from bot.sandbox.workspace import SlackError


def json_param(params: Json, name: str, *, error: str) -> Any:
    """Return a structured parameter: parsed already, or as text in a form. Raises SlackError(error)."""
    value = params.get(name)
    if not isinstance(value, str) or not value:
        return value or None
    try:
        return json.loads(value)
    except ValueError:
        raise SlackError(error, [f"[ERROR] {name} is not valid JSON"]) from None


def is_true(params: Json, name: str, *, default: bool = False) -> bool:
    """Return a flag: true, "true" and 1 are all yes."""
    value = params.get(name)
    if value is None or value == "":
        return default
    return str(value).lower() in ("true", "1")


def limit_of(params: Json, *, default: int, most: int = 1000) -> int:
    """How many rows the caller wants. Raises SlackError("invalid_limit")."""
    try:
        limit = int(params.get("limit") or default)
    except (TypeError, ValueError):
        raise SlackError("invalid_limit") from None
    if not 1 <= limit <= most:
        raise SlackError("invalid_limit")
    return limit


def needed(params: Json, name: str, *, error: str = "invalid_arguments") -> str:
    """Return a text that must be there. Raises SlackError."""
    value = params.get(name)
    if value is None or value == "":
        raise SlackError(error, [f"[ERROR] missing required field: {name}"])
    return str(value)


def page_of(rows: Sequence[Any], params: Json, *, default: int = 100) -> tuple[list[Any], str]:
    """One page of rows and the cursor of the next, empty on the last page. Raises SlackError("invalid_cursor")."""
    limit = limit_of(params, default=default)
    start = 0
    if params.get("cursor"):
        try:
            start = int(str(params["cursor"]).removeprefix("at:"))
        except ValueError:
            raise SlackError("invalid_cursor") from None
    end = start + limit
    return list(rows[start:end]), f"at:{end}" if end < len(rows) else ""
