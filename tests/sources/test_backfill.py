"""`backfill` and `sources`: history is taken in once, wherever it broke off; and how each tool is doing."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from source_house import POLICY, answer
from sqlmodel import col, func, select
from starlette.applications import Starlette

from bot.cli import main
from bot.policies import apply
from bot.sandbox.faults import Fault, Weather
from bot.sandbox.serving import serving
from bot.sandbox.vendors.server import Vendors, tokens
from storage import parked, polls, sources
from storage.database import Database
from storage.tables import Case, Response

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC).replace(microsecond=0)
SINCE = f"{NOW - timedelta(days=365):%Y-%m-%d}"


@dataclass
class Command:
    """The command line, a database, and the tools' APIs that it asks."""

    db: Database
    vendors: Vendors

    async def run(self, *words: str) -> int:
        return await asyncio.to_thread(main, words)

    async def begun(self, *words: str) -> asyncio.subprocess.Process:
        """Start the command as a process of its own."""
        quiet = asyncio.subprocess.DEVNULL
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *words, stdout=quiet, stderr=quiet, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )

    def count(self) -> int:
        return self.db.read_now(lambda session: session.exec(select(func.count(col(Response.id)))).one())

    def cases(self) -> int:
        return self.db.read_now(lambda session: session.exec(select(func.count(col(Case.id)))).one())


@pytest.fixture
async def command(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Command]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    vendors, db = Vendors(), Database(database_url)
    db.write_now(lambda session: apply(session, POLICY, by="UANA", at=NOW))
    async with serving(Starlette(routes=[*vendors.routes()])) as address:
        for name, url in vendors.urls(address).items():
            monkeypatch.setenv(f"API_URL_{name.upper()}", url)
            monkeypatch.setenv(f"API_TOKEN_{name.upper()}", tokens()[name])
        yield Command(db, vendors)
    db.close()


def fill(vendors: Vendors, tool: str, count: int) -> None:
    """Give a tool so many answers of the last 300 days, a tenth of them unhappy."""
    step = timedelta(days=300) / count
    rows = [
        answer(10 * n, at=(NOW - step * n).replace(microsecond=0), tool=tool, score=1 if n % 10 == 0 else 9)
        for n in range(1, count + 1)
    ]
    vendors.shelves[tool].fill(rows)


