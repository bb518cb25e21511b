"""The same aggregates from the same rows, by DuckDB: what a database made for it takes."""

# ruff: noqa: S608 -- its statements are put together from the constants here

import csv
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

READ = {
    "responses": "id, metric, score, low_end, high_end, direction, band, customer_id, case_id, touchpoint, segment, "
    "submitted_at",
    "cases": "id, customer_id, state, department, owner, root_cause, opened_at, waiting_since, claimed_at, "
    "contacted_at, resolved_at, closed_at, claim_due_at, contact_due_at, tell_due_at, claim_used, contact_used, "
    "tell_used, reopened",
    "customers": "id, contactability, name",
}
LOW = """
    SELECT date_trunc('day', r.submitted_at + INTERVAL 1 HOUR) AS day, r.touchpoint, r.segment, c.department, c.owner,
        c.root_cause, CASE WHEN r.case_id IS NULL THEN 'history' WHEN u.contactability = 'anonymous' THEN 'anonymous'
            WHEN c.state IN ('told', 'excused') THEN c.state ELSE 'open' END AS outcome,
        coalesce(c.claimed_at, c.resolved_at) AS done1, c.contacted_at AS done2,
        CASE WHEN c.state = 'told' THEN c.closed_at END AS done3,
        c.claim_due_at AS due1, c.contact_due_at AS due2, c.tell_due_at AS due3,
        c.state NOT IN ('told', 'excused') AS is_open, c.state IN ('ready', 'told') AS is_resolved, c.reopened,
        epoch(coalesce(c.claimed_at, c.resolved_at)) - epoch(c.waiting_since) AS wall1,
        epoch(c.contacted_at) - epoch(c.waiting_since) AS wall2, epoch(c.closed_at) - epoch(c.waiting_since) AS wall3,
        c.claim_used, c.contact_used, c.tell_used
    FROM responses r JOIN customers u ON u.id = r.customer_id LEFT JOIN cases c ON c.id = r.case_id
    WHERE r.band = 'low' AND r.submitted_at >= $start AND r.submitted_at < $until
"""
IS_TOLD = "count(*) FILTER (outcome = 'told')"
COUNTS = f"""
    count(*), {IS_TOLD}, count(*) FILTER (outcome = 'excused'), count(*) FILTER (outcome = 'anonymous'),
    count(*) FILTER (outcome = 'history'), count(*) FILTER (outcome IN ('open', 'told') AND done1 IS NOT NULL),
    count(*) FILTER (outcome IN ('open', 'told') AND done2 IS NOT NULL),
    count(*) FILTER (outcome IN ('open', 'told') AND is_resolved), count(*) FILTER (reopened > 0),
    count(*) FILTER (reopened > 0 OR NOT is_open),
    count(*) FILTER (done1 <= due1), count(*) FILTER (done1 > due1 OR is_open AND done1 IS NULL AND due1 < $at),
    count(*) FILTER (done2 <= due2), count(*) FILTER (done2 > due2 OR is_open AND done2 IS NULL AND due2 < $at),
    count(*) FILTER (done3 <= due3), count(*) FILTER (done3 > due3 OR is_open AND due3 < $at)
"""
TIMES = ", ".join(
    f"quantile_disc({one}, [0.5, 0.9])"
    for one in ("wall1", "wall2", "wall3", "claim_used", "contact_used", "tell_used")
)
BY = "GROUP BY GROUPING SETS ((), (day), (department), (touchpoint), (segment), (owner), (root_cause))"
SAID = """
    SELECT {by} metric, low_end, high_end, direction, band, count(*), sum(score), sum(score * score)
    FROM responses WHERE submitted_at >= $start AND submitted_at < $until GROUP BY ALL
"""
IS_WAITING = """
    FROM cases JOIN customers u ON u.id = customer_id
    WHERE state NOT IN ('told', 'excused') AND contacted_at IS NULL AND contactability <> 'anonymous'
"""
WAITED = """
    SELECT count(*), sum(epoch($end) - epoch(waiting_since)) FROM cases JOIN customers u ON u.id = customer_id
    WHERE waiting_since <= $end AND coalesce(contacted_at, closed_at, $at) >= $end AND contactability <> 'anonymous'
"""


class Duck:
    """A DuckDB with the rows of a SQLite file."""

    def __init__(self, sqlite_file: Path, folder: Path) -> None:
        self.db = duckdb.connect(folder / "bench.duckdb")
        with sqlite3.connect(sqlite_file) as source:
            for table, columns in READ.items():
                file = folder / f"{table}.csv"
                with file.open("w", encoding="utf-8", newline="") as out:
                    rows = csv.writer(out)
                    rows.writerow(columns.split(", "))
                    rows.writerows(source.execute(f"SELECT {columns} FROM {table}"))
                self.db.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{file}', sample_size = -1)")
                file.unlink()
        source.close()

    def figures(self, start: datetime, until: datetime, at: datetime) -> None:
        """Compute all figures of a period, and the headline of the one before."""
        start, until, at = (one.astimezone(UTC).replace(tzinfo=None) for one in (start, until, at))
        given: dict[str, Any] = {"start": start, "until": until}
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE low AS {LOW}", given)
        groups = "day, department, touchpoint, segment, owner, root_cause"
        self.db.execute(f"SELECT {groups}, {COUNTS} FROM low {BY}", {"at": at}).fetchall()
        self.db.execute(f"SELECT {TIMES} FROM low").fetchall()
        for by in ("date_trunc('day', submitted_at + INTERVAL 1 HOUR),", "touchpoint,", "segment,"):
            self.db.execute(SAID.format(by=by), given).fetchall()
        before: dict[str, Any] = {"start": start - (until - start), "until": start}
        self.db.execute(f"WITH low AS ({LOW}) SELECT {COUNTS}, {TIMES} FROM low", before | {"at": at}).fetchall()
        self.db.execute(SAID.format(by=""), before).fetchall()
        self.db.execute(f"SELECT count(*), sum(epoch($at) - epoch(waiting_since)) {IS_WAITING}", {"at": at}).fetchall()

    def rest(self, at: datetime) -> None:
        """Compute twelve weeks of told-rate and waiting, who has waited longest, and what is open."""
        at = at.astimezone(UTC).replace(tzinfo=None)
        since = at - timedelta(weeks=12)
        weekly = f"SELECT day, count(*), {IS_TOLD} FROM ({LOW}) GROUP BY day"
        self.db.execute(weekly, {"start": since, "until": at}).fetchall()
        for week in range(1, 13):
            self.db.execute(WAITED, {"end": since + timedelta(weeks=week), "at": at}).fetchall()
        self.db.execute(
            f"SELECT cases.id, u.name, waiting_since {IS_WAITING} ORDER BY waiting_since LIMIT 10"
        ).fetchall()
        is_open = "FROM cases WHERE state NOT IN ('told', 'excused')"
        self.db.execute(f"SELECT department, state, count(*) {is_open} GROUP BY ALL").fetchall()
        self.db.execute(f"SELECT owner, count(*) {is_open} GROUP BY ALL").fetchall()

    def close(self) -> None:
        self.db.close()
