"""`demo`: Hearback with everything around it pretended, on one port, with nothing but Python."""

import asyncio
import contextlib
import json
import logging
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from bot.app import Hearback, hearback
from bot.clock import wall_clock
from bot.delivery.pace import Pace
from bot.sandbox import seed, senders, town
from bot.sandbox.channels import Json
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.returns import Returns
from bot.sandbox.routes import routes
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.survey import Survey
from bot.sandbox.vendors.server import Vendors, tokens
from bot.sandbox.workspace import Workspace
from bot.schedule import Rhythm
from bot.settings import Settings
from bot.slack import manifest

log: Final = logging.getLogger("hearback.demo")

FOLDER: Final = Path(".demo")
POLICY: Final = Path(__file__).parent / "policy.toml"
SIGNING_SECRET: Final = "sandbox-signing-secret"  # noqa: S105 -- both sides of it are here
WEBHOOK_SECRET: Final = "whsec_c2FuZGJveC1zdXJ2ZXktc2VjcmV0"  # noqa: S105 -- both sides of it are here
BOUNCES: Final = "bounce.example"
SAVE_SECONDS: Final = 2.0
# The clock of the demo is wound: what is due then happens within a second.
EVERY: Final = Rhythm(sweep=1.0, digests=1.0, silence=5.0)
# A pretend Slack has no limits to keep: whoever tries it should not wait for a second message.
PACE: Final = Pace(spacing=0.0, settle=2.0, poll=0.5)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs: where it is, and what stands around Hearback."""

    address: str
    house: Hearback
    slack: PretendSlack
    mailbox: Mailbox
    survey: Survey
    vendors: Vendors


async def demo(*, port: int, keep: bool) -> int:
    """Run until Ctrl-C. `keep` goes on from where the last one was; without it everything begins anew."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    if not keep:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    try:
        async with running(FOLDER, port=port or _free_port()) as found:
            print(f"\n  Hearback's demo is at  {found.address}/\n\n  Ctrl-C stops it.\n", flush=True)
            await stop.wait()
    except OSError as problem:
        print(
            f"Port {port} can't be used: {problem.strerror}. Choose another one: make demo PORT=8123", file=sys.stderr
        )
        return 1
    print("Stopped. `make demo KEEP=1` goes on from here.")
    return 0


@asynccontextmanager
async def running(folder: Path, *, port: int = 0, is_seeded: bool = True) -> AsyncIterator[Demo]:
    """Run a demo whose files are in this folder; port 0 takes any that is free."""
    state = _saved(folder)
    if state:
        workspace = Workspace.load(state["slack"], clock=wall_clock, real_time=time.time)
    else:
        workspace = Workspace(clock=wall_clock, real_time=time.time, team=town.TEAM)
        town.settle(workspace)
    workspace.team = town.TEAM
    _install(workspace)
    mailbox = Mailbox(clock=workspace.now, on_change=workspace.touch)
    mailbox.load(state.get("mails", []))
    mailbox.refuse(BOUNCES)
    async with AsyncExitStack() as stack:
        await mailbox.start()
        stack.push_async_callback(mailbox.stop)
        front = Starlette()  # its routes come when everything stands: Hearback needs Slack, and Slack Hearback
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=20))
        address = await stack.enter_async_context(serving(front, port=port))
        slack = PretendSlack(
            workspace, client=client, hearback_url=f"{address}/slack/events", signing_secret=SIGNING_SECRET
        )
        stack.callback(_save, folder, workspace, mailbox)
        stack.push_async_callback(slack.close)
        vendors = Vendors()
        survey = Survey(
            client=client,
            url=address,
            secret=WEBHOOK_SECRET,
            clock=workspace.now,
            real_time=lambda: workspace.now().timestamp(),
            vendors=vendors,
        )
        Returns(mailbox, client=client, url=address, signer=survey)
        front.router.routes.extend(vendors.routes())
        front.router.routes.extend(routes(slack, mailbox=mailbox, survey=survey, extras=town.extras()))
        front.router.routes.append(Route("/", lambda _: RedirectResponse("/sandbox/")))
        settings = _settings(folder, address, mailbox, vendors)
        house = await stack.enter_async_context(hearback(settings, clock=workspace.now, pace=PACE, every=EVERY))
        front.router.routes.append(Mount("/", house.web))
        if not state and is_seeded:
            await seed.begin(slack, survey)
        saving = asyncio.create_task(_save_again_and_again(folder, workspace, mailbox))
        stack.callback(saving.cancel)
        yield Demo(address, house, slack, mailbox, survey, vendors)


def _install(workspace: Workspace) -> None:
    """Give the app what its manifest asks for, and nothing else: what it lacks, the demo lacks too."""
    features = manifest.manifest()["features"]
    workspace.scopes = set(manifest.scopes())
    workspace.subscriptions = set(manifest.EVENTS)
    workspace.commands = {one["command"] for one in features["slash_commands"]}
    workspace.should_escape = all(one["should_escape"] for one in features["slash_commands"])
    workspace.shortcuts = {
        one["callback_id"]: {"name": one["name"], "type": f"{one['type']}_action"} for one in features["shortcuts"]
    }


def _settings(folder: Path, address: str, mailbox: Mailbox, vendors: Vendors) -> Settings:
    secrets = {**senders.secrets(), "generic": WEBHOOK_SECRET, "mail": WEBHOOK_SECRET}
    return Settings(
        slack_bot_token=SecretStr("xoxb-sandbox"),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_api_url=f"{address}/sandbox/slack/api/",
        database_url=f"sqlite:///{(folder / 'hearback.sqlite').absolute()}",
        public_url=address,
        smtp_url=SecretStr(mailbox.url),
        mail_from="care@lumen.example",
        policy=POLICY,
        webhook_secrets={name: SecretStr(secret) for name, secret in secrets.items()},
        api_tokens={name: SecretStr(token) for name, token in tokens().items()},
        api_urls=vendors.urls(address),
    )


async def _save_again_and_again(folder: Path, workspace: Workspace, mailbox: Mailbox) -> None:
    saved = -1
    while True:
        await asyncio.sleep(SAVE_SECONDS)
        if workspace.version != saved:
            saved = workspace.version
            _save(folder, workspace, mailbox)


def _save(folder: Path, workspace: Workspace, mailbox: Mailbox) -> None:
    path = folder / "sandbox.json"
    half = path.with_suffix(".half")
    half.write_text(json.dumps({"slack": workspace.dump(), "mails": mailbox.dump()}), encoding="utf-8")
    half.replace(path)  # whole or not at all, whenever it is stopped


def _saved(folder: Path) -> Json:
    path = folder / "sandbox.json"
    found: Json = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def _free_port() -> int:
    """Prefer a port that people remember; any free one otherwise."""
    for port in (8000, 8080, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("there is no free port")
