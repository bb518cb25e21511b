"""Sending mail over one SMTP connection that is kept open, and saying exactly what became of each message."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib
from aiosmtplib.errors import SMTPAuthenticationError, SMTPException, SMTPResponseException

from bot.delivery.mail import message_bytes, needs_utf8

STEP_TIMEOUT = 30.0  # seconds for connecting and for each answer before the message itself
DATA_TIMEOUT = 300.0  # seconds for the answer to the message: giving up early makes an outcome unclear (RFC 5321: 600)
MOST_REASON = 300
SIGN_IN_CODES = frozenset({530, 534, 535, 538})  # about our account, not about this message

_ADDRESS = re.compile(r"[^\s<>:,;]+@[^\s<>:,;]+")
_DOTS = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has taken the message over."""

    response: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server won't take this message, now or later; `code` is its answer, None where no server was asked."""

    reason: str
    code: int | None


@dataclass(frozen=True, slots=True)
class TryLater:
    """The message was surely not taken over: it may be sent again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """The message was handed over and no answer came: it may have been sent. Only a person may have it sent again."""

    reason: str


Outcome = Accepted | Refused | TryLater | Unclear


class BadSmtpUrl(ValueError):  # noqa: N818 - it names what is wrong
    """SMTP_URL can't be used; the message says why and never repeats it, because a password stands in it."""


class _Dropped(Exception):  # noqa: N818 - an event, not a mistake
    """The connection ended before the message was begun."""


class Mailer:
    """Sends one message after another; connects when first needed, and again when the connection went stale."""

    def __init__(self, url: str, *, step_timeout: float = STEP_TIMEOUT, data_timeout: float = DATA_TIMEOUT) -> None:
        """Connect to nothing yet. `url`: smtp://user:password@host:587?starttls=1 or smtps://…; raises BadSmtpUrl."""
        self._smtp = _client(url, timeout=step_timeout)
        self._data_timeout = data_timeout
        self._turn = asyncio.Lock()

    async def send(self, message: EmailMessage) -> Outcome:
        """Send one message to the address in its To header; never raises for anything a server does."""
        async with self._turn:
            try:
                outcome = await self._sent(message)
            except BaseException:  # cancelled half-way: nobody may go on in the middle of this one
                self._smtp.close()
                raise
            if not isinstance(outcome, Accepted):
                await self._start_over()
            return outcome

    async def check(self) -> str | None:
        """Connect and sign in; return what is wrong in a sentence, None when all is well."""
        async with self._turn:
            try:
                await self._connected()
                await self._smtp.noop()
            except (SMTPException, OSError, ValueError) as problem:
                self._smtp.close()
                return _connect_reason(problem)
            return None

    async def close(self) -> None:
        """Say goodbye to the server."""
        async with self._turn:
            with suppress(SMTPException, OSError):
                await self._smtp.quit()
            self._smtp.close()

    async def _sent(self, message: EmailMessage) -> Outcome:
        was_open = self._smtp.is_connected
        try:
            return await self._attempt(message)
        except _Dropped as problem:
            if not was_open:
                return TryLater(f"The mail server ended the connection: {problem}")
        try:  # the kept connection had gone stale: nothing of the message was sent, so once more on a new one
            return await self._attempt(message)
        except _Dropped as problem:
            return TryLater(f"The mail server ended the connection: {problem}")

    async def _attempt(self, message: EmailMessage) -> Outcome:
        try:
            await self._connected()
        except (SMTPException, OSError, ValueError) as problem:
            return TryLater(_connect_reason(problem))
        is_utf8 = needs_utf8(message)
        if is_utf8 and not self._smtp.supports_extension("smtputf8"):
            return Refused("The mail server can't write to addresses with letters outside ASCII before the @.", None)
        try:
            await self._envelope(message, is_utf8=is_utf8)
            started = await self._smtp.execute_command(b"DATA")
        except SMTPResponseException as problem:
            if problem.code == aiosmtplib.SMTPStatus.domain_unavailable:  # 421: it is closing, often after an idle time
                raise _Dropped(_told(problem.code, problem.message)) from None
            return _not_taken(problem.code, problem.message)
        except (SMTPException, OSError) as problem:
            self._smtp.close()
            raise _Dropped(_clipped(str(problem))) from None
        except ValueError:  # aiosmtplib's own check, before anything is sent
            return Refused("The mail can't be sent to this address: correct the address.", None)
        if started.code != aiosmtplib.SMTPStatus.start_input:
            return _not_taken(started.code, started.message)
        return await self._handed_over(message_bytes(message))

    async def _connected(self) -> None:
        if not self._smtp.is_connected:
            self._smtp.close()
            await self._smtp.connect()
        if self._smtp.is_ehlo_or_helo_needed:
            await self._smtp.ehlo()

    async def _envelope(self, message: EmailMessage, *, is_utf8: bool) -> None:
        sender, recipient = (message[name].addresses[0].addr_spec for name in ("From", "To"))
        encoding, options = ("utf-8", ["SMTPUTF8", "BODY=8BITMIME"]) if is_utf8 else ("ascii", [])
        await self._smtp.mail(sender, options=options, encoding=encoding)
        await self._smtp.rcpt(recipient, encoding=encoding)

    async def _handed_over(self, content: bytes) -> Outcome:
        """Write the message. From the first byte on, a lost connection or a time-out leaves the outcome unclear."""
        protocol = self._smtp.protocol
        if protocol is None:
            raise _Dropped("it was closed before the message was begun")
        try:
            protocol.write(_DOTS.sub(b"..", content) + b".\r\n")
            response = await protocol.read_response(timeout=self._data_timeout)
        except (SMTPException, OSError) as problem:
            self._smtp.close()
            return Unclear(
                f"The connection was lost after the message was handed over ({_clipped(str(problem))}): "
                "it may or may not have been sent."
            )
        if 200 <= response.code < 300:  # noqa: PLR2004 - the class of "done" (RFC 5321, 4.2.1)
            return Accepted(_told(response.code, response.message))
        if 400 <= response.code < 600:  # noqa: PLR2004 - the classes of "not done"
            return _not_taken(response.code, response.message)
        return Unclear(f"The mail server gave an answer that means nothing: {_told(response.code, response.message)}.")

    async def _start_over(self) -> None:
        """Leave the connection ready for the next message, or closed."""
        try:
            await self._smtp.rset()
        except (SMTPException, OSError):
            self._smtp.close()


