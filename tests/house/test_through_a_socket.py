"""Without a public address: Hearback reaches Slack through a socket, and a press comes back through it."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from bot.app import hearback, socket_mode
from bot.clock import wall_clock
from bot.delivery.pace import Pace
from bot.sandbox import town
from bot.sandbox.demo import POLICY
from bot.sandbox.routes import routes
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.workspace import Workspace
from bot.settings import Settings
from storage.tables import Case
from workflows import intake
from workflows.answers import Answer
from workflows.scales import DEFAULT_SCALES

pytestmark = pytest.mark.anyio


async def test_a_press_comes_back_through_the_socket(tmp_path: Path) -> None:
    workspace = Workspace(clock=wall_clock, real_time=time.time)
    town.settle(workspace)
    async with httpx.AsyncClient() as client:
        slack = PretendSlack(workspace, client=client, hearback_url=None)
        async with serving(Starlette(routes=routes(slack))) as address:
            settings = Settings(
                slack_bot_token=SecretStr("xoxb-sandbox"),
                slack_signing_secret=SecretStr(""),
                slack_app_token=SecretStr("xapp-sandbox"),
                slack_api_url=f"{address}/sandbox/slack/api/",
                database_url=f"sqlite:///{tmp_path / 'hearback.sqlite'}",
                policy=POLICY,
            )
            async with (
                hearback(settings, pace=Pace(spacing=0, poll=0.1)) as house,
                socket_mode(house, settings) as socket,
            ):
                answer = Answer(
                    source="test",
                    external_id="1",
                    score=2,
                    scale=DEFAULT_SCALES["nps"],
                    submitted_at=wall_clock(),
                    comment="The invoice is wrong.",
                    email="ruth@kesselbau.example",
                )
                await house.db.write(
                    lambda session: intake.receive(
                        session, answer, policy=house.policy(), policy_version=house.policy.version, at=wall_clock()
                    )
                )
                greta = slack.person("Greta")
                async with asyncio.timeout(10):
                    while not greta.messages_in("#billing"):  # noqa: ASYNC110 -- nothing rings here
                        await asyncio.sleep(0.05)

                await greta.press("Take", on=greta.latest_in("#billing"))

                assert socket is not None
                assert house.db.read_now(lambda session: session.get_one(Case, 1)).owner == greta.id
            await slack.close()
