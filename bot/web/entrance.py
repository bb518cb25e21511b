"""The report's doors: a signed link from Slack opens a session, each page asks who is there, signing out ends it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.links import ENTER, ROOT, Links
from bot.policies import PolicyInForce
from bot.web.body import body_of
from bot.web.pages import page, refusal_page
from storage.database import Database
from workflows import entrance
from workflows.entrance import Visitor
from workflows.refusal import Refusal

COOKIE: Final = "hearback_session"
LARGEST: Final = 4_000
LEAVE: Final = f"{ROOT}/leave"
NOT_SIGNED: Final = f"This link isn't one of ours, or a part of it is missing. {entrance.AGAIN}"
NOBODY: Final = f"You aren't signed in, or not any more. {entrance.AGAIN}"
LEFT: Final = f"You have signed out. {entrance.AGAIN}"

Shown = Callable[[Request, Visitor], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntranceDoor:
    """/report/enter and /report/leave, and the guard in front of every other page."""

    db: Database
    policy: PolicyInForce
    clock: Callable[[], datetime]
    links: Links

    def routes(self) -> list[Route]:
        """Give the routes of the entrance itself."""
        return [
            Route(ENTER, self.ask, methods=["GET"]),
            Route(ENTER, self.enter, methods=["POST"]),
            Route(LEAVE, self.leave, methods=["POST"]),
        ]

    def guarded(self, show: Shown) -> Callable[[Request], Awaitable[Response]]:
        """Let only who is signed in see a page; everybody else reads how to get in."""

        async def answer(request: Request) -> Response:
            visitor = await self.visitor(request)
            if visitor is None:
                return refusal_page(NOBODY, status=401)
            return await show(request, visitor)

        return answer

    async def visitor(self, request: Request) -> Visitor | None:
        """Tell who asks, as the policy is now."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        policy, at = self.policy(), self.clock()
        return await self.db.read(lambda session: entrance.visitor(session, cookie, policy=policy, at=at))

    async def ask(self, request: Request) -> Response:
        """Show a button that lets them in: what only looks at a link, as mail scanners do, must not use it up."""
        key = request.query_params.get("key", "")
        if self.links.read(key) is None:
            return refusal_page(NOT_SIGNED, status=400)
        return page("enter.html", key=key, action=ENTER, has_script=True)

    async def enter(self, request: Request) -> Response:
        """Exchange the link for a session."""
        found = self.links.read(await _key_of(request))
        if found is None or _is_from_elsewhere(request):
            return refusal_page(NOT_SIGNED, status=400)
        member, nonce, end, path = found
        policy, at = self.policy(), self.clock()
        expires_at = datetime.fromtimestamp(end, at.tzinfo)
        try:
            cookie = await self.db.write(
                lambda session: entrance.enter(
                    session, member=member, nonce=nonce, expires_at=expires_at, policy=policy, at=at
                )
            )
        except Refusal as refusal:
            return refusal_page(refusal.sentence, status=403)
        answer = RedirectResponse(path if path.startswith(ROOT) else ROOT, status_code=303)
        answer.set_cookie(
            COOKIE,
            cookie,
            path=ROOT,
            max_age=int(entrance.SESSION_LASTS.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self.links.home.startswith("https://"),
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """End the session and forget the cookie."""
        cookie, at = request.cookies.get(COOKIE), self.clock()
        if cookie and not _is_from_elsewhere(request):
            await self.db.write(lambda session: entrance.leave(session, cookie, at=at))
        answer = refusal_page(LEFT, status=200)
        answer.delete_cookie(COOKIE, path=ROOT)
        return answer


async def _key_of(request: Request) -> str:
    """Read the one field of the entrance's form; no library for forms is needed for it."""
    body = await body_of(request, largest=LARGEST) or b""
    name, _, value = body.decode("ascii", "replace").partition("=")
    return value if name == "key" else ""


def _is_from_elsewhere(request: Request) -> bool:
    """Tell whether another site's page made the browser send this."""
    return request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
