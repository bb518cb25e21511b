"""Statements compiled once: what happens thousands of times goes to the driver with nothing but its values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import ClauseElement, DateTime, Float
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, UTCDateTime

from storage.among import together

Values = Mapping[str, Any]
Row = tuple[Any, ...]
Column = list[Any]
Convert = Callable[[Any], Any] | None

# So many values and rows at most go into one statement: SQLite takes 32,766 values, a million characters, and more
# makes nothing faster.
SQLITE_VALUES: Final = 4_000
SQLITE_ROWS: Final = 1_024
_TWO: Final = [f"{number:02}" for number in range(60)]
_DRIVEN: Final = "driven"
CROWD: Final = "crowd"
"""In a session's `info`: the crowd of responses that it works for, which is to settle before anybody looks."""


def use(session: Session) -> None:
    """Begin a session's only transaction, and keep how it is driven: asking each time takes as long as a statement."""
    session.info[_DRIVEN] = _driven(session)


def _driven(session: Session) -> "_Driven":
    connection = session.connection()
    dialect, driver = connection.dialect, connection.connection
    if dialect.name == "postgresql":  # a cursor that takes a statement as it goes over the wire
        return _Driven(dialect, dialect.loaded_dbapi.RawCursor(driver.driver_connection))
    return _Driven(dialect, driver.cursor())


@dataclass(frozen=True, slots=True)
class _Driven:
    """A transaction as the driver sees it."""

    dialect: Dialect
    cursor: Any

    def execute(self, sql: str, bound: Any) -> None:
        """Run a statement; its rows are the cursor's until the next one runs."""
        try:
            self.cursor.execute(sql, bound)
        except self.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemys(error, sql, self.dialect) from error

    def execute_many(self, sql: str, bound: list[Any]) -> None:
        """Run a statement for each of these."""
        try:
            self.cursor.executemany(sql, bound)
        except self.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemys(error, sql, self.dialect) from error


class Prepared:
    """One statement, compiled for each kind of database when it is first run there.

    SQLAlchemy takes 0.1 ms for each execution of a statement, the driver a tenth of that. Nothing is flushed before:
    the statement sees what has been written, and not what waits in the session. Its values are all `bindparam`s.
    """

    def __init__(self, statement: ClauseElement, *, aside: bool = False, takes_lists: bool = False) -> None:
        """Compile nothing yet.

        `aside`: it neither reads nor changes what a crowd leaves for later (crowd.py), so nothing is written before it.
        `takes_lists`: it is of `given_rows` (among.py), and does at once what others do row by row.
        """
        self._statement: Final = statement
        self._is_aside: Final = aside
        self._takes_lists: Final = takes_lists
        self._compiled: Final[dict[str, _Compiled]] = {}

    def run(self, session: Session, values: Values) -> None:
        """Run it for its effect."""
        self._run(session, values)

    def run_many(self, session: Session, many: Sequence[Values]) -> None:
        """Run it once for each of these values, in their order."""
        if self._takes_lists and many:
            self.run(session, together(many))
        elif len(many) == 1:
            self.run(session, many[0])
        elif many:
            driven = self._driven(session)
            compiled = self._for(driven.dialect)
            driven.execute_many(compiled.sql, [compiled.bound(values) for values in many])

    def insert_columns(self, session: Session, given: Mapping[str, Column]) -> None:
        """Run an INSERT of one row for thousands, given by column, as the driver does it fastest."""
        driven = self._driven(session)
        compiled = self._for(driven.dialect)
        table, names = compiled.target()
        columns = {name: compiled.column(name.strip('"'), given) for name in names}
        write = _copy if driven.dialect.name == "postgresql" else _insert
        write(driven, table, columns)

    def first(self, session: Session, values: Values) -> Row | None:
        """Give the first row; None when there is none."""
        rows = self.all(session, values)
        return rows[0] if rows else None

    def all(self, session: Session, values: Values) -> list[Row]:
        """Give every row, in the order of the statement's columns."""
        compiled, cursor = self._run(session, values)
        return compiled.converted(cursor.fetchall())

    def _run(self, session: Session, values: Values) -> tuple["_Compiled", Any]:
        driven = self._driven(session)
        compiled = self._for(driven.dialect)
        driven.execute(compiled.sql, compiled.bound(values))
        return compiled, driven.cursor

    def _driven(self, session: Session) -> _Driven:
        crowd = session.info.get(CROWD)
        if crowd is not None and not self._is_aside:
            crowd.settle()
        driven: _Driven | None = session.info.get(_DRIVEN)
        return _driven(session) if driven is None else driven

    def _for(self, dialect: Dialect) -> "_Compiled":
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return compiled


