"""Both databases for tests: a fresh SQLite file, or a fresh database on a throwaway PostgreSQL."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import psycopg
import pytest
from sqlmodel import Session

from storage.database import Database
from storage.upgrade import upgrade

PROGRAMS: Final = ("initdb", "pg_ctl", "postgres")
OWNER: Final = "hearback"
MEMORY_NEEDED: Final = 2 * 1024**3
TEMPLATE: Final = "template_hearback"
# Asked of PostgreSQL: does anybody wait for somebody else's lock?
WAITS_FOR_A_LOCK: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
# Nothing here outlives the tests, so nothing has to survive a power cut.
SETTINGS: Final = (
    "-c fsync=off -c synchronous_commit=on -c full_page_writes=off -c max_connections=200 -c autovacuum=off"
)
# The shell stops the server when its input ends: also when the tests are killed and can't tidy up.
SERVE: Final = """
"$BIN/initdb" -D "$DIR/data" -U "$OWNER" --auth=trust --encoding=UTF8 --locale=C --no-sync >"$DIR/log" 2>&1 &&
"$BIN/pg_ctl" -D "$DIR/data" -w -l "$DIR/log" -o "-h 127.0.0.1 -p $PORT -c unix_socket_directories='' $SETTINGS" start \
    >>"$DIR/log" 2>&1 </dev/null && echo up && cat >/dev/null
"$BIN/pg_ctl" -D "$DIR/data" -m fast stop >>"$DIR/log" 2>&1
rm -rf "$DIR/data"
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Name a fresh database with all tables, once of each kind."""
    if request.param == "sqlite":
        yield fresh_sqlite(tmp_path / "hearback.db")
        return
    server: str = request.getfixturevalue("postgres_server")
    url = fresh_postgres(server)
    yield url
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run a throwaway PostgreSQL for the whole session; gives its URL without a database's name."""
    if not has_postgres():
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl, postgres) are not installed here.")
    with running_postgres() as server:
        yield server


def has_postgres() -> bool:
    """Tell whether PostgreSQL's programs are installed here."""
    return _programs() is not None


@contextmanager
def running_postgres(settings: str = SETTINGS) -> Iterator[str]:
    """Run a throwaway PostgreSQL while the context lasts; gives its URL without a database's name."""
    programs = _programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="hearback-postgres-", dir=_quick_folder()))
    user = _unprivileged()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    port = _free_port()
    shell = subprocess.Popen(
        ["sh", "-c", SERVE],
        env={"BIN": str(programs), "DIR": str(folder), "OWNER": OWNER, "PORT": str(port), "SETTINGS": settings}
        | {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,  # Ctrl-C is for the tests; they stop the server when they are through
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        extra_groups=user and [],
    )
    try:
        assert shell.stdin is not None
        assert shell.stdout is not None
        if shell.stdout.readline() != b"up\n":
            pytest.fail(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
        server = f"postgresql://{OWNER}@127.0.0.1:{port}"
        _make_template(server)
        yield server
    finally:
        shell.communicate(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def fresh_sqlite(path: Path) -> str:
    """Make a SQLite file with all tables; gives its URL."""
    path.write_bytes(_sqlite_template())
    return f"sqlite:///{path}"


def fresh_postgres(server: str) -> str:
    """Make a database with all tables on a server that `postgres_server` gave; gives its URL."""
    name = f"test_{os.urandom(6).hex()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return f"{server}/{name}"


def fresh_database(url: str) -> None:
    """Make all tables in an empty database, as Hearback does when it starts."""
    database = Database(url)
    try:
        upgrade(database.engine)
    finally:
        database.close()


@cache
def _sqlite_template() -> bytes:
    with tempfile.TemporaryDirectory(prefix="hearback-sqlite-") as folder:
        path = Path(folder) / "template.db"
        fresh_database(f"sqlite:///{path}")  # closing its last connection folds the write-ahead log into the file
        return path.read_bytes()


def _make_template(server: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    fresh_database(f"{server}/{TEMPLATE}")


def _programs() -> Path | None:
    """Find PostgreSQL's programs; Debian keeps them in a folder per version, outside PATH. The newest wins."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: _number(one.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    for folder in (*versions, *([Path(on_path).resolve().parent] if on_path else [])):
        if all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
            return folder
    return None


def _quick_folder() -> str | None:
    """Prefer memory to disk: there a fresh database takes 30 ms instead of 250. None: the usual folder."""
    memory = Path("/dev/shm")  # noqa: S108 -- a folder of its own is made there, as in /tmp
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_NEEDED:
        return str(memory)
    return None


def _number(version: str) -> int:
    return int(version) if version.isdigit() else 0


def _unprivileged() -> pwd.struct_passwd | None:
    """Find somebody else to run it: PostgreSQL refuses root. None: we aren't root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as.")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@asynccontextmanager
async def crowds_wait(db: Database) -> AsyncIterator[None]:
    """Keep those busy who write for crowds: what is handed in meanwhile is done together, once this ends."""
    begun, may_end = threading.Event(), threading.Event()

    def hold(_: Session, pieces: Sequence[None]) -> list[None]:
        begun.set()
        may_end.wait(5)
        return [*pieces]

    first = asyncio.create_task(db.write_with_others(None, hold))
    await asyncio.to_thread(begun.wait, 5)
    try:
        yield
    finally:
        may_end.set()
        await first
