"""The SMTP port: takes mail from those who log in, and puts it into the world's mailboxes."""

import asyncio
import logging
from types import TracebackType
from typing import Any, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from typing_extensions import override

from sandbox.faults import Fault, Kind
from sandbox.feed import Signal
from sandbox.mail.headers import header_values
from sandbox.world import World

PLATFORM = "smtp"
SIZE_BYTES_MAX = 25 * 1024 * 1024
ACCEPTED = "250 2.0.0 Ok: queued as {}"
REPLIES = {
    Kind.RATE_LIMIT: "450 4.7.1 Too many messages, slow down",
    Kind.SERVER_ERROR: "451 4.3.0 Temporary server error",
    Kind.UNAUTHORISED: "535 5.7.8 Authentication credentials invalid",
    Kind.BLOCKED: "550 5.7.1 Message refused by policy",
    Kind.CONFLICT: "450 4.2.0 Mailbox busy",
}


class SubmissionServer:
    """Takes mail inside its `async with` block, where `port` is the real one."""

    def __init__(self, world: World, host: str, port: int) -> None:
        self.port = port
        self._world = world
        self._host = host
        self._open: set[_Protocol] = set()
        self._left = Signal()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        # At each login aiosmtpd warns about an attribute that it sets itself.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, self._host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        while self._open:
            await self._left.next_ring().wait()

    def cut(self) -> int:
        """Close every connection without a word; returns how many."""
        for protocol in self._open:
            protocol.abort()
        return len(self._open)

    def _protocol(self) -> "_Protocol":
        return _Protocol(self._world, self._open, self._left)


class _Protocol(SMTP):
    """One connection: aiosmtpd's protocol, known to the server so that it can be ended."""

    def __init__(self, world: World, open_protocols: set["_Protocol"], left: Signal) -> None:
        handler = _Handler(world)
        super().__init__(
            handler,
            loop=asyncio.get_running_loop(),
            hostname="mx.acme.example",
            ident="Trunkline sandbox",
            data_size_limit=SIZE_BYTES_MAX,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=handler.authenticate,
        )
        self._world = world
        self._open_protocols = open_protocols
        self._left = left

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._open_protocols.add(self)
        self._world.journal.count(PLATFORM, "connect")
        fault = self._world.faults.take(PLATFORM, "connect")
        if fault is not None:
            self._refuse(fault)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self._open_protocols.discard(self)
        self._left.ring()
        super().connection_lost(error)

    def _refuse(self, fault: Fault) -> None:
        """Close before the greeting, with the fault's reply if it has one."""
        live = _transport(self)
        if fault.reply and live is not None:
            live.write(f"{fault.reply}\r\n".encode())
            live.close()
        else:
            self.abort()

    def abort(self) -> None:
        """Close at once."""
        transport = _transport(self)
        if transport is not None:
            transport.abort()


class _Handler:
    """aiosmtpd's hooks. Each returns the reply, or "" where the library has to go on."""

    def __init__(self, world: World) -> None:
        self._world = world

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """PLAIN and LOGIN, with a mailbox's address and password."""
        self._world.journal.count(PLATFORM, "AUTH")
        fault = self._world.faults.take(PLATFORM, "AUTH")
        if fault is not None and (reply := fault.reply or REPLIES.get(fault.kind)):
            return AuthResult(success=False, handled=False, message=reply)
        if mechanism not in ("PLAIN", "LOGIN") or not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        mailbox = self._world.mail.by_login(_text(data.login), _text(data.password))
        return AuthResult(success=mailbox is not None, handled=False, auth_data=mailbox)

    async def handle_MAIL(  # noqa: N802  aiosmtpd names its hooks so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender. Login is demanded here: the library's own switch insists on TLS."""
        if session.auth_data is None:
            return "530 5.7.0 Authentication required"
        reply, _ = await self._fail_before(server, "MAIL", address)
        if reply:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A recipient: refused when the mailbox cannot exist."""
        reply, _ = await self._fail_before(server, "RCPT", address)
        refusal = reply or self._world.mail.refusal(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """The message: delivered to every recipient before the final reply."""
        reply, fault = await self._fail_before(server, "DATA", envelope.rcpt_tos[0])
        if reply:
            return reply
        raw = envelope.original_content or b""
        self._deliver(raw, envelope.rcpt_tos, session)
        if fault is not None and fault.kind is Kind.DROP_AFTER:
            await _hang_up(server)
        if fault is not None and fault.kind is Kind.SLOW_AFTER:
            await asyncio.sleep(fault.seconds)
        return ACCEPTED.format(self._world.feed.seq)

    def _deliver(self, raw: bytes, recipients: list[str], session: Session) -> None:
        mail = self._world.mail
        for address in recipients:
            mail.deliver(address, raw)
        if mail.settings.saves_sent and session.auth_data is not None:
            mail.keep_sent(session.auth_data, raw)
        self._world.journal.accept(
            PLATFORM,
            "DATA",
            target=", ".join(recipients),
            ref=next(iter(header_values(raw, "Message-ID")), ""),
            text=next(iter(header_values(raw, "Subject")), ""),
        )

    async def _fail_before(
        self, server: SMTP, method: str, target: str
    ) -> tuple[str, Fault | None]:
        """(the reply of a refusal or "", the fault)."""
        self._world.journal.count(PLATFORM, method)
        fault = self._world.faults.take(PLATFORM, method, target)
        if fault is None:
            return "", None
        if fault.kind is Kind.DROP_BEFORE:
            await _hang_up(server)
        reply = fault.reply or REPLIES.get(fault.kind, "")
        transport = _transport(server)
        if reply.startswith("421") and transport is not None:
            # RFC 5321 4.2.1: 421 announces that the channel closes; the reply is written first.
            asyncio.get_running_loop().call_soon(transport.close)
        return reply, fault


def _transport(server: SMTP) -> asyncio.Transport | None:
    """A cast, not a check: uvloop's transports are not asyncio's by class."""
    return cast("asyncio.Transport | None", server.transport)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


async def _hang_up(server: SMTP) -> None:
    """Close at once and wait for the cancellation that follows, so that no reply is written."""
    transport = _transport(server)
    if transport is not None:
        transport.abort()
    await asyncio.get_running_loop().create_future()
