"""Whose requests are taken: each survey tool's own signature, or the secret itself, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from survey_samples import ADDRESS, NOW, SECRETS, SIGNERS, signed

from bot.surveys import ADAPTERS
from bot.surveys.request import Request
from bot.surveys.shown import shown_in_address
from bot.surveys.verify import SCHEMES, SHOW_THE_SECRET, is_usable_secret, signed_at, verifier

BODY = '{"score":"4","comment":"Späti 10 km"}'.encode()
SIGNING = sorted(source for source, schemes in SCHEMES.items() if schemes)
STAMPED = sorted(source for source, schemes in SCHEMES.items() if any(scheme.stamp for scheme in schemes))
SHOWING = sorted(SHOW_THE_SECRET)
ZENDESK_TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="


@pytest.mark.parametrize("source", sorted(SCHEMES))
def test_what_is_signed_as_the_tool_signs_is_taken(source: str) -> None:
    assert verifier(source)(signed(source, BODY), SECRETS[source], NOW)


@pytest.mark.parametrize("source", sorted(SCHEMES))
def test_another_secret_does_not_fit(source: str) -> None:
    request, check = signed(source, BODY), verifier(source)

    for wrong in (SECRETS[source] + "x", SECRETS[source][:-2], SECRETS[source].upper(), "", " ", "\ud800"):
        assert not check(request, wrong, NOW), wrong


@pytest.mark.parametrize("source", SIGNING)
def test_one_changed_byte_is_enough(source: str) -> None:
    request = signed(source, BODY)

    for at in range(len(request.body)):
        changed = request.body[:at] + bytes([request.body[at] ^ 1]) + request.body[at + 1 :]
        if source == "qualtrics" and b"MSG=" not in changed[: at + 4]:
            continue  # the topic before it isn't signed
        assert not verifier(source)(replace(request, body=changed), SECRETS[source], NOW), at


@pytest.mark.parametrize("source", STAMPED)
@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_signed_time_is_good_for_five_minutes_both_ways(source: str, minutes: int) -> None:
    request, check = signed(source, BODY), verifier(source)

    assert check(request, SECRETS[source], NOW + timedelta(minutes=minutes))
    assert not check(request, SECRETS[source], NOW + timedelta(minutes=minutes, seconds=minutes / 5))


@pytest.mark.parametrize("source", STAMPED)
def test_the_time_itself_is_signed(source: str) -> None:
    request, later = signed(source, BODY), signed(source, BODY, at=NOW + timedelta(seconds=1))
    [stamp] = {scheme.stamp for scheme in SCHEMES[source] if scheme.stamp in request.headers}

    moved = replace(request, headers={**request.headers, stamp: later.headers[stamp]})

    assert signed_at(source, request) == NOW
    assert not verifier(source)(moved, SECRETS[source], NOW)


@pytest.mark.parametrize("source", SHOWING)
@pytest.mark.parametrize("name", ["x-hearback-token", "x-pulse-token", "x-webhook-token", "authorization"])
def test_the_secret_may_stand_in_a_header_of_tools_that_sign_nothing(source: str, name: str) -> None:
    secret = SECRETS[source]
    shown = f"bearer {secret}" if name == "authorization" else secret

    assert verifier(source)(Request({name: shown}, BODY), secret, NOW)
    assert not verifier(source)(Request({name: shown + "x"}, BODY), secret, NOW)


@pytest.mark.parametrize("source", SHOWING)
def test_the_secret_may_stand_in_the_address_of_tools_that_sign_nothing(source: str) -> None:
    assert verifier(source)(Request({}, BODY, token=SECRETS[source]), SECRETS[source], NOW)
    assert not verifier(source)(Request({}, BODY, token=SECRETS[source][:-1]), SECRETS[source], NOW)


@pytest.mark.parametrize("source", sorted(set(SCHEMES) - SHOW_THE_SECRET))
def test_a_tool_that_signs_has_to_sign(source: str) -> None:
    secret = SECRETS[source]
    headers = {"x-hearback-token": secret, "authorization": f"Bearer {secret}"}

    assert not verifier(source)(Request(headers, BODY, token=secret), secret, NOW)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (b"key=abc", "abc"),
        (b"a=b&token=abc", "abc"),
        (b"key=&token=abc", "abc"),
        (b"", ""),
        (b"key=%FF", "\ufffd"),
        (b"key=\xff", ""),
        (b"&".join([b"a=b"] * 99), ""),
    ],
)
def test_the_secret_is_found_behind_the_question_mark(query: bytes, found: str) -> None:
    assert shown_in_address(query) == found


def test_hubspots_first_signature_is_not_enough() -> None:
    request = signed("hubspot", BODY)
    without = {name: value for name, value in request.headers.items() if not name.endswith("-v3")}

    assert not verifier("hubspot")(replace(request, headers=without), SECRETS["hubspot"], NOW)


def test_hubspot_signs_the_method_and_the_address() -> None:
    request, check = signed("hubspot", BODY), verifier("hubspot")

    assert not check(replace(request, method="PUT"), SECRETS["hubspot"], NOW)
    assert not check(replace(request, url=request.url + "?a=b"), SECRETS["hubspot"], NOW)


def test_hubspot_signs_an_address_with_some_characters_written_out() -> None:
    request = signed("hubspot", BODY)
    escaped = ADDRESS.replace("/webhooks", "%2Fwebhooks").replace("https:", "https%3a") + "hubspot"

    assert verifier("hubspot")(replace(request, url=escaped), SECRETS["hubspot"], NOW)


def test_a_signed_field_that_comes_twice_is_refused() -> None:
    request = signed("qualtrics", BODY)

    twice = replace(request, body=request.body + b"&MSG=" + request.body.split(b"MSG=")[1].split(b"&")[0])

    assert not verifier("qualtrics")(twice, SECRETS["qualtrics"], NOW)


def test_zendesks_public_test_secret_is_never_taken() -> None:
    headers = SIGNERS["zendesk"](ZENDESK_TEST_SECRET, BODY, NOW)

    assert not verifier("zendesk")(Request(headers, BODY), ZENDESK_TEST_SECRET, NOW)
    assert not is_usable_secret("zendesk", ZENDESK_TEST_SECRET)


@pytest.mark.parametrize(
    ("source", "secret"),
    [
        ("generic", "whsec_"),
        ("generic", "whsec_not base64"),
        ("generic", "YWJj=x"),
        ("typeform", ""),
        ("typeform", " "),
        ("jotform", "schlüssel"),
        ("surveymonkey", "only-the-secret"),
        ("surveymonkey", "client-id&"),
        ("zendesk", "two\nlines"),
    ],
)
def test_a_secret_that_can_never_fit_is_known_beforehand(source: str, secret: str) -> None:
    assert not is_usable_secret(source, secret)


@pytest.mark.parametrize("source", sorted(SCHEMES))
def test_a_good_secret_is_usable(source: str) -> None:
    assert is_usable_secret(source, SECRETS[source])


def test_every_adapter_has_its_row_in_the_table() -> None:
    assert set(ADAPTERS) <= set(SCHEMES)
