"""The mails that customers get: one message made from a text, with headers that nobody's name can break."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, Policy
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

import idna

from bot.delivery.mail_html import page

MOST_NAME = 100  # characters of a display name
MOST_SUBJECT = 200
MOST_THREAD = 20  # ids in References; RFC 5322 lets long threads be cut, and readers need the first and the latest

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # control characters but tab and line feed
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME_SPECIALS = re.compile(r'[()<>@,:;"\[\]\\]')
# Before the @: words joined by single dots; none of them holds `=?`, which Python would decode as an encoded word.
_LOCAL = re.compile(r"(?!.*=\?)(?=.{1,64}$)[^\s()<>@,:;\"\[\]\\.]+(?:\.[^\s()<>@,:;\"\[\]\\.]+)*")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f\x41-\x7e]{1,200}@[\x21-\x3b\x3d\x3f\x41-\x7e]{1,200}>")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


class UnusableAddress(ValueError):  # noqa: N818 - it names what is wrong with the address
    """No mail can be written to, or from, this address; the message says why, without naming it."""


class _MessageIds(BaseHeader):
    """A header of message ids. Python's own encodes an id of more than 70 characters, so that no reader finds it."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"] = None
        kwds["decoded"] = value

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{self.name}: {f'{policy.linesep} '.join(str(self).split())}{policy.linesep}"


def _headers() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references"):
        registry.map_to_type(name, _MessageIds)
    return registry


def compose(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    message_id: str,
    at: datetime,
    to_name: str | None = None,
    reply_to: str | None = None,
    thread: Sequence[str] = (),
    language: str | None = None,
) -> EmailMessage:
    """Make the message: the text, and an HTML page of the same text.

    `sender` and `reply_to` may be `Name <address>`. `thread` are the ids of the earlier messages of this case, oldest
    first, ours and the customer's: a reader shows them as one conversation. The same arguments always make the same
    bytes. Nothing marks the mail as automatic, because a person wrote it. Raises UnusableAddress.
    """
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("a message id looks like <case-12.3@mail.example.com>")
    message = EmailMessage(policy=SMTP.clone(header_factory=_headers()))
    message["From"] = address_of(sender)
    message["To"] = address_of(to, name=to_name)
    if reply_to:
        message["Reply-To"] = address_of(reply_to)
    message["Subject"] = one_line(subject, most=MOST_SUBJECT)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    earlier = [each for each in dict.fromkeys(thread) if _MESSAGE_ID.fullmatch(each) and each != message_id]
    if earlier:
        message["In-Reply-To"] = earlier[-1]
        message["References"] = " ".join(earlier[:1] + earlier[1:][-MOST_THREAD + 1 :])
    body = _cleaned(text)
    # Quoted-printable keeps the message in ASCII, so a server without 8BITMIME takes the same bytes.
    message.set_content(body, cte="quoted-printable")
    message.add_alternative(page(body, language=language), subtype="html", cte="quoted-printable")
    if language and _LANGUAGE.fullmatch(language):  # after the bodies: adding one drops what was said about content
        message["Content-Language"] = language
    message.set_boundary(f"hearback-{sha256(message_id.encode()).hexdigest()[:32]}")
    return message


def address_of(text: str, *, name: str | None = None) -> Address:
    """Make an address for a header from `address` or `Name <address>`; raise UnusableAddress. `name` wins."""
    found_name, address = "", text.strip(" \t")
    if address.endswith(">"):  # not parsed by the book: "Care, Ltd. <care@…>" should work without quotes
        found_name, _, address = address[:-1].rpartition("<")
    local, _, domain = address.rpartition("@")
    if not _LOCAL.fullmatch(local) or not local.isprintable():
        raise UnusableAddress("The part of the mail address before the @ can't be written to: correct the address.")
    return Address(_display_name(name or found_name.strip(' \t"')), username=local, domain=_ascii_domain(domain))


def one_line(text: str, *, most: int) -> str:
    """Make a text fit for a header: one line, no control characters, at most `most` characters.

    `=?` begins an encoded word, which Python would decode, line breaks and all: a space takes it apart.
    """
    found = " ".join(_SURROGATE.sub("\ufffd", _UNSAFE.sub(" ", text)).replace("=?", "= ?").split())
    return found if len(found) <= most else f"{found[: most - 1].rstrip()}…"


def needs_utf8(message: EmailMessage) -> bool:
    """Tell whether an address of this message can only be written by the SMTPUTF8 extension."""
    headers = [message[name] for name in ("From", "To", "Reply-To") if message[name] is not None]
    return not all(each.addr_spec.isascii() for header in headers for each in header.addresses)


def message_bytes(message: EmailMessage) -> bytes:
    """Write the message as it goes over the wire, before dots are doubled."""
    return message.as_bytes(policy=SMTPUTF8 if needs_utf8(message) else SMTP)


def _cleaned(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _UNSAFE.sub("", lines))


def _display_name(name: str) -> str:
    found = one_line(name, most=MOST_NAME)
    # Python quotes specials in an ASCII name; beside other letters it may leave them bare, so there they go.
    return found if found.isascii() else " ".join(_NAME_SPECIALS.sub(" ", found).split())


def _ascii_domain(domain: str) -> str:
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise UnusableAddress("The part of the mail address after the @ is no domain: correct the address.") from None
    if "." not in ascii_domain:
        raise UnusableAddress("The part of the mail address after the @ is no whole domain: correct the address.")
    return ascii_domain
