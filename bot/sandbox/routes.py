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
) -> list[BaseRoute]:
    """Every route of the sandbox, to hang into a Starlette app."""
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
        """Return a response_url: five uses in thirty minutes."""
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        error = answer_to_response_url(self.slack, request.path_params["key"], body)
        if error:
            return JSONResponse({"ok": False, "error": error}, status_code=404 if "url" in error else 400)
        return JSONResponse({"ok": True})

    async def state(self, request: Request) -> Response:
        """Return what one member sees; waits for news when the caller knows the present version."""
        member = request.query_params.get("as", "")
        since = request.query_params.get("since", "")
        if since.isdigit():
            await self.slack.workspace.changed_since(int(since), patience=POLL)
        return AsciiJson(page_state(self.slack.workspace, member, mailbox=self.mailbox) | self.extras)

    async def act(self, request: Request) -> Response:
        """Something a person does on the page."""
        self.slack.wire.learn_base_url(request.url.scheme, request.url.netloc, self.prefix)
        try:
            wish = json.loads(await request.body())
        except ValueError:
            wish = None
        if not isinstance(wish, dict):
            return JSONResponse({"ok": False, "error": "The request is not a JSON object."}, status_code=400)
        return JSONResponse(await self.acts.do(wish))

    async def survey(self, request: Request) -> Response:
        """Return a customer's answer to the survey, sent on as the survey tool would."""
        if self.poster is None:
            return JSONResponse({"ok": False, "error": "No survey is connected here."}, status_code=404)
        status, body = await self.poster.answer(json.loads(await request.body()))
        return JSONResponse({"ok": status < 300, "status": status, "body": body})  # noqa: PLR2004 (2xx)
