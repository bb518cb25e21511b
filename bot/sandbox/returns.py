"""What comes back from customers by mail: real replies and real delivery reports, posted to Hearback's mail door."""

from email import policy
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import httpx

from bot.sandbox.mailbox import Mail, Mailbox
from bot.sandbox.survey import Survey


class Returns:
    """Carries replies and bounces from the mailbox to Hearback, as a mail server's pipe would."""

    def __init__(self, mailbox: Mailbox, *, client: httpx.AsyncClient, url: str, signer: Survey) -> None:
        """Begin carrying. `signer` signs for the mail door; it has that door's secret."""
        self._mailbox, self._client, self._url, self._signer = mailbox, client, url, signer
        mailbox.on_reply = self.reply
        mailbox.on_bounce = self.bounce

    async def reply(self, mail: Mail, text: str) -> None:
        """Hand over the reply that has just been written."""
        del mail, text  # the whole mail is the mailbox's latest
        await self._post(self._mailbox.mails[-1].raw)

    async def bounce(self, mail: Mail, reason: str) -> None:
        """Hand over a delivery report (RFC 3464) about a mail that could not be delivered."""
        await self._post(report(mail, reason).as_bytes(policy=policy.SMTP))

    async def _post(self, raw: bytes) -> None:
        headers = self._signer.signed(raw) | {"content-type": "message/rfc822"}
        answer = await self._client.post(f"{self._url}/mail", content=raw, headers=headers)
        answer.raise_for_status()


def report(mail: Mail, reason: str) -> Message:
    """Write a delivery report; `reason` begins with the code and the enhanced status: `550 5.1.1 No such user`."""
    status = next((word for word in reason.split() if word.count(".") == 2), "5.0.0")  # noqa: PLR2004 -- x.y.z
    whole = MIMEMultipart("report", report_type="delivery-status")
    whole["From"] = "Mail Delivery System <mailer-daemon@mail.example>"
    whole["To"] = mail.sender
    whole["Subject"] = "Undelivered Mail Returned to Sender"
    whole["Auto-Submitted"] = "auto-replied"
    whole.attach(MIMEText("Your message could not be delivered.\n"))
    about, recipient = Message(), Message()
    about["Reporting-MTA"] = "dns; mail.example"
    recipient["Final-Recipient"] = f"rfc822; {mail.recipients[0]}"
    recipient["Action"] = "failed"
    recipient["Status"] = status
    recipient["Diagnostic-Code"] = f"smtp; {reason}"
    delivery = Message()
    delivery["Content-Type"] = "message/delivery-status"
    delivery.set_payload([about, recipient])
    whole.attach(delivery)
    original = EmailMessage()
    original["Message-ID"] = str(mail.message.get("Message-ID", ""))
    original["Subject"] = str(mail.message.get("Subject", ""))
    original.set_content("…")
    whole.attach(MIMEMessage(original))
    return whole
