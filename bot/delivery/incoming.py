"""What comes back by mail: a bounce puts its case back, a customer's reply is kept on its case."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.delivery.incoming_mail import Bounce, Reply, read_mail
from bot.surveys.generic import ADAPTER as GENERIC
from bot.surveys.request import Request as Signed
from bot.web.body import body_of
from storage.database import Database
from storage.seen import first_time
from storage.writers import DatabaseClosedError
from workflows import outreach
from workflows.policy import Policy

log: Final = logging.getLogger("hearback.mail")

# Replies quote, and some carry pictures; a bounce carries our own mail back.
LARGEST: Final = 10_000_000


def taken(session: Session, raw: bytes, *, policy: Policy, at: datetime) -> str:
    """Act on one incoming mail. Returns what became of it, in one sentence without anybody's words or address."""
    found = read_mail(raw)
    if isinstance(found, Bounce):
        if not found.permanent:
            return "The mail server goes on trying: nothing is changed yet."
        status, diagnostic = found.status or "", found.diagnostic or ""
        reason = diagnostic if status in diagnostic else f"{status} {diagnostic}".strip()
        known = outreach.bounced(session, found.original_message_id or "", reason=reason, policy=policy, at=at)
        return "The mail came back: its case says so." if known else "It is a bounce of none of our mails."
    if isinstance(found, Reply):
        if found.message_id and not first_time(session, f"reply:{found.message_id}", at):
            return "The reply is known already."
        named = [one for one in (found.in_reply_to, *found.references) if one]
        sender = found.sender or ""
        known = outreach.replied(session, named, sender=sender, text=found.text, policy=policy, at=at)
        return "The reply is kept on its case." if known else "It answers none of our mails."
    return f"Nothing to do: {found.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDoor:
    """POST /mail: a whole mail as it came (RFC 5322), signed by Standard Webhooks with WEBHOOK_SECRET_MAIL."""

    db: Database
    policy: Callable[[], Policy]
    secret: SecretStr | None
    clock: Callable[[], datetime]

    def routes(self) -> list[Route]:
        """Give the route."""
        return [Route("/mail", self.receive, methods=["POST"])]

    async def receive(self, request: Request) -> Response:
        """Answer 200 once it is kept, 401 when it isn't rightly signed, 503 when it can't be kept now."""
        body = await body_of(request, largest=LARGEST)
        if body is None:
            return _answer(413, f"The mail is larger than {LARGEST} bytes.")
        at = self.clock()
        signed = Signed({name.lower(): value for name, value in request.headers.items()}, body)
        if self.secret is None or not GENERIC.verify(signed, self.secret.get_secret_value(), at):
            return _answer(401, "The signature isn't right, or WEBHOOK_SECRET_MAIL isn't set.")
        try:
            policy = self.policy()
            said = await self.db.write(lambda session: taken(session, body, policy=policy, at=at))
        except (SQLAlchemyError, DatabaseClosedError) as problem:
            log.warning("An incoming mail could not be kept: %s", type(problem).__name__)
            return _answer(503, "It could not be kept just now. Send it again.")
        return _answer(200, said)


def _answer(code: int, message: str) -> Response:
    return JSONResponse({"message": message}, status_code=code)
