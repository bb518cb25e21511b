"""Posts that come again and again: their schedules, each turn that was taken, and what a huddle decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from storage.rows import table_of
from storage.time_tables import Decision, Run, Schedule

SCHEDULES: Final = table_of(Schedule)
RUNS: Final = table_of(Run)
DECISIONS: Final = table_of(Decision)


@dataclass(frozen=True, slots=True)
class Listed:
    """A schedule, its last turn that was taken, and how many turns were skipped since."""

    schedule: Schedule
    last: Run | None
    skipped: int


def is_due(session: Session, *, at: datetime) -> bool:
    """Tell whether `hold_due` would find anything."""
    return session.connection().execute(select(SCHEDULES.c.id).where(*_due(at)).limit(1)).first() is not None


def hold_due(session: Session, *, at: datetime, limit: int) -> Sequence[Schedule]:
    """Hold the schedules whose turn it is; those that another process has in hand are left to it."""
    due = select_rows(Schedule).where(*_due(at)).order_by(SCHEDULES.c.next_at, SCHEDULES.c.id).limit(limit)
    return session.exec(due.with_for_update(skip_locked=True)).all()


def hold(session: Session, schedule_id: int) -> Schedule | None:
    """Hold one schedule; None: there is none with this id."""
    return session.exec(select_rows(Schedule).where(Schedule.id == schedule_id).with_for_update()).first()


def named(session: Session, name: str) -> Schedule | None:
    """Return the schedule of this name."""
    return session.exec(select_rows(Schedule).where(Schedule.name == name)).first()


def all_of_them(session: Session, *, for_update: bool = False) -> Sequence[Schedule]:
    """Return every schedule, by name."""
    found = select_rows(Schedule).order_by(col(Schedule.name))
    return session.exec(found.with_for_update() if for_update else found).all()


def listed(session: Session) -> list[Listed]:
    """List every schedule with what became of its last turns: those that are on first, by their next time."""
    latest = select(RUNS.c.schedule_id, func.max(RUNS.c.id)).where(RUNS.c.state != "skipped")
    rows = session.connection().execute(latest.group_by(RUNS.c.schedule_id))
    last_ids: dict[int, int] = {row[0]: row[1] for row in rows}
    runs = {run.id: run for run in session.exec(select_rows(Run).where(col(Run.id).in_(last_ids.values())))}
    schedules = sorted(all_of_them(session), key=lambda one: (not one.is_on, str(one.next_at), one.name))
    return [
        Listed(one, runs.get(last_ids.get(one.id or 0)), _skipped(session, one.id, after=last_ids.get(one.id or 0, 0)))
        for one in schedules
    ]


def skipped_lately(session: Session, *, since: datetime, limit: int = 20) -> Sequence[tuple[Run, str]]:
    """List the turns that were skipped since then, the latest first, each with its schedule's name."""
    found = (
        select_rows(Run, Schedule.name)
        .join(Schedule, RUNS.c.schedule_id == SCHEDULES.c.id)
        .where(Run.state == "skipped", Run.at >= since)
    )
    return session.exec(found.order_by(col(Run.id).desc()).limit(limit)).all()


def run_of(session: Session, schedule_id: int, slot: str) -> Run | None:
    """Return the turn of a schedule at a local slot, if it has been taken."""
    return session.exec(select_rows(Run).where(Run.schedule_id == schedule_id, Run.slot == slot)).first()


def was_taken_on(session: Session, schedule_id: int, day: str) -> bool:
    """Tell whether a turn of this local day (2026-11-23) was posted, or found empty."""
    found = select(RUNS.c.id).where(
        RUNS.c.schedule_id == schedule_id, RUNS.c.slot.like(f"{day}T__:__"), RUNS.c.state != "skipped"
    )
    return session.connection().execute(found.limit(1)).first() is not None


def take(session: Session, **values: Any) -> int | None:
    """Write down a turn; returns its id. None: this slot was taken before."""
    connection = session.connection()
    inserted = connection.execute(_take(connection.dialect.name), values).first()
    return int(inserted[0]) if inserted else None


def retake(session: Session, run_id: int, *, state: str, at: datetime, facts: dict[str, Any]) -> bool:
    """Post a turn that was skipped after all; tells whether it was still skipped."""
    skipped = update(RUNS).where(RUNS.c.id == run_id, RUNS.c.state == "skipped")
    return session.connection().execute(skipped.values(state=state, at=at, facts=facts)).rowcount == 1


def decided(session: Session, run_id: int) -> dict[str, Decision]:
    """Return what a huddle decided, by item."""
    return {one.item: one for one in session.exec(select_rows(Decision).where(Decision.run_id == run_id))}


def decide(session: Session, **values: Any) -> None:
    """Write down what a huddle decided about one item; the last word counts."""
    connection = session.connection()
    connection.execute(_decide(connection.dialect.name), values)


def _due(at: datetime) -> tuple[Any, ...]:
    return SCHEDULES.c.is_on, SCHEDULES.c.next_at <= at


def _skipped(session: Session, schedule_id: int | None, *, after: int) -> int:
    counted = select(func.count()).where(
        RUNS.c.schedule_id == schedule_id, RUNS.c.state == "skipped", RUNS.c.id > after
    )
    return session.connection().execute(counted).scalar_one()


@cache
def _take(dialect: str) -> Executable:
    insert = sqlite.insert(RUNS) if dialect == "sqlite" else postgresql.insert(RUNS)
    return insert.on_conflict_do_nothing(index_elements=["schedule_id", "slot"]).returning(RUNS.c.id)


@cache
def _decide(dialect: str) -> Executable:
    insert = sqlite.insert(DECISIONS) if dialect == "sqlite" else postgresql.insert(DECISIONS)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=["run_id", "item"], set_={"decision": new.decision, "by": new.by, "at": new.at}
    )
