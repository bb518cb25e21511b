"""`digest list | show | run`: for an outside cron, which goes by the exit status."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import fresh_sqlite
from digest_house import DAILY, TEAM, Desk

from bot.cli import main
from bot.commands import digest
from storage.database import Database
from workflows.policy import load

NINE = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """Stand in an empty folder with a policy that is in force, at nine in Berlin."""
    url = fresh_sqlite(tmp_path / "hearback.db")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    Path("policy.toml").write_text(TEAM + DAILY, encoding="utf-8")
    assert main(["policy", "apply", "policy.toml"]) == 0
    capsys.readouterr()
    monkeypatch.setattr(digest, "wall_clock", lambda: NINE + timedelta(minutes=1))
    db = Database(url)
    yield Desk(db, load(TEAM + DAILY))
    db.close()


def test_a_run_posts_the_slot_once_and_a_second_run_says_so(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.case()

    statuses = [main(["digest", "run", "Daily"]) for _ in range(2)]

    assert statuses == [0, 0]
    first, second = capsys.readouterr().out.splitlines()
    assert first == "Daily, 2026-03-02T09:00: posted."
    assert second == "Daily, 2026-03-02T09:00: was posted before; nothing to do."
    assert (desk.runs(), desk.posts()) == ([("2026-03-02T09:00", "posted")], ["digest:1"])


def test_a_dry_run_prints_what_it_would_tell_and_posts_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.case(owner=None)

    assert main(["digest", "run", "Daily", "--dry-run"]) == 0

    said = capsys.readouterr().out
    assert "Monday to Friday at 09:00 (Europe/Berlin)" in said
    assert "Nobody owns these" in said
    assert "Customer 1" in said
    assert (desk.runs(), desk.posts()) == ([], [])


def test_an_empty_digest_is_not_posted_and_that_is_no_failure(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["digest", "run", "Daily"]) == 0

    assert capsys.readouterr().out == "Daily, 2026-03-02T09:00: not posted: there is nothing to tell.\n"
    assert desk.posts() == []


@pytest.mark.parametrize("words", [["run", "Nightly"], ["show", "Nightly"], ["run", "Nightly", "--dry-run"]])
def test_a_name_that_is_not_there_is_a_failure(
    desk: Desk, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del desk

    assert main(["digest", *words]) == 1

    assert "python -m bot digest list" in capsys.readouterr().err


def test_one_without_a_channel_is_a_failure(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    from storage.time_tables import Schedule  # noqa: PLC0415 -- only here

    desk.change(Schedule, desk.schedule().id, department="gone")

    assert main(["digest", "run", "Daily"]) == 1

    assert "has no channel" in capsys.readouterr().err


def test_the_list_says_when_each_comes_and_what_became_of_the_last(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.case()
    main(["digest", "run", "Daily"])
    capsys.readouterr()

    assert main(["digest", "list"]) == 0

    said = capsys.readouterr().out
    assert "Daily\tdepartment_daily\t#support\tnext " in said
    assert "last posted 2026-03-02T09:00" in said
    assert said.endswith("1 digests.\n")


def test_without_a_database_a_run_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/hearback.db")

    assert main(["digest", "run", "Daily"]) == 1
