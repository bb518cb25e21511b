"""A team that has outgrown SQLite takes everything along: all of it arrives, and Hearback goes on there."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, text
from sqlmodel import select as select_rows

from bot.cli import main
from storage import carrying, outbox, rows
from storage.database import Database
from storage.seen import first_time
from storage.tables import OPEN_STATES, Card, Case, Member, Parked
from storage.time_tables import Pause
from storage.upgrade import METADATA
from tests.databases import fresh_postgres, fresh_sqlite
from tests.stories.crowds import AT, answers, house
from workflows import casework, intake

HOSTILE = "\\N \\. \t'\"\\ \r\n😀 \u202e <!channel> %s $1 {x} --"
AWAY = "postgresql://nobody:secret@127.0.0.1:1/nowhere"


@pytest.fixture
def lived(tmp_path: Path) -> str:
    """Name a SQLite database in which a team has worked."""
    url = fresh_sqlite(tmp_path / "lived.sqlite")
    db, policy, version = house(url)
    for one in answers(5, 80):
        db.write_now(
            lambda session, one=one: intake.receive(session, one, policy=policy, policy_version=version, at=AT)
        )
    cases = db.read_now(lambda session: session.exec(select_rows(Case.id).order_by(col(Case.id))).all())
    for number in cases[:5]:
        db.write_now(lambda session, number=number: casework.take(session, number, policy=policy, by="UTEAMA1", at=AT))

    def more(session: Any) -> None:
        first = cases[0]
        rows.add(session, Card, subject=f"case:{first}", place="#support", case_id=first, channel="C1", ts="1.1")
        first_time(session, "event:E1", AT)
        rows.add(session, Parked, source="generic", digest="d", body=bytes(range(256)), reason=HOSTILE, received_at=AT)
        rows.add(session, Pause, case_id=first, from_at=AT, until_at=AT + timedelta(days=1), reason=HOSTILE, by="U1")
        casework.note(session, first, text=HOSTILE, policy=policy, by="UTEAMA1", at=AT)
        outbox.want(session, [outbox.home("UTEAMA1")], at=AT)

    db.write_now(more)
    db.close()
    return url


@pytest.fixture
def empty(request: pytest.FixtureRequest) -> str:
    """Name an empty database on PostgreSQL."""
    return fresh_postgres(request.getfixturevalue("postgres_server"))


def carried(source: str, to: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("DATABASE_URL", to)
    return main(["carry", source])


def everything(url: str) -> dict[str, list[Any]]:
    db = Database(url)
    with db.engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in METADATA.sorted_tables
        }
    db.close()
    return found


def test_everything_arrives_as_it_was(
    lived: str, empty: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carried(lived, empty, monkeypatch) == 0

    before, after = everything(lived), everything(empty)
    assert after == before
    used = {name for name, kept in after.items() if kept}
    assert used >= {"cards", "cases", "customers", "events", "intents", "members", "parked", "pauses", "policies"}
    assert used >= {"responses", "seen", "tallying", "tasks", "themes", "umbrellas"}
    said = capsys.readouterr().out.splitlines()
    assert f"cases {len(after['cases']):>18,}" in said
    assert said[-1].startswith(f"{sum(map(len, after.values())):,} rows were carried over to postgresql://hearback@")


def test_it_comes_back_the_same(lived: str, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    back = f"sqlite:///{tmp_path / 'back.sqlite'}"

    statuses = carried(lived, empty, monkeypatch), carried(empty, back, monkeypatch)

    assert statuses == (0, 0)
    assert everything(back) == everything(lived)


def test_hearback_goes_on_where_it_was(lived: str, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    carried(lived, empty, monkeypatch)
    last = len(everything(lived)["cases"])
    db, policy, version = house(empty)
    following = answers(6, 90)[80:]

    received = [
        db.write_now(
            lambda session, one=one: intake.receive(session, one, policy=policy, policy_version=version, at=AT)
        )
        for one in following
    ]
    new = [one.case_id for one in received if one.case_id is not None and one.case_id > last]
    db.write_now(lambda session: casework.take(session, new[0], policy=policy, by="UTEAMB1", at=AT))

    assert new[0] == last + 1
    assert open_cases_are_counted_right(db)
    with pytest.raises(DatabaseError, match="immutable"):
        db.write_now(lambda session: session.execute(text("UPDATE events SET text = 'x'")))
    db.close()


def open_cases_are_counted_right(db: Database) -> bool:
    def counts(session: Session) -> bool:
        owned = select_rows(Case.owner, func.count()).where(col(Case.state).in_(OPEN_STATES)).group_by(col(Case.owner))
        counted = dict(session.exec(owned).all())
        members = session.exec(select_rows(Member)).all()
        return any(counted.values()) and all(one.open_cases == counted.get(one.id, 0) for one in members)

    return db.read_now(counts)


def test_what_is_there_already_is_never_mixed_with_it(
    lived: str, empty: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    carried(lived, empty, monkeypatch)
    before = everything(empty)

    assert carried(lived, empty, monkeypatch) == 1

    assert "isn't empty: there is something in" in capsys.readouterr().err
    assert everything(empty) == before


def test_a_copy_that_breaks_off_leaves_nothing(lived: str, empty: str) -> None:
    names = list[str]()

    def say(name: str, _: int) -> None:
        names.append(name)
        if name == "responses":
            raise RuntimeError("the power went")

    before = everything(empty)
    target = Database(empty)
    with pytest.raises(RuntimeError, match="power"):
        carrying.carry(lived, target, say=say)
    target.close()

    assert len(names) > 10
    assert everything(empty) == before


def test_a_database_that_is_not_there_is_not_made(
    tmp_path: Path, empty: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.sqlite"

    assert carried(f"sqlite:///{missing}", empty, monkeypatch) == 1

    assert "There is no file" in capsys.readouterr().err
    assert not missing.exists()


@pytest.mark.parametrize("version", [("0001", "an older version's"), ("9999", "a newer version's")])
def test_only_a_database_of_this_version_is_carried_over(
    version: tuple[str, str],
    lived: str,
    empty: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    revision, named = version
    db = Database(lived)
    shape = text("UPDATE alembic_version SET version_num = :revision").bindparams(revision=revision)
    db.write_now(lambda session: session.execute(shape))
    db.close()

    assert carried(lived, empty, monkeypatch) == 1

    assert f"is {named}. Start this version of Hearback on it once" in capsys.readouterr().err


def test_a_database_is_not_carried_into_itself(
    lived: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(lived.removeprefix("sqlite:///"))

    assert carried(f"sqlite:///{path.parent}/../{path.parent.name}/{path.name}", lived, monkeypatch) == 1

    assert "That is the database that DATABASE_URL names" in capsys.readouterr().err


def test_no_password_is_printed(
    empty: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carried(AWAY, empty, monkeypatch) == 1
    assert carried("mysql://nobody:secret@host/name", empty, monkeypatch) == 1

    said = capsys.readouterr()
    assert "FROM_URL should begin with" in said.err
    assert "secret" not in said.err + said.out


def test_nobody_writes_to_it_meanwhile(lived: str, empty: str) -> None:
    refused = list[str]()

    def say(name: str, _: int) -> None:
        if name == "cases":
            busy = Database(lived)
            try:
                busy.write_now(lambda session: first_time(session, "late", AT))
            except DatabaseError as error:
                refused.append(str(error.orig))
            busy.close()

    target = Database(empty)
    carrying.carry(lived, target, say=say)
    target.close()

    assert refused == ["database is locked"]
