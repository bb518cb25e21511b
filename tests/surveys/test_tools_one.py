"""Help desks, Tally, Wootric, Google Forms and PostHog: what a table of samples can't say."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import func, select
from survey_samples import NOW, sample

from bot.policies import apply
from bot.surveys import ADAPTERS, chatwoot, freshdesk, google_forms, helpscout, posthog, tally, wootric, zendesk
from bot.surveys.request import Adapter, Call, Found, Ignored, Page, Unreadable
from storage.database import Database
from storage.tables import Case, Response
from workflows import intake
from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.scales import UnknownScale

SINCE = datetime(2027, 2, 1, tzinfo=UTC)


def body(name: str) -> dict[str, Any]:
    return deepcopy(sample(name)["body"])


def answer(found: Found | Sequence[Found]) -> Answer:
    assert isinstance(found, Answer), found
    return found


def polled(
    adapter: Adapter, policy: Policy, replies: Sequence[object], *, target: str | None = None, cursor: str = ""
) -> tuple[list[Call], Page]:
    """Ask for one page with these replies; give what was called, and the page."""
    assert adapter.poll is not None
    asking = adapter.poll(target, SINCE, cursor, policy, NOW)
    calls, waiting = [next(asking)], list(replies)
    while True:
        try:
            calls.append(asking.send(waiting.pop(0)))
        except StopIteration as end:
            assert not waiting
            return calls, end.value


def with_source(policy: Policy, lines: str) -> Policy:
    return load(f"{policy.text}\n[[source]]\n{lines}\n")


# Zendesk


def rating(**changes: object) -> dict[str, Any]:
    """Give a rating as the older API lists it."""
    return {
        "id": 5512,
        "ticket_id": 70913,
        "requester_id": 8801,
        "score": "bad",
        "comment": "Still no refund.",
        "created_at": "2027-03-02T14:18:20Z",
        "updated_at": "2027-03-02T14:18:20Z",
    } | changes


def survey_response(rated: object = 2, category: str = "bad", **question: object) -> dict[str, Any]:
    """Give a survey response as the newer API lists it."""
    return {
        "id": "01SURVEYRESPONSE",
        "responder_id": 8801,
        "subjects": [{"id": "70913", "type": "ticket", "zrn": "zen:ticket:70913"}],
        "survey": {"id": "01SURVEY", "version": 2, "state": "enabled"},
        "answers": [
            {"type": "open_ended", "value": "Still no refund.", "updated_at": "2027-03-02T14:18:40.000Z"},
            {
                "type": "rating_scale",
                "rating": rated,
                "rating_category": category,
                "question": {"type": "rating_scale_numeric", "sub_type": "customer_satisfaction"} | question,
                "created_at": "2027-03-02T14:18:20.000Z",
                "updated_at": "2027-03-02T14:18:20.000Z",
            },
        ],
    }


def ratings_page(*rows: object, after: str | None = None) -> dict[str, Any]:
    return {"satisfaction_ratings": list(rows), "meta": {"has_more": after is not None, "after_cursor": after}}


def surveys_page(*rows: object) -> dict[str, Any]:
    return {"survey_responses": list(rows), "meta": {"has_more": False, "after_cursor": None}}


ILSE = {"id": 8801, "name": "Ilse Maas", "email": "Ilse.Maas@weidenhof.example", "external_id": "crm-120"}


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_what_zendesks_trigger_and_both_polls_say_of_a_ticket_is_one_response_and_one_case(
    db: Database, policy: Policy
) -> None:
    told = answer(zendesk.parse(body("zendesk_bad"), policy, NOW))
    _, older = polled(zendesk.ADAPTER, policy, [ratings_page(rating()), {"users": [ILSE]}], target=zendesk.RATINGS)
    _, newer = polled(zendesk.ADAPTER, policy, [surveys_page(survey_response()), {"users": [ILSE]}])
    db.write_now(lambda session: apply(session, policy, by="U00000001", at=NOW))

    for one in (told, *older.answers, *newer.answers, *older.answers, told):
        db.write_now(
            lambda session, one=one: intake.receive(session, one, policy=policy, policy_version=1, at=NOW)  # type: ignore[misc]
        )

    assert db.read_now(lambda session: session.exec(select(func.count()).select_from(Response)).one()) == 1
    assert db.read_now(lambda session: session.exec(select(func.count()).select_from(Case)).one()) == 1


def test_a_saved_page_of_zendesk_keeps_the_ids_of_the_api(policy: Policy) -> None:
    older = zendesk.parse_reply(ratings_page(rating()), policy, NOW)
    newer = zendesk.parse_reply(surveys_page(survey_response()), policy, NOW)

    assert [answer(one).external_id for one in (*older, *newer)] == ["5512", "01SURVEYRESPONSE"]


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Bad, I'm unsatisfied", 0),
        ("Good, I'm satisfied", 1),
        ("Mauvais, je ne suis pas satisfait", 0),
        ("Bien, je suis satisfait", 1),
        ("Schlecht, ich bin unzufrieden", 0),
        ("Malo, no estoy satisfecho", 0),
        ("Goed, ik ben tevreden", 1),
        ("ŹLE, jestem niezadowolony", 0),
        ("不満", 0),
        ("good", 1),
        ("  BAD  ", 0),
    ],
)
def test_zendesks_word_for_a_rating_may_be_in_the_accounts_language(text: str, score: float, policy: Policy) -> None:
    found = body("zendesk_bad") | {"rating": text}

    assert answer(zendesk.parse(found, policy, NOW)).score == score


def test_an_unknown_word_for_a_rating_is_never_taken_as_good_or_bad(policy: Policy) -> None:
    with pytest.raises(Unreadable, match="make two triggers"):
        zendesk.parse(body("zendesk_bad") | {"rating": "Meh, I'm not bad"}, policy, NOW)


def test_points_in_zendesks_trigger_need_a_scale_in_the_policy(policy: Policy) -> None:
    sent = body("zendesk_bad") | {"rating": "3"}
    five = with_source(policy, 'name = "zendesk"\nmetric = "csat"\nscale = [1, 5]\nlow = 3\nneutral = 3')

    with pytest.raises(UnknownScale, match="zendesk"):
        zendesk.parse(sent, policy, NOW)
    assert answer(zendesk.parse(sent, five, NOW)).scale.band(3) == "low"


def test_placeholders_that_zendesk_did_not_fill_in_are_its_test(policy: Policy) -> None:
    assert isinstance(zendesk.parse({"rating": "{{satisfaction.current_rating}}"}, policy, NOW), Ignored)


@pytest.mark.parametrize(
    ("points", "rated", "category", "expected"),
    [
        (2, 1, "bad", (2, "low")),
        (2, 2, "good", (2, "high")),
        (3, 2, "bad", (3, "low")),
        (3, 3, "good", (3, "high")),
        (5, 3, "bad", (5, "low")),
        (5, 4, "good", (5, "high")),
        (3, 2, "good", (3, "high")),  # Zendesk's own word counts
        (5, 4, "bad", (5, "low")),
        (5, 3, "", (5, "low")),
        (None, 5, "good", (5, "high")),
        (None, 3, "good", (3, "high")),  # of five, a three would be bad
        (None, 2, "good", (2, "high")),
        (None, 3, "bad", (5, "low")),
        (None, 1, "bad", (5, "low")),
    ],
)
def test_zendesks_scales_of_two_three_and_five_points(
    points: int | None, rated: int, category: str, expected: tuple[int, str], policy: Policy
) -> None:
    options = {"options": [{"rating": mark} for mark in range(1, points + 1)]} if points else {}

    [found] = zendesk.parse_reply(surveys_page(survey_response(rated, category, **options)), policy, NOW)

    scale = answer(found).scale
    assert scale.low_end == 1
    assert (scale.high_end, scale.band(rated)) == expected


def test_the_policy_says_how_many_points_a_survey_of_zendesk_has(policy: Policy) -> None:
    lines = 'name = "zendesk"\nform = "01SURVEY"\nmetric = "csat"\nscale = [1, 3]\nlow = 1\nneutral = 2'

    [found] = zendesk.parse_reply(surveys_page(survey_response(2)), with_source(policy, lines), NOW)

    assert answer(found).scale.ends == (1, 3)
    assert answer(found).scale.band(2) == "neutral"


@pytest.mark.parametrize("score", ["offered", "unoffered", "skipped"])
def test_a_rating_that_zendesk_only_offered_is_no_answer(score: str, policy: Policy) -> None:
    [found] = zendesk.parse_reply(ratings_page(rating(score=score)), policy, NOW)

    assert isinstance(found, Ignored)


def test_zendesk_is_polled_page_by_page_with_one_call_for_everybody_on_a_page(policy: Policy) -> None:
    first_page = ratings_page(rating(), rating(id=5513, ticket_id=70914, score="good"), after="c2")

    calls, first = polled(zendesk.ADAPTER, policy, [first_page, {"users": [ILSE]}], target=zendesk.RATINGS)
    again, last = polled(zendesk.ADAPTER, policy, [ratings_page()], target=zendesk.RATINGS, cursor=first.cursor)
    later, _ = polled(zendesk.ADAPTER, policy, [ratings_page()], target=zendesk.RATINGS, cursor=last.cursor)

    start = str(int(SINCE.timestamp()))
    assert calls[0].query == {"score": "received", "start_time": start, "page[size]": "100"}
    assert calls[1] == Call("/api/v2/users/show_many", {"ids": "8801"}, may_be_missing=True)
    assert [(one.external_id, one.email) for one in first.answers] == [
        ("zendesk:ticket:70913", "ilse.maas@weidenhof.example"),
        ("zendesk:ticket:70914", "ilse.maas@weidenhof.example"),
    ]
    assert not first.is_last
    assert again[0].query == {**calls[0].query, "page[after]": "c2"}
    assert last.is_last
    assert later[0].query["start_time"] == str(int((NOW - timedelta(days=2)).timestamp()))


def test_of_two_ratings_of_one_ticket_the_later_counts(policy: Policy) -> None:
    changed = rating(id=5514, score="good", updated_at="2027-03-02T14:19:00Z")

    _, page = polled(zendesk.ADAPTER, policy, [ratings_page(changed, rating()), {"users": []}], target=zendesk.RATINGS)

    assert [one.score for one in page.answers] == [1]


def test_a_row_that_cannot_be_read_does_not_stop_a_poll(policy: Policy) -> None:
    rows = [rating(), rating(score="superb"), "nonsense", rating(id=None, ticket_id=3)]

    _, page = polled(zendesk.ADAPTER, policy, [ratings_page(*rows), {"users": [ILSE]}], target=zendesk.RATINGS)

    assert len(page.answers) == 1
    assert [one.reason.partition(" ")[0] for one in page.refused] == [
        "satisfaction_ratings[1].score",
        "satisfaction_ratings[2]",
        "satisfaction_ratings[3].id",
    ]


def test_more_pages_without_a_cursor_are_no_end_of_a_poll(policy: Policy) -> None:
    page = ratings_page() | {"meta": {"has_more": True, "after_cursor": None}}

    with pytest.raises(Unreadable, match=r"meta\.after_cursor is missing"):
        polled(zendesk.ADAPTER, policy, [page], target=zendesk.RATINGS)


def test_zendesk_takes_an_api_token_with_its_address_or_an_oauth_token() -> None:
    assert zendesk.headers("a@b.example/token:x")["Authorization"] == "Basic YUBiLmV4YW1wbGUvdG9rZW46eA=="
    assert zendesk.headers("abc")["Authorization"] == "Bearer abc"


# Chatwoot


def face(**changes: object) -> dict[str, Any]:
    """Give a rating as Chatwoot's API lists it."""
    return {
        "id": 9,
        "rating": 1,
        "feedback_message": "Nobody read my question",
        "account_id": 8,
        "message_id": 41877,
        "contact": {"id": 77, "name": "Rosa Keller", "email": "rosa.keller@weidenhof.example", "identifier": None},
        "conversation_id": 312,
        "created_at": 1803996000,
    } | changes


