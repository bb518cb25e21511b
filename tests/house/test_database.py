"""The one way to the database: whole transactions, grouped on SQLite, each piece of work on its own feet."""

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from databases import crowds_wait, fresh_postgres, fresh_sqlite
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlmodel import Session, col, select, text

from storage import engines, rows
from storage.database import Database
from storage.tables import Case, Customer, Event, Lane
from storage.writers import DatabaseClosedError

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BROKEN = OperationalError("COMMIT", {}, Exception("disk I/O error"))


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """Open a SQLite database that shares a commit among four; PostgreSQL groups by itself."""
    database = Database(fresh_sqlite(tmp_path / "hearback.db"), group=4)
    yield database
    database.close()


def keep(name: str) -> Callable[[Session], str]:
    """Make work that writes one row."""

    def work(session: Session) -> str:
        session.add(Lane(name=name, open_at=AT))
        session.flush()
        return name

    return work


def kept(db: Database) -> list[str]:
    return list(db.read_now(lambda session: session.exec(select(Lane.name).order_by(col(Lane.name))).all()))


@contextmanager
def busy_writer(db: Database) -> Iterator[list[int]]:
    """Keep the writer busy while the context lasts; gives the commits from then on, one entry each."""
    begun, may_end, commits = threading.Event(), threading.Event(), list[int]()

    def slow(_: Session) -> None:
        begun.set()
        may_end.wait(5)

    first = db.submit(slow)
    begun.wait(5)
    event.listen(db.engine, "commit", lambda _: commits.append(1))
    yield commits
    may_end.set()
    first.result(5)


def test_what_waits_for_the_writer_shares_one_commit(sqlite: Database) -> None:
    with busy_writer(sqlite) as commits:
        waiting = [sqlite.submit(keep(f"lane {number}")) for number in range(4)]

    assert [one.result(5) for one in waiting] == ["lane 0", "lane 1", "lane 2", "lane 3"]
    assert len(commits) == 2  # the slow one's own, and one for the group
    assert len(kept(sqlite)) == 4


def test_a_group_is_no_larger_than_it_may_be(sqlite: Database) -> None:
    with busy_writer(sqlite) as commits:
        waiting = [sqlite.submit(keep(f"lane {number}")) for number in range(9)]

    assert [one.result(5) for one in waiting]
    assert len(commits) == 1 + 3  # 4, 4 and 1


def test_work_that_fails_harms_nobody_else_of_its_group(sqlite: Database) -> None:
    def fails(session: Session) -> None:
        keep("half done")(session)
        raise ZeroDivisionError

    with busy_writer(sqlite):
        good, bad, better = (sqlite.submit(one) for one in (keep("good"), fails, keep("better")))

    assert (good.result(5), better.result(5)) == ("good", "better")
    with pytest.raises(ZeroDivisionError):
        bad.result(5)
    assert kept(sqlite) == ["better", "good"]


def test_a_commit_that_fails_is_heard_by_everybody_who_waits_for_it(sqlite: Database) -> None:
    with busy_writer(sqlite) as commits:

        def breaks_the_second(_: object) -> None:
            if len(commits) == 2:
                raise BROKEN

        event.listen(sqlite.engine, "commit", breaks_the_second)
        waiting = [sqlite.submit(keep(name)) for name in ("one", "two", "three")]

    assert [type(one.exception(5)) for one in waiting] == [OperationalError] * 3
    assert kept(sqlite) == []
    assert sqlite.write_now(keep("later")) == "later"


def test_a_database_that_fails_beneath_one_fails_the_whole_group(sqlite: Database) -> None:
    def full(_: Session) -> None:
        raise BROKEN

    with busy_writer(sqlite):
        waiting: list[Future[object]] = [sqlite.submit(one) for one in (keep("one"), full, keep("two"))]

    assert [type(one.exception(5)) for one in waiting] == [OperationalError] * 3
    assert kept(sqlite) == []
    assert sqlite.write_now(keep("later")) == "later"


def test_work_that_nobody_waits_for_any_more_is_not_done(sqlite: Database) -> None:
    with busy_writer(sqlite):
        given_up, other = sqlite.submit(keep("given up")), sqlite.submit(keep("other"))
        assert given_up.cancel()

    other.result(5)
    with pytest.raises(CancelledError):
        given_up.result(5)
    assert kept(sqlite) == ["other"]


def test_readers_do_not_wait_for_the_writer_and_see_what_is_committed(db: Database) -> None:
    db.write_now(keep("old"))
    begun, may_end = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        keep("new")(session)
        begun.set()
        may_end.wait(5)

    writing = db.submit(slow)
    begun.wait(5)
    seen = kept(db)
    may_end.set()
    writing.result(5)

    assert seen == ["old"]
    assert kept(db) == ["new", "old"]