class _Compiled:
    """A statement's text in one dialect, and how values go in and come out."""

    __slots__ = ("_constants", "_converts", "_converts_by_name", "_is_positional", "_names", "_results", "sql")

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=_as_it_goes(dialect))
        assert not compiled.post_compile_params, "a statement is prepared for a fixed number of values"
        self.sql: str = compiled.string
        self._is_positional: bool = compiled.positional
        self._names: list[str] = compiled.positiontup if compiled.positional else list(compiled.bind_names.values())
        converts = {name: _converter(compiled.binds[name].type, dialect) for name in self._names}
        keys: Iterable[Any] = (
            enumerate(self._names) if compiled.positional else zip(self._names, self._names, strict=True)
        )
        self._converts: list[tuple[Any, Callable[[Any], Any]]] = [
            (key, convert) for key, name in keys if (convert := converts[name]) is not None
        ]
        self._converts_by_name = {name: convert for name, convert in converts.items() if convert is not None}
        self._constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        columns = getattr(statement, "exported_columns", ())
        results: list[Convert] = [_from_driver(one.type, dialect) for one in columns]
        self._results = results if any(results) else None

    def bound(self, values: Values) -> Any:
        """Give the values as the driver wants them. Raises KeyError for one that is missing."""
        given = {**self._constants, **values} if self._constants else values
        bound: Any = [given[name] for name in self._names] if self._is_positional else {**given}
        for key, convert in self._converts:
            bound[key] = convert(bound[key])
        return bound

    def target(self) -> tuple[str, list[str]]:
        """Name the table of an INSERT and its columns, as the statement writes them."""
        table, _, rest = self.sql.removeprefix("INSERT INTO ").partition(" (")
        return table, rest.partition(")")[0].split(", ")

    def column(self, name: str, given: Mapping[str, Column]) -> Column:
        """Give one value of each of many rows, as the driver wants them."""
        found = given[name]
        convert = self._converts_by_name.get(name)
        if convert is None:
            return found
        return [convert(found[0])] * len(found) if _is_one_value(found) else [*map(convert, found)]

    def converted(self, rows: Sequence[Sequence[Any]]) -> list[Row]:
        """Give the driver's rows with the types of the statement's columns."""
        if self._results is None:
            return [tuple(row) for row in rows]
        return [
            tuple([convert(cell) if convert else cell for cell, convert in zip(row, self._results, strict=True)])
            for row in rows
        ]


def _as_it_goes(dialect: Dialect) -> Dialect:
    """Give the dialect that writes statements as the driver takes them without a look into them."""
    if dialect.name != "postgresql":
        return dialect
    kind: Any = type(dialect)
    numbered: Dialect = kind(paramstyle="numeric_dollar")
    return numbered


def _insert(driven: _Driven, table: str, columns: Mapping[str, Column]) -> None:
    """Insert rows by statements of many rows; what is the same in all of them goes in once."""
    same = {name: column[0] for name, column in columns.items() if _is_one_value(column)}
    rest = {name: column for name, column in columns.items() if name not in same}
    count = len(next(iter(columns.values())))
    together = min(SQLITE_ROWS, SQLITE_VALUES // max(len(rest), 1))
    names = ", ".join([*same, *rest])
    marks = ", ".join([*(f"?{number}" for number in range(1, len(same) + 1)), *["?"] * len(rest)])
    values = [*chain.from_iterable(zip(*rest.values(), strict=True))]
    done = 0
    while done < count:
        # Powers of two: statements of few lengths, which the driver keeps prepared.
        size = 1 << (min(together, count - done).bit_length() - 1)
        sql = f"INSERT INTO {table} ({names}) VALUES {', '.join([f'({marks})'] * size)}"  # noqa: S608 -- compiled names
        bound = [*same.values(), *values[done * len(rest) : (done + size) * len(rest)]]
        driven.execute(sql, bound)
        done += size


def _is_one_value(column: Column) -> bool:
    return column[-1] == column[0] and column.count(column[0]) == len(column)


def _copy(driven: _Driven, table: str, columns: Mapping[str, Column]) -> None:
    """Send rows to a table in one stream."""
    sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    try:
        with driven.cursor.copy(sql) as copy:
            for row in zip(*columns.values(), strict=True):
                copy.write_row(row)
    except driven.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemys(error, sql, driven.dialect) from error


def _converter(column_type: TypeEngine[Any], dialect: Dialect) -> Convert:
    """Give what makes a value of this type the driver's. A time is mostly the same as in the row before."""
    convert: Convert = column_type.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(column_type, UTCDateTime) and dialect.name == "sqlite":
        convert = _as_sqlite_keeps_it
    is_time = isinstance(getattr(column_type, "impl_instance", column_type), DateTime)
    return _remembering(convert) if convert is not None and is_time else convert


def _as_sqlite_keeps_it(at: datetime | None) -> str | None:
    """Write a time as SQLAlchemy does, in a quarter of the time that it takes."""
    if at is None:
        return None
    if at.tzinfo is not UTC:
        if at.utcoffset() is None:
            raise ValueError("a time without an offset can't be kept")
        at = at.astimezone(UTC)
    day = _day(at.toordinal())
    fraction = f"{at.microsecond:06}" if at.microsecond else "000000"
    return f"{day} {_TWO[at.hour]}:{_TWO[at.minute]}:{_TWO[at.second]}.{fraction}"


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return date.fromordinal(number).isoformat()


def _remembering(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    memo: list[tuple[Any, Any]] = [(None, None)]

    def remembering(value: Any) -> Any:
        last, made = memo[0]
        if value is not last:
            made = convert(value)
            memo[0] = value, made
        return made

    return remembering


def _as_sqlalchemys(error: Exception, sql: str, dialect: Dialect) -> BaseException:
    """Give a driver's error the class by which everybody catches it; it names no values."""
    return DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, dialect=dialect)


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    """Give what makes a value of this type from the driver's; None: the driver gives it as it is."""
    if isinstance(kind, Float):
        return None  # both drivers give floats; PostgreSQL's dialect would ask which of its own number types it is
    return kind.dialect_impl(dialect).result_processor(dialect, None)