def test_chatwoots_two_deliveries_and_its_poll_are_one_response(policy: Policy) -> None:
    first = answer(chatwoot.parse(body("chatwoot_rating"), policy, NOW))
    second = answer(chatwoot.parse(body("chatwoot_comment"), policy, NOW + timedelta(seconds=40)))
    _, page = polled(chatwoot.ADAPTER, policy, [[face()]])

    assert {one.external_id for one in (first, second, *page.answers)} == {"chatwoot:message:41877"}
    assert [first.comment, second.comment, page.answers[0].comment] == ["", *["Nobody read my question"] * 2]
    assert [first.submitted_at, first.is_time_known, page.answers[0].is_time_known] == [NOW, False, True]


def test_chatwoot_is_polled_until_a_page_is_not_full_and_the_pages_do_not_shift(policy: Policy) -> None:
    full = [face(message_id=number) for number in range(25)]

    calls, first = polled(chatwoot.ADAPTER, policy, [full])
    again, last = polled(chatwoot.ADAPTER, policy, [[face()]], cursor=first.cursor)

    assert (first.is_last, last.is_last) == (False, True)
    assert again[0].query == {**calls[0].query, "page": "2"}
    assert calls[0].query["sort"] == "created_at"


def test_a_saved_page_of_chatwoot_is_read(policy: Policy) -> None:
    [found] = chatwoot.parse_reply([face()], policy, NOW)

    assert answer(found).email == "rosa.keller@weidenhof.example"


