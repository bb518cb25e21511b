"""One survey answer as it arrived, before anything is remembered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from workflows.scales import Scale

Contactability = Literal["contactable", "confidential", "anonymous"]


class Answer(NamedTuple):
    """What a survey tool, a CSV row or a person told us; (source, external_id) names it for ever.

    `submitted_at` is aware. `customer_id` and `account_id` are the vendor's own. `account_value` is in the policy's
    currency, whatever that is: only its order of size is used. `contactability` None means: anonymous when there is
    neither an e-mail address nor a customer id, else contactable.
    """

    source: str
    external_id: str
    score: float
    scale: Scale
    submitted_at: datetime
    is_time_known: bool = True
    """False: the tool doesn't say when, so `submitted_at` is when we heard; a later part doesn't move it."""
    comment: str = ""
    form: str | None = None
    touchpoint: str | None = None
    language: str | None = None
    url: str | None = None
    email: str | None = None
    name: str | None = None
    customer_id: str | None = None
    account_id: str | None = None
    account_name: str | None = None
    account_value: float | None = None
    account_manager: str | None = None
    segment: str | None = None
    contactability: Contactability | None = None


def by_field(answers: Sequence[Answer]) -> dict[str, list[Any]]:
    """Give what answers say, at least one, as one list for each of their fields."""
    return dict(zip(Answer._fields, map(list, zip(*answers, strict=True)), strict=True))
