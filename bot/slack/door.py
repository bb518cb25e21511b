"""Slack's one HTTP door: whatever arrives is answered, and only what Slack signed goes further than this file."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.request.payload_utils import (
    to_action,
    to_command,
    to_event,
    to_message,
    to_options,
    to_shortcut,
    to_step,
    to_view,
)
from starlette.requests import Request
from starlette.responses import Response

from bot.slack.encoded import payload_of
from bot.web.body import body_of

PATH: Final = "/slack/events"
# A view has at most 250 kB, and its payload holds it once; form encoding can triple that.
LARGEST: Final = 2_000_000
UNSIGNED: Final = 401
_TIME: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE: Final = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
_LOOKS: Final = (to_options, to_shortcut, to_action, to_view, to_command, to_event, to_message, to_step)
_MAPPINGS: Final = ("event", "view", "user", "channel", "message", "container", "team")
_NEVER_NULL: Final = frozenset({"event", "view"})


def slack_door(app: AsyncApp) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint for POST `/slack/events`, which hands to Bolt what may be Slack's.

    What isn't rightly signed is answered 401, whatever it is; a signed body that no Slack sends 400, a long one 413.
    Whether a signature is the right one, and fresh, is for Bolt to say.
    """

    async def answer(request: Request) -> Response:
        body = await body_of(request, largest=LARGEST)
        if body is None:
            return Response("The body is too large.", status_code=413)
        headers = request.headers
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if not (_TIME.fullmatch(stamp) and _SIGNATURE.fullmatch(signature)):
            return Response("This is not signed by Slack.", status_code=UNSIGNED)
        bolt_request = _bolt_request(body, dict(headers))
        said = await app.async_dispatch(bolt_request or _unread(body, dict(headers)))
        if bolt_request is None and said.status != UNSIGNED:
            return Response("This can't be read.", status_code=400)
        return Response(said.body, status_code=said.status, headers=said.first_headers_without_set_cookie())

    return answer


def _bolt_request(body: bytes, headers: dict[str, str]) -> AsyncBoltRequest | None:
    """Parse the request as Bolt does; None for what isn't shaped like anything that Slack sends."""
    try:
        request = _read(body, {**headers})
        for look in _LOOKS:
            look(request.body)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
        return None  # Bolt looks into a body before and after it checks the signature, and expects it to be in order
    return request if _is_shaped(request.body) else None


def _read(body: bytes, headers: dict[str, str]) -> AsyncBoltRequest:
    """Parse the request as Bolt does, but for the one field in which Slack sends a press or a modal.

    Bolt's way of decoding that takes longer than all else that it does with a press, and holds up everybody.
    """
    text = body.decode("utf-8")
    payload = payload_of(body)
    read = None if payload is None else json.loads(payload)
    if not isinstance(read, dict):
        return AsyncBoltRequest(body=text, headers={**headers})
    request = AsyncBoltRequest(body=read, headers={**headers}, mode="socket_mode")
    # Only so does Bolt take a body that is read already. It came over HTTP: the signature of these bytes is looked at.
    request.mode, request.raw_body = "http", text
    return request


def _unread(body: bytes, headers: dict[str, str]) -> AsyncBoltRequest:
    """Give Bolt a request that says nothing, so that it looks at the signature of these bytes and at nothing else."""
    request = AsyncBoltRequest(body="", headers={**headers})
    request.raw_body = body.decode("utf-8", "replace")  # bytes that are no UTF-8 have not been signed by Slack
    return request


def _is_shaped(body: Any) -> bool:
    """Tell whether Bolt can look for a listener for this without stumbling."""
    if not isinstance(body, dict) or any(_is_odd(name, body[name]) for name in _MAPPINGS if name in body):
        return False
    actions = body.get("actions", [{}])
    if not isinstance(actions, list) or not actions or not all(isinstance(one, dict) for one in actions):
        return False
    if body.get("type") == "block_actions" and "action_id" not in actions[0]:
        return False
    names = [body.get(name) for name in ("type", "callback_id", "command", "action_id")]
    names += [body.get("event", {}).get(name) for name in ("type", "subtype")]
    names += [body.get("view", {}).get("callback_id")]
    names += [one.get(name) for one in actions for name in ("action_id", "block_id", "type")]
    return all(name is None or isinstance(name, str) for name in names)


def _is_odd(name: str, value: Any) -> bool:
    return not isinstance(value, dict) and (value is not None or name in _NEVER_NULL)
