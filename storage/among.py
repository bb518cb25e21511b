"""Asking for the rows whose column holds one of many values: they go as one list, however many there are."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, String, any_, bindparam, func, select
from sqlalchemy.types import TypeEngine


def is_among(column: Column[Any], dialect: str) -> ColumnElement[bool]:
    """Tell whether a column's value is one of the parameter `among`, which is made by `listed`."""
    if dialect == "postgresql":
        return column == any_(bindparam("among", type_=ARRAY(column.type)))
    return column.in_(select(each_of(column.type, dialect)))


def each_of(kind: TypeEngine[Any], dialect: str) -> ColumnElement[Any]:
    """Give the column of the parameter `among` as a table of one."""
    if dialect == "postgresql":
        each: Any = func.unnest(bindparam("among", type_=ARRAY(kind))).table_valued("value").render_derived()
    else:
        each = func.json_each(bindparam("among", type_=String())).table_valued("value")
    column: ColumnElement[Any] = each.c.value
    return column


def listed(values: Iterable[int] | Iterable[str], dialect: str) -> dict[str, Any]:
    """Give the parameter `among`."""
    return {"among": [*values] if dialect == "postgresql" else json.dumps([*values])}
