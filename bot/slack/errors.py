"""What can go wrong between Slack and us: one class for each thing that is handled in its own way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError

from workflows.refusal import Refusal


class SlackCallError(Exception):
    """Slack refused a call. `code` is its word for why; nothing of what we sent is repeated here."""

    sentence = ""
    """What the person is told; empty: it is our mistake, and they get a reference instead."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TooLateError(SlackCallError):
    """The press is older than the three seconds in which Slack lets us open a modal."""

    sentence = "That took too long for Slack. Nothing was changed: press once more."


class ViewGoneError(SlackCallError):
    """The modal was closed, or has changed, since we looked."""

    sentence = "That window has changed meanwhile. Close it and open it again."


class TooManyWindowsError(SlackCallError):
    """Slack stacks three modals, no more."""

    sentence = "There are three windows open already. Close one, then press again."


class SlackBusyError(SlackCallError):
    """Slack limits our calls, is down, or can't be reached."""

    sentence = "Slack doesn't answer Hearback just now. Nothing was changed: try again in a minute."


class AccessError(SlackCallError):
    """The token is wrong or lacks a scope: for an admin to mend."""

    sentence = (
        "Slack doesn't let Hearback do this. Ask whoever runs it for `python -m bot check`: it says what is missing."
    )


_CLASSES: Final[dict[str, type[SlackCallError]]] = {
    **dict.fromkeys(
        ("expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged"), TooLateError
    ),
    **dict.fromkeys(("invalid_trigger_id", "invalid_trigger"), TooLateError),
    **dict.fromkeys(("not_found", "view_not_found", "hash_conflict"), ViewGoneError),
    "push_limit_reached": TooManyWindowsError,
    **dict.fromkeys(
        ("ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"), SlackBusyError
    ),
    **dict.fromkeys(("request_timeout", "team_added_to_org", "unreachable"), SlackBusyError),
    **dict.fromkeys(("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"), AccessError),
    **dict.fromkeys(("missing_scope", "no_permission", "not_allowed_token_type", "access_denied"), AccessError),
}
_SERVER_ERROR: Final = 500


def of_slack(error: SlackApiError) -> SlackCallError:
    """Name what Slack said by its class."""
    response: Any = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    said = response.get("error") if hasattr(response, "get") else None
    code = said if isinstance(said, str) else ""
    if not code:
        code = "unreachable" if status >= _SERVER_ERROR or not status else f"http_{status}"
    return _CLASSES.get(code, SlackCallError)(code)


@asynccontextmanager
async def slack_calls() -> AsyncIterator[None]:
    """Make every failure of a call inside a SlackCallError, whether Slack said no or could not be reached."""
    try:
        yield
    except SlackApiError as error:
        raise of_slack(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SlackBusyError("unreachable") from error


def sentence_for(error: Exception, reference: str) -> str:
    """Say to a person what went wrong and what to do; `reference` leads whoever runs Hearback to the log."""
    if isinstance(error, Refusal):
        return error.sentence
    if isinstance(error, SlackCallError) and error.sentence:
        return error.sentence
    return (
        "Hearback could not do that. Try once more in a minute; "
        f"if it stays, give whoever runs Hearback this reference: {reference}."
    )
