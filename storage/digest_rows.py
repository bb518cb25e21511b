"""The lists that digests show: which cases, promises and comments, found without reading what is long past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, case, func, or_, select
from sqlmodel import Session, col

from storage.rows import table_of
from storage.tables import IS_OPEN_CASE, URGENCIES, Case, Event, Member, Response, Task
from storage.time_tables import Promise

CASES: Final = table_of(Case)
EVENTS: Final = table_of(Event)
RESPONSES: Final = table_of(Response)
TASKS: Final = table_of(Task)
MEMBERS: Final = table_of(Member)
PROMISES: Final = table_of(Promise)
# Rows are written nearly in the order of their times: so much earlier one may stand behind a later one.
_SLACK: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Found:
    """The first of what was found, by id, and how many there are."""

    ids: Sequence[int]
    count: int


def unowned(session: Session, *, department: str | None, limit: int) -> Found:
    """Find open cases that nobody owns, those that wait longest first."""
    return _open(session, department, CASES.c.owner.is_(None), by=CASES.c.waiting_since, limit=limit)


def overdue(session: Session, *, department: str | None, at: datetime, limit: int) -> Found:
    """Find open cases that are past a limit, the latest one first."""
    return _open(session, department, CASES.c.next_due_at < at, by=CASES.c.next_due_at, limit=limit)


def due_until(session: Session, *, department: str | None, at: datetime, until: datetime, limit: int) -> Found:
    """Find open cases whose next limit ends from now until then."""
    is_due = (CASES.c.next_due_at >= at) & (CASES.c.next_due_at < until)
    return _open(session, department, is_due, by=CASES.c.next_due_at, limit=limit)


def promised_until(session: Session, *, department: str | None, until: datetime, limit: int) -> Found:
    """Find promises to customers that are due by then and not kept yet, the earliest first: their own ids."""
    where = [PROMISES.c.state == "open", PROMISES.c.due_at < until, IS_OPEN_CASE, *_of(department)]
    joined = PROMISES.join(CASES, PROMISES.c.case_id == CASES.c.id)
    ids = select(PROMISES.c.id).select_from(joined).where(*where).order_by(PROMISES.c.due_at, PROMISES.c.id)
    counted = select(func.count()).select_from(joined).where(*where)
    return _found(session, ids.limit(limit), counted)


def ended(
    session: Session, state: str, *, department: str | None, since: datetime, until: datetime, limit: int
) -> Found:
    """Find cases that were `told` or `excused` in this time and still are, the latest first; anonymous ones left out.

    Goes by the events, which are read from the end: what ended long ago costs nothing.
    """
    first = first_since(session, EVENTS, EVENTS.c.at, since)
    then = select(EVENTS.c.case_id).where(EVENTS.c.id >= first, EVENTS.c.kind == state, EVENTS.c.at >= since)
    where = [
        CASES.c.id.in_(then.where(EVENTS.c.at < until)),
        CASES.c.state == state,
        CASES.c.closed_at >= since,
        CASES.c.closed_at < until,
        or_(CASES.c.excuse.is_(None), CASES.c.excuse != "anonymous"),
        *_of(department),
    ]
    ids = select(CASES.c.id).where(*where).order_by(CASES.c.closed_at.desc(), CASES.c.id.desc())
    return _found(session, ids.limit(limit), select(func.count()).select_from(CASES).where(*where))


def comments(
    session: Session, *, department: str | None, since: datetime, until: datetime, limit: int
) -> Sequence[tuple[int, int]]:
    """Find low responses with a comment that came in this time: (response, case) each, the longest comments first.

    One a case: its first.
    """
    first = first_since(session, RESPONSES, RESPONSES.c.received_at, since)
    words = func.length(RESPONSES.c.comment)
    found = (
        select(func.min(RESPONSES.c.id), RESPONSES.c.case_id)
        .join(CASES, RESPONSES.c.case_id == CASES.c.id)
        .where(
            RESPONSES.c.id >= first,
            RESPONSES.c.received_at >= since,
            RESPONSES.c.received_at < until,
            RESPONSES.c.band == "low",
            words > 0,
            *_of(department),
        )
        .group_by(RESPONSES.c.case_id)
        .order_by(func.max(words).desc(), RESPONSES.c.case_id)
    )
    return [(row[0], row[1]) for row in session.connection().execute(found.limit(limit))]


def worth_raising(session: Session, *, department: str | None) -> int | None:
    """Find the open case that most needs somebody's word: the most urgent one, of those the longest waiting."""
    how_urgent = case(*((CASES.c.urgency == one, number) for number, one in enumerate(URGENCIES)), else_=0)
    found = select(CASES.c.id).where(IS_OPEN_CASE, *_of(department))
    return (
        session.connection()
        .execute(found.order_by(how_urgent.desc(), CASES.c.waiting_since, CASES.c.id).limit(1))
        .scalar()
    )


