"""The command line: what each word prints and how it ends, as whoever runs Hearback types it."""

import importlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import fresh_sqlite
from sqlmodel import Session, select

from bot import cli
from bot.cli import main
from bot.slack.manifest import scopes
from storage import outbox, parked
from storage.database import Database
from storage.tables import Case, Customer, Intent, Parked, PolicyVersion, Response

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = """
[team]
name = "Lumen Desk"
timezone = "Europe/Berlin"
languages = ["en"]
admins = ["UNORA"]
managers = ["UNORA"]

[[department]]
key = "support"
name = "Support"
channel = "#support"
lead = "UANA"
members = ["UANA"]
"""
TYPEFORM = '\n[[source]]\nname = "generic"\nform = "f1"\nmetric = "nps"\n'
TODAY = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"  # what was answered long ago may be history, without a case
ROWS = f"""id,score,metric,comment,email,submitted_at
r1,2,nps,Late.,jane@acme.test,{TODAY}
r2,9,nps,Good.,bo@acme.test,{TODAY}
r3,eleven,nps,What?,cy@acme.test,{TODAY}
r4,12,nps,Off the scale.,di@acme.test,{TODAY}
"""
UNKNOWN_FORM = {
    "type": "feedback.received",
    "timestamp": "2026-03-02T09:00:00Z",
    "data": {"id": "r9", "form": "f1", "score": 1, "customer": {"email": "jane@acme.test"}},
}
Run = Callable[..., int]


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Stand in an empty folder with a fresh database, and a policy file that hasn't been applied."""
    url = fresh_sqlite(tmp_path / "hearback.db")
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "SMTP_URL", "POLICY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    database = Database(url)
    yield database
    database.close()


def applied(text: str = POLICY) -> None:
    Path("policy.toml").write_text(text, encoding="utf-8")
    assert main(["policy", "apply", "policy.toml"]) == 0


def rows_of(db: Database, model: type) -> list[object]:
    return list(db.read_now(lambda session: session.exec(select(model)).all()))


def test_the_manifest_is_the_apps_and_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest"]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed["oauth_config"]["scopes"]["bot"] == sorted(scopes())
    assert printed["features"]["slash_commands"][0]["command"] == "/loop"


