"""`sources try`: what is printed of a saved request, without a database, the environment or a network."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from survey_samples import ADDRESS, NOW, SECRETS, raw, sample, signed

from bot.cli import main
from bot.surveys.request import Call
from bot.surveys.saved import Reply, SavedProblem, reply_to, saved

Try = Callable[..., dict[str, Any]]


@pytest.fixture
def try_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Try:
    """Give what tries a saved request, in an empty folder with an empty environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "SLACK_BOT_TOKEN", "POLICY"):
        monkeypatch.delenv(name, raising=False)

    def run(source: str, **found: object) -> dict[str, Any]:
        file = tmp_path / "saved.json"
        file.write_text(json.dumps(found), encoding="utf-8")
        assert main(["sources", "try", source, str(file)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["saved.json"]
        printed: dict[str, Any] = json.loads(lines[0])
        return printed

    return run


def whole(source: str, body: bytes) -> dict[str, Any]:
    """Save a request as this tool signs it."""
    request = signed(source, body)
    return {
        "headers": dict(request.headers),
        "raw_body": request.body.decode(),
        "request": {"method": "POST", "url": request.url},
        "secret": SECRETS[source],
        "now": int(NOW.timestamp()),
    }


GENERIC = {
    "type": "feedback.received",
    "timestamp": "2027-03-02T15:20:05+01:00",
    "data": {"id": "r1", "metric": "nps", "score": 3.0, "comment": "", "customer": {"email": "Ada@acme.example"}},
}


def test_an_answer_is_printed_as_the_tool_spelt_its_time(try_it: Try) -> None:
    assert try_it("generic", **whole("generic", raw(GENERIC))) == {
        "verified": True,
        "responses": [
            {
                "metric": "nps",
                "score": 3,
                "scale": [0, 10],
                "comment": "",
                "customer_email": "ada@acme.example",
                "external_id": "r1",
                "submitted_at": "2027-03-02T15:20:05+01:00",
                "touchpoint": None,
            }
        ],
    }


def test_half_a_point_stays_half_a_point_and_no_comment_is_null(try_it: Try) -> None:
    data = {**GENERIC["data"], "score": 3.5, "comment": None}  # type: ignore[dict-item] # it is an object

    [read] = try_it("generic", **whole("generic", raw({**GENERIC, "data": data})))["responses"]

    assert (read["score"], read["comment"]) == (3.5, None)


@pytest.mark.parametrize("change", [{"secret": "whsec_" + "A" * 32}, {"now": 1}, {"raw_body": "{}"}, {"headers": {}}])
def test_a_wrong_signature_is_said_and_nothing_is_read(try_it: Try, change: dict[str, Any]) -> None:
    found = whole("generic", raw(GENERIC)) | change

    assert try_it("generic", **found) == {"verified": False, "responses": []}


@pytest.mark.parametrize("now", [None, "", NOW.isoformat(), str(int(NOW.timestamp()))])
@pytest.mark.parametrize("source", ["generic", "zendesk", "hubspot", "chatwoot"])
def test_without_a_time_that_of_the_signature_is_right(try_it: Try, source: str, now: str | None) -> None:
    found = whole(source, raw([] if source == "hubspot" else {})) | {"now": now}

    assert try_it(source, **found)["verified"] is True


def test_nothing_is_asked_of_a_request_that_was_saved_without_a_secret(try_it: Try) -> None:
    assert try_it("generic", headers={}, body=GENERIC)["verified"] is True


@pytest.mark.parametrize("url", ["jotform?key=jotform-secret", "jotform/jotform-secret"])
def test_the_secret_may_stand_in_the_saved_address(try_it: Try, url: str) -> None:
    found = {"headers": {}, "raw_body": "", "secret": "jotform-secret (in URL)", "request": {"url": ADDRESS + url}}

    assert try_it("jotform", **found)["verified"] is True
    assert try_it("jotform", **found | {"secret": "another"}) == {"verified": False, "responses": []}


def test_a_test_is_ignored(try_it: Try) -> None:
    found = whole("intercom", raw(sample("intercom_ping")["body"]))

    assert try_it("intercom", **found) == {"verified": True, "action": "ignore"}


def test_what_can_not_be_read_is_said_with_the_reason(try_it: Try) -> None:
    said = try_it("typeform", **whole("typeform", raw(sample("typeform_opinion_scale")["body"])))

    assert said["verified"] is True
    assert "[[source]]" in said["parked"]
    assert set(said) == {"verified", "parked"}


def test_the_form_is_set_up_as_the_file_says(try_it: Try) -> None:
    found = whole("typeform", raw(sample("typeform_opinion_scale")["body"]))

    [read] = try_it("typeform", **found, config={"score_field_ref": "recommend", "scale": [1, 7]})["responses"]

    assert (read["metric"], read["scale"]) == ("ces", [1, 7])


def test_a_fetch_is_answered_with_the_saved_replies_and_a_contact_that_was_not_saved_is_nobody(try_it: Try) -> None:
    event = {"subscriptionType": "object.creation", "objectTypeId": "0-19", "objectId": 71}
    properties = {
        "hs_survey_type": "CSAT",
        "hs_value": "0",
        "hs_survey_id": "5",
        "hs_submission_timestamp": "2027-03-02T14:00:00.500Z",
    }
    reply = {"id": "71", "properties": properties, "associations": {"contacts": {"results": [{"id": "9"}]}}}
    path = "https://api.hubapi.com/crm/v3/objects/feedback_submissions/71?properties=hs_value&archived=false (any key)"

    said = try_it(
        "hubspot", **whole("hubspot", raw([event])), api_fetch=[{"request": f"GET {path}", "response": reply}]
    )

    [read] = said["responses"]
    assert (read["metric"], read["score"], read["scale"]) == ("csat", 0, [0, 2])
    assert (read["submitted_at"], read["customer_email"]) == ("2027-03-02T14:00:00.500Z", None)


def test_a_response_whose_reply_was_not_saved_is_parked(try_it: Try) -> None:
    event = {"subscriptionType": "object.creation", "objectTypeId": "0-19", "objectId": 71}

    assert "parked" in try_it("hubspot", **whole("hubspot", raw([event])))


def test_of_several_replies_for_one_path_the_parameters_decide_and_then_the_order() -> None:
    replies = [
        Reply("/v3/things", {"page": "1"}, "first"),
        Reply("/v3/things", {"page": "2"}, "second"),
        Reply("/v3/things/{id}/parts", {}, "parts"),
        Reply("/v3/others", {}, "once"),
        Reply("/v3/others", {}, "twice"),
    ]
    used = set[int]()

    assert reply_to(Call("/v3/things", {"page": "2"}), replies, used) == "second"
    assert reply_to(Call("/things", {"page": "1", "more": "x"}), replies, used) == "first"
    assert reply_to(Call("/v3/things/7/parts"), replies, used) == "parts"
    assert [reply_to(Call("/v3/others"), replies, used) for _ in range(2)] == ["once", "twice"]
    assert reply_to(Call("/v3/other"), replies, used) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"request": 5}',
        '{"request": {"url": "http://[x"}, "body": {}}',
        "{}",
        '{"body": {}, "now": 1e300}',
        '{"body": {}, "now": []}',
        '{"body": {}, "config": {"scale": [5, 1]}}',
        '{"body": {}, "config": {"metric": "smiles"}}',
        '{"body": {}, "api_fetch": [{}]}',
        '{"body": {}, "api_fetch": ["GET /"]}',
        '{"body": {}, "headers": ["a"]}',
    ],
)
def test_a_file_in_another_shape_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SavedProblem, match=r"\.$|can't be used"):
        saved(text, "generic")


def test_an_unknown_source_and_a_missing_file_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "try", "nosuch", "none.json"]) == 1
    assert "It knows generic" in capsys.readouterr().err
    assert main(["sources", "try", "google-forms", "none.json"]) == 1
    assert "none.json can't be read" in capsys.readouterr().err


def test_a_saved_request_keeps_its_bytes() -> None:
    given = saved(json.dumps({"raw_body": "a\r\n\u00e9", "headers": {"X-A": "b"}}), "generic")

    assert given.request == replace(given.request, headers={"x-a": "b"}, body="a\r\n\u00e9".encode())
