"""SurveyMonkey, HubSpot, Qualtrics, Jotform and the like: what a table of samples can't say."""

from collections.abc import Generator, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from survey_samples import NOW, sample

from bot.surveys import (
    asknicely,
    delighted,
    formbricks,
    hubspot,
    jotform,
    qualtrics,
    questionpro,
    retently,
    satismeter,
    surveymonkey,
    surveysparrow,
    survicate,
    typeform,
)
from bot.surveys.request import Adapter, Call, Fetch, Found, Ignored, Page, Unreadable
from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.scales import UnknownScale

SINCE = datetime(2027, 2, 1, tzinfo=UTC)
CALLED = {"survey": "30077", "response": "90011"}


def body(name: str) -> Any:
    return deepcopy(sample(name)["body"])


def replies(name: str) -> list[Any]:
    return [deepcopy(one["response"]) for one in sample(name)["api_fetch"]]


def answer(found: Found | Sequence[Found]) -> Answer:
    assert isinstance(found, Answer), found
    return found


def driven(asking: Generator[Call, object, Any], answers: Sequence[object]) -> tuple[list[Call], Any]:
    """Answer each call with the next of these; give what was called, and what came of it."""
    calls, waiting = [next(asking)], list(answers)
    while True:
        try:
            calls.append(asking.send(waiting.pop(0)))
        except StopIteration as end:
            assert not waiting
            return calls, end.value


def fetched(adapter: Adapter, ids: dict[str, str], answers: Sequence[object], policy: Policy) -> Found:
    assert adapter.fetch is not None
    _, found = driven(adapter.fetch(ids, policy, NOW), answers)
    assert isinstance(found, Answer | Ignored)
    return found


def polled(
    adapter: Adapter, answers: Sequence[object], policy: Policy, *, target: str | None = None, cursor: str = ""
) -> tuple[list[Call], Page]:
    assert adapter.poll is not None
    calls, page = driven(adapter.poll(target, SINCE, cursor, policy, NOW), answers)
    assert isinstance(page, Page)
    return calls, page


def with_source(policy: Policy, lines: str) -> Policy:
    return load(f"{policy.text}\n[[source]]\n{lines}\n")


# SurveyMonkey


def test_each_page_of_a_survey_names_the_same_response(policy: Policy) -> None:
    event = {"event_type": "response_completed", "object_id": "90011", "resources": {"survey_id": "30077"}}

    completed = surveymonkey.parse(event, policy, NOW)
    updated = surveymonkey.parse({**event, "event_type": "response_updated"}, policy, NOW)

    assert completed == updated == Fetch("90011", CALLED)


@pytest.mark.parametrize("wrong", ["../surveys", "90011?x=1", "a b", "", None, [], "9" * 65])
def test_an_id_that_would_lead_to_another_address_is_not_asked_for(wrong: object, policy: Policy) -> None:
    event = {"event_type": "response_completed", "object_id": wrong, "resources": {"survey_id": "30077"}}

    with pytest.raises(Unreadable, match="object_id"):
        surveymonkey.parse(event, policy, NOW)
    with pytest.raises(Unreadable, match="response"):
        fetched(surveymonkey.ADAPTER, {**CALLED, "response": str(wrong or "")}, [], policy)


def test_the_questions_of_a_survey_are_asked_for_as_something_lasting(policy: Policy) -> None:
    calls, _ = driven(surveymonkey.fetch(CALLED, policy, NOW), replies("surveymonkey_nps"))

    assert [(call.path, call.is_lasting) for call in calls] == [
        ("/v3/surveys/30077/responses/90011/details", False),
        ("/v3/surveys/30077/details", True),
    ]


def test_an_unfinished_response_is_left_alone_and_costs_one_call(policy: Policy) -> None:
    response = {**replies("surveymonkey_nps")[0], "response_status": "partial"}

    assert isinstance(fetched(surveymonkey.ADAPTER, CALLED, [response], policy), Ignored)


def test_a_choice_is_read_by_its_place_where_the_weights_are_no_scale(policy: Policy) -> None:
    response, survey = replies("surveymonkey_nps")
    response["pages"][0]["questions"][0]["answers"][0]["choice_id"] = "c10"

    assert answer(fetched(surveymonkey.ADAPTER, CALLED, [response, survey], policy)).score == 10