# Tally


def submissions(*rows: object, more: bool = False) -> dict[str, Any]:
    return {
        "page": 1,
        "hasMore": more,
        "questions": [
            {"id": "k1", "type": "RATING", "title": "How satisfied are you?", "fields": []},
            {"id": "k2", "type": "TEXTAREA", "title": "Why?", "fields": []},
            {
                "id": "k5",
                "type": "HIDDEN_FIELDS",
                "title": None,
                "fields": [{"uuid": "u-1", "title": "account"}, {"uuid": "u-2", "title": "email"}],
            },
        ],
        "submissions": list(rows),
    }


def submission(**changes: object) -> dict[str, Any]:
    return {
        "id": "nQ4vL8",
        "formId": "mB6rTe",
        "isCompleted": True,
        "submittedAt": "2027-03-02T14:19:39.000Z",
        "responses": [
            {"questionId": "k1", "answer": 2},
            {"questionId": "k2", "answer": "Two hours late"},
            {"questionId": "k5", "answer": {"u-1": "Havenzicht", "u-2": "Sem.Bakker@havenzicht.example"}},
        ],
    } | changes


def test_tallys_api_says_the_same_as_its_webhook(policy: Policy) -> None:
    sent = answer(tally.parse(body("tally_csat"), policy, NOW))

    calls, page = polled(tally.ADAPTER, policy, [submissions(submission())], target="mB6rTe")

    assert calls[0].path == "/forms/mB6rTe/submissions"
    for name in ("external_id", "score", "comment", "email", "account_name", "submitted_at", "form", "touchpoint"):
        assert getattr(page.answers[0], name) == getattr(sent, name)


