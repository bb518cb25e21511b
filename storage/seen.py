"""What must have an effect once only: whoever comes first writes its key, in the transaction of the effect."""

from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage.prepared import Prepared
from storage.rows import table_of
from storage.tables import Seen

SEEN: Final = table_of(Seen)


def first_time(session: Session, key: str, at: datetime) -> bool:
    """Note the key, and tell whether it is new. A transaction that fails forgets it, so that a retry counts.

    On PostgreSQL the second of two at once waits here until the first has been committed or given up.
    """
    return _insert(session.get_bind().dialect.name).first(session, {"key": key, "at": at}) is not None


def was_seen(session: Session, key: str) -> bool:
    """Tell whether a key has been noted before, and change nothing."""
    return session.get(Seen, key) is not None


@cache
def _insert(dialect: str) -> Prepared:
    insert = sqlite.insert(SEEN) if dialect == "sqlite" else postgresql.insert(SEEN)
    named = insert.values(key=bindparam("key"), at=bindparam("at"))
    return Prepared(named.on_conflict_do_nothing(index_elements=["key"]).returning(SEEN.c.key))
