"""`import FILE.csv`: responses from a file, many in one commit, never all in memory."""

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, Self, TextIO

from sqlmodel import Session

from bot.app import wall_clock
from bot.commands.opened import database, policy_in_force
from bot.surveys.csv_answers import Refused, answers
from bot.surveys.csv_layout import layout
from workflows import bulk
from workflows.answers import Answer
from workflows.policy import Policy

# So many rows share a commit, which takes some 50 ms: presses that come meanwhile wait for 0.1 s, seldom for 0.3 s.
TOGETHER: Final = 2000
# Older low responses are history: nobody wants a case for what a customer said last year.
CASES_SINCE_DAYS: Final = 14
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
        with _Report(refused) as report:
            signs = _Signs(found.lines)
            rows = answers(file, policy, source=source, layout=found)
            while part := _part(rows, report, counts):
                taken = db.write_now(partial(_taken, part=part, policy=policy, version=version, since=since))
                _count(part, taken, report, counts)
                signs.show(counts)
    print("\r" + _summary(file, counts, days=cases_since_days))
    return 1 if counts["refused"] else 0


def _part(
    rows: Iterator[tuple[int, Answer | Refused]], report: "_Report", counts: Counter[str]
) -> list[tuple[int, Answer]]:
    """Give the next rows that can be taken, reporting those that can't; empty only at the file's end."""
    part: list[tuple[int, Answer]] = []
    while not part:
        some = list(islice(rows, TOGETHER))
        if not some:
            return []
        for line, found in some:
            if isinstance(found, Refused):
                counts["refused"] += 1
                report.refuse(line, found.reason)
            else:
                part.append((line, found))
    return part


def _taken(
    session: Session, part: list[tuple[int, Answer]], *, policy: Policy, version: int, since: datetime
) -> list[bulk.Taken]:
    answers = [answer for _, answer in part]
    return bulk.receive_many(
        session, answers, policy=policy, policy_version=version, at=wall_clock(), cases_since=since
    )


def _count(part: list[tuple[int, Answer]], taken: list[bulk.Taken], report: "_Report", counts: Counter[str]) -> None:
    """Count what became of each answer."""
    for (line, _), one in zip(part, taken, strict=True):
        counts[one.outcome] += 1
        counts["cases"] += one.case_id is not None
        counts["history"] += one.is_history
        if one.reason:
            report.refuse(line, one.reason)


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
