"""Callers who ask over and over: each sends its next request as soon as the last one is answered."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

CALLERS = 32
PATIENCE_SECONDS = 300


@dataclass(slots=True)
class Load:
    """What a load gave: how long each answer took, in seconds, and how long all of them together."""

    took: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds

    @property
    def middle_ms(self) -> float:
        """Give the median latency in milliseconds."""
        return median(self.took) * 1000


class _Caller(asyncio.Protocol):
    """One kept-alive connection. Nothing but 200 is an answer."""

    def __init__(self, requests: Iterator[bytes], load: Load, done: asyncio.Future[None]) -> None:
        self._requests, self._load, self._done = requests, load, done
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._load.took.append(time.perf_counter() - self._asked)
        if not head.startswith(b"HTTP/1.1 200"):
            self._end(RuntimeError(f"the answer was {self._heard[:500]!r}"))
            return
        self._heard = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or RuntimeError("the server hung up"))

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end(None)
            return
        self._asked = time.perf_counter()
        self._transport.write(request)

    def _end(self, problem: Exception | None) -> None:
        if self._done.done():
            return
        if problem is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(problem)
        self._transport.close()


def send(port: int, requests: Sequence[bytes], *, callers: int = CALLERS) -> Load:
    """Send the requests, so many at once. Raises RuntimeError when one isn't answered 200."""
    return asyncio.run(_send(port, requests, callers))


async def _send(port: int, requests: Sequence[bytes], callers: int) -> Load:
    loop, load, left = asyncio.get_running_loop(), Load(), iter(requests)
    done = [loop.create_future() for _ in range(callers)]
    begun = time.perf_counter()
    for one in done:
        await loop.create_connection(lambda one=one: _Caller(left, load, one), "127.0.0.1", port)  # type: ignore[misc] # its loop variable
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*done)
    load.seconds = time.perf_counter() - begun
    return load


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Write a POST request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
