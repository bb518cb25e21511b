"""Other people's words in Slack: shown as they were written, and doing nothing."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slackblocks import Text

from bot.slack.views.blocks import packed, quote
from bot.slack.views.text import (
    apart,
    clip,
    cut,
    escape,
    inline,
    listed,
    literal,
    mention,
    plural,
    quoted,
    sentence,
    when,
)

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("A & B &amp; C", "A &amp; B &amp;amp; C"),
        ("*bold*", "\u2217bold\u2217"),
        ("`code`", "\u02cbcode\u02cb"),
        ("_it_ and ~no~", "\u02cdit\u02cd and \u223cno\u223c"),
        ("anna_weber@acme.example", "anna_weber@acme.example"),
        ("a\x00b\x1bc\ud800d\u202ee", "abcde"),
        ("\u05e9\u05dc", "\u2068\u05e9\u05dc\u2069"),
        ("", ""),
    ],
)
def test_what_slack_would_obey_is_only_shown(written: str, shown: str) -> None:
    assert escape(written) == shown


@given(st.text())
def test_an_escaped_text_holds_no_control_character_of_slack(written: str) -> None:
    shown = escape(written)

    assert not set("<>*`") & set(shown)
    assert all(entity.startswith(("amp;", "lt;", "gt;")) for entity in shown.split("&")[1:])
    shown.encode()


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(min_value=2, max_value=60))
def test_a_clipped_text_is_never_longer_and_begins_like_the_whole(written: str, limit: int) -> None:
    short = clip(written, limit)

    assert len(short) <= limit
    assert short == written if len(written) <= limit else short.endswith("…")
    assert written.startswith(short.removesuffix("…"))


def test_a_text_is_cut_between_words() -> None:
    assert clip("one two three four", 12) == "one two…"


@pytest.mark.parametrize(
    "sign", ["e\u0301\u0301", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467"]
)
def test_a_text_is_never_cut_inside_one_visible_character(sign: str) -> None:
    whole = "x" * 10 + sign + "y" * 30

    cuts = {clip(whole, limit).removesuffix("…") for limit in range(11, 11 + len(sign))}

    assert cuts == {"x" * 10}


def test_an_inline_text_is_on_one_line() -> None:
    assert inline("  one\r\n two\tthree\n\n") == "one two three"


def test_a_quoted_text_stands_in_quotation_marks() -> None:
    assert quoted("<it>") == "“&lt;it&gt;”"


def test_letters_stay_letters_but_mentions_fall_apart() -> None:
    assert literal("a <b> & *c* <!channel> <@U1> <#C1>") == "a <b> & *c* <\u2060!channel> <\u2060@U1> <\u2060#C1>"


def test_a_hundred_thousand_characters_are_quoted_at_once() -> None:
    started = time.perf_counter()

    block = quote("مرحبا <!channel> " * 6000, 500)

    text = block["elements"][0]["elements"][0]["text"]
    assert len(text) <= 500
    assert time.perf_counter() - started < 0.5


def test_an_empty_quote_is_still_a_block_that_slack_takes() -> None:
    assert quote(" \x00 ")["elements"][0]["elements"] == [{"type": "text", "text": "…"}]


def test_a_time_is_local_for_whoever_reads_it_and_utc_where_slack_cannot_draw_it() -> None:
    assert when(NOON) == f"<!date^{int(NOON.timestamp())}^{{date_short_pretty}} at {{time}}|02 Nov 2026, 12:00 UTC>"


@pytest.mark.parametrize(
    ("member", "shown"),
    [("U1AB", "<@U1AB>"), ("ann@acme.example", "ann@acme.example"), ("U1>x", "U1&gt;x"), (None, "nobody")],
)
def test_only_members_are_mentioned(member: str | None, shown: str) -> None:
    assert mention(member) == shown


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(days=9), "9 days"),
        (timedelta(days=21), "3 weeks"),
        (timedelta(days=70), "2 months"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_a_distance_is_said_in_one_unit(distance: timedelta, said: str) -> None:
    assert apart(NOON, NOON + distance) == said
    assert apart(NOON + distance, NOON) == said


def test_numbers_and_lists_read_like_english() -> None:
    assert [plural(0, "task"), plural(1, "task"), plural(2, "loop is", "loops are")] == [
        "0 tasks",
        "1 task",
        "2 loops are",
    ]
    assert [listed([]), listed(["a"]), listed(["a", "b", "c"])] == ["", "a", "a, b and c"]
    assert [sentence("no rule"), sentence("Why?"), sentence("")] == ["No rule.", "Why?", ""]


def test_lines_are_packed_into_as_few_sections_as_hold_them() -> None:
    texts = [*packed(["a" * 1400, "b" * 1400, "c" * 1400])]

    assert [len(text) for text in texts] == [2801, 1400]
    assert [Text(text).text for text in texts] == texts


@pytest.mark.parametrize("limit", range(10, 40))
def test_an_escaped_text_is_cut_between_its_entities(limit: int) -> None:
    short = cut(escape("<&> ab \u05e9 <&> cd <&>"), limit)

    assert len(short) <= limit
    assert all(entity.startswith(("amp;", "lt;", "gt;")) for entity in short.split("&")[1:])
    assert short.count("\u2068") == short.count("\u2069")


@pytest.mark.parametrize("empty", ["", None, " ", "\x00\n", "\u200b\u2060"])
def test_a_text_in_which_nothing_is_seen_is_empty(empty: str | None) -> None:
    assert inline(empty) == ""
