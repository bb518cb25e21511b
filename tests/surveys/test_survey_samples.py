"""What each survey tool really sends, signed and read."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from survey_samples import FOLDER, NAMES, NOW, SECRETS, WHOLE, raw, sample, signed, source_of

from bot.cli import main
from bot.surveys import ADAPTERS
from bot.surveys.fields import json_body
from bot.surveys.request import Ignored, Request
from bot.surveys.saved import saved
from bot.surveys.shown import shows
from bot.surveys.trying import tried
from bot.surveys.verify import SHOW_THE_SECRET
from workflows.answers import Answer
from workflows.policy import Policy

SIGNED = [name for name in NAMES if source_of(name) not in SHOW_THE_SECRET]


def expected(found: dict[str, Any]) -> dict[str, Any]:
    wanted = dict(found)
    if "submitted_at" in wanted:
        wanted["submitted_at"] = datetime.fromisoformat(wanted["submitted_at"])
    if "ends" in wanted:
        wanted["ends"] = tuple(wanted["ends"])
    return wanted


def said(answer: Answer, names: list[str]) -> dict[str, Any]:
    special = {"metric": answer.scale.metric, "ends": answer.scale.ends}
    return {name: special[name] if name in special else getattr(answer, name) for name in names}


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_verified_and_read_as_it_was_meant(name: str, policy: Policy) -> None:
    found = sample(name)
    wanted = expected(found["expect"])
    adapter = ADAPTERS[source_of(name)]
    request = signed(adapter.name, raw(found["body"]))

    is_signed = adapter.verify(request, SECRETS[adapter.name], NOW)
    answer = adapter.parse((adapter.read or json_body)(request.body), policy, NOW)

    assert is_signed
    if wanted.pop("ignored", False):
        assert isinstance(answer, Ignored)
    else:
        assert isinstance(answer, Answer)
        assert said(answer, list(wanted)) == wanted


def said_of(name: str) -> dict[str, Any]:
    """Give what `sources try` is to print: the sample's `expect` is one response, or a list of all of them."""
    found = sample(name)
    if "action" in found:
        return {"verified": True, "action": "ignore"}
    wanted = found["expect"]
    return {"verified": True, "responses": wanted if isinstance(wanted, list) else [wanted]}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_request_is_read_as_it_was_meant(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["sources", "try", source_of(name), str(FOLDER / f"{name}.json")])

    assert status == 0
    assert json.loads(capsys.readouterr().out) == said_of(name)


@pytest.mark.parametrize("name", [name for name in WHOLE if sample(name).get("secret")])
def test_a_whole_request_is_refused_with_another_secret_or_body(name: str) -> None:
    adapter, text = ADAPTERS[source_of(name)], json.dumps(sample(name))
    given = saved(text, adapter.name)
    refused = {"verified": False, "responses": []}

    other_secret = tried(adapter, replace(given, secret=f"{given.secret}x"), at=NOW)
    other_body = tried(adapter, replace(given, request=one_byte_changed(given.request)), at=NOW)

    assert other_secret == refused
    assert (other_body == refused) is not shows(given.request, given.secret or "")


def one_byte_changed(request: Request) -> Request:
    """Change a byte at the end, where a body that is a form has its signature, or its signed field."""
    at = len(request.body) - 5
    return replace(request, body=request.body[:at] + bytes([request.body[at] ^ 1]) + request.body[at + 1 :])


@pytest.mark.parametrize("name", SIGNED)
def test_a_sample_with_one_changed_byte_is_not_signed(name: str) -> None:
    adapter = ADAPTERS[source_of(name)]
    request = signed(adapter.name, raw(sample(name)["body"]))

    forged = Request(request.headers, request.body.replace(b"0", b"1", 1) + b" ")

    assert not adapter.verify(forged, SECRETS[adapter.name], NOW)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_signed_with_another_secret_is_not_signed(name: str) -> None:
    adapter = ADAPTERS[source_of(name)]
    request = signed(adapter.name, raw(sample(name)["body"]))

    assert not adapter.verify(request, "whsec_AAAA" + SECRETS[adapter.name][10:], NOW)
    assert not adapter.verify(request, "", NOW)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_standard_webhook_is_good_for_five_minutes_both_ways(minutes: int) -> None:
    request = signed("generic", b"{}", at=NOW)
    verify, secret = ADAPTERS["generic"].verify, SECRETS["generic"]

    at_the_edge = verify(request, secret, NOW + timedelta(minutes=minutes))
    beyond = verify(request, secret, NOW + timedelta(minutes=minutes, seconds=minutes / 5))

    assert at_the_edge
    assert not beyond


def test_any_one_of_several_signatures_may_match_so_that_keys_can_be_rotated() -> None:
    request = signed("generic", b"{}")
    true = request.headers["webhook-signature"]
    other = "v1," + "A" * 43 + "="

    several = Request({**request.headers, "webhook-signature": f"{other} v1a,zzz {true} v2,{other}"}, request.body)
    wrong = Request({**request.headers, "webhook-signature": f"{other} {true.replace('v1,', 'v2,')}"}, request.body)

    assert ADAPTERS["generic"].verify(several, SECRETS["generic"], NOW)
    assert not ADAPTERS["generic"].verify(wrong, SECRETS["generic"], NOW)


def test_the_older_svix_headers_are_taken_too() -> None:
    request = signed("generic", b"{}", family="svix")

    assert ADAPTERS["generic"].verify(request, SECRETS["generic"], NOW)


def test_a_secret_may_stand_without_its_prefix_and_its_padding() -> None:
    request = signed("generic", b"{}")

    assert ADAPTERS["generic"].verify(request, SECRETS["generic"].removeprefix("whsec_").rstrip("="), NOW)


def test_the_id_of_a_standard_webhook_is_signed_as_well() -> None:
    request = signed("generic", b"{}")

    replayed = Request({**request.headers, "webhook-id": "msg_2"}, request.body)

    assert not ADAPTERS["generic"].verify(replayed, SECRETS["generic"], NOW)
