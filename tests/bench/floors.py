"""The floors: the barest thing that could do the same work, without anything that makes it safe or useful."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import Engine, event
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, create_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.bench.house import SIGNING_SECRET

CONNECTIONS = 16
CASES = (
    "CREATE TABLE cases (id integer PRIMARY KEY, state text NOT NULL, owner text)",
    "CREATE TABLE events (id {serial}, case_id integer NOT NULL, kind text NOT NULL, by text NOT NULL)",
)
TAKE = "UPDATE cases SET state = 'working', owner = {0} WHERE id = {0}"
WRITE_DOWN = "INSERT INTO events (case_id, kind, by) VALUES ({0}, 'taken', {0})"


class Floor(SQLModel, registry=registry()):
    """Keeps the floor's table apart from ours."""


class Kept(Floor, table=True):
    """One response, as a bare webhook would keep it."""

    id: int | None = Field(default=None, primary_key=True)
    external_id: str
    score: float
    comment: str
    email: str


def press_floor(url: str) -> Starlette:
    """Build a bare listener: it updates one row, inserts one, and acks."""
    app = AsyncApp(signing_secret=SIGNING_SECRET, process_before_response=True, authorize=_authorized)
    take = _take_on_sqlite(url) if url.startswith("sqlite") else _take_on_postgres(url)

    @app.action("case_take")
    async def on_press(ack: AsyncAck, body: dict[str, Any]) -> None:
        await take(int(body["actions"][0]["value"]), body["user"]["id"])
        await ack()

    handler = AsyncSlackRequestHandler(app)
    return Starlette(routes=[Route("/slack/events", handler.handle, methods=["POST"]), Route("/ready", _ready)])


def make_cases(url: str, count: int) -> None:
    """Make the tables of the press's floor, with so many cases."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            for statement in CASES:
                connection.execute(statement.format(serial="integer PRIMARY KEY"))
            connection.executemany("INSERT INTO cases VALUES (?, 'new', NULL)", [(n,) for n in range(1, count + 1)])
        connection.close()
        return
    with psycopg.connect(url) as server, server.cursor() as cursor:
        for statement in CASES:
            cursor.execute(statement.format(serial="serial PRIMARY KEY"))
        cursor.executemany("INSERT INTO cases VALUES (%s, 'new', NULL)", [(n,) for n in range(1, count + 1)])


def webhook_floor(url: str, secret: str) -> Starlette:
    """Build a bare route: it checks an HMAC and commits one SQLModel row."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), pool_size=CONNECTIONS)
    if url.startswith("sqlite"):
        event.listen(engine, "connect", lambda connection, _: _as_ours(connection))
    Floor.metadata.create_all(engine)

    def keep(body: bytes, signature: str) -> Response:
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            return Response(status_code=401)
        response = json.loads(body)["data"]
        with Session(engine) as session:
            row = Kept(
                external_id=response["id"],
                score=response["score"],
                comment=response["comment"],
                email=response["customer"]["email"],
            )
            session.add(row)
            session.commit()
        return JSONResponse({"ok": True})

    async def in_the_loop(request: Request) -> Response:
        return keep(await request.body(), request.headers["x-signature"])

    async def in_threads(request: Request) -> Response:
        return await asyncio.to_thread(keep, await request.body(), request.headers["x-signature"])

    # SQLite has one writer at a time: threads would only get in each other's way.
    route = in_the_loop if url.startswith("sqlite") else in_threads
    return Starlette(routes=[Route("/", route, methods=["POST"]), Route("/ready", _ready)])


def slow_commits(milliseconds: float) -> None:
    """Let every commit of every engine take so much longer, as on a disk that is slow to sync."""
    import time  # noqa: PLC0415 -- nothing else here waits

    event.listen(Engine, "commit", lambda _: time.sleep(milliseconds / 1000))


async def _authorized(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=None, bot_token="xoxb-bench")


async def _ready(_: Request) -> Response:
    return Response()


def _as_ours(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _take_on_sqlite(url: str) -> Callable[[int, str], Awaitable[None]]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    _as_ours(connection)
    first, second = TAKE.replace("{0}", "?"), WRITE_DOWN.replace("{0}", "?")

    async def take(case_id: int, by: str) -> None:
        with connection:
            connection.execute(first, (by, case_id))
            connection.execute(second, (case_id, by))

    return take


def _take_on_postgres(url: str) -> Callable[[int, str], Awaitable[None]]:
    free: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()
    opened = 0
    first, second = TAKE.replace("{0}", "%s"), WRITE_DOWN.replace("{0}", "%s")

    async def take(case_id: int, by: str) -> None:
        nonlocal opened
        if free.empty() and opened < CONNECTIONS:
            opened += 1
            free.put_nowait(await psycopg.AsyncConnection.connect(url))
        connection = await free.get()
        await connection.execute(first, (by, case_id))
        await connection.execute(second, (case_id, by))
        await connection.commit()
        free.put_nowait(connection)

    return take
