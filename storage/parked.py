"""What came rightly and couldn't be read, a request or a poll's row: kept with its bytes until an admin decides."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, bindparam, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from storage import rows
from storage.tables import Parked

PARKED = rows.table_of(Parked)
_NAMES = ("source", "digest", "body", "reason", "form", "received_at", "state", "times")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a poll that can't be read. Its digest is only of what the tool said: poll by poll it stays the same."""

    digest: str
    body: bytes
    reason: str
    form: str | None = None


def park(session: Session, *, source: str, body: bytes, reason: str, at: datetime, form: str | None = None) -> int:
    """Keep a request; the same bytes again are counted, not kept twice. Returns the row's id."""
    digest = hashlib.sha256(body).hexdigest()
    # Held: of two at once the second counts on from the first.
    same = select(Parked).where(Parked.source == source, Parked.digest == digest).with_for_update()
    known = session.exec(same).first()
    if known is not None and known.id is not None:
        known.times, known.reason, known.form = known.times + 1, reason, form
        if known.state == "replayed":  # it came again, or what it names was asked for again: and again in vain
            known.state = "parked"
        session.add(known)
        return known.id
    return rows.add(session, Parked, source=source, digest=digest, body=body, reason=reason, form=form, received_at=at)


def park_rows(
    session: Session, source: str, found: Mapping[str, Row], *, at: datetime, but_for: str | None = None
) -> set[str]:
    """Keep rows of a poll, by their digests; returns those that wait now for another reason than before.

    A poll sees the same rows again hour by hour: nothing is written of those that are there for the same reason, and
    one that was let go stays so. What waits for the reason `but_for` is left alone.
    """
    # In one order, and held: two polls of one tool at once must not wait for each other.
    same = select(Parked).where(Parked.source == source, col(Parked.digest).in_(found)).order_by(col(Parked.id))
    known = {one.digest: one for one in session.exec(same.with_for_update())}
    fresh = [found[digest] for digest in sorted(found.keys() - known.keys())]
    news = {one.digest for one in fresh}
    if fresh:
        always = {"source": source, "received_at": at, "state": "parked", "times": 1}
        values = [
            always | {"digest": one.digest, "body": one.body, "reason": one.reason, "form": one.form} for one in fresh
        ]
        session.connection().execute(_insert(session.get_bind().dialect.name), values)
    for digest, one in known.items():
        row = found[digest]
        is_news = one.state == "parked" and one.reason not in {row.reason, but_for}
        if one.state == "replayed" or is_news:
            one.state, one.reason, one.form, one.times = "parked", row.reason, row.form, one.times + 1
            session.add(one)
            news.add(digest)
    session.flush()
    return news


def body_of(session: Session, parked_id: int) -> bytes:
    """Give the bytes of one as they came; none for one that isn't there."""
    return session.exec(select(Parked.body).where(Parked.id == parked_id)).first() or b""


def wait_for(session: Session, parked_id: int, reason: str) -> None:
    """Say why one waits from now on, if it is still parked."""
    is_it = col(Parked.id) == parked_id, col(Parked.state) == "parked"
    session.execute(update(Parked).where(*is_it).values(reason=reason))


def bodies_waiting_for(session: Session, source: str, reason: str) -> Sequence[bytes]:
    """Give the bytes of all that waits for this reason."""
    return session.exec(select(Parked.body).where(*_waits_for(source, reason))).all()


def settle_all(session: Session, source: str, reason: str) -> None:
    """Mark as `replayed` all that waits for this reason."""
    session.execute(update(Parked).where(*_waits_for(source, reason)).values(state="replayed"))


def waiting(session: Session) -> Sequence[Parked]:
    """List what is still parked, the oldest first."""
    return session.exec(select(Parked).where(Parked.state == "parked").order_by(col(Parked.id))).all()


def waiting_by_reason(session: Session) -> list[tuple[str, str, int]]:
    """Count what is parked: (source, reason, requests) each."""
    counted = select(Parked.source, Parked.reason, func.count()).where(Parked.state == "parked")
    return list(session.exec(counted.group_by(col(Parked.source), col(Parked.reason)).order_by(col(Parked.source))))


def settle(session: Session, parked_id: int, state: str) -> None:
    """Mark a parked request as `replayed` or `dismissed`."""
    session.execute(update(Parked).where(col(Parked.id) == parked_id).values(state=state))


def _waits_for(source: str, reason: str) -> tuple[ColumnElement[bool], ...]:
    return col(Parked.source) == source, col(Parked.state) == "parked", col(Parked.reason) == reason


@cache
def _insert(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Insert a row, unless another poll was quicker."""
    insert = sqlite.insert(PARKED) if dialect == "sqlite" else postgresql.insert(PARKED)
    return insert.values({name: bindparam(name) for name in _NAMES}).on_conflict_do_nothing(
        index_elements=["source", "digest"]
    )
