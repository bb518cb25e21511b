"""The applied versions of the policy: every one is kept, with who applied it and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from storage import rows
from storage.tables import PolicyVersion

# Who applied it, where no person did: the file that POLICY names.
FROM_FILE: Final = "file"


def latest(session: Session) -> PolicyVersion | None:
    """Return the version in force; None: none has been applied yet."""
    return session.exec(select(PolicyVersion).order_by(col(PolicyVersion.id).desc()).limit(1)).first()


def latest_from_file(session: Session) -> PolicyVersion | None:
    """Return the version that was last read from the file, whatever was applied since."""
    found = select(PolicyVersion).where(PolicyVersion.applied_by == FROM_FILE)
    return session.exec(found.order_by(col(PolicyVersion.id).desc()).limit(1)).first()


def latest_id(session: Session) -> int | None:
    """Name the version in force, cheaply enough to ask all the time."""
    return session.exec(select(PolicyVersion.id).order_by(col(PolicyVersion.id).desc()).limit(1)).first()


def held_latest_id(session: Session) -> int | None:
    """Name the version in force, held: nobody can base another one on it before this transaction ends."""
    found = select(PolicyVersion.id).order_by(col(PolicyVersion.id).desc()).limit(1).with_for_update()
    held = session.exec(found).first()
    # Whoever waited for the row sees it as it was: a newer one may stand beside it by now.
    return held if latest_id(session) == held else None


def versions(session: Session) -> Sequence[PolicyVersion]:
    """List all versions, the latest first."""
    return session.exec(select(PolicyVersion).order_by(col(PolicyVersion.id).desc())).all()


def apply(session: Session, text: str, *, digest: str, by: str, at: datetime) -> int:
    """Put a checked document in force; the same one twice in a row is one version. Returns the version's id."""
    current = latest(session)
    if current is not None and current.digest == digest and current.id is not None:
        return current.id
    return rows.add(session, PolicyVersion, text=text, digest=digest, applied_at=at, applied_by=by)
