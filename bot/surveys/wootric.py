"""Wootric, now InMoment: answers as JSON or as a form, the score first and its comment later."""

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast
from urllib.parse import parse_qsl

from bot.surveys.asking import bearer
from bot.surveys.fields import Record, json_body
from bot.surveys.oldest_first import SECOND, newest_of, step
from bot.surveys.pages import each, rows_of
from bot.surveys.request import Adapter, Api, Call, Ignored, Page, Polling, Refused, Unreadable
from bot.surveys.scoring import scale_of
from bot.surveys.signing_in import client_credentials
from bot.surveys.values import timestamp_of
from bot.surveys.verify import verifier
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import Metric, UnknownScale

NAME = "wootric"
MODES = ("nps", "csat", "ces")  # on the scales 0 to 10, 1 to 5 and 1 to 7, which are theirs and ours
PAGE = 50  # no longer ones are given
MOST_PAGES = 30  # of one question: from there on, the next has to begin at a later time
MOST_FIELDS = 1_000
MOST_DEPTH = 5
WHO = ("email", "external_id")
MOST_DIGITS = 20
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
    return _answer(event.record("response"), event.choice("survey_mode", MODES), policy)


def _answer(response: Record, mode: str | None, policy: Policy) -> Answer:
    score = response.required_number("score")
    form = response.identifier("survey_id")
    metric = cast("Metric | None", mode)
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


def poll(_: str | None, since: datetime, cursor: str, policy: Policy, at: datetime) -> Polling:
    """Ask for one page of responses, the oldest first, and for each person who gave one."""
    place = step(cursor, since=since, at=at)
    query = {
        "created[gte]": str(int(place.start.timestamp())),
        "created[lt]": str(int(place.poll.end.timestamp()) + 1),
        "sort_order": "asc",
        "sort_key": "created_at",
        "per_page": str(PAGE),
        "page": str(place.page),
    }
    rows = rows_of((yield Call("/v1/responses", query)))
    people = yield from _people(rows)
    answers, refused = each(rows, lambda row: _row(row, people, policy))
    newest = newest_of(rows, lambda row: _time(row, "created_at"))
    is_last = len(rows) < PAGE or newest is None or place.start > place.poll.end
    if place.page >= MOST_PAGES and not is_last:
        too_many = f"More than {PAGE * MOST_PAGES} responses at one time: import the others from a file."
        refused = [*refused, Refused(too_many)]
        newest = place.start + SECOND + SECOND
    return Page(answers, place.onward(newest, is_last=is_last), is_last=is_last, refused=refused)


def parse_reply(reply: object, policy: Policy, _: datetime) -> Sequence[Answer]:
    """Read a saved page of the API, which doesn't say who answered."""
    return [_row(Record(row, f"[{number}]"), {}, policy) for number, row in enumerate(rows_of(reply))]


def _row(row: Record, people: Mapping[str, Record], policy: Policy) -> Answer:
    """Read a row of the API as a webhook says it. What is measured doesn't stand there: the policy has to know."""
    mode = row.choice("survey_mode", MODES)
    if mode is None and not policy.source_entries(NAME, row.identifier("survey_id")):
        raise UnknownScale(
            "Wootric's API doesn't say whether it is NPS, CSAT or CES. Add to the policy a [[source]] with "
            f'name = "{NAME}" and metric.',
            source=NAME,
            form=None,
        )
    asked = row.optional_record("end_user")
    person = people.get(row.identifier("end_user_id") or "", Record({}))
    # As they were when they answered, where it says so.
    properties = asked.optional_record("properties").raw or person.optional_record("properties").raw
    who = {key: asked.raw.get(key) or person.raw.get(key) for key in WHO}
    return _answer(Record({**row.raw, **who, "end_user_properties": properties}, row.path), mode, policy)


def _people(rows: Iterable[object]) -> Generator[Call, object, dict[str, Record]]:
    """Ask for everybody of a page, one by one: a response names who gave it by a number only."""
    wanted = {str(row.get("end_user_id")) for row in rows if isinstance(row, dict)}
    found = dict[str, Record]()
    for number in sorted(wanted):
        if number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS:
            reply = yield Call(f"/v1/end_users/{number}", is_lasting=True, may_be_missing=True)
            if isinstance(reply, dict):
                found[number] = Record(reply, "end_user")
    return found


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


ADAPTER = Adapter(
    NAME,
    verifier(NAME),
    parse,
    read=read,
    api=Api(
        "https://api.wootric.com",
        bearer,
        per_minute=60,
        sign_in=client_credentials("/oauth/token"),
        token_is="an API client's id and secret, as id:secret",  # noqa: S106 -- says what it is, and is none
    ),
    poll=poll,
    parse_reply=parse_reply,
)
