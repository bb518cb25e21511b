"""`import FILE.csv`: what it says, what it refuses, and that a broken-off import goes on."""

import csv
import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from import_house import NOW, POLICY_TEXT, Importing, importing, write_csv

from bot.cli import main
from bot.commands.importing import PARTS_TOGETHER
from bot.policies import apply
from bot.surveys.csv_answers import TOGETHER
from workflows.policy import load

ROOT = Path(__file__).parents[2]
ONE_COMMIT = TOGETHER * PARTS_TOGETHER
MANY = 3 * ONE_COMMIT


def row(number: int, score: object = 9, *, days_ago: int = 100) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return {
        "id": f"r{number}",
        "score": score,
        "metric": "nps",
        "email": f"c{number}@acme.test",
        "submitted_at": at.isoformat(timespec="seconds"),
    }


@pytest.fixture
def house(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Importing]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    found = importing(database_url)
    yield found
    found.db.close()


def test_refused_rows_are_named_with_line_and_reason_and_the_rest_is_taken(
    house: Importing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "some.csv", [row(1), row(2, 11), row(3, "nine"), row(4)])

    status = main(["import", "some.csv", "--refused", "refused.csv"])

    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as file:
        refused = [(line, "score" in reason) for line, reason in csv.reader(file)]
    assert status == 1
    assert refused == [("line", False), ("3", True), ("4", True)]
    assert [one.external_id for one in house.responses()] == ["r1", "r4"]
    assert "2 new, 0 changed, 0 known, 2 refused" in capsys.readouterr().out


def test_recent_low_responses_open_cases_and_the_older_ones_are_counted_as_history(
    house: Importing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "some.csv", [row(1, 2, days_ago=13), row(2, 2, days_ago=15), row(3, 9)])

    main(["import", "some.csv"])

    said = capsys.readouterr().out
    assert len(house.cases()) == 1
    assert "Low responses that went to a case: 1." in said
    assert "kept as history without a case: 1." in said


def test_how_old_a_low_response_may_be_is_for_the_person_to_say(house: Importing, tmp_path: Path) -> None:
    write_csv(tmp_path / "some.csv", [row(1, 2, days_ago=13), row(2, 2, days_ago=15), row(3, 2, days_ago=40)])

    main(["import", "some.csv", "--cases-since", "30"])

    assert len(house.cases()) == 2


@pytest.mark.parametrize("days", ["-1", "soon", "1e3", "9999999"])
def test_a_number_of_days_that_is_none_is_refused(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["import", "some.csv", f"--cases-since={days}"])

    assert "a number of days from 0" in capsys.readouterr().err


def test_columns_that_are_not_used_are_named_before_the_import(
    house: Importing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "some.csv", [row(1) | {"shoe_size": 41}])

    main(["import", "some.csv"])

    assert "These columns are not used: shoe_size." in capsys.readouterr().err
    assert len(house.responses()) == 1


def test_an_import_that_was_killed_goes_on_where_it_was(house: Importing, database_url: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "many.csv", [row(number, number % 11) for number in range(MANY)])
    first = subprocess.Popen(
        [sys.executable, "-m", "bot", "import", str(tmp_path / "many.csv")],
        env={**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    while not house.count() and first.poll() is None:
        time.sleep(0.02)
    first.kill()
    first.wait()
    kept = house.count()

    status = main(["import", "many.csv"])

    assert 0 < kept < MANY
    assert status == 0
    assert house.count() == len(house.customers()) == MANY


def test_rows_that_cannot_be_taken_may_be_more_than_are_written_together(
    house: Importing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [row(number, 99) for number in range(ONE_COMMIT + 10)]
    write_csv(tmp_path / "some.csv", [row(10_001), *wrong, row(10_002)])

    main(["import", "some.csv", "--refused", "refused.csv"])

    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as file:
        lines = [int(line) for line, _ in [*csv.reader(file)][1:]]
    assert lines == [*range(3, len(wrong) + 3)]
    assert [one.external_id for one in house.responses()] == ["r10001", "r10002"]
    assert f"2 new, 0 changed, 0 known, {len(wrong)} refused" in capsys.readouterr().out


def test_a_customers_answers_keep_their_order_over_several_commits(house: Importing, tmp_path: Path) -> None:
    many = ONE_COMMIT + 500
    rows = [
        row(number) | {"email": "jane@acme.test", "name": f"Jane {number}", "comment": ""} for number in range(many)
    ]
    rows[many - 1] |= {"id": "r0", "comment": "Late."}
    write_csv(tmp_path / "some.csv", rows)

    main(["import", "some.csv"])

    assert [one.name for one in house.customers()] == [f"Jane {many - 1}"]
    assert [one.comment for one in house.responses() if one.external_id == "r0"] == ["Late."]
    assert house.count() == many - 1


def test_a_recent_comment_without_a_language_gets_its_own_and_history_stays_as_it_came(
    house: Importing, tmp_path: Path
) -> None:
    _speaks(house, '["en", "de"]')
    said = {"comment": "Das Paket kam viel zu spät und niemand hat etwas gesagt.", "language": ""}
    write_csv(
        tmp_path / "some.csv",
        [
            row(1, 2, days_ago=1) | said,
            row(2, 2, days_ago=100) | said,
            row(3, 2, days_ago=1) | said | {"language": "en"},
            row(4, 2, days_ago=1) | said | {"comment": ""},
        ],
    )

    main(["import", "some.csv"])
    main(["import", "some.csv"])

    by_id = {one.external_id: one.language for one in house.responses()}
    assert by_id == {"r1": "de", "r2": None, "r3": "en", "r4": None}
    assert {one.email: one.language for one in house.customers()}["c1@acme.test"] == "de"


def test_a_team_of_one_language_looks_at_no_comment(house: Importing, tmp_path: Path) -> None:
    write_csv(tmp_path / "some.csv", [row(1, 2, days_ago=1) | {"comment": "Das Paket kam viel zu spät."}])

    main(["import", "some.csv"])

    assert [one.language for one in house.responses()] == [None]


def test_python_is_left_as_it_was(house: Importing, tmp_path: Path) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    write_csv(tmp_path / "some.csv", [row(1)])

    main(["import", "some.csv"])

    assert (gc.get_threshold(), gc.get_freeze_count()) == before
    assert house.count() == 1


def _speaks(house: Importing, languages: str) -> None:
    """Apply the policy of a team that speaks these languages."""
    policy = load(POLICY_TEXT.replace('["en"]', languages))
    house.db.write_now(lambda session: apply(session, policy, by="UANA", at=NOW))


def test_an_import_loads_nothing_of_slack_and_of_the_web() -> None:
    script = "import sys, bot.cli, bot.commands.importing; print(*{one.partition('.')[0] for one in sys.modules})"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert {"slack_bolt", "slack_sdk", "starlette", "aiohttp", "apscheduler", "numpy"}.isdisjoint(loaded)
