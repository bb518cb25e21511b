"""`import FILE.csv`: responses from a file, many in one commit, never all in memory."""

import csv
import gc
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Self, TextIO

from sqlmodel import Session

from bot.clock import wall_clock
from bot.commands import CASES_SINCE_DAYS
from bot.commands.opened import database, policy_in_force
from bot.surveys.csv_answers import Part, parts
from bot.surveys.csv_layout import layout
from bot.surveys.language import Languages
from workflows import bulk
from workflows.answers import Answer
from workflows.policy import Policy

# So many parts of a file share a commit: some 4,000 rows. They are read while nobody writes: then those come in who
# have asked for the database in vain meanwhile: a running Hearback's presses wait for 0.03 s, seldom more than 0.1 s.
# To read the next ones while these are written saves nothing: both are mostly Python, and two threads take turns at it.
PARTS_TOGETHER: Final = 4
OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000
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
            detect = partial(_detect_languages, languages=Languages(), policy=policy, since=since)
            rows = parts(file, policy, source=source, layout=found)
            while together := [*islice(rows, PARTS_TOGETHER)]:
                for part in together:
                    detect(part.answers)
                ready = [bulk.Part(one.answers) for one in together]
                receive = partial(_receive, ready, policy=policy, policy_version=version, cases_since=since)
                for part, taken in zip(together, db.write_now(receive), strict=True):
                    _count(part, taken, report, counts)
                signs.show(counts)
    print("\r" + _summary(file, counts, days=cases_since_days))
    return 1 if counts["refused"] else 0


def _detect_languages(found: list[Answer], *, languages: Languages, policy: Policy, since: datetime) -> None:
    """Detect the languages of recent comments that came without: nobody answers history, and each takes some time."""
    recent = [number for number, one in enumerate(found) if one.submitted_at >= since]
    for number, one in zip(recent, languages.filled_in([found[number] for number in recent], policy), strict=True):
        found[number] = one


def _receive(ready: list[bulk.Part], session: Session, **how: Any) -> list[list[bulk.Taken]]:
    at = wall_clock()
    return [one.receive(session, at=at, **how) for one in ready]


def _count(part: Part, taken: list[bulk.Taken], report: "_Report", counts: Counter[str]) -> None:
    """Count what became of each row, and report those that were refused."""
    counts.update(map(attrgetter("outcome"), taken))
    counts["cases"] += sum(one.case_id is not None for one in taken)
    counts["history"] += sum(map(attrgetter("is_history"), taken))
    counts["refused"] += len(part.refused)
    refused = [(line, one.reason) for line, one in zip(part.lines, taken, strict=True) if one.reason]
    for line, reason in sorted([*part.refused, *refused]):
        report.refuse(line, reason)


@contextmanager
def _hurry() -> Iterator[None]:
    """Have little time taken by Python itself.

    Looking for cycles among all objects takes a quarter of the time, and rows leave none.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        yield
    finally:
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