def test_tally_is_polled_form_by_form_and_page_by_page(policy: Policy) -> None:
    calls, first = polled(tally.ADAPTER, policy, [submissions(submission(), more=True)], target="mB6rTe")
    again, last = polled(tally.ADAPTER, policy, [submissions()], target="mB6rTe", cursor=first.cursor)

    assert tally.ADAPTER.targets(policy) == ["mB6rTe"]
    assert (first.is_last, last.is_last) == (False, True)
    assert again[0].query == {**calls[0].query, "page": "2"}


def test_a_form_of_tally_that_is_not_finished_is_no_answer_yet(policy: Policy) -> None:
    [found] = tally.parse_reply(submissions(submission(isCompleted=False)), policy, NOW)

    assert isinstance(found, Ignored)


def test_tallys_scale_is_never_guessed(policy_without_sources: Policy) -> None:
    with pytest.raises(UnknownScale, match="mB6rTe"):
        tally.parse(body("tally_csat"), policy_without_sources, NOW)


def test_a_question_that_tallys_form_does_not_have_is_a_slip_in_the_policy(policy: Policy) -> None:
    found = body("tally_csat")
    del found["data"]["fields"][0]

    with pytest.raises(Unreadable, match="correct `score_field`"):
        tally.parse(found, policy, NOW)


def test_a_question_of_tally_may_be_named_by_its_label(policy_without_sources: Policy) -> None:
    lines = 'name = "tally"\nmetric = "csat"\nscale = [1, 5]\nscore_field = "How satisfied are you?"'

    found = tally.parse(body("tally_csat"), with_source(policy_without_sources, lines), NOW)

    assert answer(found).score == 2


# Wootric


def as_form(value: object, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in as_form(inner, f"{path}[{key}]" if path else key)]
    return [] if value is None else [(path, str(value).lower() if isinstance(value, bool) else str(value))]