def test_a_rating_of_eleven_that_is_no_nps_is_not_taken_for_one(policy: Policy) -> None:
    response, survey = replies("surveymonkey_nps")
    for weight, choice in enumerate(survey["pages"][0]["questions"][0]["answers"]["choices"]):
        choice["weight"] = weight

    with pytest.raises(UnknownScale, match="30077"):
        fetched(surveymonkey.ADAPTER, CALLED, [response, survey], policy)


def test_a_choice_of_not_applicable_is_no_score(policy: Policy) -> None:
    response, survey = replies("surveymonkey_rows")
    response["pages"][0]["questions"][0]["answers"][1]["choice_id"] = "na"
    ours = with_source(
        policy, 'name = "surveymonkey"\nform = "30077"\nmetric = "csat"\nscale = [1, 5]\nscore_field = "q8/r2"'
    )

    assert isinstance(fetched(surveymonkey.ADAPTER, CALLED, [response, survey], ours), Ignored)


def test_of_several_rows_the_policy_has_to_name_one(policy: Policy) -> None:
    ours = with_source(
        policy, 'name = "surveymonkey"\nform = "30077"\nmetric = "csat"\nscale = [1, 5]\nscore_field = "q8"'
    )

    with pytest.raises(Unreadable, match="q8/row id"):
        fetched(surveymonkey.ADAPTER, CALLED, replies("surveymonkey_rows"), ours)


def test_choices_that_do_not_fit_the_scale_of_the_policy_are_not_squeezed_into_it(policy: Policy) -> None:
    ours = with_source(
        policy, 'name = "surveymonkey"\nform = "30077"\nmetric = "ces"\nscale = [1, 7]\nscore_field = "q8/r2"'
    )

    with pytest.raises(Unreadable, match="no scale of 1 to 7"):
        fetched(surveymonkey.ADAPTER, CALLED, replies("surveymonkey_rows"), ours)


def test_a_survey_is_polled_from_where_the_last_page_ended(policy: Policy) -> None:
    response, survey = replies("surveymonkey_nps")
    more = {"data": [response, {"id": "x"}], "links": {"next": "https://api.surveymonkey.com/…"}}

    calls, page = polled(surveymonkey.ADAPTER, [survey, more], policy, target="30077")
    again, last = polled(
        surveymonkey.ADAPTER, [survey, {"data": [response], "links": {}}], policy, target="30077", cursor=page.cursor
    )

    assert calls[1].query["start_modified_at"] == "2027-02-01T00:00:00"
    assert (again[1].query["start_modified_at"], again[1].query["page"]) == ("2027-03-02T14:19:29", "1")
    assert ([one.external_id for one in page.answers], page.is_last, last.is_last) == (["90011"], False, True)


def test_where_a_whole_page_came_at_one_time_the_next_is_asked_for_by_its_number(policy: Policy) -> None:
    response, survey = replies("surveymonkey_nps")
    response["date_modified"] = "2027-02-01T00:00:00Z"
    full = {"data": [response], "links": {"next": "more"}}

    _, page = polled(surveymonkey.ADAPTER, [survey, full], policy, target="30077")
    calls, _ = polled(surveymonkey.ADAPTER, [survey, full], policy, target="30077", cursor=page.cursor)

    assert (calls[1].query["start_modified_at"], calls[1].query["page"]) == ("2027-02-01T00:00:00", "2")


def test_only_the_forms_that_the_policy_names_are_polled(policy: Policy, policy_without_sources: Policy) -> None:
    assert surveymonkey.ADAPTER.targets(policy) == ["30078"]
    assert typeform.ADAPTER.targets(policy) == ["pW3nTz8K", "several"]
    assert formbricks.ADAPTER.targets(policy_without_sources) == []


# HubSpot


def test_a_list_gives_each_submission_once(policy: Policy) -> None:
    event = {"subscriptionType": "object.creation", "objectTypeId": "0-19", "objectId": 801}

    found = hubspot.parse([event, {**event, "objectId": 802}, event], policy, NOW)

    assert found == [Fetch("801", {"submission": "801"}), Fetch("802", {"submission": "802"})]


def test_an_object_where_hubspot_sends_a_list_is_unreadable(policy: Policy) -> None:
    with pytest.raises(Unreadable, match="must be a list"):
        hubspot.parse({"objectId": 801}, policy, NOW)


def test_a_deleted_submission_is_not_asked_for(policy: Policy) -> None:
    event = {"subscriptionType": "object.deletion", "objectTypeId": "0-19", "objectId": 801}

    assert all(isinstance(one, Ignored) for one in hubspot.parse([event], policy, NOW))


