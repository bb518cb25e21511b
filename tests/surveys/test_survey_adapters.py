"""What each adapter does where a survey tool leaves room for doubt."""

from copy import deepcopy
from typing import Any

import pytest
from survey_samples import NOW, sample

from bot.surveys import ADAPTERS, formbricks, generic, intercom, typeform
from bot.surveys.request import Ignored, Unreadable
from workflows.answers import Answer
from workflows.policy import Policy
from workflows.scales import UnknownScale


def body(name: str) -> dict[str, Any]:
    return deepcopy(sample(name)["body"])


def answer(found: Answer | Ignored) -> Answer:
    assert isinstance(found, Answer), found
    return found


def test_every_adapter_stands_under_its_own_name() -> None:
    assert {name: adapter.name for name, adapter in ADAPTERS.items()} == {name: name for name in ADAPTERS}


def test_the_generic_source_never_guesses_a_scale_that_is_not_the_metrics_own(policy: Policy) -> None:
    found = body("generic_csat")
    found["data"]["scale"] = {"min": 1, "max": 10}

    with pytest.raises(UnknownScale, match="generic"):
        generic.parse(found, policy, NOW)


def test_the_policy_gives_a_form_of_the_generic_source_its_scale(policy: Policy) -> None:
    found = body("generic_csat")
    found["data"] |= {"scale": {"min": 1, "max": 10}, "form": "stars", "score": 5}

    read = answer(generic.parse(found, policy, NOW))

    assert read.scale.ends == (1, 10)
    assert read.scale.band(5) == "neutral"


def test_a_score_beyond_its_scale_is_unreadable(policy: Policy) -> None:
    found = body("generic_nps")
    found["data"]["score"] = 11

    with pytest.raises(Unreadable, match="0 to 10"):
        generic.parse(found, policy, NOW)


def test_a_missing_time_of_the_answer_is_taken_from_the_event(policy: Policy) -> None:
    found = body("generic_nps")
    del found["data"]["submitted_at"]

    assert answer(generic.parse(found, policy, NOW)).submitted_at.isoformat() == "2027-03-02T14:20:05+00:00"


def test_another_event_of_the_generic_source_is_ignored_and_none_is_unreadable(policy: Policy) -> None:
    other, without = body("generic_nps"), body("generic_nps")
    other["type"] = "ping"
    del without["type"]

    assert isinstance(generic.parse(other, policy, NOW), Ignored)
    with pytest.raises(Unreadable, match="type is missing"):
        generic.parse(without, policy, NOW)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("data",), None, "data must be an object, not nothing"),
        (("data", "id"), "", "data.id is missing"),
        (("data", "score"), True, "data.score must be a number, not true or false"),
        (("data", "score"), None, "data.score is missing"),
        (("data", "metric"), "smiles", "data.metric must be one of nps, csat, ces"),
        (("data", "customer"), [], "data.customer must be an object, not a list"),
        (("data", "customer", "name"), {}, "data.customer.name must be text, not an object"),
        (("data", "scale"), {"min": 10, "max": 0}, "data.scale.min must be smaller"),
        (("data", "scale"), {"min": 0}, "data.scale.max is missing"),
        (("data", "submitted_at"), "yesterday", "data.submitted_at must be a time"),
        (("data", "submitted_at"), "1999-12-31T23:59:59Z", "between the years 2000 and 2100"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    path: tuple[str, ...], value: object, reason: str, policy: Policy
) -> None:
    found = body("generic_nps")
    target = found
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value

    with pytest.raises(Unreadable) as caught:
        generic.parse(found, policy, NOW)

    assert reason in caught.value.reason


def test_a_typeform_scale_that_the_policy_does_not_know_is_parked(policy_without_sources: Policy) -> None:
    with pytest.raises(UnknownScale, match="pW3nTz8K"):
        typeform.parse(body("typeform_opinion_scale"), policy_without_sources, NOW)


