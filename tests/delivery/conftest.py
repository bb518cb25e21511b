"""The fixture of the delivery tests; what it is made of stands in delivery_house."""

from collections.abc import AsyncIterator

import pytest
from delivery_house import House, house_at


@pytest.fixture
async def house(database_url: str, anyio_backend: str) -> AsyncIterator[House]:
    del anyio_backend  # asked for, so that the fixture runs in the test's loop
    async with house_at(database_url) as opened:
        yield opened
