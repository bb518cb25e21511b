"""Safe reading of untrusted JSON: every getter returns a clean value or raises Unreadable with the path."""

import json
import math
from collections.abc import Iterable
from datetime import datetime
from typing import NoReturn

from bot.surveys.request import Unreadable
from bot.surveys.values import (
    email_of,
    identifier_of,
    kind,
    language_of,
    line_of,
    number_of,
    text_of,
    timestamp_of,
    url_of,
)

MOST_ITEMS = 1_000  # entries looked at in one list: no form has more questions


def json_body(body: bytes) -> object:
    """Parse a body; raise Unreadable for anything that two readers could understand differently."""
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_without_repeated_keys,
        )
    except UnicodeDecodeError:
        raise Unreadable("The body is not UTF-8.") from None
    except RecursionError:
        raise Unreadable("The body is nested too deeply.") from None
    except ValueError:  # also a whole number of more digits than Python converts
        raise Unreadable("The body is not JSON.") from None


def _refuse_constant(word: str) -> NoReturn:
    raise Unreadable(f"The body holds {word}, which is not JSON.")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Unreadable("The body holds a number that is too large.")
    return value


def _without_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("The body holds the same key twice in one object.")
    return found


class Record:
    """One JSON object and its place in the body, read field by field; null and absent are the same: tools mix them."""

    __slots__ = ("path", "raw")

    def __init__(self, raw: object, path: str = "") -> None:
        if not isinstance(raw, dict):
            raise Unreadable(f"{path or 'The body'} must be an object, not {kind(raw)}.")
        self.raw: dict[str, object] = raw
        self.path = path

    def at(self, key: str) -> str:
        """Name a field in full, for a message."""
        return f"{self.path}.{key}" if self.path else key

    def record(self, key: str) -> "Record":
        """Open the object in this field; raise Unreadable when it isn't there."""
        return Record(self.raw.get(key), self.at(key))

    def optional_record(self, key: str) -> "Record":
        """Open the object in this field, an empty one when it isn't there."""
        found = self.raw.get(key)
        return Record({} if found is None else found, self.at(key))

    def records(self, key: str) -> list["Record"]:
        """Open the objects of the list in this field, none when it isn't there."""
        found = self.raw.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise Unreadable(f"{self.at(key)} must be a list, not {kind(found)}.")
        return [Record(each, f"{self.at(key)}[{n}]") for n, each in enumerate(found[:MOST_ITEMS])]

    def string(self, key: str) -> str:
        """Take the raw text of this field, `""` when it isn't there; a whole number becomes text (ids often are)."""
        found = self.raw.get(key)
        if found is None:
            return ""
        if isinstance(found, str):
            return found
        if isinstance(found, int) and not isinstance(found, bool):
            return _digits(found, self.at(key))
        raise Unreadable(f"{self.at(key)} must be text, not {kind(found)}.")

    def text(self, key: str) -> str:
        """Take a text of several lines, at most MOST_COMMENT characters, `""` when it isn't there."""
        return text_of(self.string(key))

    def line(self, key: str) -> str | None:
        """Take a text of one line, at most MOST_LINE characters, None when it isn't there or blank."""
        return line_of(self.string(key)) or None

    def identifier(self, key: str) -> str | None:
        """Take an id, None when it isn't there or blank."""
        return identifier_of(self.string(key)) or None

    def required_identifier(self, key: str) -> str:
        """Take an id; raise Unreadable when it isn't there or blank."""
        return self.identifier(key) or self._missing(key)

    def email(self, key: str) -> str | None:
        """Take an e-mail address in lower case, None when it isn't there or is none."""
        return email_of(self.string(key))

    def language(self, key: str) -> str | None:
        """Take a language tag or None."""
        return language_of(self.string(key))

    def url(self, key: str) -> str | None:
        """Take a web address or None."""
        return url_of(self.string(key))

    def number(self, key: str) -> float | None:
        """Take a finite number (also sent as text), None when it isn't there."""
        found = self.raw.get(key)
        return None if found is None or found == "" else number_of(found, self.at(key))

    def required_number(self, key: str) -> float:
        """Take a finite number; raise Unreadable when it isn't there."""
        found = self.number(key)
        return self._missing(key) if found is None else found

    def amount(self, key: str) -> float | None:
        """Take a number that is good to know but worth no refusal: None when it isn't one."""
        try:
            return self.number(key)
        except Unreadable:
            return None

    def timestamp(self, key: str) -> datetime | None:
        """Take an aware UTC time, None when it isn't there."""
        found = self.raw.get(key)
        return None if found is None or found == "" else timestamp_of(found, self.at(key))

    def required_timestamp(self, key: str) -> datetime:
        """Take an aware UTC time; raise Unreadable when it isn't there."""
        return self.timestamp(key) or self._missing(key)

    def choice(self, key: str, allowed: Iterable[str]) -> str | None:
        """Take one of the allowed words, in any case; None when it isn't there, Unreadable when it is another."""
        found = self.string(key).strip().lower()
        allowed = tuple(allowed)
        if found and found not in allowed:
            raise Unreadable(f"{self.at(key)} must be one of {', '.join(allowed)}.")
        return found or None

    def _missing(self, key: str) -> NoReturn:
        raise Unreadable(f"{self.at(key)} is missing.")


def _digits(found: int, path: str) -> str:
    try:
        return str(found)
    except ValueError:  # more digits than Python converts
        raise Unreadable(f"{path} is too large.") from None
