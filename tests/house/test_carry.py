"""A team that has outgrown SQLite takes everything along: all of it arrives, and Hearback goes on there."""

import os
import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import JSON, String, cast, func, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, text
from sqlmodel import select as select_rows

from bot.cli import main
from storage import carrying, engines, outbox, tallies
from storage import upgrade as upgrading
from storage.database import Database
from storage.seen import first_time
from storage.source_tables import HeldBack, PollCursor, SourceState, WebSession
from storage.tables import OPEN_STATES, Approval, Card, Case, Intent, Lane, Member, Outreach, Parked, Response
from storage.time_tables import Decision, Pause, Ping, Promise, Run, Schedule
from storage.upgrade import METADATA
from tests.databases import WAITS_FOR_A_LOCK, fresh_postgres, fresh_sqlite
from tests.stories.crowds import AT, answers, house
from workflows import casework, intake

HOSTILE = "\\N \\. \t'\"\\ \r\n😀 \u202e <!channel> %s $1 {x} --"
LATER = AT + timedelta(days=1, microseconds=1)
AWAY = "postgresql://nobody:secret@127.0.0.1:1/nowhere"
UNREADABLE = "postgresql://nobody:se@secret:cret@127.0.0.1:port/nowhere"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a lock gives up soon."""
    monkeypatch.setattr(engines, "PATIENCE_MS", 300)


@pytest.fixture(scope="module")
def house_that_has_lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a SQLite file in which a team has worked, with something in every table."""
    path = tmp_path_factory.mktemp("lived") / "lived.sqlite"
    db, policy, version = house(fresh_sqlite(path))
    receive = partial(intake.receive, policy=policy, policy_version=version, at=AT)
    for one in answers(5, 80):
        db.write_now(partial(receive, answer=one))
    for number in range(1, 6):
        db.write_now(partial(casework.take, case_id=number, policy=policy, by="UTEAMA1", at=AT))
    db.write_now(partial(casework.note, case_id=1, text=HOSTILE, policy=policy, by="UTEAMA1", at=AT))
    for _ in range(3):
        zone = ZoneInfo("Europe/Berlin")
        db.write_now(partial(tallies.take_turn, zone=zone, until=LATER, at=LATER, limit=1_000))
    db.write_now(whatever_else_there_is)
    db.close()
    return path


def whatever_else_there_is(session: Session) -> None:
    """Leave rows where answers and presses leave none."""
    first_time(session, "event:E1", AT)
    outbox.want(session, [outbox.home("UTEAMA1")], at=AT)
    times = {"kind": "line", "lane": "slack:C1", "not_before": AT, "created_at": AT}
    words = {"case_id": 1, "by": "U1", "at": AT, "created_at": AT, "subject": HOSTILE, "body": HOSTILE}
    for row in (
        Approval(case_id=1, excuse="duplicate", text=HOSTILE, asked_by="U1", asked_at=AT),
        Card(subject="case:1", place="#support", case_id=1, channel="C1", ts="1.1"),
        Intent(key="in hand", state="sending", leased_until=LATER, attempts=1, facts={"text": HOSTILE}, **times),
        Lane(name="slack:C1", open_at=LATER),
        Outreach(kind="told", channel="email", state="unclear", message_id="<1@x>", **words),
        Parked(source="generic", digest="d", body=bytes(range(256)), reason=HOSTILE, received_at=AT),
        Pause(case_id=1, from_at=AT, until_at=LATER, reason=HOSTILE, by="U1"),
        Ping(key="p", member="U1", case_id=1, kind="due", at=AT),
        PollCursor(source="typeform", target="", purpose="reconcile", since=AT, changed_at=LATER),
        Promise(case_id=1, text=HOSTILE, due_at=LATER, by="U1", made_at=AT),
        SourceState(name="typeform", gaps=[1, 1.0, 0.1 + 0.2], last_at=AT),
        WebSession(digest="d", member="U1", created_at=AT, expires_at=LATER),
        Schedule(
            id=3, name="d", kind="huddle", days=[0], hour="09:00", timezone="UTC", is_on=False, changed_by="U1",
            changed_at=AT,
        ),
    ):  # fmt: skip
        session.add(row)
    session.flush()
    session.add(HeldBack(response_id=1, alarm_id=1, at=AT))
    for number, fact in enumerate((1, 1.0, True), 7):  # to Python they are the same
        run = {"slot": f"2026-03-0{number}T09:00", "state": "posted", "slot_at": AT, "at": AT}
        session.add(Run(id=number, schedule_id=3, facts={"count": fact}, **run))
    session.flush()
    session.add(Decision(run_id=7, item="case:1", decision="call", by="U1", at=AT))


