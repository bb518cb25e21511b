"""The sandbox's HTTP doors: Slack's Web API, response_urls and sockets, and what the page needs."""

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from bot.sandbox.acts import Acts
from bot.sandbox.channels import Json
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.page_state import page_state
from bot.sandbox.response_urls import answer_to_response_url
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack_events import REDIRECT
from bot.sandbox.survey import Survey
from bot.sandbox.web_api import AsciiJson, WebApi

PAGE = Path(__file__).parent / "page"
POLL = 20.0  # seconds that a request for the state waits for news


def routes(
    slack: PretendSlack,
    *,
    prefix: str = "/sandbox",
    mailbox: Mailbox | None = None,
    survey: Survey | None = None,
    extras: Json | None = None,
) -> list[BaseRoute]:
    """Return every route of the sandbox, to hang into a Starlette app.

    `extras` goes into the page's state as it is: customers, languages, touchpoints, guide, commands with notes.
    """
    acts = Acts(slack, mailbox=mailbox)
    pages = _Pages(slack, acts, prefix=prefix, mailbox=mailbox, survey=survey, extras=extras or {})
    return [
        Route(f"{prefix}/slack/api/{{method:path}}", WebApi(slack, prefix=prefix)),
        Route(f"{prefix}/slack/response/{{key}}", pages.response, methods=["POST"]),
        WebSocketRoute(f"{prefix}/slack/socket", slack.sockets.serve),
        Route(f"{prefix}/state", pages.state, methods=["GET"]),
        Route(f"{prefix}/act", pages.act, methods=["POST"]),
        Route(f"{prefix}/survey", pages.survey, methods=["POST"]),
        Mount(prefix, StaticFiles(directory=PAGE, html=True, check_dir=False)),
    ]


class _Pages:
    """What the page asks for."""

    def __init__(
        self,
        slack: PretendSlack,
        acts: Acts,
        *,
        prefix: str,
        mailbox: Mailbox | None,
        survey: Survey | None,
        extras: Json,
    ) -> None:
        self.slack = slack
        self.acts = acts
        self.prefix = prefix
        self.mailbox = mailbox
        self.poster = survey
        self.extras = extras

    async def response(self, request: Request) -> Response:
        """Take what is posted to a response_url: five uses in thirty minutes."""
        error = answer_to_response_url(self.slack, request.path_params["key"], await _object(request))
        if error:
            return JSONResponse({"ok": False, "error": error}, status_code=404 if "url" in error else 400)
        return JSONResponse({"ok": True})

    async def state(self, request: Request) -> Response:
        """Tell what one member sees; wait for news when the caller knows the present version."""
        member = request.query_params.get("as", "")
        since = request.query_params.get("since", "")
        if since.isdecimal():
            await self.slack.workspace.changed_since(int(since), patience=POLL)
        return AsciiJson(page_state(self.slack.workspace, member, mailbox=self.mailbox) | self.extras)

    async def act(self, request: Request) -> Response:
        """Do what a person does on the page."""
        self.slack.wire.learn_base_url(request.url.scheme, request.url.netloc, self.prefix)
        wish = await _object(request)
        if wish is None:
            return JSONResponse(NOT_AN_OBJECT, status_code=400)
        return AsciiJson(await self.acts.do(wish))

    async def survey(self, request: Request) -> Response:
        """Send on a customer's answer to the survey, as the survey tool would."""
        form = await _object(request)
        if form is None:
            return JSONResponse(NOT_AN_OBJECT, status_code=400)
        if self.poster is None:
            return JSONResponse({"ok": False, "error": "No survey is connected here."}, status_code=404)
        status, body = await self.poster.answer(form)
        return AsciiJson({"ok": status < REDIRECT, "status": status, "body": body})


NOT_AN_OBJECT = {"ok": False, "error": "The request is not a JSON object."}


async def _object(request: Request) -> Json | None:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
