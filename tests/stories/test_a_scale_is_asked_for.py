"""A form whose scale nobody knows: what it sends is kept, an admin is asked once, and then all of it is taken in."""

from typing import Any

import pytest
from story_house import House
from story_policy import POLICY
from story_promises import broken_promises

from bot.policies import apply_file
from storage.source_tables import Alarm
from storage.tables import Case, Intent, Parked, PolicyVersion, Response
from workflows import asking
from workflows.refusal import Refusal

pytestmark = pytest.mark.anyio


async def smile(house: House, number: int, score: float, form: str = "smileys") -> dict[str, Any]:
    """Answer a form that says neither metric nor scale."""
    said = house.survey.body({"id": f"{form}-{number}", "score": score, "email": f"c{number}@x.test", "comment": "So."})
    said["data"] = {name: value for name, value in said["data"].items() if name not in {"metric", "scale"}}
    said["data"]["form"] = form
    return await house.webhook(said)


def questions(house: House, name: str) -> list[Any]:
    return [one for one in house.person(name).direct_messages() if "Say the scale" in one.buttons]


async def say_scale(house: House, name: str = "Nora", **said: str) -> dict[str, str]:
    """Answer the question: csat of 1 to 3, where 1 is low; gives what was refused, by field."""
    who = house.person(name)
    await who.press("Say the scale", on=questions(house, "Nora")[-1])
    given = {"Smallest score": "1", "Largest score": "3", "Last low score": "1", "Last neutral score": "2", **said}
    await who.fill("What does it ask for?", "Satisfaction (CSAT)")
    for label, value in given.items():
        await who.fill(label, value)
    refused = await who.submit()
    await house.settle()
    return refused


async def test_the_admins_are_asked_once_a_form_and_nobody_else_is(house: House) -> None:
    assert (await smile(house, 1, 1))["status"] == "parked"
    await smile(house, 2, 3)
    await smile(house, 3, 1, form="stars")

    asked = questions(house, "Nora")
    assert [("smileys" in one.text, "stars" in one.text) for one in asked] == [(True, False), (False, True)]
    assert questions(house, "Ana") == []
    home = await house.home("Nora")
    assert home.buttons.count("Say the scale") == 2
    assert "2 requests wait" in home.words
    assert "Say the scale" not in (await house.home("Ana")).buttons


async def test_once_the_scale_is_said_everything_that_waited_is_taken_in(house: House) -> None:
    for number, score in enumerate((1, 3, 2)):
        await smile(house, number, score)
    before = house.all(PolicyVersion)

    assert await say_scale(house) == {}

    assert [(one.band, one.high_end) for one in house.all(Response)] == [("low", 3), ("high", 3), ("neutral", 3)]
    assert len(house.all(Case)) == 1
    assert {one.state for one in house.all(Parked)} == {"replayed"}
    applied = house.all(PolicyVersion)
    assert len(applied) == len(before) + 1
    assert applied[-1].applied_by == "UNORA"
    assert applied[-1].text.startswith(before[-1].text.rstrip())
    [alarm] = house.all(Alarm)
    assert (alarm.answer, alarm.answered_by, alarm.facts["is_done"]) == ("said", "UNORA", True)
    assert "until the text of the policy file changes" in house.person("Nora").modal().words
    assert "Say the scale" not in (await house.home("Nora")).buttons
    assert (await smile(house, 9, 1))["status"] == "new"


async def test_what_the_policy_refuses_is_said_below_its_field(house: House) -> None:
    await smile(house, 1, 1)

    refused = await say_scale(house, **{"Last low score": "3"})

    assert "`low` and `neutral`" in str(refused)
    assert house.all(Case) == []
    assert await say_scale(house) == {}
    assert len(house.all(Case)) == 1


async def test_only_an_admin_may_say_it(house: House) -> None:
    await smile(house, 1, 1)
    [alarm] = house.all(Alarm)

    for name, sentence in (("UANA", "Only an admin"), ("UZOE", "aren't one of")):
        with pytest.raises(Refusal, match=sentence):
            house.db.write_now(
                lambda session, name=name: asking.may_say_scale(
                    session, alarm.id, policy=house.hearback.policy(), by=name
                )
            )


async def test_the_modal_may_arrive_twice_and_a_late_answer_is_told_so(house: House) -> None:
    await smile(house, 1, 1)
    assert await say_scale(house) == {}
    before, versions = house.counts(), len(house.all(PolicyVersion))

    reply = await house.again()
    await house.person("Nora").close()
    await house.person("Nora").press("Say the scale", on=questions(house, "Nora")[-1])
    await house.settle()

    assert "errors" not in (reply.body or {})
    assert (house.counts(), len(house.all(PolicyVersion))) == (before, versions)
    assert "settled this already" in house.person("Nora").private_answers()[-1].text


async def test_the_next_start_with_the_same_file_keeps_what_was_said_and_a_changed_file_asks_anew(house: House) -> None:
    await smile(house, 1, 1)
    assert await say_scale(house) == {}
    house.db.write_now(lambda session: apply_file(session, POLICY, at=house.now()))
    await house.hearback.policy.refresh()
    assert (await smile(house, 2, 1))["status"] == "new"

    house.db.write_now(lambda session: apply_file(session, f"{POLICY}\n# changed", at=house.now()))
    await house.hearback.policy.refresh()

    assert (await smile(house, 3, 1))["status"] == "parked"
    assert len(questions(house, "Nora")) == 2


async def test_a_later_file_that_says_it_too_is_no_change(house: House) -> None:
    await smile(house, 1, 1)
    assert await say_scale(house) == {}
    said = house.all(PolicyVersion)[-1].text

    house.db.write_now(lambda session: apply_file(session, said, at=house.now()))
    await house.hearback.policy.refresh()

    assert (await smile(house, 2, 1))["status"] == "new"


async def test_what_still_cannot_be_read_stays_parked(house: House) -> None:
    await smile(house, 1, 1)
    await smile(house, 2, 5)

    assert await say_scale(house) == {}

    assert [one.state for one in house.all(Parked)] == ["replayed", "parked"]
    assert "outside" in house.all(Parked)[-1].reason
    assert len(house.all(Response)) == 1
    assert house.db.read_now(lambda session: broken_promises(session, at=house.now())) == []
    assert [one.state for one in house.all(Intent) if one.state != "sent"] == []