@pytest.fixture
def lived(house_that_has_lived: Path, tmp_path: Path) -> str:
    """Name a copy of that file."""
    return f"sqlite:///{shutil.copy(house_that_has_lived, tmp_path / 'lived.sqlite')}"


@pytest.fixture
def empty(postgres_server: str) -> Iterator[str]:
    """Name a database on PostgreSQL with nothing in it, not even tables."""
    name = f"empty_{os.urandom(6).hex()}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{postgres_server}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def unused(postgres_server: str) -> str:
    """Name a database on PostgreSQL whose tables are empty."""
    return fresh_postgres(postgres_server)


@dataclass
class Command:
    """The command, as somebody runs it."""

    environment: pytest.MonkeyPatch
    said: pytest.CaptureFixture[str]

    def carries(self, source: str, to: str) -> list[str]:
        """Have it carry everything over; gives the lines that it prints."""
        assert self._status(source, to) == 0
        said = self.said.readouterr()
        assert said.err == ""
        return said.out.splitlines()

    def refuses(self, source: str, to: str) -> str:
        """Have it refuse; gives what it says last."""
        assert self._status(source, to) == 1
        return self.said.readouterr().err.splitlines()[-1]

    def _status(self, source: str, to: str) -> int:
        self.environment.setenv("DATABASE_URL", to)
        return main(["carry", source])


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def everything(url: str) -> dict[str, list[Any]]:
    """Give every row of every table that is there, with JSON as it is written."""
    db, found = Database(url), {}
    with db.engine.connect() as connection:
        there = inspect(connection).get_table_names()
        for table in METADATA.sorted_tables:
            columns = [cast(one, String) if isinstance(one.type, JSON) else one for one in table.columns]
            rows = select(*columns).order_by(*table.primary_key.columns)
            found |= {table.name: [tuple(row) for row in connection.execute(rows)]} if table.name in there else {}
    db.close()
    return found


