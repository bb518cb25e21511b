"""Who is away by what Slack says of them: the status's emoji, its words in any of many languages, and silence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_house import POLICY, House
from sqlmodel import select

from bot.slack.absence import says_away
from bot.slack.people import profile_of, silence_until, sync_members
from storage.tables import Member

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    [
        "On vacation",
        "Out of office until Friday",
        "OOO",
        "Parental leave",
        "Im Urlaub bis 12.3.",
        "Elternzeit",
        "KRANK",
        "Außer Haus",
        "En congé",
        "Congé parental",
        "Arrêt maladie",
        "De vacaciones",
        "Baja médica",
        "Na urlopie",
        "Urlop wychowawczy",
        "Zwolnienie lekarskie",
        "Em férias",
        "Op vakantie",
        "Föräldraledig",
    ],
)
def test_a_status_in_words_says_that_somebody_is_away(text: str) -> None:
    assert says_away("", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "In a meeting",
        "Working remotely",
        "Officer on duty",
        "Sickle cell research",
        "Urlauber betreuen",
        "Back from vacation!",
        "Zurück aus dem Urlaub",
        "Planning my vacation",
        "Commuting",
    ],
)
def test_other_words_do_not(text: str) -> None:
    assert not says_away("", text)


def test_a_status_ends_when_slack_says_that_it_does() -> None:
    profile: dict[str, Any] = {
        "status_emoji": ":palm_tree:",
        "status_text": "",
        "status_expiration": int((MONDAY + HOUR).timestamp()),
    }

    found = profile_of({"id": "UBEN", "profile": profile})

    assert found is not None
    assert (found.is_present, found.status_until) == (False, MONDAY + HOUR)
    forever = profile_of({"id": "UBEN", "profile": profile | {"status_expiration": 0}})
    assert forever is not None
    assert forever.status_until is None


@pytest.mark.parametrize(
    ("status", "at", "until"),
    [
        ((-1, 2), MONDAY, MONDAY + 2 * HOUR),
        ((1, 2), MONDAY, None),
        ((-2, 0), MONDAY, None),
        # Everybody's nights and weekends are silent.
        ((-1, 9), MONDAY.replace(hour=22), None),
        ((-1, 9), MONDAY - timedelta(days=1), None),
    ],
)
def test_silence_counts_while_the_team_works(status: tuple[int, int], at: datetime, until: datetime | None) -> None:
    starts, ends = (int((at + hours * HOUR).timestamp()) for hours in status)
    said = {"dnd_enabled": True, "next_dnd_start_ts": starts, "next_dnd_end_ts": ends}

    assert silence_until(said, calendar=POLICY.calendar_of(None), at=at) == until


@pytest.mark.parametrize("said", [None, {}, [], {"dnd_enabled": True}, {"dnd_enabled": True, "next_dnd_start_ts": "x"}])
def test_what_is_no_silence_is_none(said: object) -> None:
    assert silence_until(said, calendar=POLICY.calendar_of(None), at=MONDAY) is None


@pytest.mark.anyio
async def test_everybodys_silence_is_read_with_everybody(house: House) -> None:
    ben = house.slack.workspace.members["UBEN"]
    now = house.clock()
    ben.dnd_start, ben.dnd_end = (int((now + hours * HOUR).timestamp()) for hours in (-1, 1))

    await sync_members(house.client, house.db, policy=lambda: POLICY, clock=house.clock)

    known = house.db.read_now(lambda session: {one.id: one.dnd_until for one in session.exec(select(Member))})
    assert known["UBEN"] == now + HOUR
    assert known["UANA"] is None


@pytest.mark.anyio
async def test_an_app_that_may_not_read_silence_goes_on_without_it(house: House) -> None:
    house.slack.workspace.scopes.discard("dnd:read")

    assert await sync_members(house.client, house.db, policy=lambda: POLICY, clock=house.clock) == 5
    assert [one.error for one in house.slack.workspace.refusals] == ["missing_scope"]
    house.slack.workspace.refusals.clear()  # it was meant to be
