"""The fixture of the Slack tests; what it is made of stands in slack_house."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from databases import fresh_sqlite
from slack_house import House, bolt_warnings, slack_house


@pytest.fixture
async def house(tmp_path: Path, anyio_backend: str, caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    del anyio_backend  # asked for, so that the fixture runs in the test's loop
    async with slack_house(fresh_sqlite(tmp_path / "hearback.db")) as opened:
        yield opened
        await opened.settle()
        assert opened.slack.workspace.refusals == []
        assert bolt_warnings(caplog) == []
