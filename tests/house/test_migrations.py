"""`upgrade` makes exactly the tables that the code knows, on both databases, and refuses what it can't use."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import SQLModel

from storage import upgrade as upgrading
from storage.database import Database
from storage.upgrade import WrongDatabaseError, upgrade

SECOND = '''
"""A second step, as a later version brings one."""
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "9000", "{head}", None, None
def upgrade():
    op.create_table("second", sa.Column("id", sa.Integer, primary_key=True))
    op.execute(sa.text("UPDATE lanes SET open_at = open_at"))
    {more}
'''
HEAD = max(path.name[:4] for path in (Path(upgrading.__file__).parent / "migrations" / "versions").glob("0*.py"))
COLUMNS = """SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version'"""
CONSTRAINTS = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
TRIGGERS = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
FUNCTIONS = "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    db = Database(empty_url(kind, request, tmp_path))
    yield db
    db.close()


def empty_url(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """Name a database without anything in it."""
    name = f"empty_{os.urandom(6).hex()}"
    if kind == "sqlite":
        return f"sqlite:///{folder / name}.db"
    server = request.getfixturevalue("postgres_server")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def shape(engine: Engine) -> set[tuple[Any, ...]]:
    """Describe tables, columns, checks, keys, indexes and triggers as the database itself tells them."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            found = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master"))
            return {
                (one.type, one.name, *sorted(_parts(one.sql))) for one in found if one.tbl_name != "alembic_version"
            }
        queries = (COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS, FUNCTIONS)
        return {tuple(row) for query in queries for row in connection.exec_driver_sql(query)}


def _parts(sql: str | None) -> list[str]:
    """Take a statement apart by its columns and checks: in which order they are listed makes no table different."""
    flat = " ".join((sql or "").split())
    before, _, inside = flat.partition("(")
    parts, depth = [before.strip(), ""], 0
    for sign in inside.rpartition(")")[0]:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts] + [inside.rpartition(")")[2].strip()]


def test_upgrading_an_empty_database_gives_exactly_the_tables_of_the_code(
    kind: str, empty: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    wanted = Database(empty_url(kind, request, tmp_path))
    SQLModel.metadata.create_all(wanted.engine)

    upgrade(empty.engine)

    assert shape(empty.engine) == shape(wanted.engine)
    assert len(shape(empty.engine)) > 30
    wanted.close()


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    upgrade(empty.engine)
    before = shape(empty.engine)

    upgrade(empty.engine)

    assert shape(empty.engine) == before


def test_an_older_database_goes_up_and_keeps_what_it_holds(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty.engine)
    remember(empty)
    later_version(tmp_path, monkeypatch)

    upgrade(empty.engine)

    assert revision(empty) == "9000"
    assert remembered(empty) == ["slack:#support"]


def test_what_may_stand_in_a_column_is_the_same_after_conditions_were_written_anew(empty: Database) -> None:
    with empty.engine.begin() as connection:
        command.upgrade(upgrading._config(connection), "0003")
    customer = "INSERT INTO customers (id, identity, contactability, created_at) VALUES (%d, '%d', '%s', '2026-03-02')"
    execute(empty, customer % (1, 1, "confidential"))

    upgrade(empty.engine)

    for number, word in ((2, "contactable"), (3, "anonymous")):
        execute(empty, customer % (number, number, word))
    with pytest.raises(IntegrityError, match="contactability_is_known"):
        execute(empty, customer % (4, 4, "shy"))
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM customers")).scalar_one() == 3
        if empty.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_sqlite_has_no_list_to_build_a_table_of_at_every_statement(tmp_path: Path) -> None:
    """For up to two words it builds none. A question to a manager is asked seldom: its check may stay as it is."""
    db = Database(f"sqlite:///{tmp_path / 'words.db'}")
    upgrade(db.engine)

    with db.engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE name <> 'approvals'").all()

    assert [name for name, sql in made if re.search(r"IN \('\w+', '\w+', '", sql or "")] == []
    db.close()


def test_checks_stay_as_they_are_where_sqlite_lets_nobody_write_them_anew(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'guarded.db'}")
    is_open = False

    def guard(action: int, name: str | None, value: str | None, *_: object) -> int:
        nonlocal is_open
        if action == sqlite3.SQLITE_PRAGMA and name == "writable_schema":
            is_open = value == "ON"
        is_written = action == sqlite3.SQLITE_UPDATE and name == "sqlite_master"
        return sqlite3.SQLITE_DENY if is_open and is_written else sqlite3.SQLITE_OK

    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_authorizer(guard)

    upgrade(db.engine)

    assert revision(db) == HEAD
    with pytest.raises(IntegrityError, match="contactability_is_known"):
        execute(db, "INSERT INTO customers (identity, contactability, created_at) VALUES ('1', 'shy', '2026-03-02')")
    with db.engine.connect() as connection:
        checks = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'customers'").scalar_one()
    assert "contactability IN (" in checks
    db.close()


def test_a_disk_that_is_full_while_checks_are_written_anew_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """SQLite ends the transaction by itself then: whatever went on after it would be said to be done, and isn't."""
    db = Database(f"sqlite:///{tmp_path / 'full.db'}")
    with db.engine.begin() as connection:
        command.upgrade(upgrading._config(connection), "0003")
    before = shape(db.engine)
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
    driver.execute("VACUUM")
    pages = driver.execute("PRAGMA page_count").fetchone()[0]

    room = 0
    while revision(db) == "0003":  # with each page more it comes further
        driver.execute(f"PRAGMA max_page_count = {pages + room}")
        with suppress(DatabaseError):
            upgrade(db.engine)
        assert (shape(db.engine) == before) is (revision(db) == "0003")
        room += 1

    assert room > 1
    db.close()


def test_a_step_that_fails_leaves_everything_as_it_was(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty.engine)
    remember(empty)
    before = shape(empty.engine)
    later_version(tmp_path, monkeypatch, more="1 / 0")

    with pytest.raises(ZeroDivisionError):
        upgrade(empty.engine)

    assert (shape(empty.engine), revision(empty)) == (before, HEAD)
    assert remembered(empty) == ["slack:#support"]


def test_a_newer_database_is_refused_in_a_sentence(empty: Database) -> None:
    upgrade(empty.engine)
    execute(empty, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(WrongDatabaseError, match="made by a newer Hearback than this one"):
        upgrade(empty.engine)

    assert revision(empty) == "9999"


def test_somebody_elses_database_is_refused_and_left_alone(empty: Database) -> None:
    execute(empty, "CREATE TABLE wordpress (id INTEGER PRIMARY KEY)")
    before = shape(empty.engine)

    with pytest.raises(WrongDatabaseError, match="Give DATABASE_URL a database of its own"):
        upgrade(empty.engine)

    assert shape(empty.engine) == before


def test_two_processes_that_start_at_once_upgrade_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = empty_url(kind, request, tmp_path)
    db = Database(url)
    with db.engine.begin() as connection:  # both wait for this one: neither is ahead of the other
        if kind == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({upgrading._UPGRADE_LOCK})")
        starting = [start(url) for _ in range(2)]
        wait_until_both_wait(db, kind)
    ended = [one.communicate(timeout=30) for one in starting]

    assert [one.returncode for one in starting] == [0, 0], ended
    assert revision(db) == HEAD
    db.close()


def start(url: str) -> "subprocess.Popen[bytes]":
    code = (
        "import sys; from storage.database import Database; from storage.upgrade import upgrade;"
        "db = Database(sys.argv[1]); print('here', flush=True); upgrade(db.engine); db.close()"
    )
    root = Path(__file__).parents[2]
    started = subprocess.Popen(
        [sys.executable, "-c", code, url], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert started.stdout is not None
    started.stdout.readline()
    return started


def wait_until_both_wait(db: Database, kind: str) -> None:
    if kind == "sqlite":
        time.sleep(0.3)
        return
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    for _ in range(200):
        with db.engine.connect() as connection:
            if connection.execute(waiting).scalar() == 2:
                return
        time.sleep(0.02)
    pytest.fail("The two processes did not wait for each other.")


def later_version(folder: Path, monkeypatch: pytest.MonkeyPatch, *, more: str = "pass") -> None:
    """Give the code a second step, as the next release would have it."""
    steps = folder / "migrations"
    shutil.copytree(upgrading._FOLDER, steps, ignore=shutil.ignore_patterns("__pycache__"))
    (steps / "versions" / "9000_second.py").write_text(SECOND.format(more=more, head=HEAD))
    monkeypatch.setattr(upgrading, "_FOLDER", steps)


def remember(db: Database) -> None:
    execute(db, "INSERT INTO lanes (name, open_at) VALUES ('slack:#support', '2026-03-02 09:00:00')")


def remembered(db: Database) -> list[str]:
    with db.engine.connect() as connection:
        return list(connection.execute(text("SELECT name FROM lanes")).scalars())


def revision(db: Database) -> str:
    with db.engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def execute(db: Database, statement: str) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql(statement)
