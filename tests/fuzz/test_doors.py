"""Every door under ten thousand hostile requests: not one answer of 5xx, and nothing lost that was rightly signed.

`HEARBACK_FUZZ=10` makes it ten times as many, and others each time.
"""

import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from fuzz_house import SOURCES, THAT_SIGN, House, Sent, post, signed_slack, signed_webhook
from hostile_bodies import BROKEN, command, escaped, event, interaction, mail, survey_body, texts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, col, func, select

from bot.delivery.drawing import NotDrawn, drawings
from bot.sandbox.rules import message_problems
from storage.database import Database
from storage.lanes import Claimed
from storage.tables import Case, Intent, Parked, Response

TIMES: Final = float(os.environ.get("HEARBACK_FUZZ") or 1)
# So many requests of one example are sent at once.
TOGETHER: Final = 10
# PostgreSQL gets a smaller sample: it runs the same code, and refuses more.
ON_POSTGRESQL: Final = 0.1
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
DOORS: Final = (*(f"/webhooks/{source}" for source in SOURCES), "/mail", "/slack/events")
THAT_CHECK_THE_BODY: Final = tuple(path for path in DOORS if path.rpartition("/")[2] not in {*SOURCES} - {*THAT_SIGN})
PATHS: Final = (
    *DOORS,
    "/",
    "/health",
    "/ready",
    "/webhooks/generic/schema",
    "/webhooks/",
    "/webhooks/%00",
    "/x" * 4000,
)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW", "get", "\u00e9")

kinds = st.sampled_from(
    (JSON, FORM, "text/plain", "multipart/form-data; boundary=x", "application/json; charset=x", "")
)
lengths = st.sampled_from(("0", "-1", "9" * 30, "1e3", "\u0661", "", "abc", "5"))
bodies = st.binary(max_size=60) | st.sampled_from(BROKEN) | survey_body("generic")


