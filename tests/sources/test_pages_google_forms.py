"""Google's forms: each response is read by what its form asks, page by page, to an end."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from played import TEAM, played
from source_house import START

from bot.surveys import google_forms
from bot.surveys.request import Call, Page, Unreadable
from workflows.answers import Answer
from workflows.policy import Policy, load

LONG_AGO = START - timedelta(days=400)


def policy_of(form: str = "f", **more: object) -> Policy:
    """Make a policy with one form of Google's."""
    said = {"name": "google_forms", "form": form, "metric": "csat", "scale": [1, 5]} | more
    return load(TEAM + "[[source]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in said.items()))


def item(number: int, title: str, **question: object) -> dict[str, Any]:
    return {"itemId": f"000fef{number:02x}", "title": title, "questionItem": {"question": question}}


FORM: dict[str, Any] = {
    "formId": "f",
    "items": [
        item(0x69, "Why?", questionId="q2", textQuestion={"paragraph": True}),
        item(0x6A, "How was it?", questionId="q1", scaleQuestion={"low": 1, "high": 5}),
        {"itemId": "000fef6b", "title": "A picture", "imageItem": {}},
        item(0x6C, "Mail", questionId="q3", textQuestion={}),
    ],
}


def said(**answers: object) -> dict[str, Any]:
    return {key: {"questionId": key, "textAnswers": {"answers": [{"value": value}]}} for key, value in answers.items()}


def submission(**more: object) -> dict[str, Any]:
    answers = said(q1="2", q2="Late", q3="jo@acme.test")
    return {"responseId": "ACYD1", "createTime": "2026-03-01T09:00:00.870Z", "answers": answers} | more


def google_page(
    *replies: object, cursor: str = "", policy: Policy | None = None, form: object = FORM
) -> tuple[Page, list[Call]]:
    return played(google_forms.poll("f", LONG_AGO, cursor, policy or policy_of(), START), [form, *replies])


def test_a_submission_is_read_by_what_its_form_asks() -> None:
    edited = submission(lastSubmittedTime="2026-03-01T09:30:00.123456789Z", respondentEmail="Jo@acme.test")

    page, calls = google_page({"responses": [edited]})

    [found] = page.answers
    assert (found.external_id, found.score, found.comment, found.email) == ("ACYD1", 2, "Late", "jo@acme.test")
    assert (found.form, found.touchpoint, found.scale.ends) == ("f", "f", (1, 5))
    assert found.submitted_at == datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
    assert calls[0].is_lasting
    assert calls[1].query["filter"] == "timestamp >= 2025-01-26T09:00:00Z"


@pytest.mark.parametrize("named", ["How was it?", str(0x000FEF6A)])
def test_questions_go_by_their_title_or_by_the_number_that_the_script_sends(named: str) -> None:
    policy = policy_of(score_field=named, email_field="Mail", comment_field="Why?")

    page, _ = google_page({"responses": [submission()]}, policy=policy)

    assert [(one.score, one.email, one.comment) for one in page.answers] == [(2, "jo@acme.test", "Late")]


@pytest.mark.parametrize(
    ("question", "metric", "ends"),
    [
        ({"ratingQuestion": {"ratingScaleLevel": 7, "iconType": "STAR"}}, "ces", [1, 7]),
        ({"scaleQuestion": {"high": 10}}, "nps", [0, 10]),
    ],
)
def test_stars_and_a_scale_from_nought_have_their_ends(
    question: dict[str, object], metric: str, ends: list[int]
) -> None:
    form = {"items": [item(1, "?", questionId="q1", **question)]}

    page, _ = google_page({"responses": [submission()]}, policy=policy_of(metric=metric, scale=ends), form=form)

    assert [list(one.scale.ends) for one in page.answers] == [ends]


def test_a_scale_that_is_not_the_policys_is_refused() -> None:
    form = {"items": [item(1, "?", questionId="q1", scaleQuestion={"low": 1, "high": 7})]}

    page, _ = google_page({"responses": [submission()]}, form=form)

    assert page.answers == []
    assert [one.unknown is not None for one in page.refused] == [True]


def test_who_leaves_the_score_out_is_passed_over() -> None:
    page, _ = google_page({"responses": [submission(answers=said(q2="Late"))]})

    assert (page.answers, list(page.refused)) == ([], [])


@pytest.mark.parametrize("nothing", [{}, {"responses": []}, {"responses": None}])
def test_a_form_without_responses_is_an_empty_page(nothing: object) -> None:
    page, _ = google_page(nothing)

    assert (page.answers, page.is_last) == ([], True)


def test_pages_go_on_by_googles_token_with_the_same_question() -> None:
    first, before = google_page({"responses": [submission()], "nextPageToken": "to ken/2"})
    second, after = google_page({"responses": []}, cursor=first.cursor)

    assert (first.is_last, second.is_last) == (False, True)
    assert after[1].query == {**before[1].query, "pageToken": "to ken/2"}


def test_empty_pages_do_not_end_a_poll_but_repeated_or_endless_ones_do() -> None:
    empty, _ = google_page({"nextPageToken": "a"})
    repeated, _ = google_page({"nextPageToken": "a"}, cursor=empty.cursor)
    endless, cursor, count = False, "", 0
    while not endless:
        page, _ = google_page({"nextPageToken": f"t{count}"}, cursor=cursor)
        endless, cursor, count = page.is_last, page.cursor, count + 1

    assert (empty.is_last, repeated.is_last) == (False, True)
    assert count == google_forms.MOST_PAGES
    assert "don't end" in page.refused[-1].reason


@pytest.mark.parametrize(
    "reply", [[], {"responses": {}}, {"responses": [], "nextPageToken": 5.5}, {"nextPageToken": "\x00"}]
)
def test_a_page_in_another_shape_is_unreadable(reply: object) -> None:
    with pytest.raises(Unreadable):
        google_page(reply)


def test_an_odd_submission_is_refused_with_its_place() -> None:
    rows = [submission(responseId=None), submission(answers=[]), submission(answers={"q1": 5}), "?", submission()]

    page, _ = google_page({"responses": rows})

    assert [type(one) for one in page.answers] == [Answer]
    assert [one.reason.split(".")[0].split(" ")[0] for one in page.refused] == [f"responses[{n}]" for n in range(4)]
