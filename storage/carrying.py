"""Everything is carried over from one database to an empty one, of the same kind or not: all of it, or nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import JSON, ColumnElement, String, Table, bindparam, cast, event, func, inspect, select
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from storage import prepared
from storage.engines import postgres_engine, sqlite_engine
from storage.prepared import Prepared
from storage.report_tables import Tallying
from storage.rows import table_of
from storage.tables import Member
from storage.upgrade import METADATA, Age, WrongDatabaseError, age_of, upgrade

BATCH: Final = 2_000
"""So many rows are in memory at a time."""
# Its one row says how far responses have been counted; a new database has it already.
_BEGUN: Final = table_of(Tallying)
_NAMES: Final = ", ".join(table.name for table in METADATA.sorted_tables)
# Any number that nobody else locks will do: the lock is the database's, however its URL is written.
_SAME_DATABASE: Final = 4_711_043
# SQLite: a writer's transaction begins only when nobody else has the file open, and then nobody else can open it.
_ALONE: Final = "PRAGMA locking_mode=EXCLUSIVE"
# PostgreSQL: a lock that wasn't given in time, a deadlock.
_BUSY: Final = ("SQLITE_BUSY", "55P03", "40P01")
_FROM, _TO = "The database to carry over", "The database that DATABASE_URL names"
_NOTHING: Final = "Nothing has been carried over."
_UNFIT: Final[Mapping[Age, str]] = {
    "empty": "is empty. Name the one that Hearback has worked with.",
    "older": "was made by an older version. Start this version of Hearback on it once, stop it, and try again.",
    "newer": "was made by a newer version than this one. Bring this Hearback up to date, and try again.",
    "foreign": "isn't Hearback's. Name the one that Hearback has worked with.",
}

Say = Callable[[str, int], None]


@contextmanager
def held(source: URL, *, target: URL) -> Iterator[Connection]:
    """Open the database to carry over, and keep everybody from writing there; a file that isn't there is not made.

    On SQLite nobody else may even have it open: so a Hearback is noticed that still runs and has nothing to write.
    Raises WrongDatabaseError when it can't be had, isn't of this version, or is the target.
    """
    if _is_sqlite(source):
        _look_for_the_file(source, target)
    with ExitStack() as stack:
        with _troubles_of(_FROM):
            engine = stack.enter_context(_opened(source))
            if _is_sqlite(source):
                event.listen(engine, "connect", lambda one, _: one.execute(_ALONE))
            given = stack.enter_context(engine.connect())
            stack.enter_context(given.begin())
            if (age := age_of(given)) != "current":
                raise WrongDatabaseError(f"{_FROM} {_UNFIT[age]}")
            _hold(given, "SHARE")
        yield given


def carry(given: Connection, target: URL, *, say: Say) -> None:
    """Copy every row of a database that is `held` to the empty target, which is brought up to date before.

    It is one transaction there. `say` is told of each table, and how many rows it has on both sides. Raises
    WrongDatabaseError, with nothing carried over, where that can't be done.
    """
    with _troubles_of(_TO), _opened(target) as engine:
        with engine.connect() as connection:  # before anything is changed: people may live there
            _refuse_the_same(given, connection)
            _refuse_unless_empty(connection)
        upgrade(engine)
        with Session(engine) as session, session.begin():
            prepared.use(session)
            _carry(given, session, say)


def _carry(given: Connection, session: Session, say: Say) -> None:
    connection, tables = session.connection(), _in_order()
    _hold(connection, "SHARE ROW EXCLUSIVE")
    _refuse_unless_empty(connection)
    connection.execute(_BEGUN.delete())
    for table in tables:
        say(table.name, _copied(given, session, table))
    if connection.dialect.name == "postgresql":
        for table in tables:
            _count_on(connection, table)
        connection.exec_driver_sql(f"ANALYZE {_NAMES}")  # else it answers slowly until the server gets to it


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


@contextmanager
def _opened(url: URL) -> Iterator[Engine]:
    named = url.render_as_string(hide_password=False)
    engine = sqlite_engine(named, writer=True) if _is_sqlite(url) else postgres_engine(named)
    try:
        yield engine
    finally:
        engine.dispose()


def _hold(connection: Connection, mode: str) -> None:
    """Keep others from writing until the transaction ends. SQLite's is a writer's, and there is but one."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_SAME_DATABASE)))
        connection.exec_driver_sql(f"LOCK TABLE {_NAMES} IN {mode} MODE")