def test_wootrics_form_says_the_same_as_its_json(policy: Policy) -> None:
    found = body("wootric_created")
    found["response"]["text"] = "Zu teuer, übrigens & seit März"
    as_json, form = json.dumps(found).encode(), urlencode(as_form(found)).encode()

    read = [answer(wootric.parse(wootric.read(sent), policy, NOW)) for sent in (as_json, form)]

    assert read[0] == read[1]
    assert read[0].comment == "Zu teuer, übrigens & seit März"


@pytest.mark.parametrize(
    "sent",
    [
        b"response[score]=1&response[score]=9",
        b"response=1&response[score]=9",
        b"response[score]=1&response=9",
        b"response[a][b][c][d][e][f]=1",
        b"response[=1",
        b"a=%ff",
        b"\xff\xfe",
        b"no form at all",
    ],
)
def test_a_form_that_two_readers_could_understand_differently_is_unreadable(sent: bytes) -> None:
    with pytest.raises(Unreadable):
        wootric.read(sent)


@pytest.mark.parametrize(
    ("mode", "score", "band"),
    [("NPS", 6, "low"), ("CSAT", 2, "low"), ("CES", 3, "low"), ("CES", 6, "high"), ("CSAT", 5, "high")],
)
def test_the_same_number_means_another_thing_in_each_of_wootrics_modes(
    mode: str, score: int, band: str, policy: Policy
) -> None:
    found = body("wootric_created") | {"survey_mode": mode}
    found["response"]["score"] = score

    read = answer(wootric.parse(found, policy, NOW))

    assert (read.scale.metric, read.scale.band(score)) == (mode.lower(), band)


@pytest.mark.parametrize(
    "written", ["2027-03-02 06:10:00 -0800", "2027-03-02 15:10:00.000 +01:00", "2027-03-02T14:10:00Z", 1803996600]
)
def test_the_zone_in_wootrics_time_counts(written: object, policy: Policy) -> None:
    found = body("wootric_created")
    found["response"]["created_at"] = written

    assert answer(wootric.parse(found, policy, NOW)).submitted_at == datetime(2027, 3, 2, 14, 10, tzinfo=UTC)


def test_wootrics_answer_without_a_mode_has_no_known_scale(policy: Policy) -> None:
    found = body("wootric_created")
    del found["survey_mode"]

    with pytest.raises(UnknownScale, match="611"):
        wootric.parse(found, policy, NOW)


# Google Forms


def test_an_edited_response_of_google_forms_is_the_same_one(policy: Policy) -> None:
    first, edited = body("google_forms_ces"), body("google_forms_ces")
    edited["data"]["answers"][0]["value"] = "6"
    edited["data"]["submitted_at"] = "2027-03-02T14:25:00.000Z"

    before, after = (answer(google_forms.parse(one, policy, NOW)) for one in (first, edited))

    assert before.external_id == after.external_id
    assert (before.score, after.score) == (2, 6)


def test_of_several_scales_in_a_google_form_none_is_guessed(policy_without_sources: Policy) -> None:
    with pytest.raises(Unreadable, match="name one as `score_field`"):
        google_forms.parse(body("google_forms_ces"), policy_without_sources, NOW)


def test_the_only_scale_of_a_google_form_is_the_score_but_its_metric_is_not_guessed(
    policy_without_sources: Policy,
) -> None:
    found = body("google_forms_ces")
    del found["data"]["answers"][2]
    known = with_source(policy_without_sources, 'name = "google_forms"\nmetric = "ces"\nscale = [1, 7]')

    with pytest.raises(UnknownScale):
        google_forms.parse(found, policy_without_sources, NOW)
    assert answer(google_forms.parse(found, known, NOW)).score == 2


def test_a_google_form_whose_scale_is_not_the_policys_is_refused(policy: Policy) -> None:
    found = body("google_forms_ces")
    found["data"]["answers"][0]["scale"] = [1, 10]

    with pytest.raises(UnknownScale, match="1 to 10"):
        google_forms.parse(found, policy, NOW)


def test_a_google_form_may_collect_no_addresses_and_leave_the_score_open(policy: Policy) -> None:
    without, unanswered = body("google_forms_ces"), body("google_forms_ces")
    without["data"]["respondent_email"] = None
    del unanswered["data"]["answers"][0]

    assert answer(google_forms.parse(without, policy, NOW)).email is None
    assert isinstance(google_forms.parse(unanswered, policy, NOW), Ignored)


