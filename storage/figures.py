"""The loops in figures: how many cases are in each state, overdue, unowned, and how those since a day have ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from storage.tables import OPEN_STATES, Case


@dataclass(frozen=True, slots=True)
class OpenCount:
    """Open cases of one department in one state; `overdue`: those past their next limit, `unowned`: nobody's."""

    department: str
    state: str
    count: int
    overdue: int
    unowned: int


@dataclass(frozen=True, slots=True)
class ClosedCount:
    """Cases that were closed since a day; anonymous ones are counted apart, because nobody could tell them."""

    told: int
    excused: int
    excused_anonymous: int


def open_counts(session: Session, *, at: datetime) -> Sequence[OpenCount]:
    """Count open cases by department and state."""
    overdue = func.sum(case((col(Case.next_due_at) < at, 1), else_=0))
    unowned = func.sum(case((col(Case.owner).is_(None), 1), else_=0))
    counted = select(Case.department, Case.state, func.count(), overdue, unowned)  # type: ignore[call-overload] # five
    rows = session.exec(counted.where(col(Case.state).in_(OPEN_STATES)).group_by(Case.department, Case.state))
    return [OpenCount(*row) for row in rows]


def closed_counts(session: Session, *, since: datetime) -> ClosedCount:
    """Count the cases that were closed since then, by how they ended."""
    counted = select(Case.state, Case.excuse, func.count()).where(col(Case.closed_at) >= since)
    found = session.exec(counted.group_by(col(Case.state), col(Case.excuse))).all()
    excused = {excuse: count for state, excuse, count in found if state == "excused"}
    anonymous = excused.pop("anonymous", 0)
    told = sum(count for state, _, count in found if state == "told")
    return ClosedCount(told=told, excused=sum(excused.values()), excused_anonymous=anonymous)
