"""What it means when a call to Slack fails: whether anything was done, who can help, and what is tried next."""

from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError

# Slack always names a time; this is for whatever stands between us and Slack.
DEFAULT_RETRY_AFTER: Final = 5.0
MOST_RETRY_AFTER: Final = 3600.0


class Kind(Enum):
    """What is done about it."""

    SLOW_DOWN = auto()
    """The whole lane waits; nothing was done, and it counts as no attempt."""
    UNREACHABLE = auto()
    """Slack was not reached: nothing was done, and it counts as no attempt."""
    OUTAGE = auto()
    """Slack is unwell: nothing was done, or doing it again does no harm."""
    UNCLEAR = auto()
    """It may have been done: look before doing it again."""
    GONE = auto()
    """The message was deleted in Slack, or isn't ours to change any more."""
    TOO_MUCH = auto()
    """Slack refuses the blocks; the plain sentence may pass."""
    REFUSED = auto()
    """Somebody has to do something first."""
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure. `sentence` is for admins: it names no person and quotes no text."""

    kind: Kind
    sentence: str
    wait: float = 0.0
    """Seconds that Slack asked for."""


_AUTH: Final = "Slack refuses the bot's token: check SLACK_BOT_TOKEN, or install the app again."
_SCOPE: Final = "The app lacks a permission: install it again from the current manifest."
_PERSON: Final = "This member can't be written to: name somebody else in the policy, or hand the case over."
_ADMINS: Final = "The workspace's settings forbid it: ask its admins to let the app post here."

ADVICE: Final = {
    "not_in_channel": "The bot isn't in this channel: invite it there with /invite.",
    "channel_not_found": "There is no such channel, or it is private: invite the bot with /invite, or mend the policy.",
    "is_archived": "The channel is archived: unarchive it, or name another one in the policy.",
    "invalid_auth": _AUTH,
    "not_authed": _AUTH,
    "token_revoked": _AUTH,
    "token_expired": _AUTH,
    "account_inactive": _AUTH,
    "access_denied": _AUTH,
    "missing_scope": _SCOPE,
    "no_permission": _SCOPE,
    "not_allowed_token_type": _SCOPE,
    "not_enabled": "The app has no Home tab: install it again from the current manifest.",
    "ekm_access_denied": _ADMINS,
    "restricted_action": _ADMINS,
    "restricted_action_read_only_channel": _ADMINS,
    "restricted_action_thread_only_channel": _ADMINS,
    "restricted_action_non_threadable_channel": _ADMINS,
    "team_access_not_granted": _ADMINS,
    "user_not_found": _PERSON,
    "user_disabled": _PERSON,
    "user_not_visible": _PERSON,
    "cannot_dm_bot": _PERSON,
    "method_not_supported_for_channel_type": _PERSON,
}
"""Refusals that end only when a person does something, with what to do."""

_TOO_MUCH: Final = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "view_too_large"}
)
_GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
# Slack's own words for these two: "some aspect of the operation" may have succeeded.
_HALF_DONE: Final = frozenset({"internal_error", "fatal_error"})
_NOT_DONE: Final = frozenset({"request_timeout", "service_unavailable", "hash_conflict"})
_SLOW_DOWN: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})


def trouble(error: BaseException, *, is_new: bool) -> Trouble:
    """Judge a failure. `is_new`: the call would have posted something new, so doing it twice would be seen twice."""
    if isinstance(error, SlackApiError):
        return _answered(error.response, is_new=is_new)
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return Trouble(Kind.UNREACHABLE, "Slack can't be reached: check the network and SLACK_API_URL.")
    if isinstance(error, TimeoutError):
        return _unsure("Slack did not answer in time", is_new=is_new)
    if isinstance(error, (aiohttp.ClientError, OSError)):
        return _unsure("The connection to Slack broke", is_new=is_new)
    return _unsure(f"Slack's answer could not be read ({type(error).__name__})", is_new=is_new)


def _answered(response: Any, *, is_new: bool) -> Trouble:
    # The SDK gives its own response, or aiohttp's when the body was no JSON.
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)
    body = getattr(response, "data", None)
    code = str(body.get("error") or "") if isinstance(body, dict) else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in _SLOW_DOWN:
        return Trouble(Kind.SLOW_DOWN, "Slack asks to slow down (ratelimited).", _retry_after(response))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unsure(f"Slack is unwell (HTTP {status})", is_new=is_new)
    if code in _HALF_DONE:
        return _unsure(f"Slack is unwell ({code})", is_new=is_new)
    if code in _NOT_DONE:
        return Trouble(Kind.OUTAGE, f"Slack could not do it just now ({code}).")
    if code in _GONE:
        return Trouble(Kind.GONE, f"The message can't be changed any more ({code}).")
    if code in _TOO_MUCH:
        return Trouble(Kind.TOO_MUCH, f"Slack refuses how the message is drawn ({code}).")
    if code in ADVICE:
        return Trouble(Kind.REFUSED, f"{ADVICE[code]} ({code})")
    if not code and status == HTTPStatus.OK:
        return _unsure("Slack's answer could not be read", is_new=is_new)
    return Trouble(Kind.UNKNOWN, f"Slack refuses it ({code or f'HTTP {status}'}).")


def _unsure(what: str, *, is_new: bool) -> Trouble:
    if is_new:
        return Trouble(Kind.UNCLEAR, f"{what}: it is looked up whether the message arrived.")
    return Trouble(Kind.OUTAGE, f"{what}; it is tried again.")


def _retry_after(response: Any) -> float:
    headers = getattr(response, "headers", None) or {}
    named = next((value for name, value in headers.items() if str(name).lower() == "retry-after"), "")
    try:
        seconds = float(named)
    except ValueError:
        return DEFAULT_RETRY_AFTER
    return min(max(seconds, 0.0), MOST_RETRY_AFTER) if seconds == seconds else DEFAULT_RETRY_AFTER  # noqa: PLR0124 (NaN)