def submission(**said: object) -> dict[str, Any]:
    found: dict[str, Any] = replies("hubspot_batch")[1]
    found["properties"] |= said
    return found


@pytest.mark.parametrize(("value", "band"), [("0", "low"), ("1", "neutral"), ("2", "high")])
def test_a_satisfaction_of_hubspot_goes_from_nought_to_two(value: str, band: str, policy: Policy) -> None:
    reply = submission(hs_survey_type="CSAT", hs_value=value, hs_response_group=None)

    found = answer(fetched(hubspot.ADAPTER, {"submission": "802"}, [reply], policy))

    assert found.scale.band(found.score) == band


def test_a_score_that_hubspot_counts_otherwise_is_on_another_scale_and_parked(policy: Policy) -> None:
    reply = submission(hs_survey_type="CSAT", hs_value="2", hs_response_group="DETRACTOR")  # two of five stars
    ours = with_source(policy, 'name = "hubspot"\nform = "77"\nmetric = "csat"\nscale = [1, 5]\nlow = 2\nneutral = 3')

    with pytest.raises(UnknownScale, match="counts a score among its low ones"):
        fetched(hubspot.ADAPTER, {"submission": "802"}, [reply], policy)
    assert answer(fetched(hubspot.ADAPTER, {"submission": "802"}, [reply], ours)).scale.ends == (1, 5)


def test_a_survey_of_ones_own_needs_the_policy(policy: Policy) -> None:
    reply = submission(hs_survey_type="CUSTOM", hs_value="4")

    with pytest.raises(UnknownScale, match="hubspot"):
        fetched(hubspot.ADAPTER, {"submission": "802"}, [reply], policy)


def test_without_a_score_nobody_is_asked_who_gave_it(policy: Policy) -> None:
    reply = replies("hubspot_batch")[0]
    reply["properties"]["hs_value"] = None

    assert isinstance(fetched(hubspot.ADAPTER, {"submission": "801"}, [reply], policy), Ignored)


def test_a_search_asks_for_all_its_people_at_once(policy: Policy) -> None:
    first, second, person = replies("hubspot_batch")
    found = {"results": [first, second], "paging": {"next": {"after": "2"}}}
    links = {"results": [{"from": {"id": "801"}, "to": [{"toObjectId": 5511}]}, {"from": {"id": "802"}, "to": []}]}

    calls, page = polled(hubspot.ADAPTER, [found, links, {"results": [person]}], policy)
    again, last = polled(hubspot.ADAPTER, [{"results": []}], policy, cursor=page.cursor)

    assert [one.email for one in page.answers] == ["ravi.menon@kopervliet.example", None]
    assert calls[2].post == {"properties": list(hubspot.PERSON), "inputs": [{"id": "5511"}]}
    assert began(again[0]) == datetime(2027, 3, 2, 14, 17, 4, tzinfo=UTC)
    assert (page.is_last, last.is_last) == (False, True)


def began(call: Call) -> datetime:
    assert isinstance(call.post, dict)
    return datetime.fromtimestamp(int(call.post["filterGroups"][0]["filters"][0]["value"]) / 1000, UTC)


# Qualtrics


def completed(**said: object) -> dict[str, Any]:
    return {
        "Topic": "ours.surveyengine.completedResponse.SV_inventedA",
        "MSG": {"Status": "Complete", "SurveyID": "SV_inventedA", "ResponseID": "R_1", **said},
    }


def test_another_topic_or_state_of_qualtrics_names_no_response(policy: Policy) -> None:
    other = {**completed(), "Topic": "controlpanel.activateSurvey"}

    assert isinstance(qualtrics.parse(other, policy, NOW), Ignored)
    assert isinstance(qualtrics.parse(completed(Status="Partial"), policy, NOW), Ignored)
    assert qualtrics.parse(completed(), policy, NOW) == Fetch("R_1", {"survey": "SV_inventedA", "response": "R_1"})


@pytest.mark.parametrize(
    "sent", [b"", b"MSG", b"MSG=no", b"MSG=%7B%7D&MSG=%7B%7D", b"MSG=%FF", b"\xff", b"a=1&" * 200 + b"MSG=%7B%7D"]
)
def test_a_form_that_is_not_as_it_should_be_is_unreadable(sent: bytes) -> None:
    with pytest.raises(Unreadable):
        qualtrics.read(sent)


