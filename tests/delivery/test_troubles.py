"""What a failure of Slack means, and what admins are told."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery.troubles import ADVICE, DEFAULT_RETRY_AFTER, Kind, trouble


def answer(code: str | None, *, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    body = {"ok": False, "error": code} if code else {}
    response = AsyncSlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=body, headers=headers or {}, status_code=status
    )
    return SlackApiError("refused", response)


@pytest.mark.parametrize(
    ("error", "posting", "changing"),
    [
        (answer("ratelimited", status=429), Kind.SLOW_DOWN, Kind.SLOW_DOWN),
        (answer("ratelimited"), Kind.SLOW_DOWN, Kind.SLOW_DOWN),
        (answer(None, status=502), Kind.UNCLEAR, Kind.OUTAGE),
        (answer("service_unavailable", status=503), Kind.UNCLEAR, Kind.OUTAGE),
        (answer("internal_error"), Kind.UNCLEAR, Kind.OUTAGE),
        (answer("fatal_error"), Kind.UNCLEAR, Kind.OUTAGE),
        (answer("request_timeout"), Kind.OUTAGE, Kind.OUTAGE),
        (answer(None), Kind.UNCLEAR, Kind.OUTAGE),
        (answer("message_not_found"), Kind.GONE, Kind.GONE),
        (answer("cant_update_message"), Kind.GONE, Kind.GONE),
        (answer("invalid_blocks"), Kind.TOO_MUCH, Kind.TOO_MUCH),
        (answer("msg_too_long"), Kind.TOO_MUCH, Kind.TOO_MUCH),
        (answer("not_in_channel"), Kind.REFUSED, Kind.REFUSED),
        (answer("never_heard_of"), Kind.UNKNOWN, Kind.UNKNOWN),
        (answer(None, status=404), Kind.UNKNOWN, Kind.UNKNOWN),
        (TimeoutError(), Kind.UNCLEAR, Kind.OUTAGE),
        (aiohttp.ServerDisconnectedError(), Kind.UNCLEAR, Kind.OUTAGE),
        (aiohttp.ServerTimeoutError(), Kind.UNCLEAR, Kind.OUTAGE),
        (ConnectionResetError(), Kind.UNCLEAR, Kind.OUTAGE),
        (aiohttp.ClientPayloadError(), Kind.UNCLEAR, Kind.OUTAGE),
        (aiohttp.ConnectionTimeoutError(), Kind.UNREACHABLE, Kind.UNREACHABLE),
        (AttributeError("no get"), Kind.UNCLEAR, Kind.OUTAGE),
    ],
)
def test_a_failure_of_a_post_is_unclear_where_that_of_a_change_is_harmless(
    error: Exception, posting: Kind, changing: Kind
) -> None:
    assert trouble(error, is_new=True).kind is posting
    assert trouble(error, is_new=False).kind is changing


@pytest.mark.parametrize(
    ("named", "seconds"),
    [("7", 7.0), ("0", 0.0), ("99999", 3600.0), ("soon", DEFAULT_RETRY_AFTER), ("nan", DEFAULT_RETRY_AFTER)],
)
def test_retry_after_is_read_with_care(named: str, seconds: float) -> None:
    error = answer("ratelimited", status=429, headers={"Retry-After": named})

    assert trouble(error, is_new=True).wait == seconds


def test_a_refusal_without_retry_after_waits_a_little() -> None:
    assert trouble(answer("ratelimited", status=429), is_new=True).wait == DEFAULT_RETRY_AFTER


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_a_refusal_that_needs_a_person_says_what_to_do(code: str) -> None:
    found = trouble(answer(code), is_new=True)

    assert found.kind is Kind.REFUSED
    assert found.sentence.endswith(f"({code})")
    assert ":" in found.sentence


def test_an_exception_that_quotes_a_text_is_not_quoted() -> None:
    found = trouble(ValueError("jane@acme.test said"), is_new=False)

    assert "jane" not in found.sentence
