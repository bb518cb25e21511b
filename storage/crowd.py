"""A crowd of responses in one transaction: what they need is looked up once, what they leave is written at its end.

Nothing but the way to the database changes: whoever writes a row by `rows.add`, or has an intent left, does so as
ever, and the crowd keeps it until somebody else wants to look. Every statement but those that are marked as standing
aside (`Prepared(..., aside=True)`) first has everything written, and ends what was remembered: it finds the database
as it would be without the crowd.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Final

from sqlalchemy import event
from sqlmodel import Session, SQLModel

from storage import prepared, rows
from storage.prepared import Prepared, Values
from storage.tables import Case, Customer, Event, Response, Task, Umbrella

# Written in this order: each refers only to those before it.
KEPT: Final[tuple[type[SQLModel], ...]] = (Customer, Umbrella, Case, Task, Response, Event)
IDS_AT_ONCE: Final = 16


class Crowd:
    """What a crowd has looked up, and what it will leave."""

    def __init__(self, session: Session) -> None:
        """Look nothing up yet."""
        self._session = session
        self._rows: dict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
        self._changes: dict[Prepared, dict[Hashable, Values]] = defaultdict(dict)
        self._memory: dict[str, Any] = {}
        self._ids: dict[type[SQLModel], Iterator[int]] = {}
        self._given: dict[type[SQLModel], int] = {}

    def memory(self, of: str) -> dict[Any, Any]:
        """Give what is remembered of a kind; empty when it was forgotten."""
        found: dict[Any, Any] = self._memory.setdefault(of, {})
        return found

    def add(self, model: type[SQLModel], row: dict[str, Any]) -> int:
        """Keep a row to be written; returns its id."""
        row["id"] = self._next_id(model)
        self._rows[model].append(row)
        return int(row["id"])

    def keeps(self, model: type[SQLModel]) -> bool:
        """Tell whether rows of this table wait for the end."""
        return model in KEPT

    def waiting(self, model: type[SQLModel]) -> list[dict[str, Any]]:
        """Give the rows that are still to be written, the oldest first. A change of one is a change of what will be."""
        return self._rows[model]

    def change(self, statement: Prepared, key: Hashable, values: Values) -> None:
        """Keep a statement to be run with these values after the rows are there; of one key the last counts."""
        self._changes[statement][key] = values

    def change_once(self, statement: Prepared, key: Hashable, values: Values) -> None:
        """Keep a statement as `change` does; of one key the first counts."""
        self._changes[statement].setdefault(key, values)

    def expect(self, counts: Mapping[type[SQLModel], int]) -> None:
        """Say how many rows of each table are likely to come: their ids are drawn together."""
        self._draw({model: count for model, count in counts.items() if count})

    def settle(self) -> None:
        """Write everything, and forget: somebody is going to look, or to change what is remembered."""
        self._memory.clear()
        with _left(self._session):
            for model in KEPT:
                kept = self._rows.pop(model, [])
                for _, alike in groupby(sorted(kept, key=len), key=tuple):  # rows that name the same columns
                    rows.add_all(self._session, model, alike)
            for statement, by_key in self._changes.items():
                statement.run_many(self._session, [by_key[key] for key in sorted(by_key)])  # type: ignore[type-var]
        self._changes.clear()

    def _next_id(self, model: type[SQLModel]) -> int:
        row_id = next(self._ids.get(model, iter(())), None)
        if row_id is None:
            # People see the numbers of cases: none is to be left out without need.
            self._draw({model: 1 if model is Case else IDS_AT_ONCE})
            row_id = next(self._ids[model])
        self._given[model] = row_id
        return row_id

    def _draw(self, counts: Mapping[type[SQLModel], int]) -> None:
        with _left(self._session):
            drawn = rows.next_ids(self._session, counts, after=self._given) if counts else {}
        self._ids |= {model: iter(ids) for model, ids in drawn.items()}


def of(session: Session) -> Crowd | None:
    """Give the crowd that a session works for; None: it works for one alone."""
    found: Crowd | None = session.info.get(prepared.CROWD)
    return found


@contextmanager
def gathered(session: Session) -> Iterator[Crowd]:
    """Let a session work for a crowd while the context lasts; at its end everything is written."""
    connection = session.connection()
    crowd = Crowd(session)

    def settle(*_: object) -> None:
        if session.info.get(prepared.CROWD) is crowd:
            crowd.settle()

    # Those who don't go by prepared statements must find what was left as well.
    event.listen(connection, "before_cursor_execute", settle)
    session.info[prepared.CROWD] = crowd
    try:
        yield crowd
        crowd.settle()
    finally:
        del session.info[prepared.CROWD]
        event.remove(connection, "before_cursor_execute", settle)


@contextmanager
def _left(session: Session) -> Iterator[None]:
    """Let the crowd itself go to the database."""
    crowd = session.info.pop(prepared.CROWD)
    try:
        yield
    finally:
        session.info[prepared.CROWD] = crowd
