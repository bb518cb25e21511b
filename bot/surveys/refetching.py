"""What was asked for and couldn't be read is parked with the replies; replayed, it is asked for again."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from bot.surveys.fields import Record, json_body
from bot.surveys.request import Fetch, Unreadable

# No tool's webhook begins like this; one that did would only have a response asked for.
_START: Final = b'{"hearback_asked_for":'


def parked_body(external_id: str, ids: Mapping[str, str], heard: Sequence[bytes]) -> bytes:
    """Write down what was asked for and what was heard, so that an admin can look at it."""
    asked_for = {"external_id": external_id, "ids": dict(ids)}
    replies = [raw.decode("utf-8", "replace") for raw in heard]
    return json.dumps({"hearback_asked_for": asked_for, "replies": replies}, ensure_ascii=False).encode()


def asked_for(body: bytes) -> Fetch | None:
    """Read what `parked_body` wrote; None for every other body."""
    if not body.startswith(_START):
        return None
    try:
        said = Record(json_body(body)).record("hearback_asked_for")
        ids = said.record("ids")
        return Fetch(said.required_identifier("external_id"), {key: ids.required_identifier(key) for key in ids.raw})
    except Unreadable:
        return None
