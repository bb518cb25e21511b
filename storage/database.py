"""The one way to the database: whole transactions in threads; one writer on SQLite, a small pool on PostgreSQL."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session

from storage import prepared
from storage.engines import READERS, WRITERS, postgres_engine, sqlite_engine
from storage.writers import CLOSED, Asked, DatabaseClosedError, Outcome, P, Part, T, Together, Work, Writers

log: Final = logging.getLogger("hearback.database")

# Requests that wait for the writer share one commit. 64 keeps the wait for the group's last one near that of the first.
GROUP: Final = 64
ATTEMPTS: Final = 4
# PostgreSQL: serialization failure, deadlock. Both mean: nothing happened, run it again.
RUN_AGAIN: Final = frozenset({"40001", "40P01"})
# PostgreSQL: somebody held a row for longer than we wait. A crowd has one thread, and many who wait for it.
HELD: Final = "55P03"
CROWDS_PATIENCE_MS: Final = 250


class Database:
    """Runs work, a function of a session, in one transaction; its result is handed over after the commit."""

    def __init__(self, url: str, *, group: int = GROUP) -> None:
        """Open nothing yet."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = sqlite_engine(url, writer=True) if self.is_sqlite else postgres_engine(url)
        self._reading = sqlite_engine(url, writer=False) if self.is_sqlite else self.engine
        self.on_commit: Callable[[], None] = lambda: None
        """Called in a worker thread after every commit of written work, before its result is handed over."""
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        # Crowds have one thread that writes for them; on SQLite it writes for everybody.
        self._crowds = Writers(self._commit_together if self.is_sqlite else self._commit_crowd, group=group)
        self._singles = self._crowds if self.is_sqlite else Writers(self._commit_each, group=1, threads=WRITERS)

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
        return await self._crowds.write(lambda session: together(session, [piece])[0], Part(piece, together))

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

    def _commit_together(self, batch: list[Asked]) -> list[Outcome]:
        """Run on SQLite: each piece in its own savepoint, or a crowd's in one, and one commit for all of them."""
        outcomes: list[Outcome] = []
        try:
            with self.engine.connect() as connection, connection.begin():
                for company in _companies(batch):
                    outcomes += _in_savepoints(connection, company)
        except BaseException as error:  # noqa: BLE001 -- the commit failed: everyone who waits for it must hear why
            return [(asked, None, error) for asked in batch]
        self.on_commit()
        return outcomes

    def _commit_each(self, batch: list[Asked]) -> list[Outcome]:
        """Run on PostgreSQL: each piece in its own transaction."""
        return [_alone(asked, self._in_transaction) for asked in batch]

    def _commit_crowd(self, batch: list[Asked]) -> list[Outcome]:
        """Run on PostgreSQL: a crowd's pieces in one transaction, or, should that fail, each in its own.

        Whoever waits for a row that somebody else holds does so beside the others: the next crowd doesn't wait as well.
        """
        outcomes: list[Outcome] = []
        for company in _companies(batch):
            try:
                results = self._in_transaction(_impatient(_crowd(company)))
            except Exception as error:  # noqa: BLE001 -- whose fault it was shows when each is run by itself
                _say_one_by_one(company, error)
                if _code_of(error) == HELD:
                    for asked in company:
                        self._singles.put(asked)
                else:
                    outcomes += self._commit_each(company)
            else:
                outcomes += [(asked, result, None) for asked, result in zip(company, results, strict=True)]
        return outcomes


def _may_run_again(error: DBAPIError) -> bool:
    return isinstance(error, IntegrityError) or _code_of(error) in RUN_AGAIN


def _code_of(error: Exception) -> str | None:
    """Give PostgreSQL's code for what went wrong; None for anything else."""
    code: str | None = getattr(getattr(error, "orig", None), "sqlstate", None)
    return code


def _companies(batch: Iterable[Asked]) -> list[list[Asked]]:
    """Put those together that are done by one function; all others stay alone."""
    found: dict[object, list[Asked]] = defaultdict(list)
    for asked in batch:
        found[asked if asked.part is None else asked.part.together].append(asked)
    return list(found.values())


def _crowd(company: Sequence[Asked]) -> Work[list[Any]]:
    parts = [asked.part for asked in company if asked.part is not None]
    return lambda session: list(parts[0].together(session, [one.piece for one in parts]))


def _impatient(work: Work[T]) -> Work[T]:
    """Let work on PostgreSQL wait for a row that somebody else holds no longer than a crowd may."""

    def run(session: Session) -> T:
        session.connection().exec_driver_sql(f"SET LOCAL lock_timeout = {CROWDS_PATIENCE_MS}")
        return work(session)

    return run


def _in_savepoints(connection: Connection, company: list[Asked]) -> list[Outcome]:
    """Run a crowd's pieces in one savepoint, or, should that fail, each in its own."""
    if len(company) > 1:
        results, problem = _in_savepoint(connection, _crowd(company))
        if problem is None:
            return [(asked, result, None) for asked, result in zip(company, results, strict=True)]
        _say_one_by_one(company, problem)
    return [(asked, *_in_savepoint(connection, asked.work)) for asked in company]


def _say_one_by_one(company: Sequence[Asked], problem: BaseException) -> None:
    """Leave a trace: nobody is harmed, but should it happen always, nothing is gained by keeping together."""
    log.info("%d that came together are done one by one: %s", len(company), type(problem).__name__)


def _alone(asked: Asked, run: Callable[[Work[Any]], Any]) -> Outcome:
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
