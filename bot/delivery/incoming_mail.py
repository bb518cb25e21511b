"""Reading mail that comes back: a bounce of ours, a customer's reply, or neither."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32

from bot.delivery.reply_text import body_of, text_of_reply
from bot.surveys.values import email_of, line_of

MOST_BYTES = 30_000_000  # larger than any mail server lets through
MOST_IDS = 50
MOST_DIAGNOSTIC = 500
MOST_PARTS = 200

_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f\x41-\x7e]{1,400}@[\x21-\x3b\x3d\x3f\x41-\x7e]{1,400}>")
_QUOTED_ID = re.compile(rf"^[ \t>]{{0,9}}Message-ID:[ \t]{{0,9}}({_MESSAGE_ID.pattern})", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>\"(),:;\[\]\\@]{1,64}@[^\s<>\"(),:;\[\]\\@]{1,255}")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_MACHINES = frozenset({"mailer-daemon", "postmaster", "mail-daemon"})
_BULK = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED_PARTS = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers"}
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail system's word that a mail of ours did not arrive.

    `permanent`: it has given up, also when that was after days of trying (a 4.x.x status); else it still tries.
    `status` is the three-part code of RFC 3463, `diagnostic` what the other server said, on one line.
    """

    original_message_id: str | None
    recipient: str | None
    status: str | None
    diagnostic: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's mail: what it answers, from whom, what they newly wrote, and its own id for our answer to refer to."""

    in_reply_to: str | None
    references: tuple[str, ...]
    sender: str | None
    text: str
    message_id: str | None


@dataclass(frozen=True, slots=True)
class Neither:
    """A mail that nobody needs to see here: an automatic answer, a receipt, a newsletter, no mail at all."""

    reason: str


def read_mail(raw: bytes) -> Bounce | Reply | Neither:
    """Read a raw message (RFC 5322); never raises, whatever the bytes are."""
    if len(raw) > MOST_BYTES:
        return Neither("The mail is too large.")
    try:
        # The older policy: the newer one parses headers as they are asked for, and stumbles over hostile ones.
        message: Message = message_from_bytes(raw, policy=compat32)
        return _read(message)
    except RecursionError:
        return Neither("The mail is nested too deeply.")


def _read(message: Message) -> Bounce | Reply | Neither:
    if not message.keys():
        return Neither("This is no mail: it has no headers.")
    if message.get_content_type() == "multipart/report":
        return _report(message)
    sender = _sender(message)
    if sender and sender.partition("@")[0] in _MACHINES:
        return _old_bounce(message)
    auto = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if auto not in {"", "no"}:
        return Neither("An automatic answer.")
    if _header(message, "Precedence").strip().lower() in _BULK or message["List-Id"]:
        return Neither("A mail to many.")
    if message["X-Autoreply"] or message["X-Autorespond"]:
        return Neither("An automatic answer.")
    references = _ids(_header(message, "References"))
    in_reply_to = next(iter(_ids(_header(message, "In-Reply-To"))), None)
    own_id = next(iter(_ids(_header(message, "Message-ID"))), None)
    return Reply(in_reply_to, tuple(references), sender, text_of_reply(message), own_id)


def _report(message: Message) -> Bounce | Neither:
    parts = list(_parts(message))
    status = next((part for part in parts if part.get_content_type() in _STATUS_PARTS), None)
    if status is None:
        return Neither("A report that is not about delivery, such as a receipt for reading.")
    blocks = [block for block in _blocks(status) if block["Action"] or block["Status"]]
    actions = {_header(block, "Action").strip().lower().partition(" ")[0]: block for block in reversed(blocks)}
    for action in ("failed", "", "delayed"):  # one report may tell of several recipients: the worst counts
        if action in actions:
            return _bounce(message, parts, block=actions[action], action=action)
    return Neither("A delivery receipt." if blocks else "A delivery report that names no recipient.")


def _bounce(message: Message, parts: list[Message], *, block: Message, action: str) -> Bounce | Neither:
    found = _STATUS.search(_header(block, "Status"))
    if found and found[1] == "2" and action != "failed":
        return Neither("A delivery receipt.")
    recipient = _header(block, "Final-Recipient") or _header(block, "Original-Recipient")
    diagnostic = _header(block, "Diagnostic-Code")
    return Bounce(
        original_message_id=_original_id(message, parts),
        recipient=_address(recipient.partition(";")[2] or recipient),
        status=found[0] if found else None,
        diagnostic=line_of(diagnostic.partition(";")[2] or diagnostic, most=MOST_DIAGNOSTIC),
        permanent=action == "failed" or (action == "" and found is not None and found[1] == "5"),
    )


def _old_bounce(message: Message) -> Bounce | Neither:
    """Read what mail systems wrote before there were reports: a text with a status somewhere in it."""
    text = body_of(message)
    found = _STATUS.search(text)
    if found is None or found[1] == "2":
        return Neither("A notice of a mail system that names no status.")
    line = next((each for each in text.splitlines() if found[0] in each), "")
    return Bounce(
        original_message_id=_original_id(message, list(_parts(message))),
        recipient=_address(text),
        status=found[0],
        diagnostic=line_of(line, most=MOST_DIAGNOSTIC),
        permanent=found[1] == "5",
    )


def _original_id(message: Message, parts: list[Message]) -> str | None:
    """Find our mail's id: in the part that returns it, else in what the bounce refers to, else in its text."""
    for part in parts:
        if part.get_content_type() in _RETURNED_PARTS:
            for block in _blocks(part):
                if found := _ids(_header(block, "Message-ID")):
                    return found[0]
    referred = _ids(_header(message, "In-Reply-To")) or _ids(_header(message, "References"))
    if referred:
        return referred[-1]
    quoted = _QUOTED_ID.search(body_of(message))
    return quoted[1] if quoted else None


def _parts(message: Message) -> Iterator[Message]:
    """Go through the parts, but not into the mails that hang on this one: those are read as blocks."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [each for each in payload if isinstance(each, Message)]


def _blocks(part: Message) -> list[Message]:
    """Read a part's blocks of headers, whether the parser has split them or left them as text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        found = [block for block in payload if isinstance(block, Message)]
        # Of the kind for letters outside ASCII the parser takes only the first block for headers.
        is_whole = part.get_content_type() != "message/global-delivery-status"
        return found if is_whole else found + [each for block in found for each in _split(block)]
    return _split(part)


def _split(part: Message) -> list[Message]:
    raw = part.get_payload(decode=True)
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    return [message_from_string(block) for block in re.split(r"\r?\n\r?\n", text)[:MOST_PARTS] if block.strip()]


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    return "" if value is None else str(value)


def _ids(header: str) -> list[str]:
    return _MESSAGE_ID.findall(header)[:MOST_IDS]


def _sender(message: Message) -> str | None:
    header = _header(message, "From")
    return _address(header.rpartition("<")[2]) or _address(header)


def _address(text: str) -> str | None:
    found = _ADDRESS.search(text)
    return email_of(found[0]) if found else None
