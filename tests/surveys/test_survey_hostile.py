"""Whatever is sent: an adapter refuses in one of its two ways, and a check of a signature says no."""

import json
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from survey_samples import NAMES, NOW, SECRETS, WHOLE, raw, sample, signed, source_of

from bot.surveys import ADAPTERS
from bot.surveys.fields import json_body
from bot.surveys.request import Call, Fetch, Found, Ignored, Page, Request, Unreadable
from bot.surveys.saved import saved
from bot.surveys.taking import understood
from bot.surveys.verify import SCHEMES, SHOW_THE_SECRET
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import UnknownScale

SHORT = settings(
    max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
BUDGET = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | texts
    | st.sampled_from([10**400, -1, 0, 5, 10, "5", "\x00", "\ud800", "<!channel>", "x" * 30_000, "nps", "csat"])
)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


def places(found: object) -> list[tuple[Any, Any]]:
    """List every (container, key) of a JSON value."""
    if isinstance(found, dict):
        pairs = list(found.items())
    elif isinstance(found, list):
        pairs = list(enumerate(found))
    else:
        return []
    return [(found, key) for key, _ in pairs] + [place for _, inner in pairs for place in places(inner)]


def changed_somewhere(body: object, choices: st.DataObject) -> None:
    """Put something else into up to three places of a JSON value, or take what is there away."""
    for _ in range(choices.draw(st.integers(1, 3))):
        if not (found := places(body)):
            return
        container, key = choices.draw(st.sampled_from(found))
        if isinstance(container, dict) and choices.draw(st.booleans()):
            container.pop(key, None)
        elif isinstance(container, dict) or key < len(container):
            container[key] = choices.draw(json_values)


def taken(source: str, body: object, policy: Policy) -> list[Answer]:
    """Have an adapter parse this; give its answers, or none where it refuses in one of its two ways."""
    with suppress(Unreadable, UnknownScale):
        return answers_of(ADAPTERS[source].parse(body, policy, NOW))
    return []


def answers_of(found: Found | Sequence[Found]) -> list[Answer]:
    every = [found] if isinstance(found, Answer | Ignored | Fetch) else list(found)
    assert all(isinstance(one, Answer | Ignored | Fetch) for one in every)
    return [one for one in every if isinstance(one, Answer)]


def read_whole(source: str, body: bytes, policy: Policy) -> list[Answer]:
    """Have an adapter read these bytes and parse what it read."""
    adapter = ADAPTERS[source]
    with suppress(Unreadable, UnknownScale):
        return answers_of(adapter.parse((adapter.read or json_body)(body), policy, NOW))
    return []


def answered(asking: Generator[Call, object, Any], replies: Iterable[object]) -> Any:
    """Answer each call with the next of these; give what comes of it, None where the adapter refuses or goes on."""
    with suppress(Unreadable, UnknownScale):
        try:
            call = next(asking)
            for reply in replies:
                assert call.path.startswith("/")
                assert not set(call.path) & set(" ?#\r\n")
                assert all(isinstance(value, str) for value in call.query.values())
                call = asking.send(reply)
        except StopIteration as end:
            return end.value
    return None


def assert_storable(answer: Answer) -> None:
    for name in answer.__slots__:
        value = getattr(answer, name)
        if isinstance(value, str):
            assert "\x00" not in value
            value.encode()
            assert len(value) <= 20_000
    assert answer.external_id
    assert answer.scale.band(answer.score) in {"low", "neutral", "high"}
    assert answer.submitted_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("source", sorted(ADAPTERS))
@BUDGET
@given(body=json_values)
def test_any_json_is_read_or_refused(source: str, body: object, policy: Policy) -> None:
    taken(source, body, policy)


@pytest.mark.parametrize("name", NAMES)
@BUDGET
@given(choices=st.data())
def test_any_change_of_a_sample_is_read_or_refused(name: str, choices: st.DataObject, policy: Policy) -> None:
    body = deepcopy(sample(name)["body"])
    changed_somewhere(body, choices)

    for answer in taken(source_of(name), body, policy):
        assert_storable(answer)


@pytest.mark.parametrize("name", WHOLE)
@SHORT
@given(choices=st.data())
def test_any_change_of_a_whole_request_is_read_or_refused(name: str, choices: st.DataObject, policy: Policy) -> None:
    found, adapter = sample(name), ADAPTERS[source_of(name)]
    body = found["raw_body"].encode() if "raw_body" in found else raw(found["body"])
    cut, end = sorted([choices.draw(st.integers(0, len(body))), choices.draw(st.integers(0, len(body)))])
    between = choices.draw(
        st.binary(max_size=9) | st.sampled_from([body[cut:end] * 2, b"\x00", b"%00", b'"', b"&", b"="])
    )
    changed = body[:cut] + between + body[end:]

    for answer in read_whole(adapter.name, changed, policy):
        assert_storable(answer)


REPLIES = {name: [one["response"] for one in sample(name).get("api_fetch") or []] for name in WHOLE}
FETCHED = [name for name, replies in REPLIES.items() if replies]
PAGES = [name for name in WHOLE if "poll" in str((sample(name).get("request") or {}).get("method"))]


