"""Reports: the figures of the manager's digest and of the report page over years of responses, and a long export."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from storage.database import Database
from tests.bench.duck import Duck
from tests.bench.house import prepared
from tests.bench.places import ROOT, Place
from tests.bench.rows_of_years import fill, today
from tests.bench.table import Line, Measure
from workflows import figures
from workflows.figures import Period
from workflows.policy import Policy

DAYS = 1_095
WANTED_MS = 300
# Or so many times what DuckDB takes.
WANTED_RATIO = 3
EXPORT_MB = 150


def reports(place: Place, *, runs: int, count: int) -> list[Line]:
    """Measure the figures of the digest and the page over so many responses of three years."""
    url, policy = _filled(place, count)
    db, at, zone = Database(url), today() + timedelta(hours=9), figures.zone_of(policy)
    _counted(db, policy)
    duck = Duck(Path(url.removeprefix("sqlite:///")), place.folder)
    week, quarter = Period.last_week(at=at, zone=zone), Period.last_days(90, at=at, zone=zone)

    def rest(session: Session) -> None:
        figures.series(session, policy=policy, at=at)
        figures.longest_waiting(session, 10)
        figures.open_cases(session, at=at)
        figures.loads(session, at=at)

    lines = []
    for name, period in (("manager digest", week), ("report page, 90 days", quarter)):

        def ours(session: Session, period: Period = period) -> None:
            figures.figures(session, policy=policy, period=period, at=at)
            rest(session)

        def theirs(period: Period = period) -> None:
            duck.figures(period.start, period.end, at)
            duck.rest(at)

        taken = [_ms(lambda ours=ours: db.read_now(ours)) for _ in range(runs + 1)][1:]  # type: ignore[misc] # at once
        duck_taken = [_ms(theirs) for _ in range(runs + 1)][1:]
        note = f"{count:,} responses; DuckDB {Measure(runs=duck_taken).middle:.0f} ms"
        lines.append(_line(name, taken, duck_taken, note))
    duck.close()
    db.close()
    return lines


def export(place: Place, *, runs: int, count: int) -> list[Line]:
    """Measure the most memory that a CSV export of so many rows takes."""
    url, _ = _filled(place, count)
    words = [sys.executable, "-m", "tests.bench.export_rows", url, str(count)]
    peaks = []
    for _ in range(min(runs, 1)):
        done = subprocess.run(words, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, stdout=subprocess.PIPE)
        peaks.append(int(done.stdout) / 1024)
    name = f"memory of an export of {count:,} rows"
    return [Line(name=name, unit="MB", ours=Measure(runs=peaks), wanted=EXPORT_MB, better="less")]


def _line(name: str, ours: list[float], theirs: list[float], note: str) -> Line:
    """Hold it against the time that is wanted or, where that isn't met, against DuckDB."""
    mine = Measure(runs=ours)
    if mine.middle <= WANTED_MS:
        return Line(name=name, unit="ms", ours=mine, wanted=WANTED_MS, better="less", note=note)
    floor = Measure(runs=theirs)
    return Line(name=name, unit="ms", ours=mine, floor=floor, wanted=WANTED_RATIO, better="less", note=note)


def _filled(place: Place, count: int) -> tuple[str, Policy]:
    url = place.empty()
    policy, _ = prepared(url)
    fill(Path(url.removeprefix("sqlite:///")), count=count, days=DAYS, until=today())
    return url, policy


def _counted(db: Database, policy: Policy) -> None:
    at = datetime.now(UTC)
    while db.write_now(lambda session: figures.tally(session, policy=policy, at=at)) >= figures.AT_ONCE:
        pass


def _ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000
