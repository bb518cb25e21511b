"""Writing rows by prepared statements: what intake and presses do thousands of times needs no unit of work."""

from collections.abc import Iterable, Mapping
from functools import cache
from operator import itemgetter
from typing import Any, Final

from pydantic_core import PydanticUndefined
from sqlalchemy import Integer, Select, Table, bindparam, cast, func, insert, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlmodel import Session, SQLModel

from storage.prepared import CROWD, Prepared

FEW: Final = 8


def add(session: Session, model: type[SQLModel], **values: Any) -> int:
    """Insert one row and return its id. Columns that aren't named take the model's defaults."""
    row = _row(_defaults(model), values)
    if (crowd := session.info.get(CROWD)) is not None and crowd.keeps(model):
        return int(crowd.add(model, row))
    inserted = _returning_id(model, tuple(row)).first(session, row)
    assert inserted is not None
    row_id = inserted[0]
    assert isinstance(row_id, int)
    return row_id


def add_all(session: Session, model: type[SQLModel], values: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows of one table; each names the same columns."""
    rows = [*values]
    if rows and (left_out := {name: make for name, make in _defaults(model).items() if name not in rows[0]}):
        rows = [_row(left_out, one) for one in rows]
    if (crowd := session.info.get(CROWD)) is not None and crowd.keeps(model):
        for row in rows:
            crowd.add(model, row)
    elif len(rows) > FEW:
        add_columns(session, model, {name: [*map(itemgetter(name), rows)] for name in rows[0]})
    elif rows:
        _plain(model, tuple(rows[0])).run_many(session, rows)


def add_columns(session: Session, model: type[SQLModel], columns: Mapping[str, list[Any]]) -> None:
    """Insert thousands of rows of one table, given by column. No defaults are taken for those that aren't named."""
    _plain(model, tuple(columns)).insert_columns(session, columns)


def next_ids(
    session: Session, counts: Mapping[type[SQLModel], int], *, after: Mapping[type[SQLModel], int] | None = None
) -> dict[type[SQLModel], list[int]]:
    """Give so many ids for new rows of each table, so that they can be referred to before they are written.

    On SQLite they are ours because we are the writer; PostgreSQL keeps them for us. `after` is the last one that was
    given of a table, where its row isn't written yet.
    """
    if session.get_bind().dialect.name == "sqlite":
        lasts = {one: max(_last_id(one).all(session, {})[0][0], (after or {}).get(one, 0)) for one in counts}
        return {one: [*range(lasts[one] + 1, lasts[one] + 1 + count)] for one, count in counts.items()}
    named = {f"count_{number}": count for number, count in enumerate(counts.values())}
    drawn: dict[type[SQLModel], list[int]] = {one: [] for one in counts}
    models = [*counts]
    for number, row_id in _drawn_ids(tuple(counts)).all(session, named):
        drawn[models[number]].append(row_id)
    return drawn


def table_of(model: type[SQLModel]) -> Table:
    """Name the table behind a model."""
    table = getattr(model, "__table__", None)
    assert isinstance(table, Table)
    return table


def _row(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: make() if callable(make) else make for name, make in defaults.items()}, **values}


@cache
def _defaults(model: type[SQLModel]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if name == "id" and field.default is None:
            continue  # the database counts
        if field.default_factory is not None:
            found[name] = field.default_factory
        elif field.default is not PydanticUndefined:
            found[name] = field.default
    return found


@cache
def _plain(model: type[SQLModel], columns: tuple[str, ...]) -> Prepared:
    return Prepared(insert(table_of(model)).values({name: bindparam(name) for name in columns}))


@cache
def _last_id(model: type[SQLModel]) -> Prepared:
    return Prepared(select(func.coalesce(func.max(table_of(model).c.id), 0)))


@cache
def _drawn_ids(models: tuple[type[SQLModel], ...]) -> Prepared:
    return Prepared(union_all(*(_drawn(number, model) for number, model in enumerate(models))))


def _drawn(number: int, model: type[SQLModel]) -> Select[tuple[int, int]]:
    # As a query of its own it is looked up once; else for each id, which takes as long as writing it.
    sequence = select(cast(func.pg_get_serial_sequence(table_of(model).name, "id"), REGCLASS)).scalar_subquery()
    each = func.generate_series(1, bindparam(f"count_{number}", type_=Integer()))
    return select(literal_column(str(number), Integer()), func.nextval(sequence)).select_from(each)


@cache
def _returning_id(model: type[SQLModel], columns: tuple[str, ...]) -> Prepared:
    table = table_of(model)
    return Prepared(insert(table).values({name: bindparam(name) for name in columns}).returning(table.c.id))
