"""What the database itself holds to: events never change, and members' open cases are counted as they come and go."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, event
from sqlmodel import Session, SQLModel

_OPEN: Final = "IN ('new', 'working', 'ready')"
_OVER: Final = "IN ('told', 'excused')"  # in two words: for three SQLite builds a table at every statement

_SQLITE: Final = (
    """CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'an event is immutable'); END""",
    """CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'an event is immutable'); END""",
    f"""CREATE TRIGGER cases_are_counted_new AFTER INSERT ON cases WHEN new.owner IS NOT NULL AND new.state NOT {_OVER}
    BEGIN UPDATE members SET open_cases = open_cases + 1 WHERE id = new.owner; END""",
    f"""CREATE TRIGGER cases_are_counted_off AFTER UPDATE OF owner, state ON cases
    WHEN old.owner IS NOT NULL AND old.state NOT {_OVER} AND (new.owner IS NOT old.owner OR new.state {_OVER})
    BEGIN UPDATE members SET open_cases = open_cases - 1 WHERE id = old.owner; END""",
    f"""CREATE TRIGGER cases_are_counted_on AFTER UPDATE OF owner, state ON cases
    WHEN new.owner IS NOT NULL AND new.state NOT {_OVER} AND (new.owner IS NOT old.owner OR old.state {_OVER})
    BEGIN UPDATE members SET open_cases = open_cases + 1 WHERE id = new.owner; END""",
)

_POSTGRESQL: Final = (
    """CREATE FUNCTION event_is_immutable() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'an event is immutable'; END $$""",
    """CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION event_is_immutable()""",
    f"""CREATE FUNCTION count_open_cases() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'UPDATE' AND old.owner IS NOT NULL AND old.state {_OPEN}
       AND (new.owner IS DISTINCT FROM old.owner OR new.state NOT {_OPEN}) THEN
        UPDATE members SET open_cases = open_cases - 1 WHERE id = old.owner;
    END IF;
    IF new.owner IS NOT NULL AND new.state {_OPEN}
       AND (TG_OP = 'INSERT' OR new.owner IS DISTINCT FROM old.owner OR old.state NOT {_OPEN}) THEN
        UPDATE members SET open_cases = open_cases + 1 WHERE id = new.owner;
    END IF;
    RETURN NULL; END $$""",
    """CREATE TRIGGER cases_are_counted AFTER INSERT OR UPDATE OF owner, state ON cases
    FOR EACH ROW EXECUTE FUNCTION count_open_cases()""",
)


def statements(dialect: str) -> Sequence[str]:
    """Give the statements that make the triggers on `sqlite` or `postgresql`."""
    return _SQLITE if dialect == "sqlite" else _POSTGRESQL


@contextmanager
def events_unlocked(session: Session) -> Iterator[None]:
    """Let this transaction change events while the context lasts: only for erasing a person, who has a right to it.

    Both databases take the lock off and put it on again within the transaction: nobody else ever finds it off, and
    whatever fails leaves it on. On PostgreSQL nobody else writes an event meanwhile, and the tables' owner is needed.
    """
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    name = "events_are_never_changed"
    connection.exec_driver_sql(
        f"DROP TRIGGER {name}" if is_sqlite else f"ALTER TABLE events DISABLE TRIGGER {name}",
    )
    yield
    connection.exec_driver_sql(_SQLITE[0] if is_sqlite else f"ALTER TABLE events ENABLE TRIGGER {name}")


@event.listens_for(SQLModel.metadata, "after_create")
def _with_the_tables(_metadata: object, connection: Connection, **_: Any) -> None:
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement.replace("%", "%%"))
