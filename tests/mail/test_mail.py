"""The mail that a customer gets: its headers, whatever people are called, and its two bodies."""

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.mail import UnusableAddress, compose, message_bytes, needs_utf8

AT = datetime(2027, 3, 2, 14, 20, 1, tzinfo=UTC)
LONG_ID = f"<case-12.{'x' * 90}@a-host-with-a-long-name.ours.example>"


def made(**changes: Any) -> EmailMessage:
    wanted: dict[str, Any] = {
        "sender": "Care, Ltd. <care@ours.example>",
        "to": "ann@post.example",
        "subject": "What changed",
        "text": "Dear Ann,\n\nit works now.",
        "message_id": "<case-12.3@ours.example>",
        "at": AT,
    }
    return compose(**(wanted | changes))


def read(message: EmailMessage) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(message_bytes(message), policy=default))


def test_a_mail_says_who_writes_to_whom_about_what_and_when() -> None:
    found = read(
        made(
            to_name="Ann Lee",
            reply_to="care+12@ours.example",
            language="de",
            at=datetime(2027, 3, 2, 15, 20, 1, tzinfo=timezone(timedelta(hours=1))),
        )
    )

    assert dict(found.items()) == {
        "From": '"Care, Ltd." <care@ours.example>',
        "To": "Ann Lee <ann@post.example>",
        "Reply-To": "care+12@ours.example",
        "Subject": "What changed",
        "Date": "Tue, 02 Mar 2027 15:20:01 +0100",
        "Message-ID": "<case-12.3@ours.example>",
        "Content-Language": "de",
        "MIME-Version": "1.0",
        "Content-Type": found["Content-Type"],
    }


def test_a_mail_has_its_text_and_the_same_as_a_page() -> None:
    found = read(made(text="Zażółć\r\n\r\n.gęślą <b>"))

    text, page = found.get_body(["plain"]), found.get_body(["html"])

    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == "Zażółć\n\n.gęślą <b>\n"
    assert page is not None
    assert ".gęślą &lt;b&gt;" in page.get_content()


def test_the_same_mail_is_always_the_same_bytes() -> None:
    assert message_bytes(made()) == message_bytes(made())


def test_any_server_can_carry_a_mail_because_it_is_short_lines_of_ascii() -> None:
    raw = message_bytes(made(text="ł" * 5_000, subject="ł" * 500, to_name="ł" * 500))

    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) < 200
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_replies_to_one_case_share_a_thread() -> None:
    thread = ["<case-12.1@ours.example>", "<reply@post.example>", "<case-12.1@ours.example>", "broken", LONG_ID]

    found = read(made(thread=thread))

    assert found["In-Reply-To"] == LONG_ID
    assert found["References"].split() == ["<case-12.1@ours.example>", "<reply@post.example>", LONG_ID]


def test_a_long_thread_keeps_its_first_and_its_latest_mails() -> None:
    found = read(made(thread=[f"<m{n}@ours.example>" for n in range(100)]))

    ids = found["References"].split()

    assert len(ids) == 20
    assert (ids[0], ids[1], ids[-1]) == ("<m0@ours.example>", "<m81@ours.example>", "<m99@ours.example>")


def test_a_long_message_id_stays_as_it_is_in_every_header() -> None:
    raw = message_bytes(made(message_id=LONG_ID, thread=[LONG_ID.replace("12", "11")]))

    assert f"Message-ID: {LONG_ID}\r\n".encode() in raw
    assert f"In-Reply-To: {LONG_ID.replace('12', '11')}\r\n".encode() in raw


def test_the_first_mail_of_a_case_refers_to_none() -> None:
    assert "References" not in made()
    assert "In-Reply-To" not in made()


def test_a_name_with_letters_outside_ascii_keeps_no_sign_that_could_begin_another_address() -> None:
    assert made(to_name='Änn, "x" (y) <z@post.example>')["To"].addresses[0].display_name == "Änn x y z post.example"


@pytest.mark.parametrize("bad", ["case-12@ours.example", "<case 12@ours.example>", "<a@b>\r\nBcc: <x@y>", "<ł@b>"])
def test_a_message_id_that_is_none_is_a_mistake_of_ours(bad: str) -> None:
    with pytest.raises(ValueError, match="message id"):
        made(message_id=bad)


@pytest.mark.parametrize(
    "hostile",
    [
        "Ann\r\nBcc: all@post.example",
        "Ann\nBcc: all@post.example\n\nBody",
        "Ann\x00\x0b\x0c\x1c\x85\u2028Bcc: all@post.example",
        'Ann" <all@post.example>, "',
        "Änn, <all@post.example>",
        "=?utf-8?q?Ann=0D=0ABcc=3A_all=40post=2Eexample?=",
        "Ann\ud800",
        "(((((",
        "\\",
    ],
)
def test_no_name_and_no_subject_adds_a_header_or_a_reader(hostile: str) -> None:
    found = read(
        made(to_name=hostile, subject=hostile, sender=f"{hostile.replace('<', '').replace('>', '')} <c@o.example>")
    )

    assert [name for name, _ in found.items()] == [name for name, _ in made().items()]
    assert [each.addr_spec for each in found["To"].addresses] == ["ann@post.example"]
    assert [each.addr_spec for each in found["From"].addresses] == ["c@o.example"]
    assert all(each not in str(found[name]) for each in "\r\n\x00" for name in ("To", "From", "Subject"))


hostile_texts = st.lists(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
    | st.sampled_from(
        ["=?utf-8?q?", "=0D=0A", "?=", "=", "?", "\r\n", "\n ", ": ", '"', "<", ">", "\\", ",", ";", "ä"]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    name=hostile_texts,
    subject=hostile_texts,
    text=st.text(st.characters(codec=None, exclude_categories=()), max_size=200),
)
def test_whatever_is_written_the_mail_goes_to_one_person_and_has_two_bodies(name: str, subject: str, text: str) -> None:
    found = read(made(to_name=name, subject=subject, text=text))

    assert [header for header, _ in found.items()] == [header for header, _ in made().items()]
    assert [each.addr_spec for each in found["To"].addresses] == ["ann@post.example"]
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "ann",
        "ann@",
        "@post.example",
        "ann@post",
        "ann@post.example\r\nBcc: all@post.example",
        "ann@post.example, all@post.example",
        "an n@post.example",
        "ann@po st.example",
        "ann@-post.example",
        ".ann@post.example",
        "ann\x00@post.example",
        "ann@post..example",
        "ann@" + "x" * 64 + ".example",
        "ann@post.example@post.example",
        "=?utf-8?q?a=0D=0ABcc=3Ax?=@post.example",
    ],
)
def test_an_address_that_can_not_be_written_to_is_refused_in_words(bad: str) -> None:
    with pytest.raises(UnusableAddress, match=r"mail address .* correct the address"):
        made(to=bad)


def test_a_foreign_domain_is_written_the_way_every_server_knows_it() -> None:
    found = made(to="ann@straße.example")

    assert found["To"].addresses[0].addr_spec == "ann@xn--strae-oqa.example"
    assert not needs_utf8(found)


def test_letters_outside_ascii_before_the_at_need_a_server_that_knows_them() -> None:
    found = made(to="jörg@post.example")

    assert needs_utf8(found)
    assert "To: jörg@post.example\r\n".encode() in message_bytes(found)
