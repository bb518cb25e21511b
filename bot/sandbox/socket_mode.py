"""Socket Mode: events and interactions over WebSockets, each envelope to one of them until it is acknowledged."""

import asyncio
import contextlib
import json
from itertools import cycle

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.channels import Json
from bot.sandbox.slack_events import Reply, Wire

GOING_AWAY = 1001
POLICY_VIOLATION = 1008


class Sockets:
    """The open sockets of the app. While there is one, nothing goes over HTTP."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.open: list[WebSocket] = []
        self.is_used = False
        self.delivered: list[tuple[int, str]] = []
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turn = cycle(range(1_000_000))

    def ticket(self) -> str:
        """Return the address of a fresh socket; it opens once."""
        ticket = self.wire.workspace.next_id("ticket-")
        self._tickets.add(ticket)
        return f"{self.wire.base_url.replace('http', 'ws', 1)}/slack/socket?ticket={ticket}"

    async def serve(self, socket: WebSocket) -> None:
        """Talk to one socket until it closes."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(POLICY_VIOLATION)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        self.open.append(socket)
        self.is_used = True
        app_id = self.wire.workspace.app_id
        hello = {"type": "hello", "num_connections": len(self.open), "connection_info": {"app_id": app_id}}
        try:
            await socket.send_json({**hello, "debug_info": {"host": "sandbox", "approximate_connection_time": 18060}})
            while True:
                self._heard(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._gone(socket)

    def _heard(self, text: str) -> None:
        with contextlib.suppress(ValueError):
            ack = json.loads(text)
            waiting = self._waiting.get(str(ack.get("envelope_id"))) if isinstance(ack, dict) else None
            if waiting is not None and not waiting.done():
                waiting.set_result(ack)

    def _gone(self, socket: WebSocket) -> None:
        if socket in self.open:
            self.open.remove(socket)

    async def carry(self, kind: str, payload: Json, retry: Json) -> Reply | None:
        """Send one envelope and wait for its ack; None when no socket is open.

        An envelope whose socket closes before the ack goes out again on another.
        """
        if not self.open:
            return None
        envelope_id = self.wire.workspace.next_id("envelope-")
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
            "payload": payload,
        }
        if kind == "events_api":
            envelope |= {
                "retry_attempt": retry.get("retry_num", 0),
                "retry_reason": retry.get("retry_reason", "").removeprefix("http_"),
            }
        waiting = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self.wire.timing.patience):
                return Reply(body=(await self._acked(envelope, waiting)).get("payload"))
        except TimeoutError:
            return Reply("operation_timeout")
        finally:
            del self._waiting[envelope_id]

    async def _acked(self, envelope: Json, waiting: "asyncio.Future[Json]") -> Json:
        while True:
            socket = self._next_socket()
            if socket is not None:
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                    await socket.send_json(envelope)
                    self.delivered.append((id(socket), envelope["envelope_id"]))
            while socket is None or socket in self.open:
                done, _ = await asyncio.wait({waiting}, timeout=0.05)
                if done:
                    return waiting.result()
                if socket is None and self.open:
                    break

    def _next_socket(self) -> WebSocket | None:
        return self.open[next(self._turn) % len(self.open)] if self.open else None

    async def ask_to_refresh(self) -> None:
        """Say on every socket that it will be closed soon, as Slack does every few hours."""
        for socket in list(self.open):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})

    async def close(self) -> None:
        """Hang up on every socket."""
        for socket in list(self.open):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(GOING_AWAY)
            self._gone(socket)
