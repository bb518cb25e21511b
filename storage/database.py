"""The one way to the database: whole transactions in threads; one writer on SQLite, a small pool on PostgreSQL."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session

T = TypeVar("T")
Work = Callable[[Session], T]

# Slack wants its answer within 3 s: whoever waits for the database gives up before that and says so.
PATIENCE_MS: Final = 2_500
# Requests that wait for the writer share one commit. 64 keeps the wait for the group's last one near that of the first.
GROUP: Final = 64
READERS: Final = 4
WRITERS: Final = 8
ATTEMPTS: Final = 4
# PostgreSQL: serialization failure, deadlock. Both mean: nothing happened, run it again.
RUN_AGAIN: Final = frozenset({"40001", "40P01"})


class DatabaseClosedError(RuntimeError):
    """The database was closed while work was waiting for it: nothing was done."""


class Database:
    """Runs work, a function of a session, in one transaction; its result is handed over after the commit."""

    def __init__(self, url: str, *, group: int = GROUP) -> None:
        """Open nothing yet."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url, writer=True) if self.is_sqlite else _postgres_engine(url)
        self._reading = _sqlite_engine(url, writer=False) if self.is_sqlite else self.engine
        self.on_commit: Callable[[], None] = lambda: None
        """Called in a worker thread after every commit of written work, before its result is handed over."""
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._writers: _WriterThread | ThreadPoolExecutor = (
            _WriterThread(self.engine, lambda: self.on_commit(), group)  # noqa: PLW0108 -- it may be set later
            if self.is_sqlite
            else ThreadPoolExecutor(WRITERS, thread_name_prefix="write")
        )

    def submit(self, work: Work[T]) -> Future[T]:
        """Have `work` run and committed. The future ends after the commit: what it says is on the disk."""
        if isinstance(self._writers, _WriterThread):
            return self._writers.submit(work)
        return self._writers.submit(self._in_transaction, work)

    async def write(self, work: Work[T]) -> T:
        """Run `work` and commit. Raises what `work` raised, with nothing changed."""
        return await asyncio.wrap_future(self.submit(work))

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a snapshot; on SQLite readers never wait for the writer."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, work)

    def write_now(self, work: Work[T]) -> T:
        """Do the same as `write`, for the command line and for tests."""
        return self.submit(work).result()

    def read_now(self, work: Work[T]) -> T:
        """Do the same as `read`, in the calling thread."""
        with Session(self._reading, expire_on_commit=False) as session:
            return work(session)

    def close(self) -> None:
        """Finish what was handed in, then let go of every connection."""
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()
        self._reading.dispose()

    def _in_transaction(self, work: Work[T]) -> T:
        """Run on PostgreSQL; a lost race (deadlock, or a row that somebody else inserted just now) is run again."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    result = work(session)
            except DBAPIError as error:
                if attempt == ATTEMPTS or not _may_run_again(error):
                    raise
            else:
                self.on_commit()
                return result
        raise AssertionError  # the loop returns or raises


def _may_run_again(error: DBAPIError) -> bool:
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in RUN_AGAIN


class _WriterThread:
    """SQLite's one writer: takes what waits, runs each piece in its own savepoint, commits once, then answers."""

    def __init__(self, engine: Engine, on_commit: Callable[[], None], group: int) -> None:
        self._engine, self._on_commit, self._group = engine, on_commit, group
        self._waiting: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._is_closed = False

    def submit(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        with self._starting:
            if self._is_closed:
                raise DatabaseClosedError("The database is closed: Hearback is stopping.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()
            self._waiting.put((work, future))
        return future

    def shutdown(self) -> None:
        with self._starting:
            self._is_closed = True
            self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, is_last = [first], False
            with suppress(queue.Empty):
                while len(batch) < self._group and not is_last:
                    following = self._waiting.get_nowait()
                    if following is None:
                        is_last = True
                    else:
                        batch.append(following)
            self._commit_together([(work, future) for work, future in batch if future.set_running_or_notify_cancel()])
            if is_last:
                return

    def _commit_together(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.connect() as connection, connection.begin():
                for work, future in batch:
                    outcomes.append((future, *_in_savepoint(connection, work)))
        except BaseException as error:  # noqa: BLE001 -- the commit failed: everyone who waits for it must hear why
            for _, future in batch:
                future.set_exception(error)
            return
        self._on_commit()
        for future, result, problem in outcomes:
            if problem is None:
                future.set_result(result)
            else:
                future.set_exception(problem)


def _in_savepoint(connection: Connection, work: Work[Any]) -> tuple[Any, BaseException | None]:
    """Give the work's result or its error. The error belongs to whoever asked, not to the others of the group."""
    try:
        with (
            Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            return work(session), None
    except OperationalError:
        raise  # the disk is full, the file is gone: nobody's work can be trusted to be committed
    except BaseException as error:  # noqa: BLE001 -- carried to the caller's future, where it is raised again
        return None, error


def _sqlite_engine(url: str, *, writer: bool) -> Engine:
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


def _postgres_engine(url: str) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        hide_parameters=True,  # an error goes into the log: personal data doesn't
        pool_size=WRITERS + READERS,
        max_overflow=2,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": f"-c lock_timeout={PATIENCE_MS} -c timezone=UTC"},
    )
