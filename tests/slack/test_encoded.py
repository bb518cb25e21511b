"""A press or a modal as Slack sends it: decoded by our own way exactly as by the usual one, or left to that."""

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.encoded import payload_of


def as_usual(body: bytes) -> str:
    return parse_qs(body.decode(), keep_blank_values=True)["payload"][0]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_whatever_is_written_is_read_as_it_was(text: str) -> None:
    assert payload_of(urlencode({"payload": text}).encode()) == text


@given(st.binary())
def test_what_is_read_at_all_is_read_as_usual(raw: bytes) -> None:
    body = b"payload=" + bytes(byte % 0x80 for byte in raw)

    read = payload_of(body)

    assert read is None or read == as_usual(body)


@given(st.lists(st.sampled_from([b"%", b"2", b"f", b"C3", b"%A4", b"+", b" ", b"=", b"&", b"\r", b"\n", b"\t", b"."])))
def test_escapes_that_are_none_are_read_as_usual_or_left(parts: list[bytes]) -> None:
    body = b"payload=" + b"".join(parts)

    read = payload_of(body)

    assert read is None or read == as_usual(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload",
        b"payload=%7B%zz",
        b"payload=%7",
        b"payload=a&more=b",
        b"command=%2Floop&text=x",
        b"{}",
        b"payload=a=b",
    ],
)
def test_what_is_written_in_another_way_is_left_to_bolt(body: bytes) -> None:
    assert payload_of(body) is None
