"""How either database is opened: what it must keep in its own hands, and how long anybody waits."""

import select
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

# Slack wants its answer within 3 s: whoever waits for the database gives up before that and says so.
PATIENCE_MS: Final = 2_500
READERS: Final = 4
WRITERS: Final = 4
# SQLite's own 2 MB make an import write the same index pages again and again. Taken only as far as it is needed.
CACHE_KB: Final = 32_000
READ_CACHE_KB: Final = 4_000
# No router forgets a connection so soon after it was used; the quickest do after a minute.
FRESH_SECONDS: Final = 10.0


def sqlite_engine(url: str, *, writer: bool) -> Engine:
    """Open SQLite for the one thread that writes, or for those who read."""
    engine = create_engine(
        url,
        hide_parameters=True,  # an error goes into the log: personal data doesn't
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": PATIENCE_MS / 1000},
        pool_size=1 if writer else READERS,
        max_overflow=0 if writer else READERS,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={PATIENCE_MS}",
            "recursive_triggers=ON",  # else INSERT OR REPLACE walks past the triggers that keep events immutable
            f"cache_size=-{CACHE_KB if writer else READ_CACHE_KB}",
            "temp_store=MEMORY",  # what a savepoint sets aside; else a file takes it
            "secure_delete=ON",  # what is deleted on somebody's wish must be gone from the file
            "query_only=OFF" if writer else "query_only=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    # Every piece of work has its savepoint: compiling these as statements would cost as much as two of its own.
    dialect: Any = engine.dialect
    dialect.do_savepoint = lambda connection, name: _at_once(connection, f"SAVEPOINT {name}")
    dialect.do_release_savepoint = lambda connection, name: _at_once(connection, f"RELEASE {name}")

    # A plain BEGIN takes a snapshot that can't be upgraded to write once somebody else has written.
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _at_once(connection: Connection, command: str) -> None:
    connection.connection.cursor().execute(command)


def postgres_engine(url: str) -> Engine:
    """Open PostgreSQL for everybody."""
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        hide_parameters=True,  # an error goes into the log: personal data doesn't
        pool_size=WRITERS + READERS,
        max_overflow=2,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": f"-c lock_timeout={PATIENCE_MS} -c timezone=UTC"},
    )
    dialect: Any = engine.dialect
    ask, used = dialect.do_ping, WeakKeyDictionary[Any, float]()

    def is_alive(connection: Any) -> bool:
        """Ask the server only where that may tell something new: to ask costs as much as a statement.

        A server that ends a connection says so. A router that has forgotten an idle one doesn't.
        """
        before, now = used.get(connection, 0.0), monotonic()
        used[connection] = now
        return bool((now - before < FRESH_SECONDS and not _has_news(connection)) or ask(connection))

    dialect.do_ping = is_alive
    return engine


def _has_news(connection: Any) -> bool:
    looking = select.poll()  # unlike `select`, it takes descriptors beyond 1,024
    looking.register(connection, select.POLLIN)
    return bool(looking.poll(0))
