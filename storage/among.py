"""Asking for the rows whose column holds one of many values: they go as one list, however many there are."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, any_, bindparam, func, select


def is_among(column: Column[Any], dialect: str) -> ColumnElement[bool]:
    """Tell whether a column's value is one of the parameter `among`, which is made by `listed`."""
    if dialect == "postgresql":
        return column == any_(bindparam("among", type_=ARRAY(column.type)))
    return column.in_(select(func.json_each(bindparam("among")).table_valued("value").c.value))


def listed(values: Iterable[int] | Iterable[str], dialect: str) -> dict[str, Any]:
    """Give the parameter `among`."""
    return {"among": [*values] if dialect == "postgresql" else json.dumps([*values])}