# PostHog


def test_parts_of_a_posthog_response_are_one(policy: Policy) -> None:
    part = answer(posthog.parse(body("posthog_part"), policy, NOW))
    whole = answer(posthog.parse(body("posthog_whole"), policy, NOW))

    assert part.external_id == whole.external_id
    assert (part.comment, whole.comment) == ("", "Too slow")


def test_older_versions_of_posthog_name_answers_by_their_place(policy: Policy) -> None:
    found = body("posthog_whole")
    given = found["event"]["properties"]
    for key in [key for key in given if key.startswith("$survey_response_1111")]:
        del given[key]

    assert answer(posthog.parse(found, policy, NOW)).comment == "Too slow"

    del given["$survey_questions"], given["$survey_submission_id"]
    by_place = 'name = "posthog"\nform = "old"\nmetric = "nps"\nscore_field = "$survey_response"'
    with pytest.raises(Unreadable, match="correct `score_field`"):
        posthog.parse(found, policy, NOW)
    given["$survey_id"] = "old"
    read = answer(posthog.parse(found, with_source(policy, by_place), NOW))
    assert (read.score, read.external_id) == (6, found["event"]["uuid"])


def test_a_posthog_part_without_the_score_is_no_answer_yet(policy: Policy) -> None:
    found = body("posthog_part")
    for key in ("$survey_response", "$survey_response_11111111-0000-4000-8000-000000000001"):
        found["event"]["properties"][key] = None

    assert isinstance(posthog.parse(found, policy, NOW), Ignored)


# Freshdesk


def freshdesk_rating(code: object = -103, **changes: object) -> dict[str, Any]:
    return {
        "id": 771,
        "survey_id": 4,
        "user_id": 3301,
        "ticket_id": 90233,
        "feedback": "Closed, not solved",
        "ratings": {"default_question": code, "question_9": 103},
        "created_at": "2027-03-02T14:10:00Z",
        "updated_at": "2027-03-02T14:10:00Z",
    } | changes


JAN = {"id": 3301, "name": "Jan Wisniewski", "email": "Jan.Wisniewski@bursa.example"}


@pytest.mark.parametrize(
    ("code", "score", "band"),
    [
        (-103, 1, "low"),
        (-102, 2, "low"),
        (-101, 3, "low"),
        (100, 4, "neutral"),
        (101, 5, "high"),
        (102, 6, "high"),
        ("103", 7, "high"),
    ],
)
def test_freshdesks_codes_are_seven_steps(code: object, score: float, band: str, policy: Policy) -> None:
    [found] = freshdesk.parse_reply([freshdesk_rating(code)], policy, NOW)

    assert (answer(found).score, answer(found).scale.band(score)) == (score, band)


@pytest.mark.parametrize("code", [1, 3, 5, 0, -100, 99.5, 104])
def test_a_number_that_is_none_of_freshdesks_codes_is_unreadable(code: float, policy: Policy) -> None:
    with pytest.raises(Unreadable, match=r"default_question must be one of the codes"):
        freshdesk.parse_reply([freshdesk_rating(code)], policy, NOW)


@pytest.mark.parametrize("label", ["Bof", "3", "not happy at all", "-102.5"])
def test_a_label_that_an_administrator_made_up_is_never_guessed(label: str, policy: Policy) -> None:
    found = body("freshdesk_code") | {"ticket_satisfaction_rating": label}

    with pytest.raises(Unreadable, match="ticket_satisfaction_rating"):
        freshdesk.parse(found, policy, NOW)


def test_freshdesks_automation_and_its_poll_are_one_response_and_people_are_asked_for(policy: Policy) -> None:
    sent = answer(freshdesk.parse(body("freshdesk_label"), policy, NOW))

    calls, page = polled(freshdesk.ADAPTER, policy, [[freshdesk_rating(), freshdesk_rating(ticket_id=4)], JAN])

    assert [one.external_id for one in page.answers] == [sent.external_id, "freshdesk:ticket:4"]
    assert page.answers[0].email == sent.email
    assert page.answers[0].touchpoint == sent.touchpoint
    assert [call.path for call in calls] == ["/api/v2/surveys/satisfaction_ratings", "/api/v2/contacts/3301"]
    assert calls[0].query["created_since"] == "2027-02-01T00:00:00Z"