def worth_learning(session: Session, *, department: str | None, since: datetime, until: datetime) -> int | None:
    """Find the latest case that was told in this time, of the root cause that came most often."""
    told = ended(session, "told", department=department, since=since, until=until, limit=500)
    where = [CASES.c.id.in_(told.ids), CASES.c.what_changed.is_not(None)]
    often = select(CASES.c.root_cause).where(*where).group_by(CASES.c.root_cause)
    cause = session.connection().execute(often.order_by(func.count().desc(), CASES.c.root_cause).limit(1)).scalar()
    latest = select(CASES.c.id).where(*where, CASES.c.root_cause == cause)
    return session.connection().execute(latest.order_by(CASES.c.closed_at.desc(), CASES.c.id).limit(1)).scalar()


def busy_members(session: Session) -> Sequence[Member]:
    """List everybody of the workspace who owns an open case or task."""
    with_case = select(CASES.c.owner).where(IS_OPEN_CASE, CASES.c.owner.is_not(None))
    with_task = select(TASKS.c.owner).where(TASKS.c.state == "open", TASKS.c.owner.is_not(None))
    busy = {row[0] for row in session.connection().execute(with_case.union(with_task))}
    found = select(Member).where(col(Member.id).in_(busy), col(Member.is_deleted).is_(False))
    return session.execute(found.order_by(col(Member.id))).scalars().all()


def has_news(session: Session, *, department: str | None, since: datetime) -> bool:
    """Tell whether a case is open, or an answer has come since then."""
    is_open = select(CASES.c.id).where(IS_OPEN_CASE, *_of(department)).limit(1)
    latest = select(RESPONSES.c.received_at).order_by(RESPONSES.c.id.desc()).limit(1)
    connection = session.connection()
    if connection.execute(is_open).first() is not None:
        return True
    last: datetime | None = connection.execute(latest).scalar()
    return last is not None and last >= since


def promises(session: Session, ids: Sequence[int]) -> Sequence[Promise]:
    """Read promises by id, the earliest due first."""
    found = select(Promise).where(col(Promise.id).in_(ids)).order_by(col(Promise.due_at), col(Promise.id))
    return session.execute(found).scalars().all()


def first_since(session: Session, table: Table, column: ColumnElement[datetime], since: datetime) -> int:
    """Return an id before which no row of the table is so late; found by halving, in about twenty look-ups."""
    connection = session.connection()
    last = connection.execute(select(func.max(table.c.id))).scalar()
    low, high = 0, (last or 0) + 1
    while low < high:
        middle = (low + high) // 2
        seen: Any = connection.execute(
            select(table.c.id, column).where(table.c.id >= middle).order_by(table.c.id).limit(1)
        ).first()
        if seen is None or seen[1] >= since - _SLACK:
            high = middle
        else:
            low = int(seen[0]) + 1
    return low


def _open(
    session: Session,
    department: str | None,
    condition: ColumnElement[bool],
    *,
    by: ColumnElement[datetime],
    limit: int,
) -> Found:
    where = [IS_OPEN_CASE, condition, *_of(department)]
    ids = select(CASES.c.id).where(*where).order_by(by, CASES.c.id).limit(limit)
    return _found(session, ids, select(func.count()).select_from(CASES).where(*where))


def _found(session: Session, ids: Any, counted: Any) -> Found:
    connection = session.connection()
    return Found(list(connection.execute(ids).scalars()), connection.execute(counted).scalar_one())


def _of(department: str | None) -> list[ColumnElement[bool]]:
    return [CASES.c.department == department] if department else []
