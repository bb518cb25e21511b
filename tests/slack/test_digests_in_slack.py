"""Digests in Slack: made, changed and switched off by who may; posted, opened and decided on by everybody."""

from datetime import timedelta
from typing import Any

import pytest
from slack_house import POLICY, House
from sqlmodel import select

from bot.sandbox.people import NotThere, Seen
from storage.tables import Event
from storage.time_tables import Decision, Run, Schedule
from workflows import digests
from workflows.figures_definitions import DEFINITIONS

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


def rows(house: House, model: Any) -> list[Any]:
    return list(house.db.read_now(lambda session: session.exec(select(model).order_by(model.id)).all()))


async def made(house: House, **fields: Any) -> None:
    """Let Nora make a digest."""
    nora = house.person("Nora")
    await nora.command("/loop digests", at="#support")
    await nora.press("New digest")
    filled = {
        "Name": "Mornings",
        "What does it tell?": "A department's day",
        "Of which department?": "Support",
        **fields,
    }
    for label, value in filled.items():
        if value is not None:
            await nora.fill(label, value)
    assert await nora.submit() == {}
    assert await nora.submit() == {}
    await house.settle()
    await nora.close()


async def due(house: House, **span: float) -> None:
    """Wind the clock, and post what is due."""
    house.clock.wind(**span)
    await house.db.write(lambda session: digests.due(session, policy=POLICY, at=house.clock()))
    await house.settle()


async def posted(house: House, place: str = "#support") -> Seen:
    return house.person("Nora").messages_in(place)[-1]


async def test_a_digest_is_made_with_a_look_at_its_times_and_its_post(house: House) -> None:
    nora = house.person("Nora")
    await nora.command("/loop digests", at="#support")
    await nora.press("New digest")
    await nora.fill("Name", "Mornings")
    await nora.fill("Of which department?", "Support")
    await nora.fill("At what time?", "09:30")

    await nora.submit()
    look = nora.modal().words
    await nora.submit()
    await house.settle()

    assert "Mornings" in look
    assert look.count("•") >= 3
    assert "Nothing is waiting." in look
    (schedule,) = rows(house, Schedule)
    assert (schedule.kind, schedule.department, schedule.hour, schedule.origin) == (
        "department_daily",
        "support",
        "09:30",
        "slack",
    )
    assert schedule.next_slot == "2026-03-03T09:30"  # it is ten in Berlin already
    assert "Mornings" in nora.modal().words


async def test_what_cannot_be_is_said_at_its_field(house: House) -> None:
    nora = house.person("Nora")
    await nora.command("/loop digests", at="#support")
    await nora.press("New digest")
    await nora.fill("Name", "Mornings")

    refused = await nora.submit()

    assert refused == {"Of which department?": "This is for one department: choose which."}
    assert rows(house, Schedule) == []


async def test_everybody_sees_the_list_and_only_managers_have_its_buttons(house: House) -> None:
    await made(house)
    ben = house.person("Ben")

    await ben.command("/loop digests", at="#support")

    assert "Mornings" in ben.modal().words
    assert ben.modal().buttons == ["Look"]
    with pytest.raises(NotThere):
        await ben.press("New digest")


async def test_a_digest_is_edited_switched_off_and_on(house: House) -> None:
    await made(house)
    nora = house.person("Nora")
    await nora.command("/loop digests", at="#support")
    await nora.press("Edit")
    await nora.fill("At what time?", "17:15")
    await nora.submit()
    await nora.submit()
    await house.settle()
    edited = rows(house, Schedule)[0]

    await nora.press("Switch off")
    await house.settle()
    off = rows(house, Schedule)[0]
    await nora.press("Switch on")
    await house.settle()

    assert (edited.hour, edited.next_slot) == ("17:15", "2026-03-02T17:15")
    assert (off.is_on, off.next_at) == (False, None)
    assert rows(house, Schedule)[0].next_slot == "2026-03-02T17:15"


async def test_a_day_is_posted_once_and_every_figure_opens(house: House) -> None:
    case_id = await house.case()
    await made(house)
    house.clock.wind(days=1)

    await due(house)
    await due(house)

    posts = [one for one in house.person("Nora").messages_in("#support") if "overdue" in one.text]
    assert len(posts) == 1
    ben = house.person("Ben")
    await ben.press_id("digest_list", block_id="list:overdue", on=posts[0])
    assert "past a limit" in ben.modal().words
    await ben.press("Open case", on="modal")
    assert f"ase {case_id}" in ben.modal().words


@pytest.mark.parametrize("key", ["told_rate", "customer_hours_waiting", "nps", "in_limit", "reopened"])
async def test_every_figure_of_the_week_opens_with_its_definition_and_its_cases(house: House, key: str) -> None:
    case_id = await house.case()
    await made(house, **{"What does it tell?": "The managers' week", "Of which department?": None})
    await due(house, days=1)
    week = await posted(house, "#managers")
    ben = house.person("Ben")

    await ben.press_id("digest_figure", block_id=f"figure:{key}", on=week)

    shown = ben.modal()
    assert DEFINITIONS[key].text[:40] in shown.words
    if key != "reopened":
        assert f"Case {case_id}" in shown.words
        assert "Open case" in shown.buttons


async def test_post_now_posts_once_beside_the_slots(house: House) -> None:
    await made(house)
    nora = house.person("Nora")
    await nora.command("/loop digests", at="#support")
    await nora.press("Look")

    await nora.submit()
    await house.settle()

    (run,) = rows(house, Run)
    assert (run.state, run.slot) == ("posted", "2026-03-02T10:00:00")
    assert "Nothing is waiting" in (await posted(house)).words


async def test_a_huddle_records_what_was_decided_and_shows_it(house: House) -> None:
    await house.case(comment="The parcel came two days late, again.")
    await made(house, **{"What does it tell?": "Huddle: 15 minutes"})
    await due(house, days=1)
    pack = await posted(house)
    ben, ana = house.person("Ben"), house.person("Ana")

    await ben.press_id("huddle_yes", block_id="huddle:comment_1", on=pack)
    await ben.press_id("huddle_yes", block_id="huddle:comment_1", on=pack)
    await house.settle()
    first = ben.again(pack).words
    await ana.press_id("huddle_no", block_id="huddle:comment_1", on=pack)
    await house.settle()

    assert "The huddle acts on it" in first
    assert "has nothing to do about it" in ana.again(pack).words
    (decision,) = rows(house, Decision)
    assert (decision.item, decision.decision, decision.by) == ("comment_1", "no", "UANA")
    notes = [one.text for one in rows(house, Event) if one.kind == "note"]
    assert notes == ["The huddle acts on it.", "The huddle has nothing to do about it."]


async def test_my_morning_comes_by_direct_message_to_who_has_something(house: House) -> None:
    await house.case()
    await made(house, **{"What does it tell?": "My morning"})

    await due(house, days=1)

    (run,) = rows(house, Run)
    (owner,) = run.facts["places"]
    name = {"UANA": "Ana", "UBEN": "Ben"}[owner]
    assert "Good morning" in house.person(name).direct_messages()[-1].text


async def test_the_home_of_managers_lists_digests_and_opens_them(house: House) -> None:
    await made(house)
    nora = house.person("Nora")

    nora.hands.open_home(nora.id)
    await house.settle()

    assert "Mornings" in nora.home().words
    await nora.press("Digests", on="home")
    assert "New digest" in nora.modal().buttons
