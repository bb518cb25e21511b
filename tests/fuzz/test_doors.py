"""Every door under ten thousand hostile requests: not one answer of 5xx, nothing lost that was rightly signed.

`HEARBACK_FUZZ=10` makes it ten times as many, and others each time.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from fuzz_house import SOURCES, House, Sent, empty_postgres, fuzz_house, signed_slack, signed_webhook
from hostile_bodies import (
    BROKEN,
    command,
    encoded,
    escaped,
    event,
    interaction,
    json_values,
    samples,
    survey_body,
    texts,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import col, func, select

from storage.tables import Case, Intent, Parked, Response

TIMES: Final = float(os.environ.get("HEARBACK_FUZZ") or 1)
TOGETHER: Final = 10
"""So many requests of one example are sent at once."""
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
# Ten thousand in all: 4,000 responses, 500 mails, 3,000 from Slack, 1,500 unsigned, 1,000 others.
SHARE: Final = {"sqlite": 1.0, "postgresql": 0.1}


def budget(requests: int) -> settings:
    return settings(
        max_examples=max(2, int(requests * TIMES / TOGETHER)),
        deadline=None,
        derandomize=TIMES == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    url = f"sqlite:///{folder / 'hearback.sqlite'}"
    if request.param == "postgresql":
        url = empty_postgres(request.getfixturevalue("postgres_server"))
    with fuzz_house(url, folder) as started:
        first = [json.dumps(body).encode() for body in samples("generic")]
        for body in first:
            assert post(started, "generic", body)[0][0] == 200
        yield started


def is_taken(house: House, share: str) -> bool:
    return house.hearback.db.is_sqlite == (share == "sqlite")


def post(house: House, source: str, *bodies: bytes) -> list[tuple[int, bytes]]:
    found = house.send(
        [Sent("POST", f"/webhooks/{source}", signed_webhook(source, body), (body,)) for body in bodies]
    )
    house.answers.update(json.loads(said)["status"] for _, said in found)
    return found