def test_a_task_that_sends_ids_alone_has_the_rest_asked_for(policy: Policy) -> None:
    found = qualtrics.parse({"survey_id": "SV_1", "response_id": "R_1"}, policy, NOW)

    assert found == Fetch("R_1", {"survey": "SV_1", "response": "R_1"})


def test_a_task_that_does_not_say_when_is_dated_by_its_arrival(policy: Policy) -> None:
    found = answer(qualtrics.parse({"response_id": "R_1", "metric": "nps", "score": "3"}, policy, NOW))

    assert (found.submitted_at, found.is_time_known) == (NOW, False)


def test_a_preview_of_qualtrics_and_an_unfinished_response_are_no_answers(policy: Policy) -> None:
    ids = {"survey": "SV_inventedA", "response": "R_invented1"}
    [preview], [unfinished] = replies("qualtrics_nps"), replies("qualtrics_nps")
    preview["result"]["values"]["status"] = 1
    unfinished["result"]["values"]["finished"] = 0

    assert isinstance(fetched(qualtrics.ADAPTER, ids, [preview], policy), Ignored)
    assert isinstance(fetched(qualtrics.ADAPTER, ids, [unfinished], policy), Ignored)


def test_without_an_nps_the_policy_has_to_name_the_question(policy: Policy) -> None:
    ids = {"survey": "SV_inventedA", "response": "R_invented1"}
    [reply] = replies("qualtrics_nps")
    del reply["result"]["values"]["QID12_NPS_GROUP"]

    with pytest.raises(UnknownScale, match="SV_inventedA"):
        fetched(qualtrics.ADAPTER, ids, [reply], policy)


# Jotform


def multipart(fields: dict[str, str], *, boundary: str = "--b7") -> bytes:
    parts = (
        f'{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    return ("".join(parts) + f"{boundary}--\r\n").encode()


def test_a_multipart_form_is_read_by_the_boundary_in_it() -> None:
    fields = {"a": "", "b": "two\r\nlines", "c": "a --b7 in the middle of a line is none"}

    assert jotform.multipart_fields(multipart(fields)) == fields


def test_a_file_in_a_form_is_passed_over() -> None:
    file = b'--b7\r\nContent-Disposition: form-data; name="f"; filename="x.png"\r\n\r\n\xff\xfe\r\n'

    assert jotform.multipart_fields(file + multipart({"a": "1"})) == {"a": "1"}


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{}",
        b"--b7\r\n",
        multipart({"a": "1"})[:-4],
        multipart({"a": "1"}).replace(b"\r\n", b"\n"),
        multipart({"a": "1"})[:-8] + multipart({"a": "2"}),
        multipart({"a": "1"}).replace(b"1", b"\xff"),
        multipart({"a": "1"}, boundary="--" + "b" * 80),
        multipart({"a": "1\r\n--b7 begins a line"}),
        multipart({f"a{n}": "1" for n in range(200)}),
    ],
)
def test_half_a_form_and_what_is_no_form_are_unreadable(sent: bytes) -> None:
    with pytest.raises(Unreadable):
        jotform.multipart_fields(sent)


def test_a_question_that_a_form_of_jotform_does_not_have_is_said_and_an_empty_one_is_no_answer(policy: Policy) -> None:
    ours = with_source(policy, 'name = "jotform"\nform = "27001"\nmetric = "nps"\nscore_field = "q4_howWas"')
    sent = {"formID": "27001", "submissionID": "60800", "rawRequest": {"q4_howWas": ""}}

    assert isinstance(jotform.parse(sent, ours, NOW), Ignored)
    with pytest.raises(Unreadable, match="no question “q4_howWas”"):
        jotform.parse({**sent, "rawRequest": {"q5_howWas": "3"}}, ours, NOW)
    with pytest.raises(UnknownScale, match="27001"):
        jotform.parse(sent, policy, NOW)


def test_jotform_does_not_say_when(policy: Policy) -> None:
    ours = with_source(policy, 'name = "jotform"\nform = "27001"\nmetric = "nps"\nscore_field = "q4"')
    sent = {"formID": "27001", "submissionID": "60800", "rawRequest": {"q4": "3"}}

    found = answer(jotform.parse(sent, ours, NOW))

    assert (found.submitted_at, found.is_time_known) == (NOW, False)


# The others