def test_two_nps_questions_are_too_many_to_choose_from(policy: Policy) -> None:
    found = body("typeform_nps")
    fields = found["form_response"]["definition"]["fields"]
    fields.append({**fields[0], "id": "Zz", "ref": "recommend_again"})

    with pytest.raises(Unreadable, match="score_field"):
        typeform.parse(found, policy, NOW)


def test_an_nps_question_stands_out_among_ratings_when_the_policy_is_silent(policy: Policy) -> None:
    found = body("typeform_nps")
    found["form_response"]["definition"]["fields"].append({"id": "Zz", "ref": "stars", "type": "rating"})

    assert answer(typeform.parse(found, policy, NOW)).scale.metric == "nps"


def test_a_form_with_one_rating_needs_no_score_field(policy: Policy) -> None:
    found = body("typeform_opinion_scale")
    found["form_response"]["form_id"] = "several"

    assert answer(typeform.parse(found, policy, NOW)).scale.ends == (1, 5)


def test_a_score_field_that_the_form_does_not_have_is_said(policy: Policy) -> None:
    found = body("typeform_opinion_scale")
    found["form_response"]["definition"]["fields"][0]["ref"] = "renamed"

    with pytest.raises(Unreadable, match="no question “recommend”"):
        typeform.parse(found, policy, NOW)


def test_a_form_whose_score_was_skipped_holds_no_answer(policy: Policy) -> None:
    found = body("typeform_opinion_scale")
    del found["form_response"]["answers"][0]

    assert isinstance(typeform.parse(found, policy, NOW), Ignored)


def test_a_hidden_value_that_is_no_number_does_not_cost_the_answer(policy: Policy) -> None:
    found = body("typeform_nps")
    found["form_response"]["hidden"]["account_value"] = "a lot"

    assert answer(typeform.parse(found, policy, NOW)).account_value is None


def test_a_rating_is_never_put_down_to_the_colleague_who_opened_the_conversation(policy: Policy) -> None:
    found = body("intercom_rating")
    found["data"]["item"]["source"]["author"] = {"type": "admin", "email": "agent@ours.example"}

    read = answer(intercom.parse(found, policy, NOW))

    assert read.email is None
    assert read.customer_id == "shop-118"


def test_a_rating_by_another_contact_than_the_author_does_not_take_the_authors_address(policy: Policy) -> None:
    found = body("intercom_rating")
    found["data"]["item"]["conversation_rating"]["contact"] = {"type": "contact", "id": "other", "external_id": None}

    read = answer(intercom.parse(found, policy, NOW))

    assert read.email is None
    assert read.customer_id == "other"


def test_a_rating_that_was_only_asked_for_is_ignored(policy: Policy) -> None:
    found = body("intercom_rating")
    found["data"]["item"]["conversation_rating"]["rating"] = None

    assert isinstance(intercom.parse(found, policy, NOW), Ignored)


def test_a_remark_that_comes_later_belongs_to_the_same_response(policy: Policy) -> None:
    first, second = body("intercom_rating"), body("intercom_rating")
    first["data"]["item"]["conversation_rating"]["remark"] = None

    before, after = answer(intercom.parse(first, policy, NOW)), answer(intercom.parse(second, policy, NOW))

    assert before.external_id == after.external_id
    assert (before.comment, after.comment) == ("", "Sent round in circles.")


def test_a_formbricks_survey_without_an_entry_is_parked(policy_without_sources: Policy) -> None:
    with pytest.raises(UnknownScale, match="cm9surv1111invented"):
        formbricks.parse(body("formbricks_finished"), policy_without_sources, NOW)


def test_the_parts_of_a_formbricks_response_are_one_response(policy: Policy) -> None:
    part = answer(formbricks.parse(body("formbricks_created"), policy, NOW))
    whole = answer(formbricks.parse(body("formbricks_finished"), policy, NOW))

    assert (part.source, part.external_id) == (whole.source, whole.external_id)
    assert part.comment == ""
    assert whole.comment == "Parcel lost again."
