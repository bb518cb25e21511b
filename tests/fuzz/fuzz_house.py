"""A whole house in a thread of its own, and requests as no client would send them: straight into its doors."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import psycopg
from pydantic import SecretStr
from sqlmodel import SQLModel, func, select
from starlette.applications import Starlette

from bot.app import Hearback, hearback
from bot.clock import wall_clock
from bot.sandbox import town
from bot.sandbox.api_params import json_param
from bot.sandbox.demo import POLICY
from bot.sandbox.routes import routes
from bot.sandbox.rules import view_problems
from bot.sandbox.serving import serving
from bot.sandbox.slack import PretendSlack
from bot.sandbox.workspace import Workspace
from bot.settings import Settings

T = TypeVar("T")
KEY: Final = b"a key of thirty-two bytes, known"
STANDARD: Final = "whsec_" + base64.b64encode(KEY).decode()
SIGNING: Final = "fuzz-signing-secret"
OURS: Final = "https://care.example"
SECRETS: Final = {
    "generic": STANDARD,
    "formbricks": STANDARD,
    "mail": STANDARD,
    "typeform": "t",
    "intercom": "i",
    "freshdesk": "f",
    "hubspot": "h",
}
THAT_SIGN: Final = ("generic", "formbricks", "typeform", "intercom", "hubspot")
SOURCES: Final = (*THAT_SIGN, "freshdesk")  # the last one shows the secret and signs nothing
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """One request. `chunks`: the body as it arrives; `breaks_off`: the caller is gone before its end."""

    method: str
    path: str
    headers: Headers
    chunks: tuple[bytes, ...] = (b"",)
    breaks_off: bool = False


@dataclass(slots=True)
class House:
    """The house, and how to speak to it from outside its thread."""

    loop: asyncio.AbstractEventLoop
    hearback: Hearback
    slack: PretendSlack
    slack_url: str
    refused: list[str]
    """What Slack would refuse of the modals that we opened."""
    answers: Counter[str] = field(default_factory=Counter)
    """What the survey door said so far, by its word for it."""

    def run(self, work: Awaitable[T], *, patience: float = 120.0) -> T:
        """Run something in the house's thread."""

        async def wrapped() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(wrapped(), self.loop).result(patience)

    def send(self, requests: Sequence[Sent]) -> list[tuple[int, bytes]]:
        """Send requests at once; gives each one's status and body. What raises counts as 500."""

        async def all_of_them() -> list[tuple[int, bytes]]:
            return await asyncio.gather(*(answered(self.hearback.web, one) for one in requests))

        return self.run(all_of_them())

    def rows(self) -> dict[str, int]:
        """Count the rows of every table but those that delivery and reading move by themselves."""
        tables = [table for table in SQLModel.metadata.sorted_tables if table.name != "members"]
        return self.hearback.db.read_now(
            lambda session: {
                table.name: session.exec(select(func.count()).select_from(table)).one() for table in tables
            }
        )


async def answered(app: Callable[..., Awaitable[None]], sent: Sent) -> tuple[int, bytes]:
    """Call the app as a server does."""
    parts = list(sent.chunks)
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        if not parts:
            return {"type": "http.disconnect"}
        body = parts.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(parts) or sent.breaks_off}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    path, _, query = sent.path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "replace"),
        "query_string": query.encode("utf-8", "replace"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), _header(value)) for name, value in sent.headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("hearback.test", 80),
    }
    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001 -- a server would answer 500
        return 500, f"{type(error).__name__}: {error}".encode("utf-8", "replace")
    status = next(int(one["status"]) for one in said if one["type"] == "http.response.start")
    return status, b"".join(one.get("body", b"") for one in said if one["type"] == "http.response.body")


def _header(value: str) -> bytes:
    """Write a header's value as it can arrive: servers take any byte but line ends and NUL."""
    return value.encode("utf-8", "surrogatepass").translate(None, b"\r\n\x00")


def signed_webhook(source: str, body: bytes) -> dict[str, str]:
    """Sign as this survey tool does; `mail` signs like the generic source."""
    if source == "typeform":
        digest = hmac.new(b"t", body, hashlib.sha256).digest()
        return {"typeform-signature": f"sha256={base64.b64encode(digest).decode()}"}
    if source == "intercom":
        return {"x-hub-signature": f"sha1={hmac.new(b'i', body, hashlib.sha1).hexdigest()}"}
    if source == "freshdesk":
        return {"x-hearback-token": "f"}
    if source == "hubspot":
        stamp = str(int(time.time() * 1000))
        digest = hmac.new(
            b"h", f"POST{OURS}/webhooks/hubspot".encode() + body + stamp.encode(), hashlib.sha256
        ).digest()
        return {
            "x-hubspot-request-timestamp": stamp,
            "x-hubspot-signature-v3": base64.b64encode(digest).decode(),
        }
    stamp = str(int(time.time()))
    digest = hmac.new(KEY, f"msg_1.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}


def signed_slack(body: bytes, kind: str) -> dict[str, str]:
    """Sign as Slack does."""
    stamp = str(int(time.time()))
    digest = hmac.new(SIGNING.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}


@contextmanager
def fuzz_house(database_url: str) -> Iterator[House]:
    """Start a house with some cases in it. Nothing is delivered meanwhile: the outbox keeps it all."""
    started: list[House] = []
    is_up, is_over = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_live(database_url, started, is_up, is_over)))
    thread.start()
    try:
        assert is_up.wait(30), "the house did not start"
        yield started[0]
    finally:
        is_over.set()
        thread.join(30)


async def _live(database_url: str, started: list[House], is_up: threading.Event, is_over: threading.Event) -> None:
    workspace = Workspace(clock=wall_clock, real_time=time.time)
    town.settle(workspace)
    slack, refused = PretendSlack(workspace, signing_secret=SIGNING), list[str]()

    def shown(params: dict[str, Any]) -> dict[str, Any]:
        """Open any modal, whatever its trigger: a press whose modal Slack won't open is answered 500 on purpose."""
        view = json_param(params, "view", error="invalid_arguments")
        refused.extend(view_problems(view, surface="modal"))
        return {"view": {"id": "V1"}}

    slack.api.methods |= {f"views.{name}": ("", shown) for name in ("open", "push", "update")}
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(Starlette(routes=routes(slack))))
        slack.wire.base_url = f"{address}/sandbox"
        settings = Settings(
            slack_bot_token=SecretStr(workspace.bot_token),
            slack_signing_secret=SecretStr(SIGNING),
            slack_api_url=f"{address}/sandbox/slack/api/",
            database_url=database_url,
            public_url=OURS,
            policy=POLICY,
            webhook_secrets={name: SecretStr(secret) for name, secret in SECRETS.items()},
        )
        house = await stack.enter_async_context(hearback(settings))
        await house.delivery.stop()
        started.append(House(asyncio.get_running_loop(), house, slack, f"{address}/sandbox", refused))
        is_up.set()
        await asyncio.get_running_loop().run_in_executor(None, is_over.wait)


def empty_postgres(server: str) -> str:
    """Make a database without any tables: the house upgrades it."""
    name = f"fuzz_{os.urandom(6).hex()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"{server}/{name}"


def post(house: House, responses: list[tuple[str, bytes]]) -> None:
    """Send rightly signed responses, and count what is said to each."""
    found = house.send([Sent("POST", f"/webhooks/{to}", signed_webhook(to, body), (body,)) for to, body in responses])
    for (to, body), (status, said) in zip(responses, found, strict=True):
        assert status == 200, (to, body, status, said)
    house.answers.update(json.loads(said)["status"] for _, said in found)
    house.answers["rightly signed"] += len(found)
