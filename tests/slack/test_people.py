"""Who is who: read from Slack, written down, and kept up to date."""

from typing import Any

import pytest
from slack_house import POLICY, House
from sqlmodel import select

from bot.slack.people import profile_of, sync_members
from storage import members
from storage.tables import Member


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ({"real_name": "Ana Ribeiro", "display_name": "ana"}, "Ana Ribeiro"),
        ({"real_name": "  ", "display_name": "ana"}, "ana"),
        ({}, "handle"),
        (None, "handle"),
    ],
)
def test_people_go_by_their_full_name(profile: Any, name: str) -> None:
    found = profile_of({"id": "UANA", "name": "handle", "profile": profile})

    assert found is not None
    assert found.name == name


def test_an_address_is_kept_in_small_letters_as_the_policy_writes_it() -> None:
    found = profile_of({"id": "UANA", "profile": {"email": "Ana@Lumendesk.Example "}})

    assert found is not None
    assert found.email == "ana@lumendesk.example"


@pytest.mark.parametrize(
    ("emoji", "is_present"),
    [
        (":palm_tree:", False),
        (":face_with_thermometer:", False),
        (":house_with_garden:", True),
        ("", True),
        (None, True),
    ],
)
def test_a_holiday_is_an_absence_and_working_at_home_is_none(emoji: Any, is_present: bool) -> None:  # noqa: FBT001 -- a table's column
    found = profile_of({"id": "UANA", "profile": {"status_emoji": emoji}})

    assert found is not None
    assert found.is_present is is_present


@pytest.mark.parametrize("user", [{}, {"id": "USLACKBOT"}, {"id": "U1", "is_bot": True}, {"id": 7}])
def test_bots_are_nobody(user: dict[str, Any]) -> None:
    assert profile_of(user) is None


@pytest.mark.anyio
async def test_everybody_is_written_down_and_what_only_we_know_stays(house: House) -> None:
    house.db.write_now(lambda session: members.home_opened(session, "UANA", at=house.clock()))
    house.slack.workspace.members["UANA"].real_name = "Ana Married"
    house.slack.workspace.members["UBEN"].deleted = True

    count = await sync_members(house.client, house.db, policy=lambda: POLICY, clock=house.clock)

    known = house.db.read_now(lambda session: {one.id: one for one in session.exec(select(Member))})
    assert count == len(known) == 5
    assert (known["UANA"].name, known["UANA"].home_opened_at) == ("Ana Married", house.clock())
    assert known["UBEN"].is_deleted


@pytest.mark.anyio
async def test_a_workspace_of_many_pages_is_read_to_its_end(house: House) -> None:
    for number in range(450):
        house.slack.workspace.add_member(f"Person {number}")

    assert await sync_members(house.client, house.db, policy=lambda: POLICY, clock=house.clock) == 455
