"""What admins are shown of responses that no webhook brought, and of requests that were refused."""

import httpx
import pytest
from pydantic import SecretStr
from source_house import POLICY, START
from starlette.applications import Starlette

from bot.slack.views.home import home
from bot.slack.views.notices import notice
from bot.web.webhooks import SurveyDoor
from storage import sources
from storage.database import Database
from storage.lists import Mine, Troubles
from storage.source_tables import Alarm


def alarm(source: str = "tally", count: int = 2) -> Alarm:
    return Alarm(id=1, key="missed:tally:1", kind="missed", source=source, facts={"count": count}, at=START)


def test_the_notice_says_how_many_and_where_to_look() -> None:
    message = notice(alarm())

    assert message is not None
    assert message.text.startswith("2 responses of tally did not arrive by webhook; they have been asked for")
    assert "`python -m bot sources`" in message.text


def test_a_notice_quotes_nothing_unescaped() -> None:
    message = notice(alarm(source="<!channel>"))

    assert message is not None
    assert "<!channel>" not in str(message)


def test_an_admins_home_shows_what_was_missed() -> None:
    troubles = Troubles(dead=[], latest_dead=None, parked=[], missed=[("tally", 2)])

    view = home(Mine([], [], 0, 0), member="UANA", policy=POLICY, at=START, troubles=troubles)

    assert "2 responses of tally did not arrive by webhook" in str(view)


@pytest.mark.anyio
async def test_requests_that_are_not_rightly_signed_are_counted_and_written_down_once(database_url: str) -> None:
    db = Database(database_url)
    door = SurveyDoor(
        db=db,
        policy=lambda: POLICY,  # type: ignore[arg-type] # nothing gets as far as asking it
        secrets={"tally": SecretStr("a-secret")},
        clock=lambda: START,
    )
    try:
        transport = httpx.ASGITransport(Starlette(routes=[*door.routes()]))
        async with httpx.AsyncClient(transport=transport, base_url="http://hearback.example") as client:
            statuses = [(await client.post("/webhooks/tally", json={})).status_code for _ in range(3)]
        for _ in range(2):
            await door.write_down_refused()
        refused = db.read_now(sources.states)["tally"].refused
    finally:
        db.close()

    assert statuses == [401] * 3
    assert refused == 3
