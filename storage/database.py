"""The one way to the database: whole transactions in threads; one writer on SQLite, a small pool on PostgreSQL."""

import asyncio
import logging
import queue
import select
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session

from storage import prepared

log: Final = logging.getLogger("hearback.database")

T = TypeVar("T")
P = TypeVar("P")
Work = Callable[[Session], T]
Together = Callable[[Session, Sequence[P]], Sequence[T]]

# Slack wants its answer within 3 s: whoever waits for the database gives up before that and says so.
PATIENCE_MS: Final = 2_500
# Requests that wait for the writer share one commit. 64 keeps the wait for the group's last one near that of the first.
GROUP: Final = 64
READERS: Final = 4
WRITERS: Final = 4
ATTEMPTS: Final = 4
# Where several came at once, the next ones are on their way. A moment's wait lets them be read before the writing
# begins, instead of both taking turns at every statement.
GATHER_SECONDS: Final = 0.001
# SQLite's own 2 MB make an import write the same index pages again and again. Taken only as far as it is needed.
CACHE_KB: Final = 32_000
READ_CACHE_KB: Final = 4_000
# PostgreSQL: serialization failure, deadlock. Both mean: nothing happened, run it again.
RUN_AGAIN: Final = frozenset({"40001", "40P01"})

CLOSED: Final = "The database is closed: Hearback is stopping."


