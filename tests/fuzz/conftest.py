"""A house of each kind, for all tests of this folder that follow one another."""

import json
from collections.abc import Iterator

import pytest
from fuzz_house import House, empty_postgres, fuzz_house, post
from hostile_bodies import samples


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    url = f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'hearback.sqlite'}"
    if request.param == "postgresql":
        url = empty_postgres(request.getfixturevalue("postgres_server"))
    with fuzz_house(url) as started:
        post(started, [("generic", json.dumps(body).encode()) for body in samples("generic")])
        yield started
