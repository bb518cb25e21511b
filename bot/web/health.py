"""For supervisors: is it alive, and does everything behind it work."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# A check gives None when all is well, else a sentence for whoever runs it.
Check = Callable[[], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class HealthDoor:
    """GET /health and GET /ready."""

    checks: Mapping[str, Check]

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [Route("/health", self.alive, methods=["GET"]), Route("/ready", self.ready, methods=["GET"])]

    async def alive(self, _: Request) -> Response:
        """Answer 200: this process serves."""
        return JSONResponse({"status": "alive"})

    async def ready(self, _: Request) -> Response:
        """Answer 200 when database, Slack and delivery work, else 503 with what doesn't."""
        found = {name: await check() for name, check in self.checks.items()}
        problems = {name: problem for name, problem in found.items() if problem is not None}
        status = {name: found[name] or "works" for name in found}
        return JSONResponse(
            {"status": "not ready" if problems else "ready", **status}, status_code=503 if problems else 200
        )
