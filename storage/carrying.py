"""Everything is carried over from one database to another, of the same kind or not: all of it, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, text
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from storage.database import Database
from storage.engines import postgres_engine, sqlite_engine
from storage.prepared import Prepared
from storage.tables import Member
from storage.upgrade import METADATA, WrongDatabaseError, age_of

BATCH: Final = 2_000
# Its one row says how far responses have been counted; a new database has it already.
_BEGUN: Final = "tallying"

Said = Callable[[str, int], None]


def carry(source: str, target: Database, *, say: Said) -> None:
    """Copy every row of the database `source` (an URL) to `target`, which is up to date and empty.

    It is one transaction there, and nobody can write to the source meanwhile. `say` is told of each table and how many
    rows it has. Raises WrongDatabaseError, with nothing changed, where that can't be done.
    """
    if _place(make_url(source)) == _place(target.url):
        raise WrongDatabaseError("That is the database that DATABASE_URL names. Name the one to carry over.")
    with _held(source) as given:
        target.write_now(lambda session: _carry(given, session, say=say))


@contextmanager
def _held(source: str) -> Iterator[Connection]:
    """Open the source and keep everybody from writing there. A file that isn't there is not made."""
    url = make_url(source)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite and not Path(url.database or "").is_file():
        raise WrongDatabaseError(f"There is no file {url.database}.")
    engine = sqlite_engine(source, writer=True) if is_sqlite else postgres_engine(source)
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            age = age_of(connection)
            if age != "current":
                raise WrongDatabaseError(
                    f"The database to carry over is {_SAID[age]}. Start this version of Hearback on it once, stop it, "
                    "and try again."
                )
            if not is_sqlite:  # SQLite's transaction has begun as a writer's: there is no other
                names = ", ".join(table.name for table in METADATA.sorted_tables)
                connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
            yield connection
            transaction.rollback()
    finally:
        engine.dispose()


_SAID: Final = {
    "empty": "empty",
    "older": "an older version's",
    "newer": "a newer version's",
    "foreign": "not Hearback's",
}


def _carry(given: Connection, session: Session, *, say: Said) -> None:
    tables = _in_order()
    for table in tables:
        if table.name != _BEGUN and session.connection().execute(select(1).select_from(table).limit(1)).first():
            raise WrongDatabaseError(
                f"The database that DATABASE_URL names isn't empty: there is something in {table.name}. "
                "Give it an empty one."
            )
    for table in tables:
        if table.name == _BEGUN:
            session.connection().execute(delete(table))
        count = _copy(given, session, table)
        kept = session.connection().execute(select(func.count()).select_from(table)).scalar_one()
        there = given.execute(select(func.count()).select_from(table)).scalar_one()
        if not count == kept == there:
            raise RuntimeError(f"{table.name}: {there} rows are there, {count} were read and {kept} arrived")
        say(table.name, count)
    if session.get_bind().dialect.name == "postgresql":
        for table in tables:
            _count_on(session, table)


def _in_order() -> list[Table]:
    """Give the tables so that each row finds those that it refers to.

    Members come last: while cases arrive, a trigger counts them for members that are there.
    """
    members = METADATA.tables[str(Member.__tablename__)]
    return [*(table for table in METADATA.sorted_tables if table is not members), members]


def _copy(given: Connection, session: Session, table: Table) -> int:
    """Copy one table by batches; gives how many rows it has."""
    columns = [column.name for column in table.columns]
    write = Prepared(insert(table).values({name: bindparam(name) for name in columns}))
    rows = given.execution_options(yield_per=BATCH).execute(select(table).order_by(*table.primary_key.columns))
    count = 0
    for batch in rows.partitions(BATCH):
        by_column = zip(*batch, strict=True)
        write.insert_columns(session, {name: [*values] for name, values in zip(columns, by_column, strict=True)})
        count += len(batch)
    return count


def _count_on(session: Session, table: Table) -> None:
    """Have PostgreSQL give the next numbers after those that were carried over."""
    number = next(iter(table.primary_key.columns))
    has_sequence = select(func.pg_get_serial_sequence(table.name, number.name))
    if session.connection().execute(has_sequence).scalar() is None:
        return
    last = select(func.max(number)).scalar_subquery()
    sequence = func.pg_get_serial_sequence(table.name, number.name)
    session.connection().execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def _place(url: URL) -> Any:
    """Say which database an URL names, however it is written."""
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "").resolve()
    return url.host, url.port or 5432, url.database