@pytest.mark.parametrize("name", FETCHED)
@SHORT
@given(choices=st.data())
def test_any_change_of_a_reply_is_read_or_refused(name: str, choices: st.DataObject) -> None:
    given_request = saved(json.dumps(sample(name)), source_of(name))
    adapter, replies = ADAPTERS[source_of(name)], deepcopy(REPLIES[name])
    changed_somewhere(replies, choices)
    held = understood(adapter, given_request.request.body, given_request.policy, NOW)

    for wanted in held.found:
        if isinstance(wanted, Fetch) and adapter.fetch:
            found = answered(adapter.fetch(wanted.ids, given_request.policy, NOW), replies)
            for answer in answers_of(found) if found is not None else []:
                assert_storable(answer)


@pytest.mark.parametrize("source", sorted(name for name, adapter in ADAPTERS.items() if adapter.fetch))
@SHORT
@given(ids=st.dictionaries(texts, texts, max_size=3), replies=st.lists(json_values, max_size=4))
def test_any_ids_and_replies_are_read_or_refused(
    source: str, ids: dict[str, str], replies: list[object], policy: Policy
) -> None:
    fetch = ADAPTERS[source].fetch
    assert fetch is not None

    answered(fetch(ids, policy, NOW), replies)


@pytest.mark.parametrize("name", PAGES)
@SHORT
@given(choices=st.data())
def test_any_change_of_a_page_is_read_or_refused(name: str, choices: st.DataObject, policy: Policy) -> None:
    adapter, page = ADAPTERS[source_of(name)], deepcopy(sample(name)["body"])
    changed_somewhere(page, choices)

    with suppress(Unreadable, UnknownScale):
        assert adapter.parse_reply is not None
        for answer in answers_of(adapter.parse_reply(page, policy, NOW)):
            assert_storable(answer)
    if adapter.poll is not None:
        target = next(iter(adapter.targets(policy)), None)
        found = answered(adapter.poll(target, NOW - timedelta(days=9), "", policy, NOW), [page] * 4)
        for answer in found.answers if found is not None else []:
            assert_storable(answer)


@pytest.mark.parametrize("source", sorted(name for name, adapter in ADAPTERS.items() if adapter.poll))
@SHORT
@given(cursor=texts, replies=st.lists(json_values, max_size=4))
def test_any_cursor_and_page_is_read_or_refused(
    source: str, cursor: str, replies: list[object], policy: Policy
) -> None:
    adapter = ADAPTERS[source]
    assert adapter.poll is not None
    target = next(iter(adapter.targets(policy)), "a-form")

    found = answered(adapter.poll(target, NOW - timedelta(days=9), cursor, policy, NOW), replies)

    if found is not None:
        assert isinstance(found, Page)
        assert not set(found.cursor) & set("\x00\n")


@pytest.mark.parametrize("source", sorted(ADAPTERS))
@SHORT
@given(body=st.binary(max_size=200) | json_values.map(raw))
def test_any_bytes_are_read_or_refused(source: str, body: bytes, policy: Policy) -> None:
    for answer in read_whole(source, body, policy):
        assert_storable(answer)


@BUDGET
@given(body=st.binary(max_size=200) | json_values.map(raw))
def test_any_bytes_are_json_or_unreadable(body: bytes) -> None:
    with suppress(Unreadable):
        json_body(body)


header_names = st.sampled_from(
    [f"{family}-{part}" for family in ("webhook", "svix") for part in ("id", "timestamp", "signature")]
    + ["typeform-signature", "x-hub-signature", "x-hearback-token", "authorization"]
    + [scheme.stamp for schemes in SCHEMES.values() for scheme in schemes if scheme.stamp]
    + ["x-zendesk-webhook-signature", "x-chatwoot-signature", "x-hubspot-signature-v3", "hmac", "sm-signature"]
)
header_values = (
    texts
    | st.sampled_from(
        [
            "v1,",
            "v1",
            ",",
            "v1,=",
            "v1,!!!!",
            "v1,\u00e9",
            "sha256=",
            "sha1=zz",
            "sha1=\u0661",
            " ",
            "9" * 400,
            "-5",
            "1e9",
        ]
    )
    | st.integers().map(str)
)


@pytest.mark.parametrize("source", sorted(ADAPTERS))
@BUDGET
@given(
    headers=st.dictionaries(header_names, header_values),
    body=st.binary(max_size=50),
    secret=texts | st.sampled_from(["whsec_", "whsec_!!!", "AAAA", "=", "\ud800"]),
)
def test_no_headers_bytes_or_secret_make_a_check_fail_or_pass(
    source: str, headers: dict[str, str], body: bytes, secret: str
) -> None:
    assume(not any(secret.strip() in value for value in headers.values() if secret.strip()))

    assert ADAPTERS[source].verify(Request(headers, body), secret, NOW) is False


@pytest.mark.parametrize("name", [name for name in NAMES if source_of(name) not in SHOW_THE_SECRET])
@BUDGET
@given(choices=st.data())
def test_a_signed_request_with_any_one_header_changed_is_not_signed(name: str, choices: st.DataObject) -> None:
    source = source_of(name)
    request = signed(source, raw(sample(name)["body"]))
    unsigned = {"token", "sm-apikey", "x-hubspot-signature"}  # what comes along and proves nothing
    header = choices.draw(st.sampled_from(sorted(request.headers.keys() - unsigned)))
    value = choices.draw(header_values.filter(lambda each: each != request.headers[header]))

    changed = Request({**request.headers, header: value}, request.body)

    assert ADAPTERS[source].verify(changed, SECRETS[source], NOW) is False