def test_who_is_told_of_a_commit_is_told_before_the_result_is_handed_over(db: Database) -> None:
    order = list[str]()
    db.on_commit = lambda: order.append("commit")

    future = db.submit(keep("one"))
    future.add_done_callback(lambda _: order.append("result"))
    future.result(5)

    assert order == ["commit", "result"]


def test_work_that_fails_leaves_nothing_and_wakes_nobody_on_postgresql(db: Database) -> None:
    woken = list[int]()
    db.on_commit = lambda: woken.append(1)

    def fails(session: Session) -> None:
        keep("half done")(session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        db.write_now(fails)

    assert kept(db) == []
    assert db.is_sqlite or woken == []


def test_a_lost_race_for_a_key_is_run_again(db: Database) -> None:
    """The first holds the key open; the second finds it taken when it commits, and looks once more."""
    begun, may_end, tries = threading.Event(), threading.Event(), list[str]()

    def first(session: Session) -> None:
        keep("one")(session)
        begun.set()
        may_end.wait(5)

    def second(session: Session) -> str:
        tries.append("try")
        known = session.get(Lane, "one")
        return known.name if known else keep("one")(session) + " anew"

    writing = db.submit(first)
    begun.wait(5)
    other = db.submit(second)
    threading.Timer(0.2, may_end.set).start()

    writing.result(5)
    assert other.result(5) == "one"
    assert len(tries) == (1 if db.is_sqlite else 2)


def test_a_key_that_is_simply_taken_is_an_error(db: Database) -> None:
    db.write_now(keep("one"))

    with pytest.raises(IntegrityError):
        db.write_now(keep("one"))


def test_a_reader_cannot_write_on_sqlite(sqlite: Database) -> None:
    with pytest.raises(DatabaseError, match="readonly"):
        sqlite.read_now(keep("one"))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE events SET text = 'x'", "DELETE FROM events", "INSERT OR REPLACE INTO events SELECT * FROM events"],
)
def test_an_event_is_never_changed_or_deleted(sqlite: Database, statement: str) -> None:
    event_is_immutable(sqlite, statement)


@pytest.mark.parametrize("statement", ["UPDATE events SET text = 'x'", "DELETE FROM events"])
def test_an_event_is_never_changed_or_deleted_on_either_database(db: Database, statement: str) -> None:
    event_is_immutable(db, statement)


def event_is_immutable(db: Database, statement: str) -> None:
    def work(session: Session) -> None:
        customer = rows.add(session, Customer, identity="mail:jane@acme.test", created_at=AT)
        facts = {"department": "support", "channel": "#support", "opened_at": AT, "waiting_since": AT}
        case_id = rows.add(session, Case, customer_id=customer, **facts)
        rows.add(session, Event, case_id=case_id, kind="note", by="UANA", at=AT)

    db.write_now(work)

    with pytest.raises(DatabaseError, match="immutable"):
        db.write_now(lambda session: session.execute(text(statement)))


@pytest.mark.anyio
async def test_a_closed_database_says_so(database_url: str) -> None:
    db = Database(database_url)
    waiting = db.submit(keep("one"))
    await asyncio.to_thread(db.close)

    assert waiting.result(5) == "one"
    with pytest.raises(DatabaseClosedError):
        db.submit(keep("two"))
    with pytest.raises(DatabaseClosedError):
        await db.write(keep("two"))
    with pytest.raises(DatabaseClosedError):
        await db.read(lambda session: session.exec(select(Lane)).all())


@pytest.mark.anyio
@pytest.mark.parametrize("problem", [StopIteration(), SystemExit(3)])
async def test_nobody_waits_for_ever_whatever_is_raised(problem: BaseException, db: Database) -> None:
    def raising(_: Session) -> None:
        raise problem

    results = await asyncio.wait_for(
        asyncio.gather(_told(db.write(raising)), _told(db.write(keep("beside it")))), timeout=5
    )
    after = await asyncio.wait_for(db.write(keep("after")), timeout=5)

    assert results[0] != "beside it"
    assert (results[1], after) == ("beside it", "after")


async def _told(waiting: Awaitable[object]) -> str:
    try:
        return str(await waiting)
    except BaseException as problem:  # noqa: BLE001 -- what is told is what is looked at
        return type(problem).__name__


def test_a_commit_that_is_heard_badly_leaves_nobody_waiting(db: Database) -> None:
    def deaf() -> None:
        raise RuntimeError("nobody hears")

    db.on_commit = deaf
    waiting = db.submit(keep("one"))

    with pytest.raises(RuntimeError, match="nobody hears"):
        waiting.result(5)


