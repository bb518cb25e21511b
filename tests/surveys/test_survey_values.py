"""What becomes of texts, addresses, numbers and times that strangers send."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.surveys import values
from bot.surveys.fields import Record, json_body
from bot.surveys.request import Unreadable


def test_a_text_loses_control_characters_and_keeps_its_lines() -> None:
    assert values.text_of(" a\x00b\r\nc\td\re\x1b\x85 ") == "ab\nc\td\ne"


def test_half_of_a_character_is_replaced_so_that_it_can_be_stored() -> None:
    assert values.text_of("a\ud83d b") == "a\ufffd b"


def test_a_long_comment_is_cut_at_its_documented_size() -> None:
    found = values.text_of("x" * 100_000)

    assert len(found) == values.MOST_COMMENT
    assert found.endswith("…")


def test_a_line_stays_one_line() -> None:
    assert values.line_of("Ann\r\nBcc: x@y.example\u2028z") == "Ann Bcc: x@y.example z"


def test_an_id_that_had_to_be_changed_stays_different_from_every_other() -> None:
    long, longer = values.identifier_of("x" * 300), values.identifier_of("x" * 301)

    assert len({long, longer, values.identifier_of("x" * 200)}) == 3
    assert max(len(long), len(longer)) <= values.MOST_IDENTIFIER
    assert values.identifier_of("a\x00b") != values.identifier_of("ab")
    assert values.identifier_of("x" * 300) == long
    assert values.identifier_of(" msg_1 ") == "msg_1"


@pytest.mark.parametrize(
    "good", ["ann@post.example", "o'neil+tag@a-b.co.uk", "jörg@bücher.example", "a@xn--bcher-kva.example"]
)
def test_a_plausible_address_is_kept_in_lower_case(good: str) -> None:
    assert values.email_of(f" {good.upper()}\t") == good


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "ann",
        "ann@",
        "@post.example",
        "ann@post",
        "ann@post.example\n",
        "ann@post.example\r\nBcc: all@post.example",
        "ann @post.example",
        "<ann@post.example>",
        "a@b@post.example",
        "ann@-post.example",
        "ann@post..example",
        ".ann@post.example",
        "an..n@post.example",
        "ann\x00@post.example",
        "ann\u202e@post.example",
        "ann\u200b@post.example",
        "ann@post.example|x",
        "x" * 65 + "@post.example",
        "a@" + "b." * 200 + "example",
    ],
)
def test_what_is_no_address_is_none(bad: str) -> None:
    assert values.email_of(bad) is None


@pytest.mark.parametrize(("raw", "tag"), [("pl", "pl"), ("pt_BR", "pt-BR"), ("default", None), ("English", None)])
def test_only_language_tags_are_languages(raw: str, tag: str | None) -> None:
    assert values.language_of(raw) == tag


@pytest.mark.parametrize(
    "bad", ["javascript:alert(1)", "https://", "https://a.example/x|y", "https://a.example/<b>", "https://[a", "//a"]
)
def test_only_web_addresses_become_links(bad: str) -> None:
    assert values.url_of(bad) is None
    assert values.url_of("https://a.example/r?x=1") == "https://a.example/r?x=1"


@pytest.mark.parametrize("good", [7, 7.0, "7", " 7 ", "7.0", "+7"])
def test_a_number_may_be_sent_as_text(good: object) -> None:
    assert values.number_of(good, "score") == 7


@pytest.mark.parametrize(
    "bad",
    [
        True,
        None,
        "",
        "nan",
        "inf",
        "1e3",
        "1_0",
        "0x7",
        "\u0667",
        [],
        {},
        10**400,
        float("nan"),
        float("inf"),
        "9" * 40,
    ],
)
def test_everything_else_is_no_number(bad: object) -> None:
    with pytest.raises(Unreadable, match="score"):
        values.number_of(bad, "score")


@pytest.mark.parametrize(
    "good",
    [
        "2027-03-02T14:20:01Z",
        "2027-03-02T15:20:01+01:00",
        "2027-03-02 14:20:01",
        1803997201,
        "1803997201",
        1803997201000,
    ],
)
def test_a_time_is_utc_however_it_is_written(good: object) -> None:
    found = values.timestamp_of(good, "at")

    assert found == datetime(2027, 3, 2, 14, 20, 1, tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "bad",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "2099-12-31T23:59:59-01:00",
        946_684_799,
        0,
        -1,
        1e300,
        True,
        [],
    ],
)
def test_a_time_outside_this_century_is_unreadable(bad: object) -> None:
    with pytest.raises(Unreadable):
        values.timestamp_of(bad, "at")


def test_a_time_without_an_offset_is_read_in_the_zone_that_is_given() -> None:
    found = values.utc_of(datetime(2027, 7, 1, 9, 0), "at", zone=ZoneInfo("Europe/Berlin"))  # noqa: DTZ001 - the case

    assert found == datetime(2027, 7, 1, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"{'a': 1}",
    ],
)
def test_a_body_that_two_readers_could_understand_differently_is_unreadable(bad: bytes) -> None:
    with pytest.raises(Unreadable):
        json_body(bad)


def test_a_missing_field_and_null_are_the_same() -> None:
    record = Record({"a": None})

    assert record.text("a") == record.text("b") == ""
    assert record.number("a") is record.number("b") is None
    assert record.optional_record("a").raw == record.optional_record("b").raw == {}
    assert record.records("a") == []
