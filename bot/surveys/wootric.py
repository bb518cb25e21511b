"""Wootric, now InMoment: answers as JSON or as a form, the score first and its comment later."""

import re
from datetime import datetime
from typing import cast
from urllib.parse import parse_qsl

from bot.surveys.fields import Record, json_body
from bot.surveys.request import Adapter, Ignored, Unreadable
from bot.surveys.scoring import scale_of
from bot.surveys.values import timestamp_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import Metric

NAME = "wootric"
MODES = ("nps", "csat", "ces")  # on the scales 0 to 10, 1 to 5 and 1 to 7, which are theirs and ours
MOST_FIELDS = 1_000
MOST_DEPTH = 5
_KEY = re.compile(r"[^\[\]]+(?:\[[^\[\]]+\])*")
_BEFORE_OFFSET = re.compile(r" (?=[+-]\d\d:?\d\d$)")


def read(body: bytes) -> object:
    """Read JSON, or a form whose keys say where each value belongs, such as `response[score]`."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        return json_body(body)
    try:
        fields = body.decode()
        pairs = parse_qsl(
            fields, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:  # also bytes that are no text
        raise Unreadable("The body is neither JSON nor a form.") from None
    found = dict[str, object]()
    for key, value in pairs:
        _put(found, key, value)
    return found


def parse(body: object, policy: Policy, _: datetime) -> Answer | Ignored:
    """Read an answer; `created` holds the score, and each `updated` all that is known of it by then."""
    event = Record(body)
    if "decline" in event.raw:
        return Ignored("The customer declined to answer.")
    if event.line("event_name") == "deleted":
        return Ignored("A response was deleted at Wootric.")
    response = event.record("response")
    score = response.required_number("score")
    form = response.identifier("survey_id")
    metric = cast("Metric | None", event.choice("survey_mode", MODES))
    properties = response.optional_record("end_user_properties")
    return Answer(
        source=NAME,
        external_id=response.required_identifier("id"),
        score=score,
        scale=scale_of(policy, source=NAME, form=form, score=score, metric=metric),
        submitted_at=_time(response, "created_at"),
        comment=response.text("text"),
        form=form,
        touchpoint=form,
        language=properties.language("language"),
        email=response.email("email"),
        name=properties.line("name"),
        customer_id=response.identifier("external_id") or response.identifier("end_user_id"),
        account_id=properties.identifier("account_id"),
        account_name=properties.line("company"),
        account_value=properties.amount("account_value"),
        account_manager=properties.email("account_manager"),
        segment=properties.line("segment"),
    )


def _time(response: Record, key: str) -> datetime:
    """Read a time such as `2026-11-18 09:21:00 -0800`."""
    said = response.raw.get(key)
    if isinstance(said, str) and said.strip():
        return timestamp_of(_BEFORE_OFFSET.sub("", said.strip()), response.at(key))
    return response.required_timestamp(key)


def _put(found: dict[str, object], key: str, value: str) -> None:
    """Put a form's value where its key says; raise Unreadable where two keys can't both be right."""
    parts = key.replace("]", "").split("[")
    if not _KEY.fullmatch(key) or len(parts) > MOST_DEPTH:
        raise Unreadable("The form holds a key that can't be read.")
    for part in parts[:-1]:
        inner = found.setdefault(part, {})
        if not isinstance(inner, dict):
            raise Unreadable("The form holds the same key twice.")
        found = inner
    if parts[-1] in found:
        raise Unreadable("The form holds the same key twice.")
    found[parts[-1]] = value


ADAPTER = Adapter(NAME, verifier(NAME), parse, read=read)
