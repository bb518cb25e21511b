"""The mailbox is a real SMTP server that keeps, refuses, stalls and hangs up."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import pytest

from bot.sandbox.mailbox import Mail, Mailbox, MailFault

pytestmark = pytest.mark.anyio

WANDA = "wanda@zielona.example"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox(clock=lambda: datetime(2026, 11, 18, 9, 0, tzinfo=UTC))
    await box.start()
    yield box
    await box.stop()


def letter(to: str = WANDA) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "care@northwind.example", to, "What we changed: für Sie"
    message["Message-ID"] = "<case-7-1@northwind.example>"
    message["Reply-To"] = "care+7@northwind.example"
    message.set_content("The invoice shows the date now.")
    message.add_alternative("<p>The invoice shows the date now.</p>", subtype="html")
    return message


async def send(box: Mailbox, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname=box.host, port=box.port, start_tls=False, timeout=2)


async def test_a_mail_is_kept_with_its_parts_and_headers(mailbox: Mailbox) -> None:
    await send(mailbox, letter())

    shown = mailbox.to(WANDA)[0].dump()
    assert shown["subject"] == "What we changed: für Sie"
    assert shown["text"].strip() == "The invoice shows the date now."
    assert "<p>" in shown["html"]
    assert shown["message_id"] == "<case-7-1@northwind.example>"
    assert shown["direction"] == "in"


async def test_an_address_ending_can_be_refused_for_good_or_for_now(mailbox: Mailbox) -> None:
    mailbox.refuse("@bounce.example")
    mailbox.refuse("@later.example", MailFault.TRY_LATER)

    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as gone:
        await send(mailbox, letter("jo@bounce.example"))
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as later:
        await send(mailbox, letter("jo@later.example"))

    assert gone.value.recipients[0].code == 550
    assert later.value.recipients[0].code == 451
    assert mailbox.mails == []


@pytest.mark.parametrize(("fault", "code"), [(MailFault.TRY_LATER, 451), (MailFault.REFUSED, 550)])
async def test_the_next_mail_can_be_refused_after_its_text(mailbox: Mailbox, fault: MailFault, code: int) -> None:
    mailbox.next(fault)

    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await send(mailbox, letter())
    await send(mailbox, letter())

    assert refused.value.code == code
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(("fault", "kept"), [(MailFault.DROPPED, 0), (MailFault.LOST_REPLY, 1)])
async def test_the_connection_drops_before_or_after_the_mail_is_taken(
    mailbox: Mailbox, fault: MailFault, kept: int
) -> None:
    mailbox.next(fault)

    with pytest.raises(aiosmtplib.SMTPException):
        await send(mailbox, letter())

    assert len(mailbox.mails) == kept


async def test_a_customer_answers_in_the_same_thread(mailbox: Mailbox) -> None:
    heard: list[tuple[str, str]] = []

    async def on_reply(mail: Mail, text: str) -> None:
        heard.append((mail.id, text))

    mailbox.on_reply = on_reply
    await send(mailbox, letter())

    answer = await mailbox.reply("mail-1", text="Still broken")

    assert heard == [("mail-1", "Still broken")]
    assert answer.message["In-Reply-To"] == "<case-7-1@northwind.example>"
    assert answer.message["To"] == "care+7@northwind.example"
    assert answer.dump()["direction"] == "reply"
    assert len(mailbox.to(WANDA)) == 1


async def test_a_mail_comes_back_and_the_box_survives_a_restart(mailbox: Mailbox) -> None:
    heard: list[str] = []

    async def on_bounce(mail: Mail, reason: str) -> None:
        heard.append(f"{mail.id} {reason[:3]}")

    mailbox.on_bounce = on_bounce
    await send(mailbox, letter())

    await mailbox.bounce("mail-1")
    again = Mailbox(clock=mailbox.clock)
    again.load(mailbox.dump())

    assert heard == ["mail-1 550"]
    assert again.to(WANDA)[0].bounced
    assert again.mails[0].dump() == mailbox.mails[0].dump()