def test_work_that_waits_when_the_database_closes_is_done(database_url: str) -> None:
    db = Database(database_url)
    many = [db.submit(keep(f"lane {number:02}")) for number in range(20)]

    db.close()
    db.close()  # a second time is harmless

    assert [one.result(0) for one in many] == [f"lane {number:02}" for number in range(20)]


def test_a_connection_that_the_server_has_ended_is_replaced_before_anybody_notices(postgres_server: str) -> None:
    url = fresh_postgres(postgres_server)
    db = Database(url)
    db.write_now(keep("before"))
    db.read_now(lambda session: session.exec(select(Lane.name)).all())
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as server:
        ended = server.execute(end_all, [url.rpartition("/")[2]]).fetchall()

    written = [db.submit(keep(f"after {number}")) for number in range(4)]

    assert ended
    assert [one.result(5) for one in written] == [f"after {number}" for number in range(4)]
    assert len(kept(db)) == 5
    db.close()


class Router:
    """Stands between Hearback and the server, and can forget the connections that go through it without a word."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._known, self._opened = set[socket.socket](), list[socket.socket]()
        threading.Thread(target=self._open, daemon=True).start()

    def forget_all(self) -> None:
        self._known.clear()

    def close(self) -> None:
        for one in (self._door, *self._opened):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # whoever reads there goes home
            one.close()

    def _open(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._door.accept()
                theirs = socket.create_connection(self._to)
                self._known.add(ours)
                self._opened += [ours, theirs]
                for begin, end in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pass_on, args=(begin, end, ours), daemon=True).start()

    def _pass_on(self, begin: socket.socket, end: socket.socket, ours: socket.socket) -> None:
        with suppress(OSError):
            while said := begin.recv(65_536):
                if ours not in self._known:  # whoever speaks on is told that nobody is there
                    ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    ours.close()
                    return
                end.sendall(said)


def test_a_connection_that_was_forgotten_on_the_way_is_replaced(
    postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(fresh_postgres(postgres_server))
    router = Router(url.host or "", url.port or 0)
    db = Database(url.set(port=router.port).render_as_string(hide_password=False))
    db.write_now(keep("before"))
    router.forget_all()
    monkeypatch.setattr(engines, "FRESH_SECONDS", 0.0)  # long ago

    written = db.submit(keep("after")).result(10)

    db.close()
    router.close()
    assert written == "after"


def keep_together(session: Session, names: Sequence[str]) -> list[str]:
    """Write a row for each name; a name of "broken" is refused, and so is everything that came with it."""
    if "broken" in names:
        raise ValueError(f"broken, of {len(names)}")
    for name in names:
        session.add(Lane(name=name, open_at=AT))
    session.flush()
    return [f"{name} of {len(names)}" for name in names]


async def all_told(db: Database, names: Sequence[str]) -> list[object]:
    """Hand these in together, while the one who writes for crowds is busy; gives what each is told."""
    async with crowds_wait(db):
        waiting = [asyncio.create_task(db.write_with_others(name, keep_together)) for name in names]
        await asyncio.sleep(0.05)
    told = await asyncio.gather(*waiting, return_exceptions=True)
    return [str(one) for one in told]


@pytest.mark.anyio
async def test_pieces_that_wait_together_are_done_together(db: Database) -> None:
    told = await all_told(db, ["a", "b", "c"])

    assert told == ["a of 3", "b of 3", "c of 3"]
    assert kept(db) == ["a", "b", "c"]


@pytest.mark.anyio
async def test_a_piece_that_fails_its_company_is_heard_alone(db: Database) -> None:
    told = await all_told(db, ["a", "broken", "c"])

    assert told == ["a of 1", "broken, of 1", "c of 1"]
    assert kept(db) == ["a", "c"]


@pytest.mark.anyio
async def test_nobody_is_written_for_twice_when_a_crowd_fails_in_the_middle(db: Database) -> None:
    tried = list[int]()

    def write(session: Session, names: Sequence[str]) -> list[str]:
        for name in names:
            session.add(Lane(name=name, open_at=AT))
            session.flush()
        tried.append(len(names))
        if len(names) > 1:
            raise ValueError("after everything was written")
        return [*names]

    first = asyncio.create_task(db.write_with_others("first", write))
    told = await asyncio.gather(*(db.write_with_others(name, write) for name in ("a", "b", "c")))
    await first

    assert told == ["a", "b", "c"]
    assert kept(db) == ["a", "b", "c", "first"]
    assert max(tried) > 1
