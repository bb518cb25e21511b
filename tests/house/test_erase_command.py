"""`erase`: what it shows, that it asks, what it says can't be reached, and what the database is like afterwards."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from bot.cli import main
from storage import erasing
from storage.database import Database
from storage.tables import Customer, Event, Intent, Response
from storage.triggers import events_unlocked
from workflows import casework, intake
from workflows.answers import Answer
from workflows.policy import load
from workflows.scales import DEFAULT_SCALES

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = load("""
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
admins = ["UNORA"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA"]
""")
WORDS = "The zebra parcel was two days late. " * 200
"""Long enough to need pages of its own in the file."""


@pytest.fixture
def db(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Database]:
    """Open a database with one low answer of Jane's, and a note about her."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    database = Database(database_url)
    database.write_now(answered)
    yield database
    database.close()


def answered(session: Session, *, comment: str = WORDS, name: str = "Jane Doe") -> None:
    answer = Answer(
        source="generic",
        external_id="r1",
        score=2,
        scale=DEFAULT_SCALES["nps"],
        submitted_at=AT,
        comment=comment,
        email="jane@acme.test",
        name=name,
    )
    received = intake.receive(session, answer, policy=POLICY, policy_version=None, at=AT)
    assert received.case_id is not None
    if received.is_new:
        casework.note(session, received.case_id, text="Jane called: zebra.", policy=POLICY, by="UANA", at=AT)


def events(db: Database) -> list[tuple[str, str, str]]:
    found = db.read_now(lambda session: session.exec(select(Event).order_by(Event.id)).all())  # type: ignore[arg-type] # a column
    return [(one.kind, one.by, one.text) for one in found]


def says(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Sit in front of the terminal, and answer the one question."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: answer)


def test_it_shows_what_there_is_and_says_what_it_cannot_reach(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, "y")

    assert main(["erase", "Jane@acme.test"]) == 0

    said = capsys.readouterr().out
    assert "Jane Doe, jane@acme.test\n  1 survey answer, 1 case, 0 contacts, 0 parked requests" in said
    assert "Case 1 is still open." in said
    assert "case 1 in #support" in said
    assert "backups" in said
    [jane] = db.read_now(lambda session: session.exec(select(Customer)).all())
    assert (jane.identity, jane.name, jane.email) == ("erased:1", None, None)
    kind, by, _ = events(db)[-1]
    assert (kind, by.partition(",")[0]) == ("erased", "command line")
    assert [one[2] for one in events(db)] == ["", "(erased)", ""]
    cards = db.read_now(lambda session: session.exec(select(Intent).where(Intent.key == "case:1@#support")).all())
    assert [one.wanted > 1 for one in cards] == [True]


def test_a_later_part_of_the_answer_that_is_being_taken_in_is_erased_with_the_rest(db: Database) -> None:
    held, may_go = threading.Event(), threading.Event()

    def completed(session: Session) -> None:
        answered(session, comment="A zebra, in fact.", name="Jane D. Doe")
        session.flush()
        held.set()
        may_go.wait(5)

    completing = db.submit(completed)
    assert held.wait(5)
    with ThreadPoolExecutor(1) as elsewhere:
        erasing_it = elsewhere.submit(main, ["erase", "jane@acme.test", "--yes"])
        time.sleep(0.5)
        assert not erasing_it.done()
        may_go.set()
        completing.result()

        assert erasing_it.result() == 0

    [jane] = db.read_now(lambda session: session.exec(select(Customer)).all())
    [response] = db.read_now(lambda session: session.exec(select(Response)).all())
    assert (jane.name, response.comment) == (None, "")
    assert "zebra" not in str(events(db))


def test_whoever_says_no_or_cannot_be_asked_erases_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, "n")
    assert main(["erase", "jane@acme.test"]) == 1
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["erase", "jane@acme.test"]) == 1

    said = capsys.readouterr().out
    assert said.count("Nothing was erased.") == 2
    assert "run the same once more with --yes" in said
    [kept] = db.read_now(lambda session: session.exec(select(Response)).all())
    assert kept.comment == WORDS


def test_who_is_not_known_or_has_been_erased_is_said_to_be_unknown(
    db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["erase", "jane@acme.test", "--yes"]) == 0
    count = len(events(db))

    for who in ("jane@acme.test", "case:1", "case:99", "c-81", "%"):
        assert main(["erase", who, "--yes"]) == 1

    assert capsys.readouterr().err.count("Nobody is known by") == 5
    assert len(events(db)) == count


def test_events_are_immutable_again_and_the_tables_are_as_they_were(db: Database) -> None:
    before = triggers(db)

    assert main(["erase", "jane@acme.test", "--yes"]) == 0

    assert triggers(db) == before
    for statement in ("UPDATE events SET text = 'Never.'", "DELETE FROM events"):
        with pytest.raises(DBAPIError, match="an event is immutable"):
            db.write_now(lambda session, what=statement: session.connection().execute(text(what)))  # type: ignore[misc] # bound by its default


def test_a_step_that_fails_leaves_events_locked_and_everything_as_it_was(db: Database) -> None:
    before = triggers(db)

    def fails(session: Session) -> None:
        with events_unlocked(session):
            session.connection().execute(text("UPDATE events SET text = 'Never.'"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        db.write_now(fails)

    assert triggers(db) == before
    assert "Never." not in [one[2] for one in events(db)]


def test_no_byte_of_it_is_left_in_the_file_of_sqlite_or_beside_it(db: Database) -> None:
    if not db.is_sqlite:
        pytest.skip("PostgreSQL overwrites old rows in its own time.")
    path = Path(db.url.database or "")
    assert any(b"zebra" in one for one in files(path))

    assert main(["erase", "jane@acme.test", "--yes"]) == 0

    assert [name for name in (b"zebra", b"Jane", b"jane@acme.test") if any(name in one for one in files(path))] == []


def test_a_reader_that_keeps_the_old_pages_is_said_to(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    if not db.is_sqlite:
        pytest.skip("PostgreSQL has no file beside the file.")
    reader = sqlite3.connect(db.url.database or "", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()

    assert main(["erase", "jane@acme.test", "--yes"]) == 0

    reader.close()
    assert "until Hearback is restarted" in capsys.readouterr().out
    assert erasing.fold(db)


def files(path: Path) -> list[bytes]:
    return [one.read_bytes() for one in path.parent.glob(f"{path.name}*")]


def triggers(db: Database) -> list[tuple[object, ...]]:
    found = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        if db.is_sqlite
        else "SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname"
    )
    return db.read_now(lambda session: [tuple(row) for row in session.connection().execute(text(found))])
