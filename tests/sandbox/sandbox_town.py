"""A pretend Slack on a real port, and a small Bolt app as its counterpart."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.mailbox import Mailbox
from bot.sandbox.routes import routes
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack_events import Timing
from bot.sandbox.workspace import Workspace

START = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@dataclass
class Town:
    """Both ends: the pretend Slack, a Bolt app that it talks to, and a client as the app would use it."""

    slack: PretendSlack
    app: AsyncApp
    client: AsyncWebClient
    http: httpx.AsyncClient
    address: str


def workspace_of_three() -> Workspace:
    workspace = Workspace(clock=lambda: START, real_time=time.time)
    ana, bo = workspace.add_member("Ana"), workspace.add_member("Bo")
    workspace.add_member("Cy")
    workspace.add_channel("#support", ana, bo, workspace.bot)
    workspace.add_channel("#random", ana)
    return workspace


@pytest.fixture
def slack() -> PretendSlack:
    """Make the pretend Slack alone, with nobody to send events to."""
    return PretendSlack(workspace_of_three())


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    workspace = workspace_of_three()
    async with httpx.AsyncClient() as http:
        pretend = PretendSlack(workspace, timing=Timing(patience=0.4, retries=(0.0, 0.0, 0.0)))
        mailbox = Mailbox(clock=workspace.now)
        async with serving(Starlette(routes=routes(pretend, mailbox=mailbox))) as address:
            client = AsyncWebClient(
                workspace.bot_token, base_url=f"{address}/sandbox/slack/api/", retry_handlers=[], timeout=5
            )
            app = AsyncApp(client=client, signing_secret=pretend.wire.signing_secret, process_before_response=True)
            handler = AsyncSlackRequestHandler(app)

            async def events(request: Request) -> Response:
                return await handler.handle(request)

            bolt = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
            pretend.wire.client = httpx.AsyncClient(transport=httpx.ASGITransport(bolt))
            pretend.wire.url = "http://hearback.test/slack/events"
            yield Town(pretend, app, client, http, f"{address}/sandbox")
            await pretend.close()
            await pretend.wire.client.aclose()
