"""The fixture of the stories; what it is made of stands in story_house."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from story_house import House, Street, open_cases_are_counted_right, story_house, street


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", name="street")
async def the_street(anyio_backend: str) -> AsyncIterator[Street]:
    del anyio_backend  # asked for, so that the fixture runs in the stories' loop
    async with street() as opened:
        yield opened


@pytest.fixture
async def house(
    street: Street, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[House]:
    """Build the house; whatever the story was, Slack refused nothing that it wasn't meant to, and nothing stumbled."""
    async with story_house(street, database_url, tmp_path) as opened:
        yield opened
        await opened.settle()
        refused = [one.error for one in opened.slack.workspace.refusals]
        assert refused == opened.expected_refusals, opened.slack.workspace.refusals
        assert opened.slack.workspace.notices == {}
        assert open_cases_are_counted_right(opened)
    assert [one.getMessage() for one in caplog.records if is_alarming(one)] == []


def is_alarming(record: logging.LogRecord) -> bool:
    """Tell whether a log line says that Hearback or Bolt stumbled; a misspelt argument of a listener is a warning."""
    is_bolt = record.name.startswith(("slack_bolt", "bot.slack.bolt")) and record.levelno >= logging.WARNING
    return is_bolt or (record.name.startswith(("bot", "hearback")) and record.levelno >= logging.ERROR)
