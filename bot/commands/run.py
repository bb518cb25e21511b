"""`run`: serve until told to stop."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from typing import Final

import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from starlette.types import ASGIApp

from bot.app import hearback, socket_mode
from bot.settings import Settings, read_settings

log: Final = logging.getLogger("hearback")

# A socket that has been down for so long won't come back by itself: the supervisor starts us anew.
SOCKET_PATIENCE_SECONDS: Final = 120
SOCKET_LOOK_SECONDS: Final = 10
# What is under way may end; a caller who hangs is not waited for.
GOODBYE_SECONDS: Final = 5


async def run() -> int:
    """Serve until SIGTERM or Ctrl-C. Exit status 1 when the socket to Slack stayed down."""
    settings = read_settings()
    log_to_stderr()
    async with hearback(settings) as house, socket_mode(house, settings) as socket:
        server = http_server(house.web, settings)
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():  # noqa: ASYNC110 -- uvicorn has no event for it
            await asyncio.sleep(0.05)
        spare_the_collector()
        if not serving.done():
            how = "by Socket Mode" if socket else "over HTTP"
            log.info("Hearback is ready: Slack is reached %s, survey tools at %s", how, _address(settings, server))
        watching = asyncio.create_task(_until_down(socket)) if socket else None
        waiting = {serving} | ({watching} if watching else set())
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        if watching is not None and watching.done():
            log.error("The socket to Slack stayed down for two minutes. Stopping, so that the supervisor starts anew.")
            return 1
        if watching is not None:
            watching.cancel()
        return 0 if server.started else 1


def http_server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    """Build the HTTP server. It stops on SIGTERM and Ctrl-C, and lets what is under way end."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal once more when it has stopped; we have more to close than it knows of.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment] # its own switch for this
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, _stop, server)
    return server


def log_to_stderr() -> None:
    """Write what happens to standard error, where supervisors and containers look for it."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("apscheduler", "uvicorn.error", "slack_bolt", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def spare_the_collector() -> None:
    """Keep the garbage collector from looking through what stays for ever: delivery is a quarter faster without."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def _stop(server: uvicorn.Server) -> None:
    if server.should_exit:
        server.force_exit = True  # asked twice: at once
    server.should_exit = True


async def _until_down(socket: AsyncSocketModeHandler) -> None:
    down = 0
    while down < SOCKET_PATIENCE_SECONDS:
        await asyncio.sleep(SOCKET_LOOK_SECONDS)
        down = 0 if await socket.client.is_connected() else down + SOCKET_LOOK_SECONDS


def _address(settings: Settings, server: uvicorn.Server) -> str:
    if settings.public_url:
        return settings.public_url
    port = server.servers[0].sockets[0].getsockname()[1] if server.servers else settings.port
    return f"http://{settings.host}:{port}/"