class DatabaseClosedError(RuntimeError):
    """The database was closed while work was waiting for it: nothing was done."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of what a crowd does together."""

    piece: Any
    together: Together[Any, Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A piece of work that waits, and whoever waits for it: a thread, or a task of an event loop."""

    work: Work[Any]
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None = None
    part: _Part | None = None

    def is_wanted(self) -> bool:
        """Tell whether somebody still waits."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()


_Outcome = tuple[_Asked, Any, BaseException | None]


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
        # Crowds have one thread that writes for them; on SQLite it writes for everybody.
        self._crowds = _Writers(self._commit_together if self.is_sqlite else self._commit_crowd, group=group)
        self._singles = self._crowds if self.is_sqlite else _Writers(self._commit_each, group=1, threads=WRITERS)

    def submit(self, work: Work[T]) -> Future[T]:
        """Have `work` run and committed. The future ends after the commit: what it says is on the disk."""
        return self._singles.submit(work)

    async def write(self, work: Work[T]) -> T:
        """Run `work` and commit. Raises what `work` raised, with nothing changed."""
        return await self._singles.write(work, None)

    async def write_with_others(self, piece: P, together: Together[P, T]) -> T:
        """Run `together` for this piece and for others that wait as well, and commit once for all of them.

        It gives a result for each of the pieces it gets. Should it raise, each piece is run by itself: what `together`
        raises for this piece alone is raised here, with nothing changed.
        """
        return await self._crowds.write(lambda session: together(session, [piece])[0], _Part(piece, together))

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a snapshot; on SQLite readers never wait for the writer."""
        try:
            reading = self._readers.submit(self.read_now, work)
        except RuntimeError as error:
            raise DatabaseClosedError(CLOSED) from error
        return await asyncio.wrap_future(reading)

    def write_now(self, work: Work[T]) -> T:
        """Do the same as `write`, for the command line and for tests."""
        return self.submit(work).result()

    def read_now(self, work: Work[T]) -> T:
        """Do the same as `read`, in the calling thread."""
        with Session(self._reading, expire_on_commit=False) as session:
            prepared.use(session)
            return work(session)

    def close(self) -> None:
        """Finish what was handed in, then let go of every connection."""
        self._crowds.shutdown()
        self._singles.shutdown()
        self._readers.shutdown()
        self.engine.dispose()
        self._reading.dispose()

    def _in_transaction(self, work: Work[T]) -> T:
        """Run on PostgreSQL; a lost race (deadlock, or a row that somebody else inserted just now) is run again."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    prepared.use(session)
                    result = work(session)
            except DBAPIError as error:
                if attempt == ATTEMPTS or not _may_run_again(error):
                    raise
            else:
                self.on_commit()
                return result
        raise AssertionError  # the loop returns or raises

    def _commit_together(self, batch: list[_Asked]) -> list[_Outcome]:
        """Run on SQLite: each piece in its own savepoint, or a crowd's in one, and one commit for all of them."""
        outcomes: list[_Outcome] = []
        try:
            with self.engine.connect() as connection, connection.begin():
                for company in _companies(batch):
                    outcomes += _in_savepoints(connection, company)
        except BaseException as error:  # noqa: BLE001 -- the commit failed: everyone who waits for it must hear why
            return [(asked, None, error) for asked in batch]
        self.on_commit()
        return outcomes

    def _commit_each(self, batch: list[_Asked]) -> list[_Outcome]:
        """Run on PostgreSQL: each piece in its own transaction."""
        return [_alone(asked, self._in_transaction) for asked in batch]

    def _commit_crowd(self, batch: list[_Asked]) -> list[_Outcome]:
        """Run on PostgreSQL: a crowd's pieces in one transaction, or, should that fail, each in its own."""
        outcomes: list[_Outcome] = []
        for company in _companies(batch):
            try:
                results = self._in_transaction(_crowd(company))
            except Exception as error:  # noqa: BLE001 -- whose fault it was shows when each is run by itself
                _say_one_by_one(company, error)
                outcomes += self._commit_each(company)
            else:
                outcomes += [(asked, result, None) for asked, result in zip(company, results, strict=True)]
        return outcomes


def _may_run_again(error: DBAPIError) -> bool:
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in RUN_AGAIN


class _Writers:
    """Threads that take what waits, each of them up to `group` pieces at once, have it committed, then answer."""

    def __init__(self, commit: Callable[[list[_Asked]], list[_Outcome]], *, group: int, threads: int = 1) -> None:
        self._commit, self._group, self._most = commit, group, threads
        self._waiting: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()
        self._is_closed = False

    def submit(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        self.put(_Asked(work, future))
        return future

    async def write(self, work: Work[T], part: _Part | None) -> T:
        loop = asyncio.get_running_loop()
        awaited: asyncio.Future[T] = loop.create_future()
        self.put(_Asked(work, awaited, loop, part))
        return await awaited

    def put(self, asked: _Asked) -> None:
        with self._starting:
            if self._is_closed:
                raise DatabaseClosedError(CLOSED)
            self._waiting.put(asked)
            if len(self._threads) < self._most:
                self._threads.append(threading.Thread(target=self._run, name="writer", daemon=True))
                self._threads[-1].start()

    def shutdown(self) -> None:
        with self._starting:
            if not self._is_closed:
                self._is_closed = True
                self._waiting.put(None)
        for one in self._threads:
            one.join()

    def _run(self) -> None:
        company = 1
        while (first := self._waiting.get()) is not None:
            batch, is_last = [first], False
            if company > 1:
                time.sleep(GATHER_SECONDS)
            with suppress(queue.Empty):
                while len(batch) < self._group and not is_last:
                    following = self._waiting.get_nowait()
                    if following is None:
                        is_last = True
                    else:
                        batch.append(following)
            company = len(batch)
            _answer(self._commit([asked for asked in batch if asked.is_wanted()]))
            if is_last:
                break
        self._waiting.put(None)  # whoever takes work beside this one goes home as well


def _answer(outcomes: list[_Outcome]) -> None:
    """Tell everybody what came of their work; an event loop is woken once for all its tasks."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome[0].loop is None:
            _hand_over([outcome])
        else:
            by_loop[outcome[0].loop].append(outcome)
    for loop, those in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(_hand_over, those)


def _hand_over(outcomes: list[_Outcome]) -> None:
    for asked, result, problem in outcomes:
        if asked.future.done():
            continue  # cancelled while it was being done
        if problem is None:
            asked.future.set_result(result)
        else:
            asked.future.set_exception(problem)


def _companies(batch: Iterable[_Asked]) -> list[list[_Asked]]:
    """Put those together that are done by one function; all others stay alone."""
    found: dict[object, list[_Asked]] = defaultdict(list)
    for asked in batch:
        found[asked if asked.part is None else asked.part.together].append(asked)
    return list(found.values())


def _crowd(company: Sequence[_Asked]) -> Work[list[Any]]:
    parts = [asked.part for asked in company if asked.part is not None]
    return lambda session: list(parts[0].together(session, [one.piece for one in parts]))


def _in_savepoints(connection: Connection, company: list[_Asked]) -> list[_Outcome]:
    """Run a crowd's pieces in one savepoint, or, should that fail, each in its own."""
    if len(company) > 1:
        results, problem = _in_savepoint(connection, _crowd(company))
        if problem is None:
            return [(asked, result, None) for asked, result in zip(company, results, strict=True)]
        _say_one_by_one(company, problem)
    return [(asked, *_in_savepoint(connection, asked.work)) for asked in company]


def _say_one_by_one(company: Sequence[_Asked], problem: BaseException) -> None:
    """Leave a trace: nobody is harmed, but should it happen always, nothing is gained by keeping together."""
    log.info("%d that came together are done one by one: %s", len(company), type(problem).__name__)


def _alone(asked: _Asked, run: Callable[[Work[Any]], Any]) -> _Outcome:
    try:
        return asked, run(asked.work), None
    except BaseException as error:  # noqa: BLE001 -- carried to the caller's future, where it is raised again
        return asked, None, error


def _in_savepoint(connection: Connection, work: Work[Any]) -> tuple[Any, BaseException | None]:
    """Give the work's result or its error. The error belongs to whoever asked, not to the others of the group."""
    try:
        with (
            Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            prepared.use(session)
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


def _postgres_engine(url: str) -> Engine:
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        hide_parameters=True,  # an error goes into the log: personal data doesn't
        pool_size=WRITERS + READERS,
        max_overflow=2,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": f"-c lock_timeout={PATIENCE_MS} -c timezone=UTC"},
    )
    dialect: Any = engine.dialect
    ask = dialect.do_ping
    # A server that ends a connection says so: only where there is something to read does it have to be asked.
    dialect.do_ping = lambda connection: not _has_news(connection) or ask(connection)
    return engine


def _has_news(connection: Any) -> bool:
    looking = select.poll()  # unlike `select`, it takes descriptors beyond 1,024
    looking.register(connection, select.POLLIN)
    return bool(looking.poll(0))
