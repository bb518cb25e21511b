"""The pretended survey tools' APIs over HTTP: tokens, limits and bad days stand before what they answer."""

import asyncio
import base64
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.vendors import desks, exports, forms, inboxes, oauth_tools, programmes
from bot.sandbox.vendors.shelf import Asked, Reply, Shelf
from bot.sandbox.web_api import hang_up

TOKEN: Final = "sandbox-token"  # noqa: S105 -- both sides of it are here
ANSWERS: Final[Mapping[str, Callable[[Shelf, Asked], Reply]]] = {
    "typeform": forms.typeform,
    "tally": forms.tally,
    "formbricks": forms.formbricks,
    "surveymonkey": forms.surveymonkey,
    "qualtrics": exports.qualtrics,
    "surveysparrow": exports.surveysparrow,
    "questionpro": exports.questionpro,
    "survicate": exports.survicate,
    "satismeter": exports.satismeter,
    "zendesk": desks.zendesk,
    "freshdesk": desks.freshdesk,
    "chatwoot": desks.chatwoot,
    "hubspot": programmes.hubspot,
    "asknicely": programmes.asknicely,
    "retently": programmes.retently,
    "intercom": inboxes.intercom,
    "posthog": inboxes.posthog,
    "jotform": inboxes.jotform,
    "helpscout": oauth_tools.helpscout,
    "wootric": oauth_tools.wootric,
    "google_forms": oauth_tools.google_forms,
}
# Where a tool's customers each have an address of their own, it ends like this.
PATHS: Final = {"chatwoot": "/api/v1/accounts/1", "posthog": inboxes.PROJECT}


class Vendors:
    """`{prefix}/vendors/{source}/...`: every tool's API, on one server.

    `faults` plans bad days by source; `expired` names sources that know our token no longer; `asked` is what came.
    """

    def __init__(self, *, prefix: str = "/sandbox", token: str = TOKEN) -> None:
        """Have collected nothing yet."""
        self.shelves: dict[str, Shelf] = defaultdict(Shelf)
        self.faults = Faults()
        self.expired: set[str] = set()
        self.asked: list[tuple[str, Asked]] = []
        self.sign_ins = oauth_tools.TokenDesk(token)
        self._prefix, self._token = f"{prefix}/vendors", token

    def routes(self) -> list[Route]:
        """Give the one route."""
        return [Route(f"{self._prefix}/{{source}}/{{path:path}}", self)]

    def urls(self, address: str) -> dict[str, str]:
        """Give the base address of each tool's API, on a server that is at `address`."""
        return {name: f"{address}{self._prefix}/{name}{PATHS.get(name, '')}" for name in ANSWERS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question, as the weather allows."""
        request = Request(scope, receive)
        name = scope["path_params"]["source"]
        stroke = self.faults.stroke(name)
        if stroke.latency:
            await asyncio.sleep(stroke.latency)
        if stroke.fault in {Fault.SILENT, Fault.LATE_REPLY}:
            await asyncio.sleep(stroke.hangs)
        if stroke.fault in {Fault.SILENT, Fault.RESET, Fault.LOST_REPLY}:
            await hang_up(receive)
            return
        response: Response
        if stroke.fault is Fault.RATE_LIMITED:
            response = JSONResponse({"error": "too many"}, 429, headers={"Retry-After": str(stroke.retry_after)})
        elif stroke.fault is Fault.BROKEN:
            response = Response("<html>Bad Gateway</html>", 502, media_type="text/html")
        else:
            response = await self._answer(name, request)
        await response(scope, receive, send)

    async def _answer(self, name: str, request: Request) -> Response:
        if name not in ANSWERS:
            return JSONResponse({"error": "no such tool"}, 404)
        body = await request.body()
        if self.sign_ins.takes(name, f"/{request.path_params['path']}"):
            token = None if name in self.expired else self.sign_ins.exchange(name, dict(parse_qsl(body.decode())))
            return JSONResponse(token or {"error": "invalid_grant"}, 200 if token else 400)
        if name in oauth_tools.PATHS:
            is_known = self.sign_ins.knows(name, request.headers.get("authorization"))
        else:
            is_known = _is_allowed(name, request, self._token)
        if name in self.expired or not is_known:
            return JSONResponse({"error": "the token is not known, or has expired"}, 401)
        asked = Asked(f"/{request.path_params['path']}", dict(request.query_params), _read(body))
        self.asked.append((name, asked))
        if status := self.shelves[name].withheld.get(asked.path):
            return JSONResponse({"error": "this account does not have it"}, status)
        try:
            found = ANSWERS[name](self.shelves[name], asked)
        except (KeyError, ValueError, TypeError, AttributeError):
            return JSONResponse({"error": "the question is not understood"}, 400)
        return JSONResponse(found) if found is not None else JSONResponse({"error": "not found"}, 404)


def _is_allowed(name: str, request: Request, token: str) -> bool:
    """Look for the token where each tool wants it."""
    basic = {"zendesk": f"ada@lumen.example/token:{token}", "freshdesk": f"{token}:X"}
    wanted = {
        **{key: ("authorization", f"Basic {base64.b64encode(said.encode()).decode()}") for key, said in basic.items()},
        "chatwoot": ("api_access_token", token),
        "formbricks": ("x-api-key", token),
        "qualtrics": ("x-api-token", token),
        "asknicely": ("x-apikey", token),
        "retently": ("authorization", f"api_key={token}"),
        "jotform": ("apikey", token),
        "questionpro": ("api-key", token),
        "survicate": ("authorization", f"Basic {token}"),
    }
    header, said = wanted.get(name, ("authorization", f"Bearer {token}"))
    return request.headers.get(header) == said


def tokens(token: str = TOKEN) -> dict[str, str]:
    """Give what API_TOKEN_<SOURCE> has to be for each tool."""
    own = {name: oauth_tools.configured(name, token) for name in oauth_tools.PATHS}
    return dict.fromkeys(ANSWERS, token) | own | {"zendesk": f"ada@lumen.example/token:{token}"}


def _read(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
