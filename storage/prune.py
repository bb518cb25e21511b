"""Rows that have done their work and may go."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from storage.source_tables import WebSession
from storage.tables import Intent, Seen


def seen_before(session: Session, at: datetime) -> None:
    """Forget what was seen before then: nobody repeats it any more."""
    session.execute(delete(Seen).where(col(Seen.at) < at))


def sent_before(session: Session, at: datetime) -> None:
    """Forget one-time intents that were sent before then. Views keep theirs: they are redrawn under the same key."""
    is_old = (col(Intent.state) == "sent", col(Intent.sent_at) < at, col(Intent.kind).in_(("line", "mail", "post")))
    session.execute(delete(Intent).where(*is_old))


def sessions_before(session: Session, at: datetime) -> None:
    """Forget signed-in browsers whose time was over before then."""
    session.execute(delete(WebSession).where(col(WebSession.expires_at) < at))
