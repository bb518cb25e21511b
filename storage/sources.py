"""What is known of each survey tool as a sender: written by polls and doors, read by whoever asks how it is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from storage import parked, rows
from storage.outbox import INTENTS
from storage.rows import table_of
from storage.source_tables import Alarm, SourceState
from storage.tables import Response

SOURCES: Final = table_of(SourceState)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many responses of a source there are, and when the last one was given."""

    count: int
    last_at: datetime


def count_refused(session: Session, refused: Mapping[str, int], *, at: datetime) -> None:
    """Add requests that were not rightly signed, by source."""
    counted = [_row(name, refused=count, refused_at=at) for name, count in sorted(refused.items())]
    if counted:
        session.connection().execute(_add(session.get_bind().dialect.name, "refused", "refused_at"), counted)


def count_missed(session: Session, name: str, missed: int, *, key: str, at: datetime) -> int:
    """Add responses that a poll found and no webhook had brought; returns the id of the alarm, one for each `key`."""
    session.connection().execute(_add(session.get_bind().dialect.name, "missed"), _row(name, missed=missed))
    return rows.add(session, Alarm, key=key, kind="missed", source=name, facts={"count": missed}, at=at)


def missed_since(session: Session, since: datetime) -> list[tuple[str, int]]:
    """Count what no webhook brought, by source, as the alarms since then say."""
    found = select(col(Alarm.source), col(Alarm.facts)).where(col(Alarm.kind) == "missed", col(Alarm.at) >= since)
    counted = Counter[str]()
    for source, facts in session.connection().execute(found):
        counted[source] += int(facts.get("count", 0))
    return counted.most_common()


def polled(session: Session, name: str, *, at: datetime) -> None:
    """Note that a poll came to its end: whatever was wrong with it is over."""
    row = _row(name, polled_at=at, problem=None)
    session.connection().execute(_put(session.get_bind().dialect.name, "polled_at", "problem"), row)


def troubled(session: Session, name: str, problem: str) -> None:
    """Note why a source can't be polled, or why rows of it can't be read."""
    session.connection().execute(_put(session.get_bind().dialect.name, "problem"), _row(name, problem=problem))


def states(session: Session) -> dict[str, SourceState]:
    """Give what is known of each source, by its name."""
    found = session.connection().execute(select(SOURCES)).mappings()
    return {row["name"]: SourceState(**row) for row in found}


def arrivals(session: Session) -> dict[str, Arrivals]:
    """Count the responses of each source."""
    source = col(Response.source)
    counted = select(source, func.count(), func.max(col(Response.submitted_at))).group_by(source)
    return {name: Arrivals(count, last_at) for name, count, last_at in session.connection().execute(counted)}


def parked_by_source(session: Session) -> dict[str, int]:
    """Count what is parked of each source."""
    found: dict[str, int] = {}
    for source, _, count in parked.waiting_by_reason(session):
        found[source] = found.get(source, 0) + count
    return found


def unfetched(session: Session) -> dict[str, tuple[int, str | None]]:
    """Count what still has to be asked for of each source, with the latest problem on the way."""
    is_fetch = INTENTS.c.kind == "fetch"
    waits = INTENTS.c.state.in_(("waiting", "sending", "unclear", "dead"))
    found = select(INTENTS.c.lane, INTENTS.c.problem).where(is_fetch, waits).order_by(INTENTS.c.id)
    counted: dict[str, tuple[int, str | None]] = {}
    for lane, problem in session.connection().execute(found):
        name = lane.partition(":")[2]
        count, before = counted.get(name, (0, None))
        counted[name] = count + 1, problem or before
    return counted


def is_asked_for(session: Session, name: str, external_ids: list[str]) -> set[str]:
    """Give those of these responses that a webhook has named, whether they have been fetched or not."""
    wanted = set(external_ids)
    facts = select(INTENTS.c.facts).where(INTENTS.c.lane == f"fetch:{name}")
    named = {str(row[0].get("external_id")) for row in session.connection().execute(facts)}
    return wanted & named


def _row(name: str, **known: Any) -> dict[str, Any]:
    nothing = {"last_response_id": 0, "gaps": [], "refused": 0, "missed": 0, "missed_told": 0}
    return {**nothing, "name": name, **known}


def _insert(dialect: str) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(SOURCES) if dialect == "sqlite" else postgresql.insert(SOURCES)


@cache
def _add(dialect: str, count: str, *put: str) -> sqlite.Insert | postgresql.Insert:
    """Insert a row, or add to the count of the one there is, and put other columns in their place."""
    insert = _insert(dialect)
    changes = {count: SOURCES.c[count] + insert.excluded[count], **{name: insert.excluded[name] for name in put}}
    return insert.values(_named(count, *put)).on_conflict_do_update(index_elements=["name"], set_=changes)


@cache
def _put(dialect: str, *put: str) -> sqlite.Insert | postgresql.Insert:
    insert = _insert(dialect)
    changes = {name: insert.excluded[name] for name in put}
    return insert.values(_named(*put)).on_conflict_do_update(index_elements=["name"], set_=changes)


def _named(*named: str) -> dict[str, BindParameter[Any]]:
    always = ("name", "last_response_id", "gaps", "refused", "missed", "missed_told")
    return {name: bindparam(name) for name in dict.fromkeys((*always, *named))}
