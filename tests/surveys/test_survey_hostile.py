"""Whatever is sent: an adapter refuses in one of its two ways, and a check of a signature says no."""

from contextlib import suppress
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from survey_samples import NAMES, NOW, SECRETS, raw, sample, signed, source_of

from bot.surveys import ADAPTERS
from bot.surveys.fields import json_body
from bot.surveys.request import Ignored, Request, Unreadable
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import UnknownScale

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


def taken(source: str, body: object, policy: Policy) -> Answer | None:
    with suppress(Unreadable, UnknownScale):
        found = ADAPTERS[source].parse(body, policy)
        assert isinstance(found, Answer | Ignored)
        return found if isinstance(found, Answer) else None
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
    for _ in range(choices.draw(st.integers(1, 3))):
        container, key = choices.draw(st.sampled_from(places(body)))
        if isinstance(container, dict) and choices.draw(st.booleans()):
            container.pop(key, None)
        elif isinstance(container, dict) or key < len(container):
            container[key] = choices.draw(json_values)
        if not places(body):
            break

    answer = taken(source_of(name), body, policy)

    if answer:
        assert_storable(answer)


@BUDGET
@given(body=st.binary(max_size=200) | json_values.map(raw))
def test_any_bytes_are_json_or_unreadable(body: bytes) -> None:
    with suppress(Unreadable):
        json_body(body)


header_names = st.sampled_from(
    [f"{family}-{part}" for family in ("webhook", "svix") for part in ("id", "timestamp", "signature")]
    + ["typeform-signature", "x-hub-signature"]
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
    assert ADAPTERS[source].verify(Request(headers, body), secret, NOW) is False


@pytest.mark.parametrize("name", NAMES)
@BUDGET
@given(choices=st.data())
def test_a_signed_request_with_any_one_header_changed_is_not_signed(name: str, choices: st.DataObject) -> None:
    source = source_of(name)
    request = signed(source, raw(sample(name)["body"]))
    header = choices.draw(st.sampled_from(sorted(request.headers)))
    value = choices.draw(header_values.filter(lambda each: each != request.headers[header]))

    changed = Request({**request.headers, header: value}, request.body)

    assert ADAPTERS[source].verify(changed, SECRETS[source], NOW) is False
