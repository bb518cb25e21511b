"""Where polls of survey tools stand: kept page by page, in the transaction that keeps the page's answers."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage.rows import table_of
from storage.source_tables import PollCursor

RECONCILE: Final = "reconcile"
# Polls once more what couldn't be read: beside the hourly one, which goes on from where it stands.
AGAIN: Final = "again"
CURSORS: Final = table_of(PollCursor)
_NAMES: Final = ("source", "target", "purpose", "since", "cursor", "is_done", "taken", "changed_at", "leased_until")


class LeaseLostError(RuntimeError):
    """Somebody else goes on with this poll: what was about to be written is left to them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A poll that is ours until `leased_until`, and where it stands."""

    source: str
    target: str
    """The form, or "" where one poll gives all."""
    purpose: str
    since: datetime
    cursor: str
    is_done: bool
    taken: int
    changed_at: datetime
    leased_until: datetime


def begin(session: Session, *, source: str, target: str, purpose: str, since: datetime, at: datetime) -> None:
    """Make a poll known, unless it is: it stands at its beginning, `since`."""
    row = {"source": source, "target": target, "purpose": purpose, "since": since, "changed_at": at}
    row |= {"cursor": "", "is_done": False, "taken": 0, "leased_until": None}
    session.connection().execute(_begin(session.get_bind().dialect.name), row)


def take_over(session: Session, *, source: str, target: str, purpose: str, until: datetime) -> Place:
    """Go on with a poll where it stands, even if somebody is at it: they stop before their next page is written."""
    is_it = CURSORS.c.source == source, CURSORS.c.target == target, CURSORS.c.purpose == purpose
    return _leased(session, is_it, until=until)[0]


def take_due(
    session: Session, *, source: str, target: str, purpose: str, done_before: datetime, at: datetime, until: datetime
) -> Place | None:
    """Take a poll that nobody is at, if it stopped half-way or was last done before `done_before`; else None."""
    now = CURSORS.c
    is_it = now.source == source, now.target == target, now.purpose == purpose
    is_free = or_(now.leased_until.is_(None), now.leased_until <= at)
    is_due = or_(now.is_done.is_(False), now.changed_at <= done_before)
    return next(iter(_leased(session, (*is_it, is_free, is_due), until=until)), None)


def is_due(session: Session, *, source: str, target: str, purpose: str, done_before: datetime, at: datetime) -> bool:
    """Tell whether `take_due` would take this poll, or nobody has begun it yet."""
    row = CURSORS.c
    is_it = row.source == source, row.target == target, row.purpose == purpose
    found = session.connection().execute(select(row.is_done, row.changed_at, row.leased_until).where(*is_it)).first()
    if found is None:
        return True
    is_free = found.leased_until is None or found.leased_until <= at
    return is_free and (not found.is_done or found.changed_at <= done_before)


def begin_again(session: Session, *, source: str, target: str, since: datetime, at: datetime) -> None:
    """Have all be asked for once more that is there from `since` on, or earlier if that is wanted already.

    Whoever is at it stops before their next page: they are past what is wanted now, or read it as it was before.
    """
    this = {"source": source, "target": target, "purpose": AGAIN}
    begin(session, **this, since=since, at=at)
    row = CURSORS.c
    is_it = row.source == source, row.target == target, row.purpose == AGAIN
    stands = select(row.since, row.cursor, row.is_done, row.leased_until).where(*is_it).with_for_update()
    found = session.connection().execute(stands).one()
    if not (found.is_done or found.cursor or found.leased_until) and found.since <= since:
        return
    earliest = since if found.is_done else min(since, found.since)
    anew = {"since": earliest, "cursor": "", "is_done": False, "taken": 0, "changed_at": at, "leased_until": None}
    session.connection().execute(update(CURSORS).where(*is_it).values(anew))


def wanted_again(session: Session, *, at: datetime) -> list[tuple[str, str]]:
    """List what is to be asked for once more, and nobody is at: (source, target) each."""
    row = CURSORS.c
    is_free = or_(row.leased_until.is_(None), row.leased_until <= at)
    found = select(row.source, row.target).where(row.purpose == AGAIN, row.is_done.is_(False), is_free)
    return [(source, target) for source, target in session.connection().execute(found.order_by(row.source, row.target))]


def restart(session: Session, place: Place, *, at: datetime) -> Place:
    """Begin a poll anew that had come to its end. Raises LeaseLostError if it isn't ours."""
    anew = replace(place, cursor="", is_done=False, taken=0, changed_at=at)
    _change(session, place, place.leased_until, cursor="", is_done=False, taken=0, changed_at=at)
    return anew


def advance(
    session: Session, place: Place, *, cursor: str, is_done: bool, taken: int, at: datetime, until: datetime
) -> Place:
    """Move a poll behind a page, of which so many responses were taken. Raises LeaseLostError if it isn't ours."""
    after = replace(place, cursor=cursor, is_done=is_done, taken=place.taken + taken, changed_at=at, leased_until=until)
    _change(session, place, after.leased_until, cursor=cursor, is_done=is_done, taken=after.taken, changed_at=at)
    return after


def end(session: Session, place: Place, *, at: datetime) -> None:
    """Say that there is nothing left to ask for. Nothing happens when it isn't ours any more."""
    ended = update(CURSORS).where(*_is_ours(place)).values(is_done=True, changed_at=at, leased_until=None)
    session.connection().execute(ended)


def release(session: Session, place: Place, *, until: datetime | None = None) -> None:
    """Let go of a poll; with `until` nobody takes it up before then. Nothing happens when it isn't ours any more."""
    session.connection().execute(update(CURSORS).where(*_is_ours(place)).values(leased_until=until))


def _change(session: Session, place: Place, until: datetime, **values: object) -> None:
    moved = update(CURSORS).where(*_is_ours(place)).values(leased_until=until, **values)
    if session.connection().execute(moved).rowcount != 1:
        raise LeaseLostError


def _is_ours(place: Place) -> tuple[ColumnElement[bool], ...]:
    row = CURSORS.c
    is_it = row.source == place.source, row.target == place.target, row.purpose == place.purpose
    return (*is_it, row.leased_until == place.leased_until)


def _leased(session: Session, wanted: tuple[ColumnElement[bool], ...], *, until: datetime) -> list[Place]:
    taken = update(CURSORS).where(*wanted).values(leased_until=until).returning(*(CURSORS.c[name] for name in _NAMES))
    return [Place(**row) for row in session.connection().execute(taken).mappings()]


def standing(session: Session, source: str) -> list[tuple[str, str, bool]]:
    """List this source's polls: target, purpose, and whether each has come to its end."""
    found = select(CURSORS.c.target, CURSORS.c.purpose, CURSORS.c.is_done).where(CURSORS.c.source == source)
    return [(target, purpose, is_done) for target, purpose, is_done in session.connection().execute(found)]


@cache
def _begin(dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = sqlite.insert(CURSORS) if dialect == "sqlite" else postgresql.insert(CURSORS)
    return insert.values({name: bindparam(name) for name in _NAMES}).on_conflict_do_nothing(
        index_elements=["source", "target", "purpose"]
    )
