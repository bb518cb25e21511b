"""A house on each database, with every tool's API beside it."""

from collections.abc import AsyncIterator

import pytest
from source_house import House, house_at


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with house_at(database_url) as found:
        yield found
