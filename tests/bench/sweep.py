"""The sweep: what it costs while nothing or little is due must not grow with closed cases."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import text

from storage import due
from storage.database import Database
from tests.bench.house import prepared
from tests.bench.places import Place
from tests.bench.table import Line, Measure
from workflows import chasing
from workflows.policy import Policy

OPEN: Final = 2_000
FEW: Final = 10_000
DUE: Final = 20
SWEEPS: Final = 20
NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

NUMBERS: Final = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)",
    "postgresql": "WITH numbers(n) AS (SELECT generate_series(CAST(:first AS int), CAST(:last AS int)))",
}
CUSTOMERS: Final = """
    INSERT INTO customers (id, identity, contactability, created_at)
    {numbers} SELECT n, 'mail:' || n || '@bench.example', 'contactable', :at FROM numbers
"""
CASES: Final = """
    INSERT INTO cases (id, customer_id, state, department, channel, owner, is_owner_stand_in, urgency, why, opened_at,
        waiting_since, claimed_at, contacted_at, closed_at, claim_due_at, contact_due_at, tell_due_at, next_due_at,
        next_step_at, reopened)
    {numbers} SELECT n, n, :state, :department, '#bench', :owner, {no}, 'normal', '{{}}', :at, :at, :at, :at, :closed,
        :at, :at, :due, :due, :step, 0 FROM numbers
"""


def sweeps(place: Place, *, runs: int, count: int) -> list[Line]:
    """Compare a sweep over many closed cases with one over a few; the same cases are open."""
    few, many = _filled(place, FEW), _filled(place, max(count, FEW))
    lines = []
    for name, wake in (("nothing is due", 0), (f"{DUE} are due", DUE)):
        floor, ours = [], []
        for _ in range(runs):
            floor.append(_cost(few, wake=wake))
            ours.append(_cost(many, wake=wake))
        lines.append(
            Line(
                name=f"sweep, {name}, {count:,} closed, {place.kind}",
                unit="ms",
                floor=Measure(runs=floor),
                ours=Measure(runs=ours),
                wanted=1.5,
                better="less",
                note=f"the floor is the same with {FEW:,} closed; {OPEN:,} are open",
            )
        )
    for one in (few, many):
        one[0].close()
    return lines


Filled = tuple[Database, Policy, list[int]]


def _filled(place: Place, closed: int) -> Filled:
    """Make a database with so many closed cases, and the open ones spread among them."""
    url = place.empty()
    policy, _ = prepared(url)
    db = Database(url)
    home = policy.default_department
    step = max(closed // OPEN, 1)

    def fill(session: object) -> None:
        connection = session.connection()  # type: ignore[attr-defined] # any session
        kind = connection.dialect.name
        no = "0" if kind == "sqlite" else "false"
        given = {"at": _stored(NOW - timedelta(days=9), kind), "first": 1, "last": closed + OPEN}
        connection.execute(text(CUSTOMERS.format(numbers=NUMBERS[kind])), given)
        late = {
            "state": "told",
            "department": home.key,
            "owner": None,
            "closed": _stored(NOW - timedelta(days=1), kind),
            "due": _stored(NOW - timedelta(days=2), kind),
            "step": _stored(NOW - timedelta(days=2), kind),
        }
        connection.execute(text(CASES.format(numbers=NUMBERS[kind], no=no)), {**given, **late})
        connection.execute(
            text(
                "UPDATE cases SET state = 'working', closed_at = NULL, tell_due_at = :due, next_due_at = :due, "
                "next_step_at = :due WHERE id % :step = 0 AND id <= :last"
            ),
            {"due": _stored(NOW + timedelta(days=5), kind), "step": step, "last": step * OPEN},
        )

    db.write_now(fill)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return db, policy, [step * number for number in range(1, OPEN + 1)]


def _cost(filled: Filled, *, wake: int) -> float:
    """Give the milliseconds of one look and, where cases are woken, of one sweep: the median of some."""
    db, policy, ids = filled
    found = []
    for number in range(SWEEPS):
        if wake:
            woken = ids[number * wake % OPEN : number * wake % OPEN + wake]
            db.write_now(lambda session, woken=woken: _wake(session, woken))  # type: ignore[misc] # its default is a list
        begun = time.perf_counter()
        if db.read_now(lambda session: due.anything(session, at=NOW)):
            db.write_now(lambda session: chasing.sweep(session, policy=policy, at=NOW))
        found.append((time.perf_counter() - begun) * 1000)
    return statistics.median(found)


def _wake(session: object, ids: list[int]) -> None:
    connection = session.connection()  # type: ignore[attr-defined] # any session
    listed = ", ".join(map(str, ids))
    at = _stored(NOW, connection.dialect.name)
    connection.execute(text(f"UPDATE cases SET next_step_at = :at WHERE id IN ({listed})"), {"at": at})  # noqa: S608 -- numbers of ours


def _stored(at: datetime, kind: str) -> object:
    """Write a time as our columns keep it: SQLite has texts in UTC."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds") if kind == "sqlite" else at