def _not_taken(code: int, text: str) -> Refused | TryLater:
    """Say what a refusing answer means: 5xx is for good, all else may be tried again."""
    if 500 <= code < 600 and code not in SIGN_IN_CODES:  # noqa: PLR2004 - the class of "not now and not later"
        return Refused(f"The mail server refused the message: {_told(code, text)}", code)
    return TryLater(f"The mail server asks to try again: {_told(code, text)}")


def _connect_reason(problem: Exception) -> str:
    if isinstance(problem, SMTPAuthenticationError):
        return f"The mail server does not accept our sign-in: {_told(problem.code, problem.message)}. Check SMTP_URL."
    if isinstance(problem, SMTPResponseException):
        return f"The mail server does not serve us: {_told(problem.code, problem.message)}."
    return f"The mail server can't be reached: {_clipped(str(problem))}. Check SMTP_URL and the server."


def _told(code: int, text: str) -> str:
    return f"{code} {_clipped(text)}"


def _clipped(text: str) -> str:
    """Make a server's words fit for a report: one line, no addresses, not long."""
    shown = " ".join(_ADDRESS.sub("(address)", text.encode("utf-8", "replace").decode()).split())
    return "".join(each for each in shown if each.isprintable())[:MOST_REASON]


def _client(url: str, *, timeout: float) -> aiosmtplib.SMTP:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise BadSmtpUrl("SMTP_URL is no address: write smtp://user:password@host:587?starttls=1.") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme not in {"smtp", "smtps"} or not host:
        raise BadSmtpUrl("SMTP_URL must begin with smtp:// or smtps:// and name a host.")
    if unknown := sorted(options.keys() - {"starttls", "verify"}):
        raise BadSmtpUrl(f"SMTP_URL knows starttls=0 or 1 and verify=0 or 1, not {', '.join(unknown)}.")
    is_secure = parts.scheme == "smtps"
    starttls = _switch(options, "starttls")
    if is_secure and starttls:
        raise BadSmtpUrl("SMTP_URL: smtps:// is encrypted from the start; leave out starttls or use smtp://.")
    if starttls is None and parts.username:
        starttls = True  # a password never goes over the wire in the clear, unless starttls=0 says so
    try:
        return aiosmtplib.SMTP(
            hostname=host,
            port=port,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.username and parts.password else None,
            timeout=timeout,
            use_tls=is_secure,
            start_tls=False if is_secure else starttls,
            validate_certs=_switch(options, "verify") is not False,
        )
    except ValueError:
        raise BadSmtpUrl("SMTP_URL can't be used: check the host and the user in it.") from None


def _switch(options: dict[str, str], name: str) -> bool | None:
    value = options.get(name)
    if value not in {None, "0", "1"}:
        raise BadSmtpUrl(f"SMTP_URL: {name} must be 0 or 1.")
    return None if value is None else value == "1"
