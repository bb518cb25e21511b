"""What waits for the scale of one form is taken in with its answer, and nothing else is; and the `parked` command."""

import asyncio
from functools import partial

import pytest
from one_tool import look
from source_house import POLICY, START, House, answer
from sqlmodel import Session

from bot.cli import main
from bot.sandbox.given import Given
from bot.surveys.settling import Settling
from storage import alarms
from storage.source_tables import Alarm
from storage.tables import Parked
from workflows import asking
from workflows.policy import Policy, Source

pytestmark = pytest.mark.anyio


def fetched(house: House, number: int, metric: str) -> None:
    """Have Qualtrics name a response of the form that asks for this metric; the policy knows its NPS form only."""
    given = Given(number, metric, 1, START, comment="It broke again", email=f"c{number}@acme.test")
    house.vendors.shelves["qualtrics"].put(given)
    house.hook("qualtrics", given)


def rows(house: House) -> list[Parked]:
    return house.all(Parked)


def knowing(*forms: str) -> Policy:
    ends = {"lumen-csat": [1, 5], "lumen-ces": [1, 7]}
    said = {"name": "qualtrics", "metric": "csat", "low": 2, "neutral": 3, "score_field": "QID1"}
    entries = [Source.model_validate({**said, "form": form, "scale": ends[form]}) for form in forms]
    return POLICY.model_copy(update={"sources": [*POLICY.sources, *entries]})


async def settle(house: House, alarm: Alarm, policy: Policy) -> None:
    """Do what an admin's answer asks for, as it is done behind Slack's modal."""

    def said(session: Session) -> None:
        held = alarms.held(session, alarm.id or 0)
        assert held is not None
        asking.answer(session, held, "said", policy=policy, by="UANA", at=house.clock())

    async def nothing() -> None:
        """Have no other version of the policy."""

    await house.db.write(said)
    settling = Settling(
        db=house.db,
        policy=lambda: policy,
        policy_version=lambda: house.version,
        refresh=nothing,
        clock=house.clock,
    )
    await settling.tick()


async def asked(house: House) -> dict[str | None, Alarm]:
    return {one.alarm.form: one.alarm for one in await house.db.read(alarms.open_questions)}


async def test_what_was_fetched_without_a_scale_is_parked_and_asked_about_by_its_form(house: House) -> None:
    fetched(house, 10, "csat")
    fetched(house, 20, "ces")
    await house.work(hours=0.05)

    assert [one.form for one in rows(house)] == ["lumen-csat", "lumen-ces"]
    questions = await house.db.read(alarms.open_questions)
    assert [(one.alarm.form, one.waiting) for one in questions] == [("lumen-csat", 1), ("lumen-ces", 1)]


async def test_the_answer_about_one_form_has_only_its_responses_read_again(house: House) -> None:
    fetched(house, 10, "csat")
    fetched(house, 20, "ces")
    await house.work(hours=0.05)
    questions = await asked(house)

    await settle(house, questions["lumen-csat"], knowing("lumen-csat"))

    assert {one.form: (one.state, one.times) for one in rows(house)} == {
        "lumen-csat": ("replayed", 1),
        "lumen-ces": ("parked", 1),
    }


async def test_the_answer_about_a_source_has_all_its_forms_read_again(house: House) -> None:
    fetched(house, 10, "csat")
    fetched(house, 20, "ces")
    await house.work(hours=0.05)
    await house.db.write(
        partial(
            asking.scale_is_unknown,
            source="qualtrics",
            form=None,
            metric=None,
            reason="Nobody said.",
            policy=POLICY,
            at=START,
        )
    )
    questions = await asked(house)

    await settle(house, questions[None], knowing("lumen-csat", "lumen-ces"))

    assert [one.state for one in rows(house)] == ["replayed", "replayed"]


async def test_the_command_says_what_is_asked_for_again(
    house: House, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    house.vendors.shelves["typeform"].put(answer(10, tool="typeform", score=77, at=START))
    await look(house, "typeform")

    for words in (["list"], ["show", "1"], ["replay"], ["list"]):
        assert await asyncio.to_thread(main, ["parked", *words]) == 0

    said = capsys.readouterr().out
    assert "typeform\tcame once\tThe score lies outside its scale of 0 to 10." in said
    assert '"row":{"token":"tf10"' in said
    assert "0 taken in.\n1 asked for again" in said
    assert "It is asked for again by the next poll of “lumen-nps”" in said
