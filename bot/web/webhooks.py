"""Where survey tools knock: check, read, commit, and only then answer."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.policies import PolicyInForce
from bot.surveys import ADAPTERS, adapter_of, generic_schema
from bot.surveys.language import Languages
from bot.surveys.request import Adapter
from bot.surveys.request import Request as Signed
from bot.surveys.shown import shown_in_address
from bot.surveys.taking import Arrived, keep_all, understood
from bot.web.body import body_of
from storage import sources
from storage.database import Database
from storage.writers import DatabaseClosedError

log: Final = logging.getLogger("hearback.webhooks")

# The longest answers that survey tools send are some tens of kilobytes.
LARGEST: Final = 1_000_000
# A tool that is asked to wait tries again; one that is told "error" may switch its webhook off.
TRY_AGAIN: Final = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyDoor:
    """POST /webhooks/{source}: a response arrives.

    `public_url` is our address as survey tools know it, with a slash at its end: some sign it along with the body.
    """

    db: Database
    policy: PolicyInForce
    secrets: Mapping[str, SecretStr]
    clock: Callable[[], datetime]
    public_url: str | None = None
    languages: Languages = field(default_factory=Languages)
    refused: Counter[str] = field(default_factory=Counter)
    """Requests that weren't rightly signed, by source, since somebody last wrote them down: a flood costs no commit."""

    def routes(self) -> list[Route]:
        """Give the routes; GET and HEAD answer 200, because some tools look whether anybody is there."""
        methods = ["GET", "HEAD", "POST"]
        return [
            Route("/webhooks/generic/schema", _schema, methods=["GET"]),
            Route("/webhooks/{source}", self.receive, methods=methods),
            Route("/webhooks/{source}/{token}", self.receive, methods=methods),
        ]

    async def receive(self, request: Request) -> Response:
        """Answer one request: 200 once it is kept, 401 when it isn't rightly signed, 503 when it can't be kept now."""
        adapter = adapter_of(request.path_params["source"])
        if adapter is None:
            return _answer(404, "unknown", f"Hearback knows no source of this name. It knows {', '.join(ADAPTERS)}.")
        if request.method != "POST":
            return _answer(200, "listening", "POST responses here.")
        secret = self.secrets.get(adapter.name)
        if secret is None:
            return _answer(401, "refused", f"WEBHOOK_SECRET_{adapter.name.upper()} isn't set: nothing is taken here.")
        body = await body_of(request, largest=LARGEST)
        if body is None:
            return _answer(413, "refused", f"The body is larger than {LARGEST} bytes.")
        at = self.clock()
        if not adapter.verify(self._as_sent(request, body), secret.get_secret_value(), at):
            if adapter.is_probe(body):
                return _answer(200, "listening", "POST responses here, signed.")
            self.refused[adapter.name] += 1
            return _answer(401, "refused", "The signature isn't right: compare the secret on both sides.")
        return await self._keep(adapter, body, at)

    async def write_down_refused(self) -> None:
        """Write down how many requests weren't rightly signed since this was done last."""
        counted = dict(self.refused)
        if counted:
            await self.db.write(lambda session: sources.count_refused(session, counted, at=self.clock()))
            self.refused.subtract(counted)
            for name in [name for name, count in self.refused.items() if not count]:
                del self.refused[name]

    async def _keep(self, adapter: Adapter, body: bytes, at: datetime) -> Response:
        """Keep all that a request holds in one transaction, and beside it the request itself if parts can't be read."""
        policy, version = self.policy(), self.policy.version
        held = understood(adapter, body, policy, at)
        if held.ignored is not None:
            return _answer(200, "ignored", held.ignored)
        held = replace(held, found=await self.languages.fill_in(held.found, policy))

        arrived = Arrived(adapter, body, held, policy, version, at)
        try:
            kept = await self.db.write_with_others(arrived, keep_all)
        except (SQLAlchemyError, DatabaseClosedError) as problem:
            log.warning("A response of %s could not be kept: %s", adapter.name, type(problem).__name__)
            return _answer(503, "busy", "It could not be kept just now. Send it again.", headers=TRY_AGAIN)
        if kept.problem:
            # A wrong scale or an odd body is for people to mend here; the tool must go on sending.
            return _answer(200, kept.status, kept.problem)
        return JSONResponse({"status": kept.status, "case": kept.case_id})

    def _as_sent(self, request: Request, body: bytes) -> Signed:
        """Give the request as the tool sent it; its address is ours as the tool knows it, whatever stands between."""
        path = request.scope.get("raw_path") or request.scope["path"].encode("utf-8", "surrogatepass")
        query = request.scope["query_string"]
        # Without PUBLIC_URL there is nothing better than what the caller says; no more than a signature hangs on it.
        base = self.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
        url = base.rstrip("/") + path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
        token = request.path_params.get("token") or shown_in_address(query)
        return Signed(_headers(request), body, request.method, url, token)


async def _schema(_: Request) -> Response:
    return JSONResponse(generic_schema.schema(), media_type="application/schema+json")


def _headers(request: Request) -> dict[str, str]:
    """Give the headers by name in small letters; of one that is sent twice, the last counts, as for every door."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw}


def _answer(code: int, status: str, message: str, *, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"status": status, "message": message}, status_code=code, headers=headers)
