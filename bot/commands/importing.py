"""`import FILE.csv`: responses from a file, many in one commit, never all in memory."""

import csv
import gc
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Final, Self, TextIO

from sqlmodel import Session

from bot.clock import wall_clock
from bot.commands import CASES_SINCE_DAYS
from bot.commands.opened import database, policy_in_force
from bot.surveys.csv_answers import Refused, answers
from bot.surveys.csv_layout import layout
from bot.surveys.language import Languages
from workflows import bulk
from workflows.answers import Answer
from workflows.policy import Policy

# So many rows share a commit. Most of them are read while those before are written, the last ones while nobody writes:
# then those come in who have asked for the database in vain meanwhile. So a running Hearback's presses wait as long on
# a busy machine as if reading and writing took turns: 0.05 s, seldom more than 0.4 s. Without the pause it was 2 s.
TOGETHER: Final = 4000
AHEAD: Final = 3000
OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000
SWITCH_SECONDS: Final = 0.001
SHOWN: Final = 20
SECONDS_BETWEEN_SIGNS: Final = 1.0


def run(file: Path, *, source: str, refused: Path | None, cases_since_days: int = CASES_SINCE_DAYS) -> int:
    """Take in a file; a row that can't be taken is reported with its line and reason, and nothing stops for it.

    Low responses of the last `cases_since_days` open cases, older ones are kept as history. Exit status 1 when rows
    were refused. Running it again with the same file changes nothing.
    """
    with database() as db:
        policy, version = policy_in_force(db)
        since = wall_clock() - timedelta(days=cases_since_days)
        found = layout(file)
        for note in found.notes:
            print(note, file=sys.stderr)
        counts: Counter[str] = Counter()
        with _Report(refused) as report, _hurry():
            signs = _Signs(found.lines)
            rows = answers(file, policy, source=source, layout=found)
            detect = partial(_detect_languages, languages=Languages(), policy=policy, since=since)
            read = partial(_read, rows, detect=detect)
            part = read(_Part(), until=TOGETHER)
            while part.size:
                receive = partial(bulk.Part(part.answers).receive, policy=policy, policy_version=version)
                writing = db.submit(partial(_received, receive=receive, since=since))
                following = read(_Part(), until=AHEAD)
                _count(part, writing.result(), report, counts)
                signs.show(counts)
                part = read(following, until=TOGETHER)
    print("\r" + _summary(file, counts, days=cases_since_days))
    return 1 if counts["refused"] else 0


@dataclass(slots=True)
class _Part:
    """The rows that are written together: their answers with their lines, and those that can't be taken."""

    answers: list[Answer] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many rows these are."""
        return len(self.lines) + len(self.refused)


def _read(
    rows: Iterator[tuple[int, Answer | Refused]], part: _Part, *, until: int, detect: Callable[[list[Answer]], None]
) -> _Part:
    """Read on until the part has so many rows, or the file ends."""
    lines, found = part.lines, list[Answer]()
    for line, one in islice(rows, until - part.size):
        if isinstance(one, Answer):
            lines.append(line)
            found.append(one)
        else:
            part.refused.append((line, one.reason))
    detect(found)
    part.answers += found
    return part


def _detect_languages(found: list[Answer], *, languages: Languages, policy: Policy, since: datetime) -> None:
    """Detect the languages of recent comments that came without: nobody answers history, and each takes some time."""
    recent = [number for number, one in enumerate(found) if one.submitted_at >= since]
    for number, one in zip(recent, languages.filled_in([found[number] for number in recent], policy), strict=True):
        found[number] = one


def _received(session: Session, *, receive: Callable[..., list[bulk.Taken]], since: datetime) -> list[bulk.Taken]:
    return receive(session, at=wall_clock(), cases_since=since)


def _count(part: _Part, taken: list[bulk.Taken], report: "_Report", counts: Counter[str]) -> None:
    """Count what became of each row, and report those that were refused."""
    counts.update(map(attrgetter("outcome"), taken))
    counts["cases"] += sum(one.case_id is not None for one in taken)
    counts["history"] += sum(map(attrgetter("is_history"), taken))
    counts["refused"] += len(part.refused)
    part.refused += [(line, one.reason) for line, one in zip(part.lines, taken, strict=True) if one.reason]
    for line, reason in sorted(part.refused):
        report.refuse(line, reason)


@contextmanager
def _hurry() -> Iterator[None]:
    """Have little time taken by Python itself.

    Looking for cycles among all objects takes a quarter of the time, and rows leave none. The thread that writes is
    let in sooner: else it waits for 5 ms after each statement while the next rows are read.
    """
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _summary(file: Path, counts: Counter[str], *, days: int) -> str:
    said = [f"{file}: " + ", ".join(f"{counts[name]} {name}" for name in ("new", "changed", "known", "refused")) + "."]
    if counts["cases"]:
        said.append(f"Low responses that went to a case: {counts['cases']}.")
    if counts["history"]:
        said.append(
            f"Low responses older than {days} days, kept as history without a case: {counts['history']}. "
            "To have cases opened for older ones too, give --cases-since DAYS when they are first imported."
        )
    return " ".join(said)


class _Report:
    """Says which rows were refused: the first ones on the terminal, all of them in a file if one is named."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._count = 0

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(["line", "reason"])
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def refuse(self, line: int, reason: str) -> None:
        """Report one row."""
        self._count += 1
        if self._file is not None:
            csv.writer(self._file).writerow([line, reason])
        if self._count <= SHOWN:
            print(f"\rline {line}: {reason}", file=sys.stderr)
        elif self._count == SHOWN + 1 and self._file is None:
            print("\rMore rows are refused; name a file with --refused to have them all.", file=sys.stderr)


class _Signs:
    """Shows on a terminal how far it has come."""

    def __init__(self, lines: int) -> None:
        self._lines = max(lines, 1)
        self._begun = self._shown = time.monotonic()

    def show(self, counts: Counter[str]) -> None:
        """Show it, at most once a second."""
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._shown < SECONDS_BETWEEN_SIGNS:
            return
        self._shown = now
        rows = sum(counts[name] for name in ("new", "changed", "known", "refused"))
        share = min(rows / self._lines, 1)  # a comment of several lines makes it an underestimate
        rate = rows / (now - self._begun)
        print(f"\r{rows:,} rows ({share:.0%}), {rate:,.0f} a second ", end="", file=sys.stderr, flush=True)
