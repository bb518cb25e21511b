"""A changed policy leaves open cases as they are until somebody says otherwise: asked, by --yes, or from the log."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from clock_house import POLICY, ClockHouse
from databases import fresh_sqlite

from bot.cli import main
from bot.policies import apply_file
from storage.database import Database
from workflows import recompute
from workflows.policy import load

TIGHTER = POLICY + '\n[[clock]]\nurgency = "normal"\nclaim = "2h"\ncontact = "1d"\ntell = "5d"\n'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClockHouse]:
    """Stand in a folder with a tighter policy.toml, over a database with two open cases by the old one."""
    url = fresh_sqlite(tmp_path / "hearback.db")
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "SMTP_URL", "POLICY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.toml").write_text(TIGHTER, encoding="utf-8")
    database = Database(url)
    house = ClockHouse(database)
    house.answer()
    house.answer()
    yield house
    database.close()


def says(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Sit in front of the terminal, and answer the one question."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: answer)


def applied(*words: str) -> None:
    assert main(["policy", "apply", "policy.toml", *words]) == 0


def test_whoever_says_yes_has_the_limits_set_anew_once(
    desk: ClockHouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = desk.case(1).claim_due_at
    says(monkeypatch, "y")

    applied()

    said = capsys.readouterr().out
    assert "2 open cases have other limits by it than until now." in said
    assert "The limits of 2 open cases are set anew." in said
    assert before is not None
    assert desk.case(1).claim_due_at != before
    assert desk.kinds(1)[-1] == "limits_changed"
    applied()
    assert "open case" not in capsys.readouterr().out


def test_a_short_look_says_that_there_may_be_more(desk: ClockHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "PART", 1)
    policy = load(TIGHTER)

    looks = [
        desk.do(lambda session, most=most: recompute.look(session, policy=policy, most=most))  # type: ignore[misc] # bound by its default
        for most in (1, 2, None)
    ]

    assert looks == [(1, False), (2, True), (2, True)]


def test_whoever_says_no_keeps_them(
    desk: ClockHouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = desk.case(1).claim_due_at
    says(monkeypatch, "n")

    applied()

    assert "They keep the limits they have." in capsys.readouterr().out
    assert desk.case(1).claim_due_at == before


def test_where_nobody_can_be_asked_they_are_kept_and_it_says_how_to_set_them_anew(
    desk: ClockHouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    before = desk.case(1).claim_due_at

    applied()

    assert "run the same once more with --yes" in capsys.readouterr().out
    assert desk.case(1).claim_due_at == before
    applied("--yes")
    assert "The limits of 2 open cases are set anew." in capsys.readouterr().out
    assert desk.case(1).claim_due_at != before


def test_a_start_with_a_changed_file_leaves_them_and_says_in_the_log_what_to_do(
    desk: ClockHouse, caplog: pytest.LogCaptureFixture
) -> None:
    before = desk.case(1).claim_due_at

    with caplog.at_level(logging.WARNING, logger="hearback"):
        for _ in range(2):
            desk.do(lambda session: apply_file(session, TIGHTER, at=desk.now))

    [said] = [one.getMessage() for one in caplog.records]
    assert "2 open cases keep the limits they had" in said
    assert "policy apply FILE --yes" in said
    assert desk.case(1).claim_due_at == before
