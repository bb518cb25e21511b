"""Requests that were rightly signed and couldn't be read: kept with their bytes until an admin decides."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage import rows
from storage.tables import Parked


def park(session: Session, *, source: str, body: bytes, reason: str, at: datetime, form: str | None = None) -> int:
    """Keep a request; the same bytes again are counted, not kept twice. Returns the row's id."""
    digest = hashlib.sha256(body).hexdigest()
    # Held: of two at once the second counts on from the first.
    same = select(Parked).where(Parked.source == source, Parked.digest == digest).with_for_update()
    known = session.exec(same).first()
    if known is not None and known.id is not None:
        known.times, known.reason = known.times + 1, reason
        if known.state == "replayed":  # it came again, or what it names was asked for again: and again in vain
            known.state = "parked"
        session.add(known)
        return known.id
    return rows.add(session, Parked, source=source, digest=digest, body=body, reason=reason, form=form, received_at=at)


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