def test_a_reader_that_leaves_early_ends_a_command_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)

    with os.fdopen(writer, "wb") as unread:
        ended = subprocess.run(
            [sys.executable, "-m", "bot", "manifest"],
            cwd=Path(__file__).parents[2],
            stdout=unread,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr
    assert ended.returncode == 141  # what a shell calls a program that had nobody to write to


def test_a_sound_policy_is_said_to_be_sound_and_applied(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", "policy.toml"]) == 0
    assert "policy.toml is sound: 1 departments, 0 rules, 0 sources." in capsys.readouterr().out
    assert rows_of(db, PolicyVersion) == []

    assert main(["policy", "apply", "policy.toml"]) == 0

    assert "Version 1 of the policy is in force." in capsys.readouterr().out
    [version] = rows_of(db, PolicyVersion)
    assert isinstance(version, PolicyVersion)
    assert version.applied_by.startswith("command line")
    assert main(["policy", "show"]) == 0
    assert POLICY.strip() in capsys.readouterr().out


def test_an_unsound_policy_is_refused_by_line_and_key_and_never_applied(
    db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.toml").write_text(POLICY.replace('lead = "UANA"', 'leed = "UANA"'), encoding="utf-8")

    for word in ("check", "apply", "show"):
        assert main(["policy", word, "bad.toml"]) == 1
        said = capsys.readouterr().err
        assert "line 13" in said
        assert "leed" in said

    assert rows_of(db, PolicyVersion) == []


@pytest.mark.parametrize("words", [["policy", "check", "none.toml"], ["import", "none.csv"]])
def test_a_file_that_is_not_there_is_said_to_be_so(
    db: Database, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del db
    applied()

    assert main(words) == 1

    assert "can't be read" in capsys.readouterr().err


def test_without_a_policy_nothing_is_shown_or_imported(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    Path("rows.csv").write_text(ROWS, encoding="utf-8")

    assert main(["policy", "show"]) == 1
    assert main(["import", "rows.csv"]) == 1

    said = capsys.readouterr()
    assert "No policy has been applied yet." in said.out
    assert "policy apply FILE" in said.err
    assert rows_of(db, Response) == []


def test_importing_twice_is_safe_and_refused_rows_are_reported(
    db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    applied()
    Path("rows.csv").write_text(ROWS, encoding="utf-8")

    first = main(["import", "rows.csv", "--refused", "refused.csv"])
    said = capsys.readouterr()
    second = main(["import", "rows.csv"])

    assert (first, second) == (1, 1)
    assert "2 new, 0 changed, 0 known, 2 refused" in said.out
    assert "line 4:" in said.err
    assert "line 5:" in said.err
    assert Path("refused.csv").read_text().splitlines()[0] == "line,reason"
    assert len(Path("refused.csv").read_text().splitlines()) == 3
    assert "0 new, 0 changed, 2 known, 2 refused" in capsys.readouterr().out
    assert (len(rows_of(db, Response)), len(rows_of(db, Case))) == (2, 1)


def test_a_file_that_is_all_right_ends_with_0(db: Database) -> None:
    applied()
    Path("rows.csv").write_text("\n".join(ROWS.splitlines()[:3]), encoding="utf-8")

    assert main(["import", "rows.csv"]) == 0

    assert len(rows_of(db, Customer)) == 2


def test_what_is_parked_is_listed_shown_replayed_and_dismissed(
    db: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    applied()
    for body in (json.dumps(UNKNOWN_FORM).encode(), b"{nonsense"):
        db.write_now(lambda session, body=body: park(session, body))  # type: ignore[misc] # bound by its default
    capsys.readouterr()

    assert main(["parked", "list"]) == 0
    assert "2 parked." in capsys.readouterr().out
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    assert main(["parked", "show", "2"]) == 0
    sys.stdout.flush()
    assert sys.stdout.buffer.getvalue() == b"{nonsense"  # type: ignore[attr-defined] # a BytesIO, two lines above
    monkeypatch.undo()


def test_a_replay_under_a_better_policy_takes_in_what_it_can(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    applied()
    for body in (json.dumps(UNKNOWN_FORM).encode(), b"{nonsense"):
        db.write_now(lambda session, body=body: park(session, body))  # type: ignore[misc] # bound by its default
    assert main(["parked", "replay"]) == 0
    assert "0 taken in." in capsys.readouterr().out
    applied(POLICY + TYPEFORM)

    assert main(["parked", "replay"]) == 0
    assert "1 taken in." in capsys.readouterr().out
    assert main(["parked", "dismiss", "2"]) == 0
    assert main(["parked", "list"]) == 0

    assert "Nothing is parked." in capsys.readouterr().out
    assert [one.state for one in rows_of(db, Parked)] == ["replayed", "dismissed"]  # type: ignore[attr-defined]
    assert len(rows_of(db, Case)) == 1


@pytest.mark.parametrize("word", ["show", "dismiss"])
def test_what_is_not_parked_can_be_neither_shown_nor_dismissed(
    db: Database, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del db

    assert main(["parked", word, "4711"]) == 1

    assert "Nothing is parked under 4711." in capsys.readouterr().err


def test_dead_letters_are_listed_without_anybodys_words_and_sent_again(
    db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deadletters", "list"]) == 0
    assert "Nothing has been given up." in capsys.readouterr().out
    db.write_now(die)

    assert main(["deadletters", "list"]) == 0
    said = capsys.readouterr().out
    assert main(["deadletters", "retry", "4711"]) == 1
    assert main(["deadletters", "retry"]) == 0

    assert "1\tcard\tno case\tslack:#support\ttried 8 times\tchannel_not_found" in said
    assert "1 will be sent again." in capsys.readouterr().out
    assert [one.state for one in rows_of(db, Intent)] == ["unclear"]  # type: ignore[attr-defined]


def test_a_bounce_is_taken_from_standard_input(
    db: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del db
    applied()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"From: a@b.test\r\nSubject: Hi\r\n\r\nHello\r\n")))

    assert main(["mail"]) == 0

    assert capsys.readouterr().out.strip()


def test_words_that_are_off_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["policy", "burn"])

    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_settings_that_are_missing_are_named(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    del db

    assert main(["check"]) == 1

    said = capsys.readouterr().err
    assert "SLACK_BOT_TOKEN is missing." in said
    assert "SLACK_SIGNING_SECRET is missing." in said


def test_a_database_that_cannot_be_opened_is_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.db")

    assert main(["deadletters", "list"]) == 1

    assert "The database can't be used:" in capsys.readouterr().err


def park(session: Session, body: bytes) -> int:
    return parked.park(session, source="generic", body=body, reason="The form isn't known.", at=AT)


def die(session: Session) -> None:
    place = {"subject": "case:1", "place": "#support"}
    outbox.leave(session, key="k", kind="card", lane="slack:#support", facts=place, case_id=None, at=AT)
    intent = session.exec(select(Intent)).one()
    intent.state, intent.attempts, intent.problem = "dead", 8, "channel_not_found"


def test_every_command_that_is_loaded_when_it_is_used_is_there() -> None:
    named = re.findall(r'_command\("(\w+)"\)\.(\w+)', Path(cli.__file__).read_text(encoding="utf-8"))

    assert len(named) > 10
    for module, function in named:
        assert callable(getattr(importlib.import_module(f"bot.commands.{module}"), function))