@pytest.mark.parametrize(
    ("adapter", "first", "second"),
    [
        (asknicely.ADAPTER, "asknicely_score", "asknicely_changed"),
        (delighted.ADAPTER, "delighted_smileys", "delighted_comment"),
    ],
)
def test_a_score_and_the_comment_after_it_are_one_response(
    adapter: Adapter, first: str, second: str, policy: Policy
) -> None:
    before, after = (answer(adapter.parse(body(name), policy, NOW)) for name in (first, second))

    assert before.external_id == after.external_id
    assert before.comment == ""
    assert after.comment


def test_what_asknicely_sends_and_what_it_lists_are_one_response(policy: Policy) -> None:
    _, page = polled(asknicely.ADAPTER, [body("asknicely_page")], policy)

    sent = answer(asknicely.parse(body("asknicely_changed"), policy, NOW))

    assert [(one.external_id, one.score) for one in page.answers] == [(sent.external_id, sent.score)]
    assert page.is_last


def test_asknicely_is_asked_for_the_next_page_while_it_says_that_there_is_one(policy: Policy) -> None:
    reply = body("asknicely_page") | {"totalpages": "2"}

    _, page = polled(asknicely.ADAPTER, [reply], policy)
    calls, _ = polled(asknicely.ADAPTER, [reply], policy, cursor=page.cursor)

    begin = int((NOW - timedelta(seconds=61)).timestamp())
    assert not page.is_last
    assert calls[0].path == f"/api/v1/responses/asc/500/1/{begin}/json/answered/responded"


def test_a_template_that_the_policy_does_not_know_is_parked(policy: Policy) -> None:
    found = body("asknicely_score")
    found["question"]["survey_template"] = "After support"

    with pytest.raises(UnknownScale, match="After support"):
        asknicely.parse(found, policy, NOW)


@pytest.mark.parametrize("kind", ["ces", "pmf", ""])
def test_a_survey_of_delighted_that_may_have_two_scales_is_parked(kind: str, policy: Policy) -> None:
    found = body("delighted_smileys")
    found["event_data"]["survey_type"] = kind

    with pytest.raises(UnknownScale, match="delighted"):
        delighted.parse(found, policy, NOW)


def test_a_list_of_delighted_may_name_people_by_their_id_alone(policy: Policy) -> None:
    row = body("delighted_smileys")["event_data"] | {"person": "44"}

    [found] = delighted.parse_reply([row], policy, NOW)

    assert answer(found).customer_id == "44"


def test_retently_is_asked_page_by_page(policy: Policy) -> None:
    reply = body("retently_page")
    reply["data"] |= {"limit": 1, "total": 2}

    first, page = polled(retently.ADAPTER, [reply], policy)
    reply["data"]["page"] = 2
    second, last = polled(retently.ADAPTER, [reply], policy, cursor=page.cursor)

    assert [call.query["page"] for call in (*first, *second)] == ["1", "2"]
    assert {call.query["startDate"] for call in (*first, *second)} == {"2027-02-01T00:00:00Z"}
    assert (page.is_last, last.is_last) == (False, True)


def test_an_unknown_measure_of_retently_is_parked(policy: Policy) -> None:
    with pytest.raises(UnknownScale, match="66cc03"):
        retently.parse(body("retently_ces") | {"metricsType": "stars"}, policy, NOW)


def test_a_survey_of_satismeter_without_a_rating_needs_the_policy(policy_without_sources: Policy) -> None:
    with pytest.raises(UnknownScale, match="64dd03"):
        satismeter.parse(body("satismeter_answer"), policy_without_sources, NOW)


def test_the_id_of_a_choice_is_a_score_for_an_nps_alone(policy: Policy) -> None:
    found = body("survicate_nps")
    found["event"]["questionAnswered"] |= {"type": "smiley_scale", "choice": {"id": 3, "body": "2", "comment": None}}
    ours = with_source(policy, 'name = "survicate"\nform = "ab12"\nmetric = "csat"\nscale = [1, 5]\nscore_field = "31"')

    with pytest.raises(UnknownScale, match="ab12"):
        survicate.parse(found, policy, NOW)
    assert answer(survicate.parse(found, ours, NOW)).score == 2


def test_another_question_of_survicate_than_the_one_that_the_policy_names_is_ignored(policy: Policy) -> None:
    ours = with_source(policy, 'name = "survicate"\nform = "ab12"\nmetric = "nps"\nscore_field = "99"')

    assert isinstance(survicate.parse(body("survicate_nps"), ours, NOW), Ignored)


