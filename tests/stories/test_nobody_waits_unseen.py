"""Nobody waits unseen: what happens by itself, told through Slack as everybody sees it."""

from datetime import UTC, datetime, timedelta

import pytest
from story_house import House
from story_moves import take

from bot.sandbox.people import Seen
from storage.time_tables import Ping

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
SIGNS = ("⏳", "⏰", "📣", "🌴", "👋", "🤝")


def pings_of(house: House, name: str) -> list[Seen]:
    return [one for one in house.person(name).direct_messages() if one.text.startswith(SIGNS)]


def pinged(house: House, name: str) -> list[str]:
    """List what somebody was disturbed for, as they read it."""
    return [one.text for one in pings_of(house, name)]


async def owner_of(house: House, case_id: int) -> str:
    owner = house.row(case_id).owner
    assert owner is not None
    return owner.removeprefix("U").title()


async def test_an_untaken_case_warns_reminds_and_goes_to_its_lead_and_the_managers(house: House) -> None:
    await house.person("Ana").set_status("On holiday", emoji=":palm_tree:")
    case_id = await house.answer()
    await house.person("Ana").set_status("")
    assert house.row(case_id).owner == "UBEN"

    await house.wind(hours=3)
    assert "The limit of case" in pinged(house, "Ben")[-1]
    assert "somebody should take the case" in house.thread()[-1]
    await house.wind(hours=1)
    assert "nobody has taken the case" in pinged(house, "Ben")[-1]
    assert "Past its limit" in house.thread()[-1]
    await house.wind(hours=1)
    assert "You lead Support. It is yours now." in pinged(house, "Ana")[-1]
    assert "Ana Example, who leads Support, has been told" in house.thread()[-2]
    assert "Hearback gave the case to Ana Example" in house.thread()[-1]
    await house.wind(hours=19)

    assert "is past its limit" in house.cards("#managers")[-1].text
    assert {"Take", "Open case", "Why me?"} == set(house.cards("#managers")[-1].buttons)
    assert "the managers in #managers have been told" in house.thread()[-1]
    assert house.row(case_id).owner == "UANA"


async def test_a_reminder_is_answered_by_its_button(house: House) -> None:
    case_id = await house.answer()
    owner = await owner_of(house, case_id)
    await house.wind(hours=4)

    await house.person(owner).press("Take", on=pings_of(house, owner)[-1])
    await house.settle()
    before = house.events(case_id)
    await house.wind(hours=4)

    assert house.row(case_id).state == "working"
    assert [one for one in house.events(case_id)[len(before) :] if one in {"overdue", "escalated"}] == []


async def test_a_case_that_moved_leaves_nobody_a_reminder(house: House) -> None:
    case_id = await house.answer()
    await take(house, await owner_of(house, case_id))

    await house.wind(hours=5)

    assert not {"warned", "overdue", "escalated"} & set(house.events(case_id))
    assert house.all(Ping) == []


async def test_somebody_goes_away_in_their_home_and_comes_back(house: House) -> None:
    ana = house.person("Ana")
    home = await house.home("Ana")
    assert "I'm away" in home.buttons
    await ana.press("I'm away", on="home")
    await ana.fill("Back at", datetime(2026, 3, 3, 9, tzinfo=UTC))
    await ana.fill("Note", "On the mountain")
    assert await ana.submit() == {}
    await house.settle()
    assert "You are away until" in ana.home().words
    assert "On the mountain" in ana.home().words

    case_id = await house.answer()
    assert house.row(case_id).owner == "UBEN"
    shown = ana.home()
    for _ in range(2):  # a second press is harmless
        await ana.press_as_seen("I'm back", on=shown)
        await house.settle()

    assert "I'm away" in ana.home().buttons


async def test_a_time_that_has_passed_is_refused_where_it_was_typed(house: House) -> None:
    ana = house.person("Ana")
    await house.home("Ana")
    await ana.press("I'm away", on="home")
    await ana.fill("Back at", datetime(2026, 3, 1, 9, tzinfo=UTC))

    refused = await ana.submit()

    assert refused == {"Back at": "That time has passed already. Choose a later one."}


async def test_what_is_due_passes_to_a_colleague_and_comes_back(house: House) -> None:
    case_id = await house.answer()
    owner = await owner_of(house, case_id)
    other = {"Ana": "Ben", "Ben": "Ana"}[owner]
    await house.person(owner).set_status("Krank", emoji="")

    await house.wind(hours=4)
    assert house.row(case_id).owner == f"U{other.upper()}"
    assert f"{owner} Example is away" in pinged(house, other)[-1]
    assert any(f"{owner} Example is away and something was due" in one for one in house.thread())
    assert "handed over to" in house.person(owner).direct_messages()[0].words
    await house.person(owner).set_status("")
    await house.wind(minutes=1)

    assert house.row(case_id).owner == f"U{owner.upper()}"
    assert "You are back, and so is case" in pinged(house, owner)[-1]
    assert f"{owner} Example is back and has the case again" in house.thread()[-1]


async def test_whoever_asks_slack_for_silence_while_the_team_works_gets_nothing_new(house: House) -> None:
    now = house.now()
    await house.person("Ana").ask_for_silence(start=now - HOUR, end=now + HOUR)
    await house.settle()
    assert house.row(await house.answer()).owner == "UBEN"

    night = datetime(2026, 3, 2, 21, tzinfo=UTC)
    await house.person("Ana").ask_for_silence(start=night, end=night + 10 * HOUR)
    await house.settle()

    assert house.row(await house.answer(email="bob@acme.test")).owner == "UANA"


async def test_what_comes_up_at_night_comes_in_one_message_in_the_morning(house: House) -> None:
    for number in range(3):
        await house.answer(email=f"night{number}@acme.test")
    ana, ben = house.people("Ana", "Ben")
    seen = [len(one.direct_messages()) for one in (ana, ben)]

    await house.wind(hours=11, minutes=30)  # 21:30 in Berlin, where the lead reads it, is night everywhere here

    assert pinged(house, "Ana") == []
    assert [len(one.direct_messages()) for one in (ana, ben)][1] == seen[1]
    await house.wind(hours=12)
    assert "came up while you were left alone" in ana.direct_messages()[-1].words
    assert len([one for one in ana.direct_messages() if "left alone" in one.words]) == 1
