"""A real SMTP server on the test's own loop, which does as it is told."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ACCEPT = "250 2.0.0 taken"


class PostOffice:
    """What the server has seen, and what it shall do next: an answer for a step, `drop` or `hang`, used once each."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.connections = 0
        self.commands: list[str] = []
        self.at: dict[str, list[str]] = {}
        self.port = 0
        self.open: list[SMTP] = []
        self.reached: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def then(self, step: str, *answers: str) -> None:
        self.at.setdefault(step, []).extend(answers)

    async def answer(self, step: str, server: SMTP) -> str | None:
        """Take this step's next order: an answer to give, or None to go on as usual."""
        self.commands.append(step)
        self.reached[step].set()
        order = self.at.get(step) and self.at[step].pop(0)
        if order == "drop":
            server.transport.abort()
            await asyncio.sleep(3600)  # until the connection's own end cancels this
        if order == "hang":
            await asyncio.sleep(3600)
        return order or None

    async def handle_MAIL(self, server: SMTP, _s: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        refusal = await self.answer("mail", server)
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 OK"

    async def handle_RCPT(self, server: SMTP, _s: Session, envelope: Envelope, address: str, _o: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        refusal = await self.answer("rcpt", server)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, _s: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        refusal = await self.answer("message", server)
        if refusal is None or refusal.startswith("2"):
            self.mails.append(envelope)
        return refusal or ACCEPT


def connection_of(office: PostOffice, **options: Any) -> Callable[[], SMTP]:
    class Connection(SMTP):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            office.connections += 1
            office.open.append(self)
            super().connection_made(transport)

        async def push(self, status: str | bytes) -> None:
            if isinstance(status, str) and status.startswith("220 "):
                status = await office.answer("greeting", self) or status
            await super().push(status)

        async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
            refusal = await office.answer("data", self)
            if refusal:
                await self.push(refusal)
            else:
                await super().smtp_DATA(arg)

    def authenticate(_server: SMTP, _s: Session, _e: Envelope, _mechanism: str, given: LoginPassword) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (b"desk", b"p@ss/word"), handled=False)

    return lambda: Connection(
        office, hostname="post.example", authenticator=authenticate, auth_require_tls=False, **options
    )


Opened = Callable[..., Awaitable[PostOffice]]


@pytest.fixture
async def open_office() -> AsyncIterator[Opened]:
    servers: list[asyncio.Server] = []
    offices: list[PostOffice] = []

    async def opened(**options: Any) -> PostOffice:
        office = PostOffice()
        server = await asyncio.get_running_loop().create_server(connection_of(office, **options), "127.0.0.1", 0)
        servers.append(server)
        offices.append(office)
        office.port = server.sockets[0].getsockname()[1]
        return office

    yield opened
    for server in servers:
        server.close()
    for connection in [each for office in offices for each in office.open]:
        if connection.transport is not None:
            connection.transport.abort()
        if connection._handler_coroutine is not None:
            connection._handler_coroutine.cancel()
    await asyncio.sleep(0.01)


@pytest.fixture
async def office(open_office: Opened) -> PostOffice:
    return await open_office()
