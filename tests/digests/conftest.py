"""A desk for the tests of digests, on both databases."""

from collections.abc import Iterator

import pytest
from digest_house import DAILY, Desk

from storage.database import Database


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    db = Database(database_url)
    desk = Desk(db)
    desk.apply(DAILY)
    yield desk
    db.close()
