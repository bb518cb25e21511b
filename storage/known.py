"""What is known already of many responses and customers: a few queries for thousands of names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import ARRAY, Column, ColumnElement, String, any_, bindparam, exists, select
from sqlmodel import Session

from storage.prepared import Prepared
from storage.rows import table_of
from storage.tables import Case, Customer, Response

# So many names are looked up by one statement; the last one's list is filled up, so that there is only one statement.
AT_ONCE: Final = 500
RESPONSES: Final = table_of(Response)
CUSTOMERS: Final = table_of(Customer)
CASES: Final = table_of(Case)

Columns = Mapping[str, Any]


def plan_anew(session: Session) -> None:
    """Have PostgreSQL plan each statement of this transaction for the tables as they are.

    It goes on using the plans that it made when they were empty, and an import fills them faster than it looks.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


def responses(session: Session, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Columns | None]:
    """Find the responses of these (source, external id); each with the `identity` of its customer."""
    by_source: dict[str, set[str]] = defaultdict(set)
    for source, external_id in names:
        by_source[source].add(external_id)
    columns = [*RESPONSES.c.keys(), "identity"]
    found: dict[tuple[str, str], Columns | None] = {}
    dialect = session.get_bind().dialect.name
    for source, ids in by_source.items():
        for some in _some(ids, dialect):
            for row in _responses(dialect).all(session, {"source": source, **some}):
                one = dict(zip(columns, row, strict=True))
                found[source, one["external_id"]] = one
    return found


def customers(session: Session, identities: Collection[str]) -> dict[str, Columns]:
    """Find the customers of these identities, by identity; `has_cases` tells whether they ever had one."""
    columns = [*CUSTOMERS.c.keys(), "has_cases"]
    found: dict[str, Columns] = {}
    dialect = session.get_bind().dialect.name
    for some in _some(identities, dialect):
        for row in _customers(dialect).all(session, some):
            one = dict(zip(columns, row, strict=True))
            found[one["identity"]] = one
    return found


def _some(names: Collection[str], dialect: str) -> Iterator[dict[str, Any]]:
    left = iter(sorted(names))
    while part := list(islice(left, AT_ONCE)):
        if dialect == "postgresql":
            yield {"names": part}
            continue
        part += part[-1:] * (AT_ONCE - len(part))
        yield {f"name_{number}": name for number, name in enumerate(part)}


def _is_among(column: Column[str], dialect: str) -> ColumnElement[bool]:
    """Tell whether a column's value is one of the names: a list for PostgreSQL, one after the other for SQLite."""
    if dialect == "postgresql":
        return column == any_(bindparam("names", type_=ARRAY(String())))
    return column.in_([bindparam(f"name_{number}", type_=String()) for number in range(AT_ONCE)])


@cache
def _responses(dialect: str) -> Prepared:
    # A join would be for the planner to turn round: in a table that has just grown it reads all customers each time.
    whose = select(CUSTOMERS.c.identity).where(CUSTOMERS.c.id == RESPONSES.c.customer_id).scalar_subquery()
    is_named = RESPONSES.c.source == bindparam("source"), _is_among(RESPONSES.c.external_id, dialect)
    return Prepared(select(*RESPONSES.c, whose).where(*is_named))


@cache
def _customers(dialect: str) -> Prepared:
    has_cases = exists().where(CASES.c.customer_id == CUSTOMERS.c.id)
    return Prepared(select(*CUSTOMERS.c, has_cases).where(_is_among(CUSTOMERS.c.identity, dialect)))