def fuzz(house: House, requests: int, strategy: st.SearchStrategy[Any], check: Callable[[list[Any]], None]) -> None:
    """Have `check` see so many of these, some at once."""
    share = TIMES * (1 if house.hearback.db.is_sqlite else ON_POSTGRESQL)

    @settings(
        max_examples=max(2, int(requests * share / TOGETHER)),
        deadline=None,
        derandomize=TIMES == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(drawn=st.lists(strategy, min_size=TOGETHER, max_size=TOGETHER))
    def each(drawn: list[Any]) -> None:
        check(drawn)

    each()


def assert_no_error(sent: list[Sent], found: list[tuple[int, bytes]]) -> None:
    for one, (status, said) in zip(sent, found, strict=True):
        assert status < 500, (one, status, said)


def test_a_response_is_kept_parked_or_ignored_whatever_is_in_it(house: House) -> None:
    strategy = st.sampled_from(SOURCES).flatmap(lambda source: st.tuples(st.just(source), survey_body(source)))

    fuzz(house, 4000, strategy, lambda drawn: post(house, drawn))

    said = house.answers
    kept = said["new"] + said["changed"] + said["known"] + said["fetching"]
    assert kept + said["parked"] + said["ignored"] == said["rightly signed"]
    assert min(said["new"], said["known"], said["parked"], said["ignored"], said["fetching"]) > 0
    db = house.hearback.db
    assert db.read_now(lambda session: session.exec(select(func.count()).select_from(Response)).one()) == said["new"]
    assert db.read_now(lambda session: session.exec(select(func.sum(Parked.times))).one()) == said["parked"]


def test_a_mail_is_taken_whatever_is_in_it(house: House) -> None:
    def check(drawn: list[bytes]) -> None:
        sent = [Sent("POST", "/mail", signed_webhook("mail", body), (body,)) for body in drawn]
        found = house.send(sent)
        for one, (status, said) in zip(sent, found, strict=True):
            # The signature is made over text: what is none, nobody can have signed.
            assert status in {200, 401}, (one, status, said)

    fuzz(house, 500, mail(), check)


def test_what_slack_signed_is_answered_whatever_is_in_it(house: House) -> None:
    def interactive(value: Any) -> Sent:
        body = urlencode({"payload": json.dumps(value)}).encode()
        return Sent("POST", "/slack/events", signed_slack(body, FORM), (body,))

    def typed(value: Any) -> Sent:
        body = urlencode({name: one.encode("utf-8", "replace") for name, one in value.items()}).encode()
        return Sent("POST", "/slack/events", signed_slack(body, FORM), (body,))

    def told(value: Any) -> Sent:
        body = escaped(value)
        return Sent("POST", "/slack/events", signed_slack(body, JSON), (body,))

    def raw(body: bytes, kind: str) -> Sent:
        return Sent("POST", "/slack/events", signed_slack(body, kind), (body,))

    def check(drawn: list[Sent]) -> None:
        assert_no_error(drawn, house.send(drawn))

    presses = interaction(house.slack_url).map(interactive)
    fuzz(
        house,
        3000,
        presses | presses | command().map(typed) | event().map(told) | st.builds(raw, bodies, kinds),
        check,
    )

    assert house.refused == []


def test_what_is_not_signed_is_refused_and_leaves_nothing(house: House) -> None:
    before = house.rows()

    def signed(path: str, body: bytes, kind: str) -> dict[str, str]:
        if path == "/slack/events":
            return signed_slack(body, kind)
        return signed_webhook(path.rpartition("/")[2], body)

    @st.composite
    def forged(draw: st.DrawFn) -> Sent:
        path, body = draw(st.sampled_from(THAT_CHECK_THE_BODY)), draw(bodies)
        headers = signed(path, body, draw(kinds))
        how = draw(st.sampled_from(("other body", "other header", "no header")))
        name = draw(st.sampled_from(sorted(one for one in headers if one != "content-type")))
        if how == "no header":
            del headers[name]
        elif how == "other header":
            value = draw(texts | st.sampled_from(("v1,", "v0=" + "0" * 64, "sha256=", "1", "9" * 400, " ", ",")))
            headers[name] = value if value != headers[name] else ""
        else:
            body += b" "
        return Sent("POST", path, headers, (body,))

    def check(drawn: list[Sent]) -> None:
        for one, (status, said) in zip(drawn, house.send(drawn), strict=True):
            assert status == 401, (one, status, said)

    fuzz(house, 1500, forged(), check)

    assert house.rows() == before


def test_no_door_stumbles_over_how_it_is_knocked_at(house: House) -> None:
    before = house.rows()
    names = st.sampled_from(
        (
            "content-length",
            "transfer-encoding",
            "expect",
            "content-type",
            "host",
            "accept",
            "x-slack-retry-num",
            "cookie",
        )
    )

    @st.composite
    def knock(draw: st.DrawFn) -> Sent:
        body = draw(bodies)
        cut = draw(st.integers(0, len(body)))
        headers = draw(st.dictionaries(names, lengths | kinds | texts, max_size=4))
        path = draw(st.sampled_from(PATHS) | texts.map(lambda one: f"/webhooks/{one}") | texts.map("/".__add__))
        chunks = draw(st.sampled_from(((body,), (body[:cut], body[cut:]), (body[:cut], b""), ())))
        return Sent(draw(st.sampled_from(METHODS)), path, headers, chunks, breaks_off=draw(st.booleans()))

    def check(drawn: list[Sent]) -> None:
        assert_no_error(
            [one for one in drawn if one.path != "/ready"], house.send([one for one in drawn if one.path != "/ready"])
        )

    fuzz(house, 1000, knock(), check)

    assert house.rows() == before


def test_a_body_that_is_too_large_is_cut_off(house: House) -> None:
    body = b"x" * 12_000_000
    sent = [
        Sent("POST", path, {}, tuple(body[at : at + 65_536] for at in range(0, len(body), 65_536))) for path in DOORS
    ]

    found = house.send(sent)

    assert {status for status, _ in found} == {413}


def test_afterwards_everything_can_be_drawn_and_the_database_is_sound(house: House) -> None:
    db = house.hearback.db

    found, refused = db.read_now(lambda session: _drawn(session, house))

    assert found["CardDrawn"] > 0
    assert found["NotDrawn"] == 0
    assert refused == []
    assert db.read_now(_unreachable) == []
    assert _problems(db) == []


def _drawn(session: Session, house: House) -> tuple[Counter[str], list[Any]]:
    """Draw whatever waits in the outbox, and have Slack's rules look at it."""
    counted: Counter[str] = Counter()
    refused: list[Any] = []
    for intent in session.exec(select(Intent).where(col(Intent.kind).not_in(("mail", "fetch")))):
        claimed = Claimed(
            **{
                name: getattr(intent, name)
                for name in ("key", "kind", "lane", "case_id", "facts", "wanted", "attempts")
            },
            id=intent.id or 0,
            created_at=intent.created_at,
            sent_at=None,
            leased_until=intent.created_at,
            is_unclear=False,
        )
        for one in drawings(session, [claimed], policy=house.hearback.policy(), at=datetime.now(UTC)):
            counted[type(one).__name__] += 1
            message = getattr(one, "message", None)
            if message is not None:
                refused += message_problems({"text": message.text, "blocks": message.blocks})
            if isinstance(one, NotDrawn):
                refused.append(intent.key)
    return counted, refused


def _unreachable(session: Session) -> list[str]:
    low = select(Response.external_id).where(Response.band == "low", col(Response.case_id).not_in(select(Case.id)))
    lost = select(Response.external_id).where(Response.band == "low", col(Response.case_id).is_(None))
    return [*session.exec(low), *session.exec(lost)]


def _problems(db: Database) -> list[str]:
    if not db.is_sqlite:
        return []
    return db.read_now(
        lambda session: [
            *(str(row[0]) for row in session.connection().execute(text("PRAGMA integrity_check")) if row[0] != "ok"),
            *(str(tuple(row)) for row in session.connection().execute(text("PRAGMA foreign_key_check"))),
        ]
    )
