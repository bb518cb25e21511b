"""Asking for the rows whose column holds one of many values: they go as one list, however many there are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    String,
    Table,
    TableValuedAlias,
    any_,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine


def is_among(named: Column[Any], dialect: str) -> ColumnElement[bool]:
    """Tell whether a column's value is one of the parameter `among`, which is made by `listed`."""
    if dialect == "postgresql":
        return named == any_(bindparam("among", type_=ARRAY(named.type)))
    return named.in_(select(each_of(named.type, dialect)))


def each_of(kind: TypeEngine[Any], dialect: str) -> ColumnElement[Any]:
    """Give the column of the parameter `among` as a table of one."""
    if dialect == "postgresql":
        each: Any = func.unnest(bindparam("among", type_=ARRAY(kind))).table_valued("value").render_derived()
    else:
        each = func.json_each(bindparam("among", type_=String())).table_valued("value")
    value: ColumnElement[Any] = each.c.value
    return value


def listed(values: Iterable[int] | Iterable[str], dialect: str) -> dict[str, Any]:
    """Give the parameter `among`."""
    return {"among": [*values] if dialect == "postgresql" else json.dumps([*values])}


def given_rows(kinds: Mapping[str, TypeEngine[Any]]) -> TableValuedAlias:
    """Give a table of the rows that are handed over by `together`, on PostgreSQL."""
    lists = [bindparam(name, type_=ARRAY(kind)) for name, kind in kinds.items()]
    columns: list[Any] = [column(name, kind) for name, kind in kinds.items()]
    return func.unnest(*lists).table_valued(*columns, name="given").render_derived()


def insert_rows(table: Table, columns: Sequence[str], dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Insert one row on SQLite; on PostgreSQL those of many lists, in their order: each row is a message less."""
    if dialect == "sqlite":
        return sqlite.insert(table).values({name: bindparam(name) for name in columns})
    given = given_rows({name: table.c[name].type for name in columns})
    return postgresql.insert(table).from_select([*columns], select(*given.c))


def together(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Hand rows over as one list for each column; they name the same columns. There is at least one."""
    kept = [*rows]
    return {name: [row[name] for row in kept] for name in kept[0]}
