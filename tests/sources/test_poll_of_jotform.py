"""Submissions, as Jotform lists them: the new ones and those that were changed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from one_page import DAY, kept, pages, place_of, replied
from source_house import START, House, answer

from bot.surveys import jotform
from bot.surveys.polling import Tally
from bot.surveys.request import Call, Unreadable

pytestmark = pytest.mark.anyio


def submission(number: int = 1, *, at: str = "2026-03-02 03:00:00", **more: Any) -> dict[str, Any]:
    answers = {
        "3": {"name": "name", "answer": {"first": "Jane", "last": "Doe"}},
        "4": {"name": "email", "answer": "jane@acme.test"},
        "5": {"name": "rating", "answer": "2"},
        "6": {"name": "comment", "answer": "Cold"},
    }
    given = {"id": str(number), "form_id": "lumen-csat", "created_at": at, "updated_at": None, "status": "ACTIVE"}
    return {**given, "answers": answers, **more}


def listed(rows: Sequence[object]) -> Callable[[Call], object]:
    return lambda _: {"content": rows}


def changed(cursor: str = "") -> str:
    """Give the cursor of the second walk, over what was changed."""
    return replied("jotform", listed([]), cursor).cursor


def test_new_submissions_are_asked_for_in_new_york_time_and_then_those_that_were_changed() -> None:
    calls = list[Call]()

    first = replied("jotform", kept(calls, {"content": []}))
    second = replied("jotform", kept(calls, {"content": []}), first.cursor)

    assert [call.path for call in calls] == ["/form/lumen-csat/submissions"] * 2
    # START is 9:00 UTC, a day before it is 4:00 in New York, and an hour more is asked for.
    assert calls[0].query == {
        "limit": "100",
        "offset": "0",
        "orderby": "created_at",
        "direction": "ASC",
        "filter": '{"created_at:gt": "2026-03-01 03:00:00"}',
    }
    assert calls[1].query == {"limit": "100", "offset": "0", "orderby": "updated_at", "direction": "DESC"}
    assert (first.is_last, second.is_last) == (False, True)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-01-15 09:30:00", datetime(2026, 1, 15, 14, 30, tzinfo=UTC)),
        ("2025-07-15 09:30:00", datetime(2025, 7, 15, 13, 30, tzinfo=UTC)),
        ("2026-03-02T03:00:00+01:00", datetime(2026, 3, 2, 2, tzinfo=UTC)),
        ("2026-03-02 23:00:00", START),  # of the future: it can't be that late yet
    ],
)
def test_times_are_those_of_new_york_in_winter_and_summer(said: str, meant: datetime) -> None:
    page = replied("jotform", listed([submission(at=said)]))

    assert [(one.submitted_at, one.is_time_known) for one in page.answers] == [(meant, True)]


def test_questions_are_named_as_the_webhook_names_them() -> None:
    page = replied("jotform", listed([submission()]))

    [found] = page.answers
    assert (found.external_id, found.score, found.comment) == ("1", 2, "Cold")
    assert (found.email, found.name) == ("jane@acme.test", "Jane Doe")
    assert (found.form, found.touchpoint) == ("lumen-csat", "lumen-csat")


def test_what_was_deleted_or_not_answered_is_no_answer() -> None:
    unanswered = submission(2, answers={"5": {"name": "rating"}})

    page = replied("jotform", listed([submission(1, status="DELETED"), unanswered, submission(3)]))

    assert [one.external_id for one in page.answers] == ["3"]
    assert page.refused == []


def test_a_submission_that_cannot_be_read_is_refused_by_its_place() -> None:
    rows = [
        submission(1, created_at="yesterday"),
        submission(2, created_at=None),
        submission(3, answers=[]),
        submission(4, answers={"5": "2"}),
        submission(5, answers={"7": {"name": "rating", "answer": "2"}}),
        submission(6, form_id="other"),
        submission(7, id=None),
        None,
        submission(9),
    ]

    page = replied("jotform", listed(rows))

    assert [one.external_id for one in page.answers] == ["9"]
    assert [one.reason.split()[0] for one in page.refused] == [
        "content[0].created_at",
        "content[1].created_at",
        "content[2].answers",
        "content[3].answers.5",
        "The",
        "Jotform",
        "content[6].id",
        "content[7]",
    ]


def test_changed_submissions_are_taken_until_one_was_changed_before() -> None:
    rows = [submission(n, at="2024-05-01 10:00:00", updated_at="2026-03-02 02:00:00") for n in range(jotform.PAGE)]
    more = replied("jotform", listed(rows), changed())
    rows[-1] = submission(999, updated_at="2026-02-01 00:00:00")

    last = replied("jotform", listed(rows), more.cursor)

    assert (more.is_last, len(more.answers)) == (False, jotform.PAGE)
    assert (last.is_last, len(last.answers)) == (True, jotform.PAGE - 1)
    # Changed now, but given in 2024: history, that corrects what is known.
    assert {(one.submitted_at.year, one.is_time_known) for one in last.answers} == {(2024, False)}


def test_a_list_that_never_was_in_the_order_of_changes_ends_after_a_page() -> None:
    page = replied("jotform", listed([submission(n) for n in range(jotform.PAGE)]), changed())

    assert page.is_last
    assert page.answers == []


def test_a_list_without_an_end_ends() -> None:
    rows = [submission(n) for n in range(jotform.PAGE)]
    first = replied("jotform", listed(rows))

    end = replied("jotform", listed(rows), first.cursor.replace("/100", f"/{jotform.MOST_ROWS}"))

    assert first.cursor.endswith("created_at/100")
    assert end.cursor.endswith("updated_at/0")
    assert "don't come to an end" in end.refused[0].reason


async def test_a_correction_on_the_form_changes_what_a_webhook_said(house: House) -> None:
    given = answer(4_000, tool="jotform", at=START - DAY / 24, score=5, comment="")
    house.hook("jotform", given)
    edited = submission(at="2026-03-02 03:00:00", id="jf4000", updated_at="2026-03-02 03:59:00")
    replies = iter([{"content": []}, {"content": [edited]}])
    place, drive = place_of(house, "jotform"), house.apis.drive

    async def driven(adapter: Any, asking: Any, *, heard: list[bytes]) -> Any:
        next(asking)
        try:
            asking.send(next(replies))
        except StopIteration as end:
            return end.value
        return await drive(adapter, asking, heard=heard)

    house.apis.drive = driven  # type: ignore[method-assign] # an API of two replies
    await pages(house, place, Tally())

    [response] = house.responses()
    assert (response.score, response.comment) == (2, "Cold")
    assert len(house.cases()) == 1


@pytest.mark.parametrize("reply", [[], {}, {"content": ""}, {"content": {"1": {}}}, None])
def test_a_list_in_another_shape_is_unreadable(reply: object) -> None:
    with pytest.raises(Unreadable):
        replied("jotform", lambda _: reply)
