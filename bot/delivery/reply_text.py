"""What a person newly wrote in a reply, without what they quoted."""

import codecs
import html
import re
from email.message import Message

from bot.surveys.values import text_of

MOST_TEXT = 200_000  # characters looked at: far beyond what is kept
MOST_PARTS = 200
MOST_LINES_BEFORE_QUOTE = 3  # "On Tuesday, 2 March 2027 at 14:20 Care <care@…> wrote:" is broken into so many at most

_QUOTED = re.compile(r"\s{0,3}>")
_DATE_OR_ADDRESS = re.compile(r"@|\b(?:19|20)[0-9]{2}\b")
_SIGNATURE = re.compile(r"-- ?")
_ORIGINAL = re.compile(
    r"\s*(-{2,}\s*(original message|ursprüngliche nachricht|message d.origine|mensaje original|mensagem original"
    r"|messaggio originale|oorspronkelijk bericht|wiadomość oryginalna|forwarded message)\s*-{2,}|_{10,})\s*",
    re.IGNORECASE,
)
_FROM_LINE = re.compile(r"\s*\*?(from|von|de|da|van|od|från|fra)\s?:\*?\s.*", re.IGNORECASE)
_SENT_LINE = re.compile(
    r"\s*\*?(sent|date|gesendet|datum|envoyé|enviado|inviato|verzonden|wysłano|data|skickat|sendt)\s?:\*?\s.*",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr)\b[^<>]{0,500}>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(style|script|head|blockquote)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_UNSAFE_CODECS = frozenset(
    {"unicode_escape", "raw-unicode-escape", "unicode-escape", "raw_unicode_escape", "undefined"}
)


def text_of_reply(message: Message) -> str:
    """Return the text of a mail, at most `values.MOST_COMMENT` characters; `""` when there is none.

    Cut are: lines that begin with `>` and what introduces them (it ends with a colon and has a date or an address),
    all from "-----Original Message-----", a long rule or a block of From and Sent lines on, and a signature under
    `-- `. What is written between quoted lines stays.
    """
    return text_of(unquoted(body_of(message)))


def unquoted(text: str) -> str:
    """Cut what is quoted from a text, by the rules of `text_of_reply`."""
    kept: list[str] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    was_quoted = False  # an empty line between two quoted ones changes nothing
    for number, line in enumerate(lines):
        if _SIGNATURE.fullmatch(line) or _begins_original(lines, number):
            break
        is_quoted = bool(_QUOTED.match(line))
        if is_quoted and not was_quoted:
            _drop_introduction(kept)
        if not is_quoted:
            kept.append(line)
        was_quoted = is_quoted or (was_quoted and not line.strip())
    return "\n".join(kept)


def _begins_original(lines: list[str], number: int) -> bool:
    if _ORIGINAL.fullmatch(lines[number]):
        return True
    return bool(_FROM_LINE.fullmatch(lines[number])) and any(
        _SENT_LINE.fullmatch(each) for each in lines[number + 1 :][:3]
    )


def _drop_introduction(kept: list[str]) -> None:
    """Take what introduces a quote off the end: a line that ends with a colon, with the lines of date and address."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if not end or not kept[end - 1].rstrip().endswith(":"):
        return
    begin = end - 1
    while begin and end - begin < MOST_LINES_BEFORE_QUOTE and _DATE_OR_ADDRESS.search(kept[begin - 1]):
        begin -= 1
    if any(
        _DATE_OR_ADDRESS.search(line) for line in kept[begin:end]
    ):  # else it is the customer's own "You wrote this:"
        del kept[begin:]


def body_of(message: Message) -> str:
    """Return the text that a reader is shown, as it stands: the plain part, else the page without its tags."""
    parts = [part for _, part in zip(range(MOST_PARTS), message.walk(), strict=False) if _is_shown(part)]
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind:
                text = _decoded(part)[:MOST_TEXT]
                return text if kind == "text/plain" else _plain(text)
    return ""


def _is_shown(part: Message) -> bool:
    return not part.is_multipart() and part.get_content_disposition() != "attachment"


def _decoded(part: Message) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    charset = part.get_content_charset("utf-8")
    try:
        name = codecs.lookup(charset).name
        return raw.decode("utf-8" if name in _UNSAFE_CODECS else name, "replace")
    except (LookupError, ValueError):  # an unknown charset, or one that isn't of text
        return raw.decode("utf-8", "replace")


def _plain(page: str) -> str:
    shown = _BREAKS.sub("\n", _UNSEEN.sub("", page))
    return html.unescape(_TAG.sub("", shown))
