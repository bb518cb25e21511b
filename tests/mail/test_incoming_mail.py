"""Mail that comes back: what of it is a bounce, a reply, or nothing for anybody here."""

from email.message import EmailMessage
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.incoming_mail import Bounce, Neither, Reply, read_mail

OURS = "<case-12.3@ours.example>"

REPORT = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.post.example>
To: care@ours.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.post.example
Arrival-Date: Tue, 2 Mar 2027 14:20:02 +0000

Final-Recipient: rfc822; Ann@post.example
Original-Recipient: rfc822;ann@post.example
Action: {action}
Status: {status}
Remote-MTA: dns; mail.post.example
Diagnostic-Code: smtp; 550 5.1.1 <ann@post.example>:
    Recipient address rejected

--b1
{returned}
--b1--
"""
MESSAGE = "Content-Type: message/rfc822\n\nFrom: care@ours.example\nMessage-ID: {ours}\nSubject: x\n\nDear Ann\n"
HEADERS = "Content-Type: text/rfc822-headers\n\nFrom: care@ours.example\nMessage-ID:\n {ours}\nSubject: x\n"


def report(*, action: str = "failed", status: str = "5.1.1", returned: str = MESSAGE) -> bytes:
    text = REPORT.format(action=action, status=status, returned=returned.format(ours=OURS))
    return text.replace("\n", "\r\n").encode()


def reply(text: str, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Ann Lee <Ann@Post.example>"
    message["To"] = "care@ours.example"
    message["Subject"] = "Re: What changed"
    message["Message-ID"] = "<reply-1@post.example>"
    message["In-Reply-To"] = OURS
    message["References"] = f"<case-12.1@ours.example> {OURS}"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def text_of(raw: bytes) -> str:
    found = read_mail(raw)
    assert isinstance(found, Reply), found
    return found.text


@pytest.mark.parametrize("returned", [MESSAGE, HEADERS], ids=["whole", "headers"])
def test_a_bounce_names_our_mail_its_reader_and_the_reason(returned: str) -> None:
    assert read_mail(report(returned=returned)) == Bounce(
        original_message_id=OURS,
        recipient="ann@post.example",
        status="5.1.1",
        diagnostic="550 5.1.1 <ann@post.example>: Recipient address rejected",
        permanent=True,
    )


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [
        ("failed", "5.1.1", True),
        ("Failed (bad address)", "5.1.1", True),
        ("failed", "4.4.7", True),  # it has tried for days and given up
        ("delayed", "4.4.1", False),
        ("", "5.2.2", True),
        ("", "4.2.2", False),
    ],
)
def test_a_mail_system_that_has_given_up_is_told_from_one_that_still_tries(
    action: str, status: str, permanent: object
) -> None:
    found = read_mail(report(action=action, status=status))

    assert isinstance(found, Bounce)
    assert (found.permanent, found.status) == (permanent, status)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_delivery_receipt_is_no_bounce(action: str) -> None:
    assert isinstance(read_mail(report(action=action, status="2.0.0")), Neither)


def test_the_worst_that_a_report_says_counts() -> None:
    raw = report(action="delayed", status="4.4.1").replace(
        b"\r\n\r\n--b1\r\nContent-Type: message/rfc822",
        b"\r\n\r\nFinal-Recipient: rfc822; bo@post.example\r\nAction: failed\r\nStatus: 5.7.1\r\n"
        b"\r\n--b1\r\nContent-Type: message/rfc822",
    )

    found = read_mail(raw)

    assert isinstance(found, Bounce)
    assert (found.recipient, found.status, found.permanent) == ("bo@post.example", "5.7.1", True)


def test_a_bounce_without_our_mail_in_it_is_known_by_what_it_refers_to() -> None:
    raw = report(returned="Content-Type: text/plain\n\nnothing\n")

    found = read_mail(f"References: <case-12.1@ours.example>\r\n {OURS}\r\n".encode() + raw)

    assert isinstance(found, Bounce)
    assert found.original_message_id == OURS


def test_a_report_in_letters_outside_ascii_is_read_too() -> None:
    raw = report().replace(b"message/delivery-status", b"message/global-delivery-status")

    found = read_mail(raw.replace(b"message/rfc822", b"message/global-headers"))

    assert isinstance(found, Bounce)
    assert (found.original_message_id, found.recipient) == (OURS, "ann@post.example")


def test_a_bounce_from_before_there_were_reports_is_read_by_its_text() -> None:
    raw = (
        b"From: MAILER-DAEMON@old.example\r\nTo: care@ours.example\r\nSubject: failure notice\r\n\r\n"
        b"Hi. This is the qmail-send program at old.example.\r\n<ann@post.example>:\r\n"
        b"Remote host said: 550 5.1.1 no such user\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
        b"From: care@ours.example\r\nMessage-ID: " + OURS.encode() + b"\r\n\r\nDear Ann\r\n"
    )

    assert read_mail(raw) == Bounce(
        original_message_id=OURS,
        recipient="ann@post.example",
        status="5.1.1",
        diagnostic="Remote host said: 550 5.1.1 no such user",
        permanent=True,
    )


@pytest.mark.parametrize(
    "raw",
    [
        reply("I am away.", Auto_Submitted="auto-replied"),
        reply("I am away.", Auto_Submitted="Auto-Generated; why=holiday"),
        reply("News", Precedence="bulk"),
        reply("I am away.", Precedence="auto_reply"),
        reply("News", List_Id="<news.post.example>"),
        reply("I am away.", X_Autoreply="yes"),
        b"From: postmaster@post.example\r\n\r\nYour mail waits.",
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b--\r\n",
        b"",
        b"no headers at all",
    ],
)
def test_what_no_person_wrote_is_for_nobody(raw: bytes) -> None:
    assert isinstance(read_mail(raw), Neither)


def test_a_reply_says_what_it_answers_and_who_wrote_it() -> None:
    assert read_mail(reply("It still fails.\n", Auto_Submitted="no")) == Reply(
        in_reply_to=OURS,
        references=("<case-12.1@ours.example>", OURS),
        sender="ann@post.example",
        text="It still fails.",
        message_id="<reply-1@post.example>",
    )


@pytest.mark.parametrize(
    "quoted",
    [
        "On Tue, 2 Mar 2027 at 14:20, Care <care@ours.example> wrote:\n> Dear Ann,\n>\n> it works now.\n",
        "On Tue, 2 Mar 2027 at 14:20, Care\n<care@ours.example> wrote:\n\n> Dear Ann,\n\n> it works now.\n",
        "Le mar. 2 mars 2027 à 14:20,\nCare <care@ours.example> a\nécrit :\n> Dear Ann,\n",
        "-----Original Message-----\nFrom: Care\nDear Ann,\n",
        "-------- Ursprüngliche Nachricht --------\nVon: Care\n",
        "________________________________\nFrom: Care\nSent: Tuesday\nDear Ann,\n",
        "Von: Care <care@ours.example>\nGesendet: Dienstag, 2. März 2027 14:20\nAn: Ann\nDear Ann,\n",
        "-- \nAnn Lee\nHead of everything\n",
    ],
)
def test_what_is_quoted_is_cut(quoted: str) -> None:
    assert text_of(reply(f"It still fails.\nSorry.\n\n{quoted}")) == "It still fails.\nSorry."


def test_what_is_written_between_quoted_lines_stays() -> None:
    raw = reply("Thanks.\nOn 2 March 2027, Care wrote:\n> it works now\n\nIt does not.\n\n> Is there more?\nNo.\n")

    assert text_of(raw) == "Thanks.\n\nIt does not.\n\nNo."


def test_a_persons_own_words_with_a_colon_before_a_quote_stay() -> None:
    assert text_of(reply("You said this:\n> it works now\nIt does not.\n")) == "You said this:\nIt does not."


def test_a_reply_that_is_only_a_page_is_read_without_its_tags_and_its_quote() -> None:
    message = EmailMessage()
    message["From"] = "ann@post.example"
    message.set_content(
        "<head><style>p{}</style></head><p>It &amp; all<br>fails.</p><blockquote>Dear <b>Ann</b></blockquote>",
        subtype="html",
    )

    assert text_of(message.as_bytes()) == "It & all\nfails."


def test_what_hangs_on_a_reply_is_not_its_text() -> None:
    message = EmailMessage()
    message["From"] = "ann@post.example"
    message.set_content("See the file.")
    message.add_attachment("secret figures", filename="figures.txt")

    assert text_of(message.as_bytes()) == "See the file."


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        ("iso-8859-2", "Zażółć".encode("iso-8859-2")),
        ("utf-8", "Zażółć".encode()),
        ("x-nobody-knows", "Zażółć".encode()),
        ("unicode_escape", "Zażółć".encode()),
        ("base64", "Zażółć".encode()),
    ],
)
def test_a_reply_is_read_in_its_own_letters(charset: str, raw: bytes) -> None:
    head = (
        f"From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )

    assert text_of(head.encode() + raw) == "Zażółć"


def test_mail_nested_without_end_is_no_mail() -> None:
    inside = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(3_000)
    )
    wrapped = b"Content-Type: message/rfc822\r\n\r\n" * 3_000

    for raw in (b"From: a@b.example\r\n" + inside, b"From: a@b.example\r\n" + wrapped):
        assert isinstance(read_mail(raw), Neither | Reply)


@pytest.mark.parametrize(
    "filling", [b"<", b"a", b"@", b"a@", b"<br", b"> \r\n", b"-", b"_", b"From: ", b"<style>", b" "]
)
@pytest.mark.parametrize("kind", [b"plain", b"html"])
def test_no_mail_takes_long_to_read(filling: bytes, kind: bytes) -> None:
    many = filling * (500_000 // len(filling))
    head = b"From: mailer-daemon@x.example\r\nReferences: <%b\r\n" % many[:100_000].replace(b"\r\n", b"")
    raw = head + b"Content-Type: text/%b\r\n\r\n%b" % (kind, many)
    begun = perf_counter()

    read_mail(raw)
    read_mail(raw.replace(b"mailer-daemon", b"ann"))

    assert perf_counter() - begun < 3


TOKENS = st.sampled_from(
    [
        *[b"From: ", b"Message-ID: ", b"In-Reply-To: ", b"References: ", b"Auto-Submitted: ", b"Precedence: "],
        *[b"Content-Type: ", b"multipart/report", b"multipart/mixed", b"message/rfc822", b"message/delivery-status"],
        *[
            b"; boundary=",
            b"b",
            b'"',
            b"; charset=",
            b"; boundary*=utf-8''",
            b"; boundary*0*=x''b",
            b"charset*=",
            b"\xff",
        ],
        *[
            b"text/plain",
            b"text/html",
            b"text/rfc822-headers",
            b"--b\r\n",
            b"--b--\r\n",
            b"\r\n",
            b"\r\n\r\n",
            b"\n",
            b" ",
        ],
        *[b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"x-uuencode", b"begin 666 x\n", b"=", b"=A"],
        *[b"Action: failed\r\n", b"Status: 5.1.1\r\n", b"Final-Recipient: rfc822; ", b"a@b.example", b"<a@b>", b"\x00"],
        *[
            b"Diagnostic-Code: smtp; ",
            b"Content-Disposition: ",
            b"attachment",
            b"=?utf-8?q?=ff?=",
            b"=?x?b?!?=",
            b">",
            b"<",
        ],
    ]
)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(st.lists(TOKENS | st.binary(max_size=8), max_size=60).map(b"".join))
def test_any_bytes_are_read(raw: bytes) -> None:
    found = read_mail(raw)

    assert isinstance(found, Bounce | Reply | Neither)
    if isinstance(found, Reply):
        assert "\x00" not in found.text
        found.text.encode()


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.sampled_from([report(), report(returned=HEADERS), reply("Hello\n> you\n")]), st.data())
def test_any_change_of_a_mail_is_read(raw: bytes, choices: st.DataObject) -> None:
    for _ in range(choices.draw(st.integers(1, 4))):
        at = choices.draw(st.integers(0, len(raw)))
        gone = choices.draw(st.integers(0, 30))
        raw = raw[:at] + choices.draw(TOKENS | st.binary(max_size=5)) + raw[at + gone :]

    assert isinstance(read_mail(raw), Bounce | Reply | Neither)