def test_freshdesk_is_polled_until_a_page_is_not_full(policy: Policy) -> None:
    full = [freshdesk_rating(ticket_id=number) for number in range(30)]

    calls, first = polled(freshdesk.ADAPTER, policy, [full, JAN])
    again, last = polled(freshdesk.ADAPTER, policy, [[]], cursor=first.cursor)

    assert (first.is_last, last.is_last) == (False, True)
    assert again[0].query == {**calls[0].query, "page": "2"}


# Help Scout


@pytest.mark.parametrize(
    ("word", "score", "band"), [("Bad", 1, "low"), ("Okay", 2, "neutral"), ("Great", 3, "high"), ("Not Good", 1, "low")]
)
def test_help_scouts_words_are_three_steps(word: str, score: float, band: str, policy: Policy) -> None:
    read = answer(helpscout.parse(body("helpscout_okay") | {"rating": word}, policy, NOW))

    assert (read.score, read.scale.band(score)) == (score, band)


def test_help_scouts_rating_may_name_its_customer_once_or_in_a_list(policy: Policy) -> None:
    found = body("helpscout_okay")
    found["customer"]["email"] = "First@koivu.example"

    assert answer(helpscout.parse(found, policy, NOW)).email == "first@koivu.example"


def survey_message(value: object, category: str | None = None, *, at: str = "2027-03-02T14:12:00Z") -> dict[str, Any]:
    """Give an answer to a survey in one of Help Scout's messages."""
    customer = {"id": 9, "firstName": "Aino", "_embedded": {"emails": [{"id": 1, "value": "aino.lehto@koivu.example"}]}}
    response = {"value": value, "category": category, "comment": "Slow", "timestamp": at}
    return {"message": {"name": "Monthly"}, "response": response, "_embedded": {"customer": customer}}


@pytest.mark.parametrize(
    ("value", "category", "expected"),
    [
        ("6", "detractor", ("nps", 6, "low")),
        ("9", "passive", ("nps", 9, "high")),  # the score counts, not the word
        ("😀", None, ("csat", 3, "high")),
        ("🙁", None, ("csat", 1, "low")),
        ("👎", None, ("csat", 0, "low")),
    ],
)
def test_help_scouts_surveys_in_messages_are_read(
    value: str, category: str | None, expected: tuple[str, float, str], policy: Policy
) -> None:
    read = answer(helpscout.parse(survey_message(value, category), policy, NOW))

    assert (read.scale.metric, read.score, read.scale.band(read.score)) == expected
    assert read.email == "aino.lehto@koivu.example"


def test_a_survey_in_a_message_is_known_again_by_its_customer_and_time(policy: Policy) -> None:
    first, again = (answer(helpscout.parse(survey_message("👍"), policy, NOW)) for _ in range(2))
    later = answer(helpscout.parse(survey_message("👍", at="2027-03-02T14:13:00Z"), policy, NOW))

    assert first.external_id == again.external_id != later.external_id


def test_a_survey_in_a_message_without_a_known_scale_is_not_guessed(policy: Policy) -> None:
    assert isinstance(helpscout.parse(survey_message(None), policy, NOW), Ignored)
    for value in ("🧘", "Very", "9"):
        with pytest.raises(Unreadable, match="neither NPS nor"):
            helpscout.parse(survey_message(value), policy, NOW)


# All of them


REPLIES: dict[str, tuple[Adapter, list[Any]]] = {
    "ratings": (zendesk.ADAPTER, [ratings_page(rating(), after="c2"), {"users": [ILSE]}]),
    "surveys": (zendesk.ADAPTER, [surveys_page(survey_response(options=[{"rating": 3}])), {"users": [ILSE]}]),
    "faces": (chatwoot.ADAPTER, [[face()]]),
    "submissions": (tally.ADAPTER, [submissions(submission(), more=True)]),
    "codes": (freshdesk.ADAPTER, [[freshdesk_rating()], JAN]),
}
values: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just([]) | st.just({})
)


