"""Events of surveys, as a query of PostHog gives them."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from one_page import DAY, MINUTE, kept, replied
from source_house import POLICY, START

from bot.surveys import posthog
from bot.surveys.request import Call, Unreadable


def event(number: int = 1, given: Mapping[str, object] | None = None, *, at: datetime = START - MINUTE) -> list[Any]:
    properties = {
        "$survey_id": "lumen-nps",
        "$survey_response_score": "2",
        "$survey_response_why": "",
        "$survey_submission_id": f"s{number}",
        **(given or {}),
    }
    return [f"u{number}", at.isoformat(), f"d{number}", json.dumps(properties), '{"email": "jane@acme.test"}']


def test_the_query_names_the_survey_the_time_and_the_page() -> None:
    calls = list[Call]()

    replied("posthog", kept(calls, {"results": []}))

    [call] = calls
    posted: Any = call.post
    assert (call.path, posted["query"]["kind"]) == ("/query/", "HogQLQuery")
    what, where = posted["query"]["query"].split(" WHERE ")
    assert what == "SELECT uuid, timestamp, distinct_id, properties, person.properties FROM events"
    assert where == (
        "event = 'survey sent' AND properties.$survey_id = 'lumen-nps' "
        "AND timestamp >= toDateTime('2026-03-01T09:00:00Z') "
        f"ORDER BY timestamp, uuid LIMIT {posthog.PAGE} OFFSET 0"
    )


@pytest.mark.parametrize("form", ["x' OR '1' = '1", "", "a/b", None, "x\\"])
def test_a_survey_whose_name_is_no_id_is_not_asked_for(form: str | None) -> None:
    asking = posthog.poll(form, START - DAY, "", POLICY, START)

    with pytest.raises(Unreadable, match="form"):
        next(asking)


def test_parts_of_one_submission_are_one_answer_the_last_one() -> None:
    parts = [
        event(1, at=START - 3 * MINUTE),
        event(1, {"$survey_response_why": "Too slow", "$survey_completed": True}, at=START - 2 * MINUTE),
        event(2, at=START - MINUTE),
    ]

    page = replied("posthog", lambda _: {"results": parts})

    assert [(one.external_id, one.comment) for one in page.answers] == [("s1", "Too slow"), ("s2", "")]


def test_properties_may_be_a_text_or_an_object_and_nothing_else() -> None:
    as_it_is, broken, missing, short = event(2), event(3), event(4), event(5)[:4]
    as_it_is[3], broken[3], missing[3] = json.loads(as_it_is[3]), '{"$survey_id":', None

    page = replied("posthog", lambda _: {"results": [event(1), as_it_is, broken, missing, short, "x"]})

    assert [one.external_id for one in page.answers] == ["s1", "s2"]
    assert [one.reason for one in page.refused] == [
        "results[2].properties must be JSON, not text.",
        "results[3].properties.$survey_id is missing.",
        "results[4] must be an object, not a list.",
        "results[5] must be an object, not text.",
    ]


def test_somebody_without_properties_is_anonymous_and_an_event_without_a_submission_has_its_own_id() -> None:
    nobody, old = event(1), event(2, {"$survey_submission_id": None})
    nobody[4] = "{}"

    page = replied("posthog", lambda _: {"results": [nobody, old]})

    assert [(one.external_id, one.customer_id, one.email) for one in page.answers] == [
        ("s1", None, None),
        ("u2", "d2", "jane@acme.test"),
    ]


def test_a_full_page_goes_on_from_its_last_row_even_if_no_row_can_be_read() -> None:
    second = timedelta(seconds=1)
    rows = [event(n, {"$survey_id": None}, at=START - DAY / 2 + n * second) for n in range(posthog.PAGE)]

    page = replied("posthog", lambda _: {"results": rows})

    last = START - DAY / 2 + timedelta(seconds=posthog.PAGE - 1)
    assert len(page.refused) == posthog.PAGE
    assert page.cursor.endswith(f" {int(last.timestamp()) - 1}/1")


@pytest.mark.parametrize("reply", [[], {}, {"results": None}, {"results": {}}, None])
def test_a_result_in_another_shape_is_unreadable(reply: object) -> None:
    with pytest.raises(Unreadable):
        replied("posthog", lambda _: reply)
