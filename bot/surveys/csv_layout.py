"""What a CSV file looks like: its encoding, its delimiter, and which column holds what."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

DELIMITERS = (",", ";", "\t", "|")
CHUNK = 1 << 20
FALLBACK = "cp1252"  # Latin-1 as Windows writes it; older spreadsheets save no other

# The first name of each row is ours; a heading matches in any case, with any punctuation between its words.
ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "score": ("rating",),
        "metric": ("survey_type",),
        "comment": ("feedback", "remark"),
        "email": ("e_mail", "email_address", "customer_email"),
        "name": ("customer_name", "customer"),
        "customer_id": ("user_id", "contact_id"),
        "account": ("account_name", "company", "company_name", "organisation", "organization"),
        "account_id": ("company_id",),
        "account_value": ("arr",),
        "account_manager": ("account_owner",),
        "segment": ("customer_segment",),
        "language": ("lang", "locale"),
        "touchpoint": ("touch_point",),
        "form": ("form_id", "survey", "survey_id"),
        "submitted_at": ("date", "timestamp", "created_at", "answered_at"),
        "id": ("external_id", "response_id"),
        "source": ("survey_tool",),
        "scale_min": ("min",),
        "scale_max": ("max",),
    }
)
REQUIRED = ("score", "submitted_at")
_NAMES = {alias: name for name, aliases in ALIASES.items() for alias in (name, *aliases)}
_SEPARATORS = re.compile(r"[\W_]+")


class CsvProblem(Exception):  # noqa: N818 - a sentence for the person at the command line
    """The file as a whole can't be imported; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read one CSV file: `columns` maps our names to positions, `unused` headings are those we don't know."""

    encoding: str
    delimiter: str
    columns: Mapping[str, int]
    unused: tuple[str, ...]
    width: int
    lines: int
    skipped: int

    @property
    def notes(self) -> list[str]:
        """What the person should know before the import, in sentences."""
        found = []
        if self.encoding == FALLBACK:
            found.append(
                "The file is not UTF-8: it is read as Latin-1 (Windows-1252). Look at accents after the import."
            )
        if self.unused:
            found.append(f"These columns are not used: {', '.join(self.unused)}.")
        if "id" not in self.columns:
            found.append("There is no id column: each response's id is made from what its row says.")
        return found


def layout(path: Path) -> Layout:
    """Look through the file once, a piece at a time; raise CsvProblem when its headings can't be used."""
    try:
        encoding, lines = _scan(path)
        heading, delimiter, skipped = _heading(path, encoding)
    except OSError as problem:
        raise CsvProblem(f"{path} can't be read: {problem.strerror or problem}.") from None
    columns = _columns(heading)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise CsvProblem(
            f"{path.name} has no column {' and no column '.join(missing)}. Columns found: {_listed(heading)}. "
            f"Rename them, or see the README for the names that are understood."
        )
    used = set(columns.values())
    unused = tuple(each.strip() or f"column {n + 1}" for n, each in enumerate(heading) if n not in used)
    return Layout(encoding, delimiter, MappingProxyType(columns), unused, len(heading), lines, skipped)


def _scan(path: Path) -> tuple[str, int]:
    """Find the encoding and the number of lines."""
    lines, is_utf8 = 0, True
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(2)
        if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16", sum(chunk.count(b"\n") for chunk in _chunks(file))
        file.seek(0)
        for chunk in _chunks(file):
            lines += chunk.count(b"\n")
            is_utf8 = is_utf8 and _decodes(decoder, chunk)
        is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    return ("utf-8-sig" if is_utf8 else FALLBACK), lines


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _heading(path: Path, encoding: str) -> tuple[list[str], str, int]:
    """Read the first row that holds something, with the delimiter that makes most sense of it."""
    found = [(*_first_row(path, encoding, delimiter), delimiter) for delimiter in DELIMITERS]
    heading, skipped, delimiter = max(found, key=lambda each: (_known(each[0]), len(each[0])))
    if not heading:
        raise CsvProblem(f"{path.name} is empty: it must begin with column names, {' and '.join(REQUIRED)} among them.")
    return heading, delimiter, skipped


def _first_row(path: Path, encoding: str, delimiter: str) -> tuple[list[str], int]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter)
        try:
            return next((row for row in rows if row), []), rows.line_num
        except csv.Error:  # a first line of more than 131,072 characters names no columns
            return [], 0


def _known(heading: list[str]) -> int:
    return sum(_name_of(each) in _NAMES for each in heading)


def _name_of(heading: str) -> str:
    return _SEPARATORS.sub("_", heading.casefold()).strip("_")


def _columns(heading: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, each in enumerate(heading):
        name = _NAMES.get(_name_of(each))
        if name is None:
            continue
        if name in found:
            raise CsvProblem(f"“{heading[found[name]]}” and “{each}” both mean {name}: rename or remove one of them.")
        found[name] = position
    return found


def _listed(heading: list[str]) -> str:
    return ", ".join(f"“{each.strip()}”" for each in heading)