@pytest.mark.parametrize("name", sorted(REPLIES))
@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(choices=st.data())
def test_any_change_of_a_reply_is_read_or_refused(name: str, choices: st.DataObject, policy: Policy) -> None:
    adapter, replies = deepcopy(REPLIES[name])
    for _ in range(choices.draw(st.integers(1, 3))):
        container, key = choices.draw(st.sampled_from(places(replies)))
        container[key] = choices.draw(values)
    assert adapter.poll is not None
    asking = adapter.poll(zendesk.RATINGS if name == "ratings" else "mB6rTe", SINCE, "", policy, NOW)

    next(asking)
    with suppress(Unreadable, UnknownScale, StopIteration):
        for reply in replies:
            asking.send(reply)


def places(found: object) -> list[tuple[Any, Any]]:
    """List every (container, key) of a JSON value that still is where it was."""
    pairs = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    return [place for key, inner in pairs for place in ((found, key), *places(inner))]


RATED = "content_attributes.submitted_values.csat_survey_response.rating"


@pytest.mark.parametrize(
    ("name", "path", "value", "reason"),
    [
        ("zendesk_bad", "rating", None, "rating is missing"),
        ("zendesk_bad", "rating", {}, "rating must be text, not an object"),
        ("zendesk_bad", "ticket_id", None, "ticket_id is missing"),
        ("zendesk_bad", "updated_at", "yesterday", "updated_at must be a time"),
        ("chatwoot_comment", "id", True, "id must be text, not true or false"),
        ("chatwoot_comment", RATED, None, "csat_survey_response.rating is missing"),
        ("chatwoot_comment", RATED, 6, "outside its scale of 1 to 5"),
        ("tally_csat", "data.fields", {}, "data.fields must be a list"),
        ("tally_csat", "data.fields.0.value", ["2"], "must be a number, not a list"),
        ("tally_csat", "data.formId", None, "data.formId is missing"),
        ("wootric_created", "response.score", "often", "response.score must be a number"),
        ("wootric_created", "response.created_at", None, "response.created_at is missing"),
        ("wootric_created", "survey_mode", "STARS", "survey_mode must be one of"),
        ("google_forms_ces", "type", None, "type is missing"),
        ("google_forms_ces", "data.answers.0.value", "a lot", "must be a number"),
        ("google_forms_ces", "data.answers.0.scale", [7, 1], "begin with the smallest"),
        ("posthog_whole", "event", "survey sent", "event must be an object, not text"),
        ("posthog_whole", "event.timestamp", None, "event.timestamp is missing"),
        ("freshdesk_label", "freshdesk_webhook.ticket_id", None, "ticket_id is missing"),
        ("freshdesk_label", "freshdesk_webhook", [], "freshdesk_webhook must be an object"),
        ("helpscout_okay", "rating", None, "rating is missing"),
        ("helpscout_okay", "rating", "Superb", "rating must be Great, Okay or Bad"),
        ("helpscout_okay", "id", None, "id is missing"),
    ],
)
def test_what_is_missing_or_of_another_kind_is_named(
    name: str, path: str, value: object, reason: str, policy: Policy
) -> None:
    inner = found = body(name)
    *outer, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for key in outer:
        inner = inner[key]  # type: ignore[index] # a number where there is a list
    if value is None:
        del inner[last]  # type: ignore[arg-type] # as above
    else:
        inner[last] = value  # type: ignore[index] # as above
    adapter = ADAPTERS[next(source for source in ADAPTERS if name.startswith(source))]

    with pytest.raises(Unreadable, match=reason):
        adapter.parse(found, policy, NOW)


def test_a_scale_that_a_tool_always_uses_can_have_other_bands_but_no_other_ends(policy: Policy) -> None:
    stricter = with_source(policy, 'name = "helpscout"\nmetric = "csat"\nscale = [1, 3]\nlow = 2\nneutral = 2')
    other = with_source(policy, 'name = "helpscout"\nmetric = "csat"\nscale = [1, 5]')

    read = answer(helpscout.parse(body("helpscout_okay"), stricter, NOW))

    assert read.scale.band(2) == "low"
    with pytest.raises(UnknownScale, match="1 to 3"):
        helpscout.parse(body("helpscout_okay"), other, NOW)


@pytest.mark.parametrize("cursor", ["", "nonsense", "1 2 3 4", "9" * 30, "-5", "1803900000 x 2"])
def test_a_cursor_that_is_none_of_ours_harms_no_poll(cursor: str, policy: Policy) -> None:
    _, page = polled(freshdesk.ADAPTER, policy, [[]], cursor=cursor)

    assert page.is_last
