"""What is known already of many responses and customers: two queries for thousands of names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import Column, Select, bindparam, exists, literal_column, select, true
from sqlmodel import Session

from storage.among import each_of, is_among, listed
from storage.prepared import Prepared
from storage.rows import table_of
from storage.tables import Case, Customer, Response

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


def responses(session: Session, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Columns]:
    """Find the responses of these (source, external id); each with the `identity` of its customer."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for source, external_id in names:
        by_source[source].append(external_id)
    columns = [*RESPONSES.c.keys(), "identity"]
    found: dict[tuple[str, str], Columns] = {}
    dialect = session.get_bind().dialect.name
    for source, ids in by_source.items():
        for row in _responses(dialect).all(session, {"source": source, **listed(ids, dialect)}):
            one = dict(zip(columns, row, strict=True))
            found[source, one["external_id"]] = one
    return found


def customers(session: Session, identities: Collection[str]) -> dict[str, Columns]:
    """Find the customers of these identities, by identity; `has_cases` tells whether they ever had one."""
    columns = [*CUSTOMERS.c.keys(), "has_cases"]
    found: dict[str, Columns] = {}
    dialect = session.get_bind().dialect.name
    for row in _customers(dialect).all(session, listed(identities, dialect)):
        one = dict(zip(columns, row, strict=True))
        found[one["identity"]] = one
    return found


def held_customers(session: Session, identities: Collection[str]) -> dict[str, Columns]:
    """Find customers and hold them until the transaction ends: meanwhile nobody else opens a case for one of them."""
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        _hold().run(session, listed(identities, dialect))
    return customers(session, identities)


@cache
def _responses(dialect: str) -> Prepared:
    # A join would be for the planner to turn round: in a table that has just grown it reads all customers each time.
    whose = select(CUSTOMERS.c.identity).where(CUSTOMERS.c.id == RESPONSES.c.customer_id).scalar_subquery()
    found = select(*RESPONSES.c, whose.label("identity")).where(RESPONSES.c.source == bindparam("source"))
    return Prepared(_each_by_its_key(found, RESPONSES.c.external_id, dialect))


@cache
def _hold() -> Prepared:
    # In one order, so that two crowds can't wait for each other.
    named = select(CUSTOMERS.c.id).where(is_among(CUSTOMERS.c.identity, "postgresql"))
    return Prepared(named.order_by(CUSTOMERS.c.id).with_for_update())


@cache
def _customers(dialect: str) -> Prepared:
    has_cases = exists().where(CASES.c.customer_id == CUSTOMERS.c.id)
    found = select(*CUSTOMERS.c, has_cases.label("has_cases"))
    return Prepared(_each_by_its_key(found, CUSTOMERS.c.identity, dialect))


def _each_by_its_key(found: Select[Any], key: Column[Any], dialect: str) -> Select[Any]:
    """Find the rows whose key is among many, each through the index of that key.

    PostgreSQL has to be made to: of a table that has grown since it was last looked at it thinks that few rows will
    be left by another condition, and reads all of them each time.
    """
    if dialect != "postgresql":
        return found.where(is_among(key, dialect))
    each: Any = each_of(key.type, dialect)
    one = found.where(key == each).limit(literal_column("1")).lateral("one")
    return select(*one.c).select_from(each.table.join(one, true()))
