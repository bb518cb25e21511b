"""What a survey tool only named is to be asked for: wanted here, asked for by the delivery loop after the commit."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlmodel import Session

from storage import outbox

KIND: Final = "fetch"


def want(session: Session, *, source: str, external_id: str, ids: Mapping[str, str], at: datetime) -> None:
    """Have a response asked for; `ids` names it for its tool's API and holds nothing about the customer.

    Wanted again, it is asked for again: the tool says that it has changed. Wants that come before the asking are one.
    """
    named = sha256(json.dumps(sorted(ids.items())).encode()).hexdigest()[:12]
    facts = {"source": source, "external_id": external_id, "ids": dict(ids)}
    wanted = outbox.Want(f"fetch:{source}:{external_id}:{named}", KIND, lane_of(source), facts)
    outbox.want(session, [wanted], at=at)


def lane_of(source: str) -> str:
    """Name the lane in which a tool's API is asked: one call after the other, inside its limit."""
    return f"fetch:{source}"
