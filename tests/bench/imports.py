"""Import: a file of new customers' answers, mixed bands, over the last years."""

import contextlib
import csv
import io
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bot.commands import importing
from tests.bench.house import COMMENTS, prepared
from tests.bench.places import ROOT, Place
from tests.bench.table import Line, Measure

COLUMNS = ("id", "score", "metric", "comment", "email", "name", "account", "segment", "language", "submitted_at")
UNIQUE = (
    f"CREATE TABLE answers (number integer PRIMARY KEY, {', '.join(f'{one} text' for one in COLUMNS)}, UNIQUE (id))"
)
UNIQUE_POSTGRES = UNIQUE.replace("number integer PRIMARY KEY", "number serial PRIMARY KEY")


def imports(place: Place, *, runs: int, count: int) -> list[Line]:
    """Measure the import of so many rows."""
    file = place.folder / "answers.csv"
    _write(file, count)
    empty = place.empty()
    prepared(empty)
    floor, ours = [], []
    for _ in range(runs):
        floor.append(count / _timed(lambda: _floor(place.empty(), file)))
        ours.append(count / _timed(lambda: _import(place.copy_of(empty), file)))
    return [
        Line(
            name=f"import of {count:,} rows, {place.kind}",
            unit="/s",
            floor=Measure(runs=floor),
            ours=Measure(runs=ours),
            wanted=0.2,
            better="more",
        )
    ]


def memory(place: Place, *, runs: int, count: int) -> list[Line]:
    """Measure the most memory that the import of a large file takes."""
    file = place.folder / "many.csv"
    peaks = []
    for _ in range(min(runs, 1)):
        _write(file, count)
        empty = place.empty()
        prepared(empty)
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.most_memory", "import", str(file)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": empty},
            cwd=place.folder,
            stdout=subprocess.PIPE,
            check=True,
        )
        peaks.append(int(done.stdout.split()[-1]) / 1024)
    file.unlink()
    name = f"memory of an import of {count:,} rows"
    return [Line(name=name, unit="MB", ours=Measure(runs=peaks), wanted=200, better="less")]


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _write(file: Path, count: int) -> None:
    chance, now = random.Random(1), datetime.now(UTC)
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for number in range(count):
            at = now - timedelta(days=chance.randrange(30, 1000), seconds=chance.randrange(86_400))
            score = chance.choice((2, 5, 7, 8, 9, 9, 10, 10))
            said = COMMENTS[number % len(COMMENTS)] if number % 3 == 0 else ""
            rows.writerow(
                [
                    *(f"r-{number}", score, "nps", said, f"customer{number}@example.com", f"Customer {number}"),
                    *(f"Account {number % 500}", "smb", "en", at.isoformat(timespec="seconds")),
                ]
            )


def _floor(url: str, file: Path) -> None:
    """Read the file and write its rows, as barely as can be."""
    marks = ", ".join("?" for _ in COLUMNS)
    with file.open(encoding="utf-8", newline="") as given:
        rows = csv.reader(given)
        next(rows)
        if url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute(UNIQUE)
                connection.executemany(_insert(marks, "INSERT OR IGNORE", ""), rows)
            return
        with psycopg.connect(url) as server, server.cursor() as cursor:
            cursor.execute(UNIQUE_POSTGRES)
            cursor.executemany(_insert(marks.replace("?", "%s"), "INSERT", "ON CONFLICT DO NOTHING"), rows)


def _insert(marks: str, how: str, rest: str) -> Any:
    return f"{how} INTO answers ({', '.join(COLUMNS)}) VALUES ({marks}) {rest}"


def _import(url: str, file: Path) -> None:
    with _environment(DATABASE_URL=url), contextlib.redirect_stdout(io.StringIO()):
        status = importing.run(file, source="csv", refused=None)
    assert status == 0


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
