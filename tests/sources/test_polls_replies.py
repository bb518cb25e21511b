"""Replies of survey tools beyond what is pretended: a page is read, said to be wrong, or the last; never an error."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from played import TEAM, played
from source_house import POLICY, START

from bot.surveys import ADAPTERS, qualtrics, questionpro, satismeter, surveysparrow, survicate
from bot.surveys.request import Call, Page, Unreadable
from workflows.answers import Answer
from workflows.policy import Policy, load

DAY = timedelta(days=1)
TARGETS = {
    "qualtrics": "lumen-nps",
    "surveysparrow": "40",
    "questionpro": "lumen-nps",
    "survicate": "lumen-nps",
    "satismeter": "lumen",
}


def paged(
    tool: str, replies: Iterable[object], *, cursor: str = "", policy: Policy = POLICY, at: datetime = START
) -> tuple[Page, list[Call]]:
    """Drive one page with these replies; gives it, and the calls."""
    poll = ADAPTERS[tool].poll
    assert poll is not None
    return played(poll(TARGETS[tool], START - 2 * DAY, cursor, policy, at), replies)


def with_entry(tool: str, more: str) -> Policy:
    """Make a policy that knows this form alone, and this of it; nothing of it when that is nothing."""
    return load(f'{TEAM}\n[[source]]\nname = "{tool}"\nform = "{TARGETS[tool]}"\n{more}' if more else TEAM)


def only(page: Page) -> Answer:
    assert page.refused == []
    [found] = page.answers
    return found


def going_on(rows: list[object]) -> dict[str, list[object]]:
    """Give for each tool the replies of a page that says, whatever is asked, that the same one follows."""
    following = {"has_more": True, "next_url": "/surveys/lumen-nps/responses?start=2026-03-01T00:00:00.000000Z"}
    pages = {"totalPages": 9}
    return {
        "surveysparrow": [{"data": []}, {"data": rows, "has_next_page": True}],
        "questionpro": [{"response": rows, "pagination": pages}],
        "survicate": [{}, {"data": rows, "pagination_data": following}],
        "satismeter": [{"data": rows, "page": {"hasNextPage": True, "nextPageCursor": "p1"}}],
    }


@pytest.mark.parametrize("tool", going_on([]))
def test_a_tool_that_gives_the_same_page_again_and_again_does_not_keep_us(tool: str) -> None:
    replies = going_on([{"answers": 5}])[tool]
    first, _ = paged(tool, replies)

    again, _ = paged(tool, replies, cursor=first.cursor)

    assert not first.is_last
    assert again.is_last
    assert len(again.refused) == 2, "the row, and what is wrong with the page"


@pytest.mark.parametrize("tool", going_on([]))
def test_an_empty_page_is_the_last_whatever_it_says(tool: str) -> None:
    page, _ = paged(tool, going_on([])[tool])

    assert page.is_last
    assert page.answers == []


def export(status: str, **more: str) -> dict[str, object]:
    return {"result": {"progressId": "ES_1", "status": status, **more}}


def test_an_export_that_is_never_there_or_fails_ends_the_page_and_not_the_poll() -> None:
    with pytest.raises(Unreadable, match="for too long"):
        paged("qualtrics", [export("inProgress")] * (1 + len(qualtrics.PAUSES)))
    with pytest.raises(Unreadable, match="failed to export"):
        paged("qualtrics", [export("inProgress"), export("failed")])


def full(page: int) -> list[object]:
    return [export("inProgress"), export("complete", fileId="F-1"), {"responses": [{}] * page}]


def test_an_export_that_is_cut_off_is_left_for_one_of_half_the_time() -> None:
    whole, calls = paged("qualtrics", full(qualtrics.PAGE))

    half, again = paged("qualtrics", full(1), cursor=whole.cursor)

    assert (whole.answers, whole.refused, whole.is_last) == ((), (), False)
    assert not half.is_last
    spans = [
        datetime.fromisoformat(one.post["endDate"]) - datetime.fromisoformat(one.post["startDate"])  # type: ignore[index] # what is posted
        for one in (calls[0], again[0])
    ]
    assert spans == [2 * DAY, DAY]


def test_more_responses_within_a_second_than_an_export_holds_are_said() -> None:
    begin = int(START.timestamp())

    page, _ = paged("qualtrics", full(qualtrics.PAGE), cursor=f"{begin - 60} {begin} {begin - 60}/1")

    assert "import the others from a file" in page.refused[-1].reason
    assert not page.is_last


def test_windows_grow_where_little_was_answered_and_end_with_the_poll() -> None:
    begin, cursor, spans = int(START.timestamp()), "", list[float]()
    cursor = f"{begin - 86_400} {begin} {begin - 86_400}/60"

    for _ in range(30):
        page, calls = paged("qualtrics", full(1), cursor=cursor)
        post: Any = calls[0].post
        spans.append(
            (datetime.fromisoformat(post["endDate"]) - datetime.fromisoformat(post["startDate"])).total_seconds()
        )
        cursor = page.cursor
        if page.is_last:
            break

    assert page.is_last
    assert spans[:3] == [60, 120, 240]
    assert sum(spans) == 86_400


@pytest.mark.parametrize("tool", ["surveysparrow", "questionpro", "survicate", "satismeter"])
def test_the_next_poll_looks_two_days_back(tool: str) -> None:
    page, _ = paged(tool, going_on([])[tool])

    assert page.cursor == str(int((START - 2 * DAY).timestamp()))


def completed(**more: object) -> dict[str, object]:
    scored = {"questionID": 501, "answerValues": [{"answerText": "2", "value": {"scale": "2"}}]}
    said = {"questionID": 502, "answerValues": [{"value": {"text": "Slow"}}]}
    return {"responseID": 7, "surveyID": "lumen-nps", "responseSet": [scored, said], **more}


def test_old_answers_of_questionpro_are_old_even_in_a_zone_that_is_only_a_word() -> None:
    rows = [completed(timestamp="5 Oct, 2024 02:51:51 PM IST", responseID=1), completed(responseID=2)]

    page, _ = paged("questionpro", [{"response": rows, "pagination": {"totalPages": 1}}])

    assert [(one.submitted_at, one.is_time_known) for one in page.answers] == [
        (datetime(2024, 10, 5, 14, 51, 51, tzinfo=UTC), False),
        (START - 2 * DAY, False),
    ]


def test_questionpro_is_asked_for_completed_responses_of_days_around_the_poll() -> None:
    page, calls = paged("questionpro", [{"response": [completed(timestamp="2 Mar, 2026 08:00:00 AM UTC")]}])

    assert only(page).submitted_at == START - timedelta(hours=1)
    assert page.is_last, "without a count of pages, a page that isn't full is the last"
    assert calls[0].post == {
        "resultMode": 2,
        "startDate": "2026-02-27T09:00:00",
        "endDate": "2026-03-03T09:00:00",
        "timeZone": "GMT+00:00",
    }


def submission(**more: object) -> dict[str, object]:
    scored = {"question_id": 1, "answer": 2, "skipped": False}
    row = {"id": 7, "survey_id": 40, "state": "COMPLETED", "completed_time": "2026-03-02T08:00:00Z"}
    return {**row, "answers": [scored], **more}


def sparrow(row: dict[str, object], kind: str = "NPSScore") -> list[object]:
    return [{"data": [{"id": 1, "type": kind}]}, {"data": [row], "has_next_page": False}]


def test_a_satisfaction_of_surveysparrow_is_polled_on_the_scale_of_the_policy() -> None:
    policy = with_entry("surveysparrow", 'metric = "csat"\nscale = [1, 5]')

    page, _ = paged("surveysparrow", sparrow(submission(contact_id=71), "CSATScore"), policy=policy)

    found = only(page)
    assert (found.scale.metric, found.score, found.customer_id) == ("csat", 2, "71")


@pytest.mark.parametrize("more", [{"state": "PARTIAL"}, {"completed_time": "2026-02-27T12:00:00Z"}])
def test_submissions_of_surveysparrow_that_are_unfinished_or_older_are_passed_over(more: dict[str, object]) -> None:
    page, calls = paged("surveysparrow", sparrow(submission(**more)))

    assert (page.answers, page.refused) == ([], [])
    assert calls[1].query["date.gte"] == "2026-02-27", "a day earlier, whatever the account's zone"


def rated(kind: str, given: object, **more: object) -> dict[str, object]:
    one = {"question_id": 12, "question_type": kind, "answer": given}
    return {"uuid": "u-7", "collected_at": "2026-03-02T08:00:00.000000Z", "answers": [one], **more}


def surveyed(row: dict[str, object]) -> list[object]:
    return [{"attributes": ["email", "plan"]}, {"data": [row], "pagination_data": {"has_more": False}}]


@pytest.mark.parametrize(
    ("given", "score"),
    [
        ({"id": 900, "content": "2", "rating": 4}, 2),
        ({"id": 900, "content": "Very unhappy", "rating": 1}, 1),
    ],
)
def test_a_smiley_of_survicate_is_the_number_that_it_shows_else_its_rating(given: object, score: int) -> None:
    policy = with_entry("survicate", 'metric = "csat"\nscale = [1, 5]\nscore_field = "12"')

    page, _ = paged("survicate", surveyed(rated("smiley_scale", given)), policy=policy)

    assert only(page).score == score


def test_an_nps_of_survicate_has_its_comment_and_who_gave_it() -> None:
    attributes = [{"name": "email", "value": "jane@acme.test"}, {"name": "first_name", "value": "Jane"}]
    row = rated("nps", {"content": "3", "tag": "Detractor", "comment": "Ads"}, language="de")
    row["respondent"] = {"uuid": "r-1", "attributes": attributes}

    page, calls = paged("survicate", surveyed(row))

    found = only(page)
    assert (found.external_id, found.score, found.comment, found.language) == ("u-7", 3, "Ads", "de")
    assert (found.email, found.name, found.customer_id) == ("jane@acme.test", "Jane", "r-1")
    assert calls[1].also == [("attributes[]", "email")], "what the survey knows, and of that what is used"
    assert (calls[1].query["start"], calls[1].query["end"]) > (calls[1].query["end"], "")


def test_two_nps_questions_of_survicate_need_the_policy() -> None:
    row = rated("nps", {"content": "3"})
    row["answers"] = [*row["answers"], {**row["answers"][0], "question_id": 13}]  # type: ignore[misc,index] # a list

    page, _ = paged("survicate", surveyed(row))
    policy = with_entry("survicate", 'metric = "nps"\nscore_field = "13"')
    named, _ = paged("survicate", surveyed(row), policy=policy)

    assert "name one as `score_field`" in page.refused[0].reason
    assert only(named).score == 3


def test_a_rating_of_survicate_that_no_policy_knows_asks_for_its_scale() -> None:
    row = rated("rating", {"content": "4", "rating": 4})

    page, _ = paged("survicate", surveyed(row), policy=with_entry("survicate", ""))

    assert page.refused[0].unknown is not None
    assert page.refused[0].unknown.form == "lumen-nps"


def responded(**more: object) -> dict[str, object]:
    return {"id": "6f", "project": "lumen", "created": "2026-03-02T08:00:00.000Z", **more}


NPS = {"id": "q1", "type": "scale", "metric": "NPS", "value": 2}
CES = {"id": "q7", "type": "scale", "metric": "ces", "value": 4}
WHY = {"id": "q2", "type": "long-text", "value": "Slow"}


@pytest.mark.parametrize(
    "more", [{"answers": [NPS, WHY]}, {"rating": 2, "feedback": "Slow", "answers": [CES]}, {"answers": [CES, NPS, WHY]}]
)
def test_an_nps_of_satismeter_is_its_rating_or_the_answer_of_that_metric(more: dict[str, object]) -> None:
    page, calls = paged("satismeter", [{"data": [responded(**more)], "page": {"hasNextPage": False}}])

    found = only(page)
    assert (found.scale.metric, found.score, found.comment) == ("nps", 2, "Slow")
    assert calls[0].query["startDate"] == "2026-02-28T09:00:00Z", "without it, all but the last month is left out"


def test_the_answer_of_satismeter_that_the_policy_names_comes_first() -> None:
    policy = with_entry("satismeter", 'metric = "ces"\nscale = [1, 5]\nlow = 2\nneutral = 3\nscore_field = "q7"')

    page, _ = paged("satismeter", [{"data": [responded(answers=[NPS, CES, WHY])]}], policy=policy)

    assert (only(page).scale.metric, only(page).score) == ("ces", 4)


def test_a_cursor_of_satismeter_that_could_not_be_kept_is_refused() -> None:
    with pytest.raises(Unreadable, match="nextPageCursor"):
        paged("satismeter", [{"data": [], "page": {"hasNextPage": True, "nextPageCursor": "a\x00b"}}])


BROKEN: dict[str, list[list[object]]] = {
    "qualtrics": [[[]], [{"result": {"progressId": "../x"}}], [export("inProgress"), export("complete"), {}]],
    "surveysparrow": [[{"data": 1}], [{"data": []}, {"data": {}}]],
    "questionpro": [[{"response": {"error": {"id": 1010}}}], [[]]],
    "survicate": [[[]], [{}, {"data": [], "pagination_data": {"has_more": True, "next_url": "//["}}]],
    "satismeter": [[{"data": None}], [{"data": [], "page": 1}]],
}


@pytest.mark.parametrize("tool", TARGETS)
def test_a_page_whose_frame_is_wrong_is_unreadable(tool: str) -> None:
    for replies in BROKEN[tool]:
        with pytest.raises(Unreadable):
            paged(tool, replies)


def test_saved_pages_are_read_with_the_ids_of_the_webhooks() -> None:
    values = {"finished": 1, "recordedDate": "2026-03-02T08:00:00Z", "QID1": 2, "QID1_NPS_GROUP": 1}
    pages: list[tuple[Any, object]] = [
        (qualtrics, {"responses": [{"responseId": "R_7", "values": values}]}),
        (surveysparrow, {"data": [submission(answers=[{"question_id": 1, "answer": 2, "question_type": "NPSScore"}])]}),
        (questionpro, {"response": [completed()]}),
        (survicate, {"data": [rated("nps", {"content": "2"})]}),
        (satismeter, {"data": [responded(answers=[NPS])]}),
    ]

    found = [module.parse_reply(page, POLICY, START) for module, page in pages]

    assert [(one.external_id, one.score) for [one] in found] == [("R_7", 2), ("7", 2), ("7", 2), ("u-7", 2), ("6f", 2)]
