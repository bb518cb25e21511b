"""Other people's words made fit for Slack: the one escape() and the one clip(), and how we write names and times."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

GAP: Final = "\u2003"  # a wide space, which isn't merged with its neighbours
SECTION: Final = 3000  # characters that Slack takes in one text of a section
# Lookalikes of the signs that would start bold or code: the reader sees the same, Slack sees no formatting.
_MARKS: Final = str.maketrans({"*": "\u2217", "`": "\u02cb"})
# _ and ~ format only at the edge of a word; inside one (anna_weber@…) they stay, so that an address can be copied.
_EDGES: Final = re.compile(r"(?<![^\W_])[_~]|[_~](?![^\W_])")
_EDGE: Final = {"_": "\u02cd", "~": "\u223c"}
# Control characters, halves of characters, and the invisible ones that turn the reading direction of what follows.
_INVISIBLE: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff"
_FROM_THE_RIGHT: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
_UNSEEN: Final = re.compile(f"[{_INVISIBLE}]")
_RIGHT_TO_LEFT: Final = re.compile(f"[{_FROM_THE_RIGHT}]")
# Most texts hold nothing of all this: one look at them is enough.
_TO_ESCAPE: Final = re.compile(f"[&<>*`_~\t{_INVISIBLE}{_FROM_THE_RIGHT}]")
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_MEMBER: Final = re.compile(r"[UW][A-Z0-9]{1,30}")
_JOINER: Final = "\u2060"  # no width, no break: parts a "<" from what would make it a mention
_WORD_END: Final = 24  # how far back clip() looks for a space
_CLUSTER: Final = 40  # how far back clip() goes for the beginning of one visible character


def clip(text: str, limit: int) -> str:
    """Return the text, cut to `limit` characters and marked with … where it was longer.

    Cuts at a space if one is near, and never inside one visible character (an accent, a flag, a joined emoji).
    """
    if len(text) <= limit:
        return text
    end = limit - 1
    for _ in range(_CLUSTER):
        if end <= 1 or not _belongs(text[end - 1], text[end]):
            break
        end -= 1
    space = max(text.rfind(sign, max(1, end - _WORD_END), end + 1) for sign in " \n")
    return text[: space if space > 0 else end].rstrip() + "…"


def escape(text: str) -> str:
    """Return the text so that Slack shows it as it was written: nobody is paged, nothing is linked or formatted.

    Fit for mrkdwn and for plain_text. Text that is read from right to left can't turn what stands around it.
    """
    if not _TO_ESCAPE.search(text):
        return text
    text = _visible(text)
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, entity)
    text = _EDGES.sub(lambda found: _EDGE[found[0]], text.translate(_MARKS))
    return f"{_ISOLATE}{text}{_END_ISOLATE}" if _RIGHT_TO_LEFT.search(text) else text


def inline(text: str | None, limit: int = 80) -> str:
    """Return at most `limit` characters of the text on one line, escaped; empty where there is nothing to see."""
    words = " ".join(_visible((text or "").lstrip()[: limit * 8]).split())
    if not words.isprintable() and not any(letter.isprintable() for letter in words if letter != " "):
        return ""  # characters without width: Slack refuses a text in which nothing is seen
    return escape(clip(words, limit))


def cut(escaped: str, limit: int) -> str:
    """Return an escaped text held to `limit` characters, without half an entity or an open isolate at its end."""
    if len(escaped) <= limit:
        return escaped
    short = re.sub(r"&[a-z]{0,4}$", "", escaped[: limit - 2]) + "…"
    return short + _END_ISOLATE * (short.count(_ISOLATE) - short.count(_END_ISOLATE))


def quoted(text: str | None, limit: int = 150) -> str:
    """Return the beginning of the text in quotation marks, on one line, escaped."""
    return f"“{inline(text, limit)}”"


def literal(text: str) -> str:
    """Return the text for rich_text, which Slack shows letter by letter: only what can't be seen is taken out.

    Even a client that would read mentions in it finds none: their "<" stands apart, by a character without width.
    """
    return re.sub(r"<(?=[!@#])", f"<{_JOINER}", _visible(text))


def when(at: datetime) -> str:
    """Return a time that each reader sees in their own zone: "today at 16:20". Clients that can't show it in UTC."""
    return _date(at, "{date_short_pretty} at {time}", f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC")


def day(at: datetime) -> str:
    """Return a day as each reader's zone has it: "12 Mar 2026"."""
    return _date(at, "{date_short}", f"{at.astimezone(UTC):%d %b %Y}")


def mention(member_id: str | None) -> str:
    """Return a mention, which notifies; somebody who is no member of this Slack is only named."""
    if member_id and _MEMBER.fullmatch(member_id):
        return f"<@{member_id}>"
    return inline(member_id) or "nobody"


def plural(count: int, one: str, many: str = "") -> str:
    """Return "1 task", "2 tasks"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def apart(one: datetime, other: datetime) -> str:
    """Return how far two times lie from each other, in the largest unit that says enough: "3 days"."""
    minutes = round(abs((one - other).total_seconds()) / 60)
    for unit, size in (("year", 525_600), ("month", 43_800), ("week", 20_160), ("day", 1440), ("hour", 60)):
        if minutes >= size:
            # Weeks are said from two on, so their size above isn't their length.
            return plural(minutes // (10_080 if unit == "week" else size), unit)
    return plural(minutes, "minute") if minutes else "less than a minute"


def listed(words: Iterable[str]) -> str:
    """Return "one", "one and two", "one, two and three"."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def sentence(text: str) -> str:
    """Return the text with a capital and a full stop, if it has none of its own."""
    text = text.strip()
    return text and text[0].upper() + text[1:] + ("" if text[-1] in ".!?…”" else ".")


def _date(at: datetime, form: str, fallback: str) -> str:
    return f"<!date^{int(at.timestamp())}^{form}|{fallback}>"


def _visible(text: str) -> str:
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\t", " "))


def _belongs(before: str, letter: str) -> bool:
    """Tell whether this character is shown together with the one before it."""
    return (
        unicodedata.category(letter).startswith("M")
        or letter == "\u200d"
        or before == "\u200d"
        or "\U0001f3fb" <= letter <= "\U0001f3ff"
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= letter <= "\U0001f1ff")
    )