@contextmanager
def _troubles_of(which: str) -> Iterator[None]:
    """Say which database it is that makes trouble, and what to do."""
    try:
        yield
    except SQLAlchemyError as error:
        orig = getattr(error, "orig", None)
        code = str(getattr(orig, "sqlstate", None) or getattr(orig, "sqlite_errorname", None))
        said = f"{which} can't be used: {_reason(error)}. Look at its URL."
        if code.startswith(_BUSY):
            said = f"{which} is in use, by a Hearback that still runs or another program. Stop it, and try again."
        raise WrongDatabaseError(said) from error


def _reason(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    return said.splitlines()[0].rstrip(".")


def _look_for_the_file(source: URL, target: URL) -> None:
    file, other = Path(source.database or "."), Path(target.database or ".")
    if not file.is_file():
        raise WrongDatabaseError(f"There is no file {file}. Look at the path after sqlite:///.")
    if _is_sqlite(target) and other.exists() and file.samefile(other):
        raise WrongDatabaseError(f"{_TO} is the one to carry over. Set it to the new one first.")


def _refuse_the_same(given: Connection, connection: Connection) -> None:
    """Refuse PostgreSQL's one database under two names, such as localhost and 127.0.0.1."""
    is_free = select(func.pg_try_advisory_xact_lock(_SAME_DATABASE))
    if given.dialect.name == connection.dialect.name == "postgresql" and not connection.execute(is_free).scalar():
        raise WrongDatabaseError(f"{_TO} is the one to carry over. Set it to the new one first.")


def _refuse_unless_empty(connection: Connection) -> None:
    there = inspect(connection).get_table_names()
    for table in METADATA.sorted_tables:
        one_row = select(1).select_from(table).limit(1)
        if table is not _BEGUN and table.name in there and connection.execute(one_row).first():
            raise WrongDatabaseError(f"{_TO} isn't empty: it has rows in {table.name}. Set it to an empty one.")


def _in_order() -> list[Table]:
    """Give the tables so that each row finds those that it refers to."""
    members = table_of(Member)  # last: while cases arrive, a trigger counts them for the members that are there
    return [*(table for table in METADATA.sorted_tables if table is not members), members]


def _copied(given: Connection, session: Session, table: Table) -> int:
    """Copy one table by batches; gives how many rows it has, as they are counted on both sides."""
    # JSON as it is written: to Python, 1, 1.0 and true are the same.
    kept = {one.name: cast(one, String) if isinstance(one.type, JSON) else one for one in table.columns}
    write = Prepared(table.insert().values({name: bindparam(name, type_=one.type) for name, one in kept.items()}))
    count = 0
    try:
        for batch in given.execute(select(*kept.values()), execution_options={"yield_per": BATCH}).partitions():
            columns = zip(kept.items(), zip(*batch, strict=True), strict=True)
            write.insert_columns(session, {name: _fit(one, values) for (name, one), values in columns})
            count += len(batch)
    except (SQLAlchemyError, ValueError) as error:
        where = f"{table.name} can't be carried over, in the rows after the first {count:,}"
        raise WrongDatabaseError(f"{where}: {_reason(error)}. {_NOTHING}") from error
    there, here = (one.execute(select(func.count()).select_from(table)).scalar() for one in (given, session))
    if not count == there == here:
        said = f"{table.name} has {there} rows, {count} were read and {here} arrived. {_NOTHING} Please report it."
        raise WrongDatabaseError(said)
    return count


def _fit(column: ColumnElement[Any], values: Sequence[Any]) -> list[Any]:
    """Leave out NUL, as our doors do: PostgreSQL takes none in a text."""
    if isinstance(column.type, String) and "\0" in "".join(filter(None, values)):
        return [value and value.replace("\0", "") for value in values]
    return [*values]


def _count_on(connection: Connection, table: Table) -> None:
    """Have PostgreSQL give the next numbers after those that were carried over."""
    number = next(iter(table.primary_key.columns))
    sequence = func.pg_get_serial_sequence(table.name, number.name)
    if connection.execute(select(sequence)).scalar() is not None:
        last = select(func.max(number)).scalar_subquery()
        connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))
