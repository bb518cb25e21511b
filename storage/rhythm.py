"""When survey tools send: what came since somebody last looked, found by primary key."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Executable, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session
from sqlmodel import select as select_rows

from storage.rows import table_of
from storage.source_tables import Alarm, SourceState
from storage.tables import Response

RESPONSES: Final = table_of(Response)
ALARMS: Final = table_of(Alarm)


class Arrival(NamedTuple):
    """One response: from where, and when it came."""

    id: int
    source: str
    received_at: datetime


def hold_states(session: Session) -> dict[str, SourceState]:
    """Hold what is known of every source, by its name."""
    found = select_rows(SourceState).order_by(SourceState.name).with_for_update()
    return {one.name: one for one in session.exec(found)}


def last_id(session: Session) -> int:
    """Return the id of the latest response; 0: there is none."""
    return int(session.connection().execute(select(func.max(RESPONSES.c.id))).scalar() or 0)


def arrivals(session: Session, *, after: int, until: datetime, limit: int) -> Sequence[Arrival]:
    """List the responses with a greater id, in order, up to the first that came later than `until`."""
    columns = (RESPONSES.c.id, RESPONSES.c.source, RESPONSES.c.received_at)
    found = select(*columns).where(RESPONSES.c.id > after).order_by(RESPONSES.c.id).limit(limit)
    came = [Arrival(*row) for row in session.connection().execute(found)]
    settled = next((number for number, one in enumerate(came) if one.received_at > until), len(came))
    return came[:settled]


def alarm(session: Session, source: str, *, key: str, facts: dict[str, Any], at: datetime) -> int | None:
    """Write down that a source is silent or back; returns the alarm's id, None: this occasion is known."""
    connection = session.connection()
    values = {"key": key, "kind": "silence", "source": source, "facts": facts, "at": at}
    inserted = connection.execute(_alarm(connection.dialect.name), values).first()
    return int(inserted[0]) if inserted else None


def silent_now(session: Session) -> Sequence[SourceState]:
    """List the sources that are reported as silent."""
    found = select_rows(SourceState).where(table_of(SourceState).c.silent_at.is_not(None))
    return session.exec(found.order_by(SourceState.name)).all()


@cache
def _alarm(dialect: str) -> Executable:
    insert = sqlite.insert(ALARMS) if dialect == "sqlite" else postgresql.insert(ALARMS)
    return insert.on_conflict_do_nothing(index_elements=["key"]).returning(ALARMS.c.id)