def test_an_nps_of_survicate_is_known_by_its_word_where_the_type_is_not_sent(policy: Policy) -> None:
    found = body("survicate_nps")
    del found["event"]["questionAnswered"]["type"]

    assert answer(survicate.parse(found, policy, NOW)).scale.metric == "nps"


def test_a_satisfaction_of_surveysparrow_needs_the_policy(policy: Policy) -> None:
    found = body("surveysparrow_nps")
    found["data"]["answers"]["11"] |= {"question_type": "CSATScore", "answer": 2}
    ours = with_source(policy, 'name = "surveysparrow"\nform = "9001"\nmetric = "csat"\nscale = [1, 5]')

    with pytest.raises(UnknownScale, match="9001"):
        surveysparrow.parse(found, policy, NOW)
    assert answer(surveysparrow.parse(found, ours, NOW)).scale.ends == (1, 5)


def test_a_skipped_or_unfinished_submission_of_surveysparrow_is_no_answer(policy: Policy) -> None:
    skipped, partial = body("surveysparrow_nps"), body("surveysparrow_nps")
    skipped["data"]["answers"]["11"]["skipped"] = True
    partial["data"]["state"] = "PARTIALLY_COMPLETED"

    assert isinstance(surveysparrow.parse(skipped, policy, NOW), Ignored)
    assert isinstance(surveysparrow.parse(partial, policy, NOW), Ignored)


def test_a_time_of_questionpro_in_a_zone_that_is_only_a_word_is_not_known(policy: Policy) -> None:
    found = body("questionpro_csat") | {"timestamp": "2 Mar, 2027 12:05:09 AM PST"}

    read = answer(questionpro.parse(found, policy, NOW))

    assert (read.submitted_at, read.is_time_known) == (NOW, False)


@pytest.mark.parametrize(
    ("said", "hour"),
    [("2 Mar, 2027 12:05:09 AM UTC", 0), ("2 Mar, 2027 01:05:09 PM GMT", 13), ("2027-03-02T05:05:09", 5)],
)
def test_the_halves_of_a_day_of_questionpro(said: str, hour: int, policy: Policy) -> None:
    read = answer(questionpro.parse(body("questionpro_csat") | {"timestamp": said}, policy, NOW))

    assert read.submitted_at == datetime(2027, 3, 2, hour, 5, 9, tzinfo=UTC)


def test_the_wording_of_an_answer_of_questionpro_is_no_score(policy: Policy) -> None:
    found = body("questionpro_csat")
    found["responseSet"][0]["answerValues"][0]["value"]["scale"] = ""

    with pytest.raises(Unreadable, match=r"value\.scale must be a number"):
        questionpro.parse(found, policy, NOW)


# Polls of Typeform and Formbricks


def test_typeform_is_polled_oldest_first_and_as_it_sends(policy: Policy) -> None:
    sent = body("typeform_opinion_scale")["form_response"]
    row = {key: sent[key] for key in ("token", "submitted_at", "answers", "hidden") if key in sent}
    unanswered = {"token": "other", "submitted_at": sent["submitted_at"], "answers": None}

    calls, page = polled(
        typeform.ADAPTER, [{"total_items": 2, "items": [row, unanswered, 7]}], policy, target="pW3nTz8K"
    )

    assert calls == [
        Call(
            "/forms/pW3nTz8K/responses",
            {"since": "2027-02-01T00:00:00Z", "sort": "submitted_at,asc", "page_size": "1000"},
        )
    ]
    assert page.answers == [answer(typeform.parse(body("typeform_opinion_scale"), policy, NOW))]
    assert (page.is_last, len(page.refused)) == (True, 1)


def test_formbricks_is_polled_back_to_what_is_known(policy: Policy) -> None:
    new = body("formbricks_finished")["data"]
    old = {**new, "id": "cm9old", "createdAt": "2027-01-31T23:00:00Z", "updatedAt": "2027-01-31T23:00:00Z"}

    first, page = polled(formbricks.ADAPTER, [{"data": [new] * formbricks.PAGE}], policy, target="s1")
    second, last = polled(formbricks.ADAPTER, [{"data": [new, *[old] * 99]}], policy, target="s1", cursor=page.cursor)

    assert [call.query["skip"] for call in (*first, *second)] == ["0", "100"]
    assert (page.is_last, last.is_last) == (False, True)
    assert [one.external_id for one in last.answers] == [new["id"]]
