"""`import FILE.csv`: responses from a file, many in one commit, never all in memory."""

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, Self, TextIO

from sqlmodel import Session

from bot.app import wall_clock
from bot.commands.opened import database, policy_in_force
from bot.surveys.csv_answers import Refused, answers
from workflows import bulk
from workflows.answers import Answer
from workflows.policy import Policy

# So many rows share a commit: long enough to be quick, short enough to leave room for presses between two.
TOGETHER: Final = 500
SHOWN: Final = 20
SECONDS_BETWEEN_SIGNS: Final = 1.0


def run(file: Path, *, source: str, refused: Path | None) -> int:
    """Take in a file; a row that can't be taken is reported with its line and reason, and nothing stops for it.

    Exit status 1 when rows were refused. Running it again with the same file changes nothing.
    """
    with database() as db:
        policy, version = policy_in_force(db)
        counts: Counter[str] = Counter()
        with _Report(refused) as report:
            rows = answers(file, policy, source=source)
            signs = _Signs()
            while part := _part(rows, report, counts):
                taken = db.write_now(partial(_taken, part=part, policy=policy, version=version))
                for outcome, line, reason in taken:
                    counts[outcome] += 1
                    if reason:
                        report.refuse(line, reason)
                signs.show(counts)
    done = ", ".join(f"{counts[name]} {name}" for name in ("new", "changed", "known", "refused"))
    print(f"\r{file}: {done}; {counts['cases']} cases opened or joined." if counts["cases"] else f"\r{file}: {done}.")
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
    session: Session, part: list[tuple[int, Answer]], *, policy: Policy, version: int
) -> list[tuple[str, int, str]]:
    outcomes = bulk.receive_many(
        session, [answer for _, answer in part], policy=policy, policy_version=version, at=wall_clock()
    )
    return [(outcome, line, reason) for (line, _), (outcome, reason) in zip(part, outcomes, strict=True)]


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

    def __init__(self) -> None:
        self._begun = self._shown = time.monotonic()

    def show(self, counts: Counter[str]) -> None:
        """Show it, at most once a second."""
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._shown < SECONDS_BETWEEN_SIGNS:
            return
        self._shown = now
        rows = sum(counts[name] for name in ("new", "changed", "known", "refused"))
        print(f"\r{rows:,} rows, {rows / (now - self._begun):,.0f} a second ", end="", file=sys.stderr, flush=True)