def changed(url: str, statement: str) -> None:
    """Change a database by hand."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            connection.execute(statement)
        return
    file = sqlite3.connect(url.removeprefix("sqlite:///"))  # foreign keys aren't looked at
    file.execute(statement)
    file.commit()
    file.close()


def carry_and(what: Callable[[], None], source: str, to: str, *, after: str = "cases") -> None:
    """Carry over, and have something done when this table has arrived."""

    def say(name: str, _: int) -> None:
        if name == after:
            what()

    with carrying.held(make_url(source), target=make_url(to)) as given:
        carrying.carry(given, make_url(to), say=say)


def test_everything_arrives_as_it_was(lived: str, empty: str, command: Command) -> None:
    before = everything(lived)

    first, *tables, last = command.carries(lived, empty)

    assert [name for name, rows in before.items() if not rows] == []
    assert everything(empty) == before == everything(lived)
    assert first == f"From {lived}, where nobody can write meanwhile, to {empty}:"
    assert sorted(tables) == sorted(f"{name:12} {len(rows):>11,}" for name, rows in before.items())
    count = sum(map(len, before.values()))
    assert last.startswith(f"{count:,} rows in {len(before)} tables were carried over, and counted on both sides. ")


def test_it_comes_back_the_same(lived: str, empty: str, tmp_path: Path, command: Command) -> None:
    back = f"sqlite:///{tmp_path / 'back.sqlite'}"

    command.carries(lived, empty)
    command.carries(empty, back)

    assert everything(back) == everything(lived)


def test_hearback_goes_on_where_it_was(lived: str, unused: str, command: Command) -> None:
    command.carries(lived, unused)
    last = len(everything(lived)["cases"])
    db, policy, version = house(unused)
    receive = partial(intake.receive, policy=policy, policy_version=version, at=AT)

    received = [db.write_now(partial(receive, answer=one)) for one in answers(6, 90)[80:]]
    new = [one.case_id for one in received if one.case_id is not None and one.case_id > last]
    db.write_now(partial(casework.take, case_id=new[0], policy=policy, by="UTEAMB1", at=AT))

    assert new[0] == last + 1
    assert open_cases_are_counted_right(db)
    for statement in ("UPDATE events SET text = 'x'", "DELETE FROM events"):
        with pytest.raises(DatabaseError, match="immutable"):
            db.write_now(lambda session, statement=statement: session.execute(text(statement)))
    db.close()


def open_cases_are_counted_right(db: Database) -> bool:
    def counts(session: Session) -> bool:
        owned = select_rows(Case.owner, func.count()).where(col(Case.state).in_(OPEN_STATES)).group_by(col(Case.owner))
        counted = dict(session.exec(owned).all())
        members = session.exec(select_rows(Member)).all()
        return any(counted.values()) and all(one.open_cases == counted.get(one.id, 0) for one in members)

    return db.read_now(counts)


def test_every_table_counts_on_and_is_known_to_the_planner(lived: str, empty: str, command: Command) -> None:
    changed(lived, "DELETE FROM pings")
    counting = {table.name for table in METADATA.sorted_tables if "id" in table.c} - {"members", "tallying"}

    command.carries(lived, empty)

    kept, next_id = everything(lived), "SELECT nextval(pg_get_serial_sequence(%s, 'id'))"
    with psycopg.connect(empty) as connection:
        following = {name: connection.execute(next_id, [name]).fetchall()[0][0] for name in counting}
        known = dict(connection.execute("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'").fetchall())
    assert following == {name: max([row[0] for row in kept[name]], default=0) + 1 for name in counting}
    assert known["cases"] == len(kept["cases"])


def test_each_table_comes_after_those_that_it_refers_to() -> None:
    order = carrying._in_order()

    assert {*order} == {*METADATA.sorted_tables}
    for place, table in enumerate(order):
        assert {key.column.table for key in table.foreign_keys} <= {*order[:place]}, table.name


def test_a_nul_is_left_out_and_nothing_else(lived: str, empty: str, command: Command) -> None:
    changed(lived, "UPDATE responses SET comment = 'a' || char(0) || 'b', url = NULL WHERE id = 2")
    before, place = everything(lived)["responses"], [*Response.model_fields].index("comment")

    command.carries(lived, empty)

    assert before[1][place] == "a\0b"
    before[1] = (*before[1][:place], "ab", *before[1][place + 1 :])
    assert everything(empty)["responses"] == before


def test_what_a_killed_hearback_left_beside_the_file_comes_along(
    lived: str, empty: str, tmp_path: Path, command: Command
) -> None:
    killed = tmp_path / "killed.sqlite"
    db = Database(lived)
    db.write_now(lambda session: first_time(session, "the last press", AT))
    for end in ("", "-wal"):
        shutil.copy(f"{lived.removeprefix('sqlite:///')}{end}", f"{killed}{end}")
    db.close()

    command.carries(f"sqlite:///{killed}", empty)

    assert "the last press" in {row[0] for row in everything(empty)["seen"]}


def test_a_large_table_is_never_in_memory(lived: str, empty: str, command: Command) -> None:
    changed(
        lived,
        """INSERT INTO parked (source, digest, body, reason, received_at, state, times)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 18001)
        SELECT 's', i, zeroblob(2000), 'r', '2026-03-02 09:00:00.000000', 'parked', 1 FROM n""",
    )

    tracemalloc.start()
    command.carries(lived, empty)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 18_001 * 2_000 / 2
    assert everything(empty)["parked"] == everything(lived)["parked"]


@pytest.mark.parametrize("start", ["postgres://", "postgresql+psycopg://"])
def test_a_url_is_read_as_database_url_is(start: str, unused: str, tmp_path: Path, command: Command) -> None:
    command.carries(unused.replace("postgresql://", start), f"sqlite:///{tmp_path / 'back.sqlite'}")


@pytest.mark.parametrize("by_hand", ["SELECT 1", "UPDATE alembic_version SET version_num = '0001'"])
def test_only_an_empty_database_takes_it_and_another_is_not_even_upgraded(
    by_hand: str, lived: str, unused: str, command: Command
) -> None:
    changed(unused, "INSERT INTO seen VALUES ('somebody was here', now())")
    changed(unused, by_hand)
    before = everything(unused)

    said = command.refuses(lived, unused)

    assert said == "The database that DATABASE_URL names isn't empty: it has rows in seen. Set it to an empty one."
    assert everything(unused) == before


def test_who_comes_in_between_is_noticed(
    lived: str, unused: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "PATIENCE_MS", 20_000)
    with (
        psycopg.connect(unused, autocommit=True) as onlooker,
        psycopg.connect(unused) as first,
        ThreadPoolExecutor() as threads,
    ):
        first.execute("SELECT pg_advisory_xact_lock(%s)", [upgrading._UPGRADE_LOCK])
        second = threads.submit(command.refuses, lived, unused)  # finds it empty, and waits for the upgrade
        while onlooker.execute(WAITS_FOR_A_LOCK).fetchone() == (0,):
            assert not second.done()
        first.execute("INSERT INTO seen VALUES ('somebody is here', now())")
        first.commit()
        said = second.result(20)

    assert "isn't empty: it has rows in seen" in said
    assert len(everything(unused)["seen"]) == 1


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_copy_that_is_broken_off_leaves_nothing(error: type[BaseException], lived: str, database_url: str) -> None:
    before = everything(database_url)

    def break_off() -> None:
        raise error

    with pytest.raises(error):
        carry_and(break_off, lived, database_url, after="members")

    assert everything(database_url) == before


def test_a_row_that_is_refused_is_told_and_leaves_nothing(lived: str, database_url: str, command: Command) -> None:
    before = everything(database_url)
    changed(lived, "UPDATE tasks SET case_id = 999999 WHERE id = 2")

    said = command.refuses(lived, database_url)

    assert said.startswith("tasks can't be carried over, in the rows after the first 0: ")
    assert said.endswith("Nothing has been carried over.")
    assert everything(database_url) == before


def test_rows_that_do_not_arrive_are_noticed(lived: str, unused: str, command: Command) -> None:
    changed(unused, "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
    changed(unused, "CREATE TRIGGER lose BEFORE INSERT ON lanes FOR EACH ROW EXECUTE FUNCTION lose()")
    before = everything(unused)

    said = command.refuses(lived, unused)

    assert said.startswith("lanes has 1 rows, 1 were read and 0 arrived. Nothing has been carried over.")
    assert everything(unused) == before


@pytest.mark.parametrize("path", ["missing.sqlite", "", ":memory:"])
def test_a_database_that_is_not_there_is_not_made(
    path: str, tmp_path: Path, empty: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert command.refuses(f"sqlite:///{path}", empty).startswith("There is no file ")

    assert [*tmp_path.iterdir()] == []
    assert everything(empty) == {}


@pytest.mark.parametrize(
    ("by_hand", "why"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "was made by an older version. Start this version of"),
        ("UPDATE alembic_version SET version_num = '9999'", "was made by a newer version than this one. Bring this"),
        ("DROP TABLE alembic_version", "isn't Hearback's. Name the one"),
    ],
)
def test_only_a_database_of_this_version_is_carried_over(
    by_hand: str, why: str, database_url: str, empty: str, command: Command
) -> None:
    changed(database_url, by_hand)

    assert command.refuses(database_url, empty).startswith(f"The database to carry over {why}")

    assert everything(empty) == {}


def test_what_is_no_database_or_has_nothing_in_it_is_not_carried_over(
    tmp_path: Path, empty: str, unused: str, command: Command
) -> None:
    (tmp_path / "words.sqlite").write_text("This is no database. " * 100)
    (tmp_path / "nothing.sqlite").touch()

    words, *nothing = (
        command.refuses(source, unused)
        for source in (f"sqlite:///{tmp_path}/words.sqlite", f"sqlite:///{tmp_path}/nothing.sqlite", empty)
    )

    assert words == "The database to carry over can't be used: file is not a database. Look at its URL."
    assert nothing == ["The database to carry over is empty. Name the one that Hearback has worked with."] * 2


@pytest.mark.parametrize("how", ["dots", "symlink_to", "hardlink_to"])
def test_a_file_is_not_carried_into_itself(how: str, lived: str, command: Command) -> None:
    path = Path(lived.removeprefix("sqlite:///"))
    other = path.parent / ".." / path.parent.name / path.name
    if how != "dots":
        other = path.parent / "other.sqlite"
        getattr(other, how)(path)
    before = path.read_bytes()

    said = command.refuses(lived, f"sqlite:///{other}")

    assert said == "The database that DATABASE_URL names is the one to carry over. Set it to the new one first."
    assert path.read_bytes() == before


def test_a_database_is_not_carried_into_itself_by_another_name(unused: str, command: Command) -> None:
    said = command.refuses(unused, unused.replace("127.0.0.1", "localhost"))

    assert said == "The database that DATABASE_URL names is the one to carry over. Set it to the new one first."


def test_a_hearback_that_still_runs_is_noticed_though_it_is_idle(lived: str, empty: str, command: Command) -> None:
    running = Database(lived)
    running.write_now(lambda session: first_time(session, "a press", AT))

    said = command.refuses(lived, empty)

    assert said.startswith("The database to carry over is in use, by a Hearback that still runs or another program.")
    assert everything(empty) == {}
    running.write_now(lambda session: first_time(session, "the next press", AT))
    running.close()
    command.carries(lived, empty)


@pytest.mark.parametrize("end", ["The database to carry over", "The database that DATABASE_URL names"])
def test_who_writes_to_postgresql_just_now_is_noticed(
    end: str, unused: str, postgres_server: str, command: Command
) -> None:
    other = fresh_postgres(postgres_server)

    with psycopg.connect(unused if "carry" in end else other) as writing:
        writing.execute("INSERT INTO seen VALUES ('under way', now())")
        said = command.refuses(unused, other)

    assert said.startswith(f"{end} is in use")


@pytest.mark.parametrize("end", ["source", "target"])
def test_nobody_writes_to_either_meanwhile(end: str, database_url: str, unused: str) -> None:
    def write() -> None:
        busy = Database(database_url if end == "source" else unused)
        with pytest.raises(DatabaseError, match=r"locked|lock timeout"):
            busy.write_now(lambda session: first_time(session, "late", AT))
        busy.close()

    carry_and(write, database_url, unused, after="alarms")  # before `seen` has been looked at

    assert everything(unused)["seen"] == []


def test_no_password_is_printed(lived: str, unused: str, command: Command) -> None:
    said = [command.refuses(source, unused) for source in (AWAY, UNREADABLE, "mysql://u:secret@host/name")]
    said += [command.refuses(lived, to) for to in (AWAY, UNREADABLE)]
    said += command.carries(lived, f"{unused}?password=secret".replace("hearback@", "hearback:secret@"))

    assert "secret" not in "".join(said)
    assert said[0].startswith("The database to carry over can't be used: connection failed")
    assert said[1].startswith("FROM_URL can't be read. Write it as")
    assert said[2].startswith("FROM_URL can't be used: it should begin with")
    assert said[3].startswith("The database that DATABASE_URL names can't be used: connection failed")
    assert said[4].startswith("DATABASE_URL can't be read. Write it as")
