"""What time has brought: the rows that a sweep has to look at, found by partial indexes and held while it does."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, text, update
from sqlmodel import Session, col

from storage.members import MEMBERS
from storage.rows import table_of
from storage.tables import IS_OPEN_CASE, LENT_CASE, LENT_TASK, Case, Event, Task
from storage.time_tables import Ping, Promise

CASES: Final = table_of(Case)
TASKS: Final = table_of(Task)
PROMISES: Final = table_of(Promise)
PINGS: Final = table_of(Ping)
# The states are written out, not bound: only then can the partial indexes be used.
IS_OPEN_TASK: Final = text("tasks.state = 'open'")
IS_OPEN_PROMISE: Final = text("promises.state = 'open'")
IS_HELD_PING: Final = text("pings.state = 'held'")
IS_LENT_CASE: Final = text(f"cases.{LENT_CASE}")
IS_LENT_TASK: Final = text(f"tasks.{LENT_TASK}")
STEPS: Final = ("warned", "overdue", "escalated")
"""The kinds of events that the steps of a case leave."""


def anything(session: Session, *, at: datetime) -> bool:
    """Tell whether a sweep would find anything: what nobody waits for must not write."""
    connection = session.connection()
    return any(connection.execute(one.limit(1)).first() is not None for one in statements(at))


def statements(at: datetime) -> list[Select[Any]]:
    """Give the questions that a sweep asks of the database; each is answered by an index of what is still open."""
    return [_cases(at), _tasks(at), _promises(at), _members(at), _back_cases(at), _back_tasks(at)]


def cases(session: Session, *, at: datetime, limit: int) -> list[int]:
    """List the open cases that are due, the longest overdue first."""
    return _ids(session, _cases(at), limit)


def tasks(session: Session, *, at: datetime, limit: int) -> list[tuple[int, int]]:
    """List the open tasks that are due, each with its case."""
    return [(row[0], row[1]) for row in session.connection().execute(_tasks(at).limit(limit))]


def promises(session: Session, *, at: datetime, limit: int) -> list[tuple[int, int]]:
    """List the open promises that are due, each with its case."""
    return [(row[0], row[1]) for row in session.connection().execute(_promises(at).limit(limit))]


def cases_to_return(session: Session, *, at: datetime, limit: int) -> list[int]:
    """List the open cases whose owner was away and is present again."""
    return _ids(session, _back_cases(at), limit)


def tasks_to_return(session: Session, *, at: datetime, limit: int) -> list[tuple[int, int]]:
    """List the open tasks whose owner was away and is present again, each with its case."""
    return [(row[0], row[1]) for row in session.connection().execute(_back_tasks(at).limit(limit))]


def held_case(session: Session, case_id: int) -> Case | None:
    """Hold a case's row until the transaction ends; None: somebody else has it in hand, and it is looked at later."""
    return session.execute(
        select(Case)
        .where(col(Case.id) == case_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).scalar()


def held_task(session: Session, task_id: int) -> Task:
    """Hold the row of a task whose case is held already."""
    found = select(Task).where(col(Task.id) == task_id).with_for_update().execution_options(populate_existing=True)
    task: Task = session.execute(found).scalar_one()
    return task


def held_promise(session: Session, promise_id: int) -> Promise:
    """Hold the row of a promise whose case is held already."""
    found = select(Promise).where(col(Promise.id) == promise_id).with_for_update()
    promise: Promise = session.execute(found.execution_options(populate_existing=True)).scalar_one()
    return promise


def steps_taken(session: Session, case_id: int, *, since: datetime) -> list[tuple[str, dict[str, Any]]]:
    """List the steps that a case has been through since then: (kind of event, its facts) each."""
    found = select(Event.kind, Event.facts).where(  # type: ignore[call-overload] # SQLModel's columns
        col(Event.case_id) == case_id, col(Event.kind).in_(STEPS), col(Event.at) >= since
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def is_touched(session: Session, case_id: int, *, since: datetime, nobodys: Collection[str]) -> bool:
    """Tell whether anybody has done anything about a case since then; `nobodys` are who doesn't count."""
    found = exists().where(col(Event.case_id) == case_id, col(Event.at) >= since, col(Event.by).not_in([*nobodys]))
    return bool(session.execute(select(found)).scalar())


def has_note(session: Session, case_id: int, *, since: datetime) -> bool:
    """Tell whether somebody has left a note on a case since then."""
    found = exists().where(col(Event.case_id) == case_id, col(Event.at) >= since, col(Event.kind) == "note")
    return bool(session.execute(select(found)).scalar())


def members_to_tell(session: Session, *, at: datetime, limit: int) -> list[str]:
    """List who is to hear now of what was held back, and hold their rows: one message a person, whoever sends it."""
    found = [row[0] for row in session.connection().execute(_members(at).limit(limit))]
    held = select(MEMBERS.c.id).where(MEMBERS.c.id.in_(found)).order_by(MEMBERS.c.id).with_for_update(skip_locked=True)
    return [row[0] for row in session.connection().execute(held)] if found else []


def held_back(session: Session, member: str, *, at: datetime) -> Sequence[Ping]:
    """List what was held back for somebody until now, the oldest first."""
    found = (
        select(Ping)
        .where(IS_HELD_PING, col(Ping.member) == member, col(Ping.release_at) <= at)
        .order_by(col(Ping.id))
        .execution_options(populate_existing=True)
    )
    return session.execute(found).scalars().all()


def pings_since(session: Session, member: str, *, since: datetime) -> list[dict[str, Any]]:
    """List the facts of what somebody was told at once since then; what came together with more doesn't count."""
    found = select(PINGS.c.facts).where(
        PINGS.c.member == member, PINGS.c.at >= since, PINGS.c.state == "sent", PINGS.c.release_at.is_(None)
    )
    return [row[0] for row in session.connection().execute(found)]


def wake_tasks(session: Session, case_id: int, *, at: datetime) -> None:
    """Have the open tasks of a case looked at again, now that it is taken up again."""
    is_here = and_(TASKS.c.case_id == case_id, TASKS.c.state == "open", TASKS.c.next_step_at.is_(None))
    session.connection().execute(update(TASKS).where(is_here, TASKS.c.due_at > at).values(next_step_at=TASKS.c.due_at))


def put_off(session: Session, case_id: int, *, at: datetime, until: datetime) -> None:
    """Have nothing of a case looked at again before `until`: something of it can't be stepped now."""
    connection = session.connection()
    for table, is_it, is_open in (
        (CASES, CASES.c.id == case_id, IS_OPEN_CASE),
        (TASKS, TASKS.c.case_id == case_id, IS_OPEN_TASK),
        (PROMISES, PROMISES.c.case_id == case_id, IS_OPEN_PROMISE),
    ):
        connection.execute(update(table).where(is_it, is_open, table.c.next_step_at <= at).values(next_step_at=until))


def is_absent(at: datetime) -> ColumnElement[bool]:
    """Say in SQL what `away.is_away` says of a member's row."""
    return or_(
        MEMBERS.c.is_deleted.is_(True),
        and_(
            MEMBERS.c.is_present.is_(False),
            or_(MEMBERS.c.status_until.is_(None), MEMBERS.c.status_until > at),
        ),
        MEMBERS.c.dnd_until.is_not(None) & (MEMBERS.c.dnd_until > at),
        MEMBERS.c.away_until.is_not(None) & (MEMBERS.c.away_until > at),
    )


def _ids(session: Session, statement: Select[Any], limit: int) -> list[int]:
    return [row[0] for row in session.connection().execute(statement.limit(limit))]


def _cases(at: datetime) -> Select[Any]:
    due = CASES.c.next_step_at <= at
    return select(CASES.c.id).where(IS_OPEN_CASE, due).order_by(CASES.c.next_step_at)


def _tasks(at: datetime) -> Select[Any]:
    due = TASKS.c.next_step_at <= at
    return select(TASKS.c.id, TASKS.c.case_id).where(IS_OPEN_TASK, due).order_by(TASKS.c.next_step_at)


def _promises(at: datetime) -> Select[Any]:
    due = PROMISES.c.next_step_at <= at
    return select(PROMISES.c.id, PROMISES.c.case_id).where(IS_OPEN_PROMISE, due).order_by(PROMISES.c.next_step_at)


def _members(at: datetime) -> Select[Any]:
    return select(PINGS.c.member).where(IS_HELD_PING, PINGS.c.release_at <= at).distinct()


def _back_cases(at: datetime) -> Select[Any]:
    present = exists().where(MEMBERS.c.id == CASES.c.lent_by, ~is_absent(at))
    return select(CASES.c.id).where(IS_LENT_CASE, present).order_by(CASES.c.lent_by)


def _back_tasks(at: datetime) -> Select[Any]:
    present = exists().where(MEMBERS.c.id == TASKS.c.lent_by, ~is_absent(at))
    return select(TASKS.c.id, TASKS.c.case_id).where(IS_LENT_TASK, present).order_by(TASKS.c.lent_by)
