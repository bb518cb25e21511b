"""Reads the policy's TOML and knows on which line every key stands, so that each problem can name its place."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

LONGEST = 1_000_000  # characters: a policy of a thousand rules has about 200,000
MOST_SHOWN = 60  # characters of somebody's value that a message repeats

Path = tuple[str | int, ...]
Finding = tuple[Path, str]  # what stands where, and a sentence about it


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing in a policy that must be mended: the line (from 1), the key, and a sentence that says what to do."""

    line: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.key}" if self.key else f"line {self.line}"
        return f"{where}: {self.message}"


class PolicyError(Exception):
    """The policy can't be used; `problems` holds everything that is wrong with it, in the order of its lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def parse(text: str) -> dict[str, Any]:
    """Return the document; PolicyError with one problem when it is no TOML."""
    if len(text) > LONGEST:
        raise PolicyError([Problem(1, "", f"The policy is longer than {LONGEST:,} characters. Shorten its lists.")])
    if lost := re.search("[\ud800-\udfff]", text):
        line = text.count("\n", 0, lost.start()) + 1
        raise PolicyError([Problem(line, "", "Half of a character stands here. Save the file as UTF-8.")])
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise PolicyError(
            [Problem(1, "", "Lists or tables are nested too deeply. No key needs more than two levels.")]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([_syntax_problem(text, str(error))]) from None
    except ValueError:  # a whole number of more than 4,300 digits
        digits = re.search(r"\d{1000}", text.replace("_", "0"))
        line = text.count("\n", 0, digits.start()) + 1 if digits else 1
        raise PolicyError([Problem(line, "", "A number has too many digits. Write a smaller one.")]) from None


_PLACE: Final = re.compile(r" \((?:at line (\d+), column (\d+)|at end of document)\)$")
_KEY: Final = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_ADVICE: Final = (
    ("Cannot overwrite a value", "This key stands twice in the same table. Remove one of the two."),
    ("Cannot declare", "This table stands twice. Put its keys under one header, or write [[…]] for a list of tables."),
    ("Cannot mutate immutable", "An inline table can't be added to. Write all its keys between its braces."),
    ("Unclosed array", "This list isn't closed. Add the missing ]."),
    ("Unclosed inline table", "This inline table isn't closed. Add the missing }, all on one line."),
    ("Unterminated string", "This text isn't closed. Add the missing quote."),
    ("Illegal character", "This text isn't closed on its line, or holds a control character. Close it with a quote."),
    ("Found invalid character", "A control character stands here. Remove it."),
    ("Invalid value", 'This value can\'t be read. Put texts in quotes: key = "text".'),
    ("Expected '=' after a key", "A key must be followed by = and a value."),
    ("Expected newline or end of document", "Something follows the value. Start each key on its own line."),
    ("Invalid statement", "This is neither a key = value, nor a [table], nor a # comment."),
    ("Unescaped '\\'", "A backslash needs another one before it, or write the text in 'single quotes'."),
)


def _syntax_problem(text: str, said: str) -> Problem:
    place = _PLACE.search(said)
    said = said[: place.start()] if place else said
    line = int(place[1]) if place and place[1] else max(1, text.rstrip().count("\n") + 1)
    advice = next((advice for start, advice in _ADVICE if said.startswith(start)), f"This is no TOML: {said}.")
    return Problem(line, _key_near(text.split("\n"), line), advice)


def _key_near(lines: list[str], line: int) -> str:
    """Return the key on this line; in the middle of a value the one before it; or the header of the table."""
    for shown in reversed(lines[:line]):
        if found := _KEY.match(shown):
            return found[1]
        if shown.lstrip().startswith("["):
            return shown.strip()[:MOST_SHOWN]
    return ""


def where(path: Path) -> str:
    """Return the path as a person would write it: ("rule", 1, "when", "words") is `rule[2].when.words`."""
    shown = ""
    for step in path:
        shown += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if shown else step
    return shown


def placed(findings: Iterable[Finding], text: str) -> list[Problem]:
    """Return the findings as problems with their lines, in the order of the lines."""
    findings = list(findings)
    lines = lines_of(text) if findings else {}
    return sorted(Problem(line_of(lines, path), where(path), message) for path, message in findings)


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Return the line of this path, or of the nearest table around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


_LEXEMES: Final = re.compile(
    r'''(?P<text>"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')'''
    r"|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<mark>[\[\]{},=.])|(?P<bare>[\w+:-]+)",
    re.DOTALL,
)
_KEYS_END: Final = frozenset({"=", "]"})


def lines_of(text: str) -> dict[Path, int]:
    """Return the line of each table, key and list item of a document that `parse` has accepted."""
    return _Scan(text).lines


class _Scan:
    """One walk over a document that is known to be right, so that it needs no checks of its own."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self._counts: dict[Path, int] = {}
        self._line = 1
        self._words = self._lexemes(text)
        self._word = next(self._words)
        table: Path = ()
        while self._word:
            if self._word == "[":
                table = self._header()
            elif self._word == "\n":
                self._step()
            else:
                self._pair(table)

    def _lexemes(self, text: str) -> Iterator[str]:
        for found in _LEXEMES.finditer(text):
            word = found[0]
            if found["comment"] is None:
                yield word
            self._line += word.count("\n")
        yield ""

    def _step(self) -> None:
        self._word = next(self._words, "")

    def _header(self) -> Path:
        line = self._line
        self._step()
        many = self._word == "["
        if many:
            self._step()
        keys = self._keys()
        path: Path = ()
        for key in keys[:-1]:
            path = self._latest((*path, key))
        path = (*path, keys[-1])
        if many:
            self.lines.setdefault(path, line)
            self._counts[path] = self._counts.get(path, -1) + 1
            self._step()
        self._step()
        path = self._latest(path)
        self.lines[path] = line
        return path

    def _latest(self, path: Path) -> Path:
        """Return the path into the list's last item where it names a list of tables."""
        return (*path, self._counts[path]) if path in self._counts else path

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while self._word and self._word not in _KEYS_END:
            if self._word != ".":
                keys.extend(_key_parts(self._word))
            self._step()
        return keys

    def _pair(self, table: Path) -> None:
        line = self._line
        path = table
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._step()
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._word == "[":
            self._items(path)
        elif self._word == "{":
            self._step()
            while self._word != "}":
                if self._word in {",", "\n"}:
                    self._step()
                else:
                    self._pair(path)
            self._step()
        else:  # a text, or a number, date or word, which may hold dots
            while self._word and self._word not in {",", "]", "}", "\n"}:
                self._step()

    def _items(self, path: Path) -> None:
        self._step()
        index = 0
        while self._word and self._word != "]":
            if self._word in {",", "\n"}:
                self._step()
                continue
            self.lines[(*path, index)] = self._line
            self._value((*path, index))
            index += 1
        self._step()


def _key_parts(word: str) -> list[str]:
    if word[0] in "\"'":
        return [str(key) for key in tomllib.loads(f"{word} = 0")]
    return [word]
