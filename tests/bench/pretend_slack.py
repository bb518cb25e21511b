"""A Slack that says yes at once, as cheaply as Python can: `python -m tests.bench.pretend_slack PORT`."""

import asyncio
import json
import sys
from itertools import count

_TS = count(1)


class _SaysYes(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._heard = b""

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while True:
            head, end, rest = self._heard.partition(b"\r\n\r\n")
            length = next((int(one[15:]) for one in head.split(b"\r\n") if one[:15].lower() == b"content-length:"), 0)
            if not end or len(rest) < length:
                return
            self._heard = rest[length:]
            self._transport.write(_answer(head.split(b" ", 2)[1].rpartition(b"/")[2].partition(b"?")[0]))


def _answer(method: bytes) -> bytes:
    said: dict[str, object] = {"ok": True}
    if method == b"users.list":
        said |= {"members": [], "response_metadata": {"next_cursor": ""}}
    elif method == b"conversations.open":
        said |= {"channel": {"id": "D0000001"}}
    else:
        said |= {"channel": "C0000001", "ts": f"1800000000.{next(_TS):06d}", "user_id": "UBOT", "bot_id": "BBOT"}
    body = json.dumps(said).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return head + body


async def serve(port: int) -> None:
    """Answer until killed."""
    server = await asyncio.get_running_loop().create_server(_SaysYes, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
