"""What is submitted is read once: missing, cleared, untouched or odd values are never an error of ours."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.slack import forms
from bot.slack.payloads import Press, Submission, ThreadReply, Typed, row_id
from bot.slack.plain import plain
from bot.slack.views.inputs import choice, moment, text_area, text_line
from workflows.refusal import Refusal


def submitted(blocks: list[dict[str, Any]], values: Any, *, metadata: str = "12") -> Submission:
    view = {"callback_id": "x", "private_metadata": metadata, "id": "V1", "blocks": blocks, "state": {"values": values}}
    return Submission.of({"type": "view_submission", "user": {"id": "UANA"}, "view": view})


NOTE = [text_area("text", "Note", initial="before")]
OPTIONAL = [text_area("text", "Note", initial="before", is_optional=True)]


@pytest.mark.parametrize(
    ("blocks", "values", "read"),
    [
        (NOTE, {"text": {"value": {"type": "plain_text_input", "value": " typed\r\nin\t"}}}, "typed\nin"),
        (NOTE, {"text": {"value": {"type": "plain_text_input", "value": None}}}, "before"),
        (NOTE, {}, "before"),
        (NOTE, None, "before"),
        (NOTE, {"text": {"value": {"value": 7}}}, ""),
        (NOTE, {"text": {"value": {"value": "a\x00b\ud800c"}}}, "ab?c"),
        (OPTIONAL, {"text": {"value": {"type": "plain_text_input", "value": None}}}, ""),
        (OPTIONAL, {}, ""),
    ],
)
def test_a_text_is_what_was_typed_and_what_was_put_in_where_it_was_not_touched(
    blocks: list[dict[str, Any]], values: Any, read: str
) -> None:
    assert forms.text_in(submitted(blocks, values), "text") == read


def test_a_choice_and_a_time_that_were_not_touched_hold_what_was_put_in() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    blocks = [
        choice("channel", "How?", {"phone": "Phone"}, initial="phone"),
        moment("happened_at", "When?", initial=at),
    ]

    form = forms.LogForm.of(submitted(blocks, {"text": {}}))

    assert (form.channel, form.happened_at, form.text) == ("phone", at, "")


@pytest.mark.parametrize("seconds", [10**18, -1, 0])
def test_a_time_that_no_clock_shows_is_refused_below_its_field(seconds: int) -> None:
    blocks = [moment("happened_at", "When?")]
    sent = submitted(blocks, {"happened_at": {"value": {"selected_date_time": seconds}}})

    with pytest.raises(Refusal) as refusal:
        forms.LogForm.of(sent)

    assert refusal.value.field == "happened_at"


def test_a_form_without_a_time_asks_for_one() -> None:
    with pytest.raises(Refusal, match="when it was"):
        forms.LogForm.of(submitted([moment("happened_at", "When?")], {}))


@pytest.mark.parametrize(
    "address", ["jane", "jane@acme", "a b@acme.test", "jane@acme.test, bo@acme.test", "<j@acme.test>"]
)
def test_what_is_no_address_is_refused_below_its_field(address: str) -> None:
    with pytest.raises(Refusal) as refusal:
        forms.FeedbackForm.of(feedback(email=address))

    assert refusal.value.field == "email"


@pytest.mark.parametrize("score", ["", "nan", "inf", "1e999", "seven", "--1"])
def test_what_is_no_number_is_refused_below_its_field(score: str) -> None:
    with pytest.raises(Refusal) as refusal:
        forms.FeedbackForm.of(feedback(score=score))

    assert refusal.value.field == "score"


def test_a_subject_stays_on_one_line() -> None:
    blocks = [text_line("subject", "Subject"), text_area("body", "Text")]
    values = {
        "subject": {"value": {"value": "Hello\nBcc: everybody@acme.test"}},
        "body": {"value": {"value": "Text"}},
    }

    assert forms.MailForm.of(submitted(blocks, values)).subject == "Hello Bcc: everybody@acme.test"


@pytest.mark.parametrize("carried", [None, 12, "", "0", "01", "-1", "1.0", "\uff11", "2147483648", "12 34", "12\n"])
def test_only_a_primary_key_is_taken_for_one(carried: object) -> None:
    with pytest.raises(Refusal):
        row_id(carried)


def test_the_largest_primary_key_is_one() -> None:
    assert row_id("2147483647") == 2**31 - 1


@pytest.mark.parametrize(
    ("metadata", "container", "subject"),
    [
        ("case:12@#support", {}, "case:12"),
        ("task:7@UANA", {}, "task:7"),
        ("case:12@#support", {"is_ephemeral": True}, None),
        ("line:5", {}, None),
        ("case:x@#support", {}, None),
        (None, {}, None),
    ],
)
def test_a_copy_is_known_by_our_own_metadata(metadata: Any, container: dict[str, Any], subject: str | None) -> None:
    message = {"ts": "1.1", "metadata": {"event_type": "hearback_intent", "event_payload": {"key": metadata}}}
    press = Press.of({"actions": [{}], "container": container, "message": message, "channel": {"id": "C1"}})

    assert (press.copy.subject if press.copy else None) == subject


def test_a_message_of_somebody_else_is_no_copy() -> None:
    message = {"ts": "1.1", "metadata": {"event_type": "other", "event_payload": {"key": "case:12@#support"}}}

    assert Press.of({"message": message, "channel": {"id": "C1"}}).copy is None


@pytest.mark.parametrize("text", [None, 5, "", "   "])
def test_a_command_without_words_has_none(text: Any) -> None:
    assert Typed.of({"text": text}).words == ()


def test_the_first_message_of_a_thread_is_no_reply() -> None:
    event = {"channel": "C1", "ts": "1.1", "thread_ts": "1.1", "text": "Hello", "user": "UANA"}

    assert ThreadReply.of({"event_id": "Ev1", "event": event}) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@UANA> and <@UBO|bo>, <@UNEW>", "@Ana and @bo, @somebody"),
        ("<#C1|support> <#C2>", "#support #C2"),
        ("<!here> <!subteam^S1|@team> <!channel|channel>", "@here @team channel"),
        ("<!date^1^{date}|2 March>", "2 March"),
        (
            "<http://a.test|a.test> <http://a.test/b|here> <http://c.test>",
            "a.test (http://a.test) here (http://a.test/b) http://c.test",
        ),
        ("<mailto:jane@acme.test|jane@acme.test>", "jane@acme.test"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2 &amp;lt;", "1 < 2 && 3 > 2 &lt;"),
        ("a < b <", "a < b <"),
    ],
)
def test_slacks_markup_is_read_as_a_person_reads_it(written: str, read: str) -> None:
    assert plain(written, {"UANA": "Ana"}) == read


def feedback(**said: str) -> Submission:
    values: dict[str, Any] = {name: {"value": {"value": text}} for name, text in {"score": "3", **said}.items()}
    values["metric"] = {"value": {"selected_option": {"value": "nps"}}}
    blocks = [
        choice("metric", "Metric", {"nps": "NPS"}),
        text_line("score", "Score"),
        text_line("email", "E-mail", is_optional=True),
    ]
    return submitted(blocks, values)
