"""Where survey tools knock: check, read, commit, and only then answer."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.policies import PolicyInForce
from bot.surveys import ADAPTERS, generic_schema
from bot.surveys.fields import json_body
from bot.surveys.request import Adapter, Ignored, Unreadable
from bot.surveys.request import Request as Signed
from bot.web.body import body_of
from storage import parked
from storage.database import Database, DatabaseClosedError
from workflows import intake
from workflows.answers import Answer
from workflows.scales import UnknownScale

log: Final = logging.getLogger("hearback.webhooks")

# The longest answers that survey tools send are some tens of kilobytes.
LARGEST: Final = 1_000_000
# A tool that is asked to wait tries again; one that is told "error" may switch its webhook off.
TRY_AGAIN: Final = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyDoor:
    """POST /webhooks/{source}: a response arrives."""

    db: Database
    policy: PolicyInForce
    secrets: Mapping[str, SecretStr]
    clock: Callable[[], datetime]

    def routes(self) -> list[Route]:
        """Give the routes; GET and HEAD answer 200, because some tools look whether anybody is there."""
        return [
            Route("/webhooks/generic/schema", _schema, methods=["GET"]),
            Route("/webhooks/{source}", self.receive, methods=["GET", "HEAD", "POST"]),
        ]

    async def receive(self, request: Request) -> Response:
        """Answer one request: 200 once it is kept, 401 when it isn't rightly signed, 503 when it can't be kept now."""
        source = request.path_params["source"]
        adapter = ADAPTERS.get(source)
        if adapter is None:
            return _answer(404, "unknown", f"Hearback knows no source of this name. It knows {', '.join(ADAPTERS)}.")
        if request.method != "POST":
            return _answer(200, "listening", "POST responses here.")
        secret = self.secrets.get(source)
        if secret is None:
            return _answer(401, "refused", f"WEBHOOK_SECRET_{source.upper()} isn't set: nothing is taken from here.")
        body = await body_of(request, largest=LARGEST)
        if body is None:
            return _answer(413, "refused", f"The body is larger than {LARGEST} bytes.")
        signed = Signed(_headers(request), body)
        if not adapter.verify(signed, secret.get_secret_value(), self.clock()):
            if adapter.is_probe(body):
                return _answer(200, "listening", "POST responses here, signed.")
            return _answer(401, "refused", "The signature isn't right: compare the secret on both sides.")
        return await self._keep(adapter, body)

    async def _keep(self, adapter: Adapter, body: bytes) -> Response:
        try:
            try:
                found = adapter.parse(json_body(body), self.policy())
                if isinstance(found, Ignored):
                    return _answer(200, "ignored", found.reason)
                received = await self._received(found)
            except (Unreadable, UnknownScale, ValueError) as problem:
                # A wrong scale or an odd body is for people to mend here; the tool must go on sending.
                await self._park(adapter.name, body, str(problem))
                return _answer(200, "parked", str(problem))
        except (SQLAlchemyError, DatabaseClosedError) as problem:
            log.warning("A response of %s could not be kept: %s", adapter.name, type(problem).__name__)
            return _answer(503, "busy", "It could not be kept just now. Send it again.", headers=TRY_AGAIN)
        status = "new" if received.is_new else "changed" if received.is_changed else "known"
        return JSONResponse({"status": status, "case": received.case_id})

    async def _received(self, answer: Answer) -> intake.Received:
        policy, version, at = self.policy(), self.policy.version, self.clock()
        return await self.db.write(
            lambda session: intake.receive(session, answer, policy=policy, policy_version=version, at=at)
        )

    async def _park(self, source: str, body: bytes, reason: str) -> None:
        at = self.clock()
        await self.db.write(lambda session: parked.park(session, source=source, body=body, reason=reason, at=at))


async def _schema(_: Request) -> Response:
    return JSONResponse(generic_schema.schema(), media_type="application/schema+json")


def _headers(request: Request) -> dict[str, str]:
    """Give the headers by name in small letters; of one that is sent twice, the last counts, as for every door."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw}


def _answer(code: int, status: str, message: str, *, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"status": status, "message": message}, status_code=code, headers=headers)
