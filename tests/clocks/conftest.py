"""The fixture of the tests about clocks, on both databases."""

from collections.abc import Iterator

import pytest
from clock_house import ClockHouse

from storage.database import Database


@pytest.fixture
def house(database_url: str) -> Iterator[ClockHouse]:
    database = Database(database_url)
    yield ClockHouse(database)
    database.close()
