"""The Web API over HTTP, with the bad days that the faults plan: an ASGI app of its own, so that it can hang up."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.sandbox.channels import Json
from bot.sandbox.faults import Fault, Stroke
from bot.sandbox.slack import PretendSlack

POSTING = frozenset({"chat.postMessage", "chat.postEphemeral"})


class WebApi:
    """`{prefix}/slack/api/{method}`."""

    def __init__(self, slack: PretendSlack, *, prefix: str) -> None:
        self.slack = slack
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, as the weather allows."""
        request = Request(scope, receive)
        if not self.slack.wire.base_url:
            self.slack.wire.learn_base_url(request.url.scheme, request.url.netloc, self.prefix)
        params = await _params(request)
        method = scope["path_params"]["method"]
        stroke = self.slack.faults.stroke(method, channel=str(params.get("channel")) if method in POSTING else None)
        if stroke.latency:
            await asyncio.sleep(stroke.latency)
        if stroke.fault is Fault.SILENT:
            await asyncio.sleep(stroke.hangs)
        if stroke.fault in (Fault.SILENT, Fault.RESET):
            await hang_up(receive)
            return
        response = _refusal(stroke)
        if response is None:
            token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
            answer = self.slack.api.call(method, params, token=token or str(params.get("token") or ""))
            response = AsciiJson(answer.body, headers=answer.headers)
        if stroke.fault is Fault.LOST_REPLY:
            await hang_up(receive)
            return
        if stroke.fault is Fault.LATE_REPLY:
            await asyncio.sleep(stroke.hangs)
        await response(scope, receive, send)


class AsciiJson(Response):
    """A JSON answer in plain ASCII: lone surrogates stay escaped, where JSONResponse fails."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode the body."""
        return json.dumps(content).encode()


def _refusal(stroke: Stroke) -> Response | None:
    if stroke.fault is Fault.RATE_LIMITED:
        retry_after = {"Retry-After": str(stroke.retry_after)}
        return JSONResponse({"ok": False, "error": "ratelimited"}, status_code=429, headers=retry_after)
    if stroke.fault is Fault.BROKEN:
        return Response("Internal Server Error", status_code=500)
    return None


async def hang_up(receive: Receive) -> None:
    """Cut the client's connection without a word, on uvicorn; elsewhere raises ConnectionResetError."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the pretend Slack hung up")
    transport.abort()
    await asyncio.sleep(0.01)  # lets uvicorn notice, so that it doesn't complain about a missing answer


async def _params(request: Request) -> Json:
    params: Json = dict(request.query_params)
    if request.method != "POST":
        return params
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            given = json.loads(body)
        except (ValueError, RecursionError):
            given = {}
        return {**params, **given} if isinstance(given, dict) else params
    return {**params, **dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))}
