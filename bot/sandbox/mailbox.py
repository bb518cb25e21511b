"""The customers' mailbox: a real SMTP server on this machine that keeps what it takes and can refuse or stall."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.sandbox.channels import Json
from bot.sandbox.elements import NotThere

ACCEPTED = "250 OK"


class MailFault(StrEnum):
    """What may go wrong with one mail; the last one after the server has taken it."""

    TRY_LATER = "451 Try again later"
    REFUSED = "550 Mailbox unavailable"
    DROPPED = "dropped before it was taken"
    LOST_REPLY = "dropped after it was taken"


@dataclass(slots=True, kw_only=True)
class Mail:
    """One mail as the customer has it: received (direction "in"), or their own answer ("reply")."""

    id: str
    sender: str
    recipients: list[str]
    at: datetime
    raw: bytes = field(repr=False)
    direction: str = "in"
    bounced: bool = False

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str) -> str:
        """Return the `plain` or `html` part, or nothing."""
        body = self.message.get_body((kind,))
        return str(body.get_content()) if body is not None else ""

    def dump(self) -> Json:
        """Return the mail for the page."""
        message = self.message
        names = ("Message-ID", "In-Reply-To", "References", "Reply-To", "Subject", "From", "To")
        headers = {name.lower().replace("-", "_"): str(message.get(name, "")) for name in names}
        texts = {"text": self.part("plain"), "html": self.part("html")}
        state = {"direction": self.direction, "bounced": self.bounced, "at": self.at.isoformat()}
        return {"id": self.id, "recipients": self.recipients, "sender": self.sender, **headers, **texts, **state}


Told = Callable[[Mail, str], Awaitable[None]]


class Mailbox:
    """A mailbox for every customer. Start it on the running loop; `port` is then set.

    `on_reply(mail, text)` and `on_bounce(mail, reason)` are told when a customer answers or a mail comes back.
    """

    def __init__(self, *, clock: Callable[[], datetime], on_change: Callable[[], None] | None = None) -> None:
        self.clock = clock
        self.on_change = on_change
        self.on_reply: Told | None = None
        self.on_bounce: Told | None = None
        self.mails: list[Mail] = []
        self.refused: list[str] = []
        self.delay = 0.0
        self.host = "127.0.0.1"
        self.port = 0
        self._refusals: dict[str, MailFault] = {}
        self._due: list[MailFault] = []
        self._server: asyncio.Server | None = None
        self._sessions: set[SMTP] = set()

    @property
    def url(self) -> str:
        """The address for `SMTP_URL`."""
        return f"smtp://{self.host}:{self.port}"

    async def start(self, *, port: int = 0) -> None:
        """Listen on 127.0.0.1, on a free port unless one is given."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, self.host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
            for session in list(self._sessions):
                _hang_up(session)
            await self._server.wait_closed()

    def refuse(self, ending: str, fault: MailFault = MailFault.REFUSED) -> None:
        """Let every mail to addresses with this ending (`@bounce.example`) fail like this."""
        self._refusals[ending.lower()] = fault

    def next(self, fault: MailFault, *, times: int = 1) -> None:
        """Let the next mails fail like this."""
        self._due.extend([fault] * times)

    def to(self, address: str) -> list[Mail]:
        """Return the mails that one customer has received, oldest first."""
        return [mail for mail in self.mails if mail.direction == "in" and address in mail.recipients]

    async def reply(self, mail_id: str, *, text: str) -> Mail:
        """Return a customer answers a mail."""
        mail = self._mail(mail_id)
        message = EmailMessage()
        message["From"], message["To"] = mail.recipients[0], mail.message.get("Reply-To") or mail.sender
        subject = str(mail.message.get("Subject", ""))
        message["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
        message["In-Reply-To"] = message["References"] = str(mail.message.get("Message-ID", ""))
        message.set_content(text)
        answer = self._keep(mail.recipients[0], [str(message["To"])], message.as_bytes(), direction="reply")
        if self.on_reply is not None:
            await self.on_reply(mail, text)
        return answer

    async def bounce(self, mail_id: str, *, reason: str = "550 5.1.1 The address does not exist") -> None:
        """Let a mail that was taken come back."""
        mail = self._mail(mail_id)
        mail.bounced = True
        self._changed()
        if self.on_bounce is not None:
            await self.on_bounce(mail, reason)

    def dump(self) -> list[Json]:
        """All mails, to start again from where it was."""
        return [
            {
                "id": mail.id,
                "sender": mail.sender,
                "recipients": mail.recipients,
                "at": mail.at.isoformat(),
                "raw": mail.raw.decode("latin-1"),
                "direction": mail.direction,
                "bounced": mail.bounced,
            }
            for mail in self.mails
        ]

    def load(self, rows: list[Json]) -> None:
        """Take back what `dump` gave."""
        for row in rows:
            at, raw = datetime.fromisoformat(row["at"]), row["raw"].encode("latin-1")
            self.mails.append(Mail(**{**row, "at": at, "raw": raw}))

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        del server, session
        for ending, fault in self._refusals.items():
            if address.lower().endswith(ending) and fault in (MailFault.REFUSED, MailFault.TRY_LATER):
                self.refused.append(address)
                return fault.value
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return ACCEPTED

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Take a mail, or let it fail as planned."""
        del session
        if self.delay:
            await asyncio.sleep(self.delay)
        fault = self._due.pop(0) if self._due else None
        if fault in (MailFault.TRY_LATER, MailFault.REFUSED):
            return fault.value
        if fault is not MailFault.DROPPED:
            content: Any = envelope.content
            self._keep(str(envelope.mail_from), list(envelope.rcpt_tos), bytes(content), direction="in")
        if fault in (MailFault.DROPPED, MailFault.LOST_REPLY):
            _hang_up(server)
        return ACCEPTED

    def _session(self) -> SMTP:
        session = _Session(self, self._sessions)
        self._sessions.add(session)
        return session

    def _keep(self, sender: str, recipients: list[str], raw: bytes, *, direction: str) -> Mail:
        identity = f"mail-{len(self.mails) + 1}"
        mail = Mail(id=identity, sender=sender, recipients=recipients, at=self.clock(), raw=raw, direction=direction)
        self.mails.append(mail)
        self._changed()
        return mail

    def _mail(self, mail_id: str) -> Mail:
        for mail in self.mails:
            if mail.id == mail_id:
                return mail
        raise NotThere(f"There is no mail {mail_id!r}.")

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()


def _hang_up(session: SMTP) -> None:
    if isinstance(session.transport, asyncio.Transport):
        session.transport.abort()


class _Session(SMTP):
    """One SMTP conversation that the mailbox can cut."""

    def __init__(self, mailbox: Mailbox, sessions: "set[SMTP]") -> None:
        super().__init__(mailbox, hostname="mail.sandbox.test", enable_SMTPUTF8=True, loop=asyncio.get_running_loop())
        self._mine = sessions

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the conversation."""
        self._mine.discard(self)
        super().connection_lost(error)
