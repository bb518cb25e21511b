"""A form on which nearly everybody suddenly looks unhappy: it is asked about before it opens fifty cases."""

from typing import Any

import pytest
from sqlmodel import select
from story_house import House
from story_promises import broken_promises

from storage.source_tables import Alarm, HeldBack
from storage.tables import Case, Event, PolicyVersion, Response

pytestmark = pytest.mark.anyio

RIGHT, TURN = "It is right: open the cases", "Upside-down: turn the scale"
FORM = "after-support"


async def rated(house: House, *scores: float, start: int = 0, form: str = FORM, metric: str = "csat") -> list[Any]:
    """Let one customer after the other give these scores of 1 to 5; returns their cases, None where there is none."""
    cases = []
    for number, score in enumerate(scores, start):
        who = {"id": f"{form}-{number}", "email": f"c{number}@{form}.test", "name": f"C{number}", "comment": "Thanks."}
        said = house.survey.body({**who, "score": score})
        said["data"] |= {"metric": metric, "form": form, "scale": None}
        cases.append((await house.webhook(said))["case"])
    return cases


def questions(house: House, name: str = "Nora") -> list[Any]:
    return [one for one in house.person(name).direct_messages() if RIGHT in one.buttons]


async def decide(house: House, button: str) -> None:
    await house.person("Nora").press(button, on=questions(house)[-1])
    await house.settle()


async def tick(house: House) -> None:
    """Let happen what happens while nobody answers."""
    await house.hearback.settle()
    await house.settle()


def held_back(house: House) -> int:
    return house.db.read_now(lambda session: len(session.exec(select(HeldBack)).all()))


def states(house: House) -> list[str]:
    return [one.state for one in house.all(Case)]


async def test_before_fifty_cases_are_opened_somebody_is_asked(house: House) -> None:
    cases = await rated(house, *[1] * 50)

    assert [one for one in cases if one is not None] == [one.id for one in house.all(Case)]
    assert len(house.all(Case)) == 9
    assert held_back(house) == 41
    assert len(house.all(Response)) == 50
    [asked] = questions(house)
    assert "upside-down" in asked.text
    home = await house.home("Nora")
    assert "41 low answers wait" in home.words
    assert {RIGHT, TURN} <= set(home.buttons)


async def test_a_form_that_was_fine_until_now_is_asked_about_as_well(house: House) -> None:
    await rated(house, *[5, 4, 1] * 4)

    await rated(house, *[1] * 8, start=20)

    assert len(questions(house)) == 1


@pytest.mark.parametrize(
    ("scores", "metric"),
    [
        ([1] * 9, "csat"),  # too few to say
        ([1, 5] * 10, "csat"),  # every second one
        ([1] * 15, "nps"),  # has one scale only
    ],
)
async def test_other_forms_are_not_asked_about(house: House, scores: list[float], metric: str) -> None:
    await rated(house, *scores, metric=metric)

    assert questions(house) == []
    assert len(house.all(Case)) == scores.count(1)


async def test_a_form_that_was_never_much_better_is_not_asked_about(house: House) -> None:
    await rated(house, *[1, 5] * 10)

    await rated(house, *[1] * 12, start=30)

    assert questions(house) == []


async def test_a_bad_week_of_a_form_with_many_low_answers_is_no_surprise(house: House) -> None:
    await rated(house, *[5, 1, 5] * 8)

    await rated(house, *[1] * 8, start=40)

    assert questions(house) == []


async def test_a_form_with_many_low_answers_is_asked_about_once_nearly_all_are(house: House) -> None:
    await rated(house, *[5, 1, 5] * 8)

    await rated(house, *[1] * 12, start=40)

    assert len(questions(house)) == 1


async def test_it_is_right_opens_what_waited(house: House) -> None:
    await rated(house, *[1] * 14)

    await decide(house, RIGHT)

    assert len(house.all(Case)) == 14
    assert held_back(house) == 0
    assert house.db.read_now(lambda session: broken_promises(session, at=house.now())) == []
    await rated(house, *[1] * 5, start=30)
    assert len(house.all(Case)) == 19
    assert len(questions(house)) == 1


async def test_turning_it_puts_everything_right(house: House) -> None:
    await rated(house, *[1] * 14, 5, 2)
    await house.person("Ana").command("/loop case 1")
    await house.person("Ana").press("Take", on="modal")
    await house.settle()

    await decide(house, TURN)

    assert states(house)[0] == "working"
    assert states(house)[1:9] == ["excused"] * 8
    assert {one.excuse for one in house.all(Case)[1:9]} == {"not_a_complaint"}
    assert states(house)[9:] == ["new"]
    responses = house.all(Response)
    assert [one.band for one in responses] == ["high"] * 14 + ["low", "high"]
    assert {one.direction for one in responses} == {"down"}
    assert responses[14].case_id == house.all(Case)[-1].id
    assert held_back(house) == 0
    version = house.all(PolicyVersion)[-1]
    assert version.applied_by == "UNORA"
    assert 'direction = "down"' in version.text
    assert any("upside-down" in one.text for one in house.all(Event) if one.case_id == 1)
    assert (await rated(house, 1, 5, start=50))[0] is None
    assert states(house)[10:] == ["new"]
    assert house.db.read_now(lambda session: broken_promises(session, at=house.now())) == []


async def test_only_what_came_since_it_flipped_is_turned(house: House) -> None:
    await rated(house, *[5] * 12)

    await rated(house, *[1] * 9, start=20)
    await decide(house, TURN)

    assert [one.band for one in house.all(Response)] == ["high"] * 21
    assert [one.direction for one in house.all(Response)] == ["up"] * 12 + ["down"] * 9
    assert set(states(house)) == {"excused"}


async def test_nobody_answers_for_a_day(house: House) -> None:
    await rated(house, *[1] * 12)
    await house.wind(hours=4)
    await tick(house)
    await tick(house)
    assert len(questions(house)) == 2
    assert "Nobody has answered yet" in questions(house)[-1].words

    await house.wind(hours=20)
    await tick(house)

    assert len(house.all(Case)) == 12
    assert "opened now" in house.person("Nora").direct_messages()[-1].text
    [alarm] = house.all(Alarm)
    assert (alarm.answer, alarm.answered_by) == ("unanswered", "hearback")


async def test_a_second_answer_is_refused(house: House) -> None:
    await rated(house, *[1] * 12)
    await decide(house, RIGHT)
    before = house.counts()
    await decide(house, RIGHT)
    assert house.person("Nora").private_answers() == []  # it is as they wished

    await decide(house, TURN)

    assert house.counts() == before
    assert "settled this already" in house.person("Nora").private_answers()[-1].text


async def test_an_answer_that_is_corrected_while_it_waits_opens_no_case(house: House) -> None:
    await rated(house, *[1] * 12)
    await rated(house, 5, start=11)

    await decide(house, RIGHT)

    assert len(house.all(Case)) == 11
