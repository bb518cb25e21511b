"""The fixture of the tests of chasing."""

from collections.abc import Iterator

import pytest
from chasing_house import House, chasing_house


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with chasing_house(database_url) as opened:
        yield opened