async def test_ten_thousand_responses_are_taken_in_once_and_history_opens_no_cases(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(command.vendors, "asknicely", 10_000)

    statuses = [await command.run("backfill", "asknicely", "--since", SINCE) for _ in range(2)]

    first, second = capsys.readouterr().out.strip().splitlines()
    recent = sum(
        one.at >= NOW - timedelta(days=14) and one.score == 1 for one in command.vendors.shelves["asknicely"].answers
    )
    assert statuses == [0, 0]
    assert "asknicely: 10,000 new, 0 changed" in first
    assert f"kept as history, without a case: {1_000 - recent}" in first
    assert "asknicely: 0 new, 0 changed" in second
    assert command.count() == 10_000
    assert command.cases() == recent > 0


async def test_killed_again_and_again_it_goes_on_without_a_gap_or_a_double(command: Command) -> None:
    count = 4_000
    fill(command.vendors, "asknicely", count)
    command.vendors.faults.by_method["asknicely"] = Weather(latency=0.3)
    seen = []

    for _ in range(3):
        before = command.count()
        process = await command.begun("backfill", "asknicely", "--since", SINCE)
        async with asyncio.timeout(30):
            while command.count() == before:  # noqa: ASYNC110 -- another process writes
                await asyncio.sleep(0.02)
        process.kill()
        await process.wait()
        seen.append(command.count())
    pages_asked = len(command.vendors.asked)
    command.vendors.faults.calm()
    status = await command.run("backfill", "asknicely", "--since", SINCE)

    assert status == 0
    assert seen == sorted(set(seen))
    assert seen[-1] < count
    assert command.count() == count
    ids = command.db.read_now(lambda session: session.exec(select(Response.external_id)).all())
    assert len(set(ids)) == count
    # Each page begins a second before the last row of the one before: no page was asked for from the beginning again.
    begins = [one.path.split("/")[7] for _, one in command.vendors.asked[pages_asked:]]
    assert min(begins) > command.vendors.asked[0][1].path.split("/")[7]


async def test_a_token_that_is_refused_is_named_and_what_came_before_stays(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(command.vendors, "asknicely", 10)
    command.vendors.expired.add("asknicely")

    status = await command.run("backfill", "asknicely", "--since", SINCE)

    said = capsys.readouterr().err
    assert status == 1
    assert "API_TOKEN_ASKNICELY" in said
    assert "Run the same command again" in said


async def test_too_many_and_a_bad_moment_are_waited_for(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    fill(command.vendors, "asknicely", 10)
    command.vendors.faults.next("asknicely", Fault.RATE_LIMITED, weather=Weather(retry_after=1))
    command.vendors.faults.next("asknicely", Fault.BROKEN)

    status = await command.run("backfill", "asknicely", "--since", SINCE)

    assert status == 0
    assert "asked again when it may be" in capsys.readouterr().err
    assert command.count() == 10


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["generic", "--since", "2026-01-01"], "Hearback can't ask “generic” for its history. It can ask typeform"),
        (["nothing", "--since", "2026-01-01"], "Hearback can't ask “nothing”"),
    ],
)
async def test_what_cannot_be_asked_is_said(
    command: Command, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    status = await command.run("backfill", *words)

    assert status == 1
    assert said in capsys.readouterr().err


async def test_a_missing_token_is_named(
    command: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("API_TOKEN_TYPEFORM")

    status = await command.run("backfill", "typeform", "--since", SINCE)

    assert status == 1
    assert "API_TOKEN_TYPEFORM isn't set" in capsys.readouterr().err


async def test_only_the_form_that_is_named_is_asked_for(command: Command) -> None:
    await command.run("backfill", "typeform", "--since", SINCE, "--form", "other")

    assert [one.path for _, one in command.vendors.asked] == ["/forms/other/responses"]


async def test_more_history_opens_cases_when_it_is_asked_for(command: Command) -> None:
    command.vendors.shelves["asknicely"].put(answer(10, tool="asknicely", at=NOW - timedelta(days=30)))

    await command.run("backfill", "asknicely", "--since", SINCE, "--cases-since", "60")

    assert command.cases() == 1


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "1887-01-01"])
async def test_a_day_that_is_none_is_refused(command: Command, day: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        await command.run("backfill", "typeform", "--since", day)

    assert "a day is needed, such as 2026-01-31" in capsys.readouterr().err


async def test_sources_says_of_each_how_it_is(
    command: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET_CHATWOOT", "a-secret")
    fill(command.vendors, "asknicely", 10)
    await command.run("backfill", "asknicely", "--since", SINCE)
    command.db.write_now(lambda s: parked.park(s, source="tally", body=b"{}", reason="No scale.", at=NOW))
    command.db.write_now(lambda s: sources.count_refused(s, {"chatwoot": 3}, at=NOW))
    command.db.write_now(lambda s: sources.count_missed(s, "hubspot", 2, key="missed:hubspot:1", at=NOW))
    command.db.write_now(lambda s: sources.polled(s, "hubspot", at=NOW))
    command.db.write_now(lambda s: sources.troubled(s, "zendesk", "Its token has expired."))
    capsys.readouterr()

    status = await command.run("sources")

    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert status == 0
    assert next(iter(lines)) == "source"
    assert "(10 in all)" in lines["asknicely"]
    assert lines["tally"].split()[3] == "1"
    assert " 3 (" in lines["chatwoot"]
    assert lines["hubspot"].split()[5] == "2"
    assert f"{NOW:%Y-%m-%d %H:%M}" in lines["hubspot"]
    assert lines["Its"].strip() == "Its token has expired."


async def test_sources_that_are_not_connected_are_left_out(
    database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)

    status = main(["sources"])

    assert status == 0
    assert "No survey tool is connected." in capsys.readouterr().out


async def test_where_a_backfill_stands_is_kept_with_its_pages(command: Command) -> None:
    fill(command.vendors, "asknicely", 10)

    await command.run("backfill", "asknicely", "--since", SINCE)

    standing = command.db.read_now(lambda session: polls.standing(session, "asknicely"))
    assert standing == [("", f"backfill:{SINCE}", True)]
