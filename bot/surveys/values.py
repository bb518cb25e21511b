"""What strangers send, made clean: texts, ids, addresses, numbers and times, each within a documented size."""

import math
import re
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from urllib.parse import urlsplit

from bot.surveys.request import Unreadable

MOST_COMMENT = 20_000  # characters kept of a comment: several pages; Slack shows 3,000 of them
MOST_LINE = 200  # characters kept of a name, an account, a touchpoint, a segment
MOST_IDENTIFIER = 200
MOST_EMAIL = 320  # 64 before the @, 255 after it
MOST_URL = 2_000

FIRST_YEAR, LAST_YEAR = 2000, 2099
EARLIEST, LATEST = 946_684_800, 4_102_444_800  # the years 2000 and 2100, in unix seconds

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but tab, line feed and carriage return
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPECIAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\|]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_URL_UNSAFE = re.compile(r"[\s<>|\"\\^`{}\x00-\x1f\x7f]")


def clean(raw: str) -> str:
    """Drop control characters (NUL above all), replace half characters (lone surrogates), make line ends line feeds."""
    lines = raw.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", lines))


def text_of(raw: str, *, most: int = MOST_COMMENT) -> str:
    """Make a text of several lines: clean, stripped, at most `most` characters, an ellipsis where it was cut."""
    found = (clean(raw) if _SPECIAL.search(raw) else raw).strip()
    return found if len(found) <= most else f"{found[: most - 1].rstrip()}…"


def line_of(raw: str, *, most: int = MOST_LINE) -> str:
    """Make a text of one line: as `text_of`, and every run of white space becomes one space."""
    if len(raw) <= most and raw.isprintable() and "  " not in raw:  # nearly always: a million rows come this way
        return raw.strip()
    return text_of(" ".join(clean(raw).split()), most=most)


def identifier_of(raw: str) -> str:
    """Make an id, always the same for the same text; one that had to be changed gets a digest: two never become one."""
    found = line_of(raw)
    if found is raw or found == raw.strip():
        return found
    digest = sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{found[: MOST_IDENTIFIER - 17].rstrip('…')}~{digest}"


def email_of(raw: str) -> str | None:
    """Put the address in lower case; None when we could not write to it (a line break in it is enough)."""
    address = raw.strip(" \t").lower()
    if len(address) > MOST_EMAIL or not address.isprintable() or not _EMAIL.fullmatch(address):
        return None
    local = address.partition("@")[0]
    return None if local.startswith(".") or local.endswith(".") or ".." in local else address


def language_of(raw: str) -> str | None:
    """Take a language tag (`pl`, `pt-BR`), None for anything else, such as `default` or `English`."""
    tag = raw.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def url_of(raw: str) -> str | None:
    """Take a web address that may stand in a link, else None."""
    address = raw.strip()
    if len(address) > MOST_URL or not address.isprintable() or _URL_UNSAFE.search(address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.netloc else None


def number_of(raw: object, path: str) -> float:
    """Take a finite number, also one sent as text; raise Unreadable for true, false and everything else."""
    if isinstance(raw, str) and _NUMBER.fullmatch(raw.strip()):
        return float(raw)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        try:
            value = float(raw)
        except OverflowError:
            value = math.inf
        if math.isfinite(value):
            return value
        raise Unreadable(f"{path} is too large.")
    raise Unreadable(f"{path} must be a number, not {kind(raw)}.")


def timestamp_of(raw: object, path: str) -> datetime:
    """Read an aware UTC time of the years 2000-2099: ISO 8601 (no offset: UTC), unix seconds or milliseconds."""
    if isinstance(raw, str) and not _NUMBER.fullmatch(raw.strip()):
        return _iso(raw.strip(), path)
    seconds = number_of(raw, path)
    if seconds >= LATEST:
        seconds /= 1000
    if not EARLIEST <= seconds < LATEST:
        raise Unreadable(f"{path} is not a time between the years 2000 and 2100.")
    return datetime.fromtimestamp(seconds, UTC)


def _iso(raw: str, path: str) -> datetime:
    try:
        at = datetime.fromisoformat(raw)
    except ValueError:
        raise Unreadable(f"{path} must be a time such as 2026-11-18T09:59:18Z.") from None
    return utc_of(at, path, zone=UTC)


def utc_of(at: datetime, path: str, *, zone: tzinfo) -> datetime:
    """Put a time into UTC, one without an offset as `zone` reads it; raise Unreadable outside the years 2000-2099."""
    if not FIRST_YEAR - 1 <= at.year <= LAST_YEAR + 1:  # an offset can't carry it back in, and UTC can't overflow
        raise Unreadable(f"{path} is not a time between the years 2000 and 2100.")
    utc = at if at.tzinfo is UTC else (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    if not FIRST_YEAR <= utc.year <= LAST_YEAR:
        raise Unreadable(f"{path} is not a time between the years 2000 and 2100.")
    return utc


def kind(raw: object) -> str:
    """Say what a JSON value is, in a word for people."""
    words = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return words.get(type(raw), "nothing")
