"""What goes wrong with mail, as the client libraries see it."""

import asyncio
from email.message import EmailMessage
from typing import Any

import aioimaplib  # type: ignore[import-untyped]
import aiosmtplib
import pytest

from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire
from tests.rigs.waiting import PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("method", "fault", "error", "code"),
    [
        ("MAIL", {"kind": "reply", "reply": "421 4.3.2 Shutting down"}, "SMTPSenderRefused", 421),
        ("RCPT", {"kind": "reply", "reply": "450 4.2.0 Greylisted"}, "SMTPRecipientsRefused", 0),
        ("DATA", {"kind": "reply", "reply": "550 5.7.1 Spam"}, "SMTPDataError", 550),
        ("DATA", {"kind": "rate_limit"}, "SMTPDataError", 450),
        ("DATA", {"kind": "server_error"}, "SMTPDataError", 451),
        # The client tries PLAIN, then LOGIN: two calls.
        ("AUTH", {"kind": "unauthorised", "count": 2}, "SMTPAuthenticationError", 535),
        ("RCPT", {"kind": "drop_before"}, "SMTPServerDisconnected", 0),
        ("connect", {"kind": "drop_before"}, "SMTPConnectError", 0),
        ("connect", {"kind": "reply", "reply": "421 4.3.2 Busy"}, "SMTPConnectResponseError", 421),
    ],
)
async def test_a_refused_submission_leaves_nothing_behind(
    sandbox: Sandbox, wire: Wire, method: str, fault: dict[str, Any], error: str, code: int
) -> None:
    await wire.post("/faults", platform="smtp", method=method, **fault)

    with pytest.raises(getattr(aiosmtplib, error)) as raised:
        await _submit(sandbox)

    assert await wire.get("/journal") == []
    if code:
        assert raised.value.code == code
    await _submit(sandbox)
    assert len(await wire.get("/journal")) == 1


async def test_a_connection_lost_after_the_final_dot_has_delivered(
    sandbox: Sandbox, wire: Wire
) -> None:
    """The ambiguous send: the gateway has to look into Sent before it sends again."""
    await wire.post("/faults", platform="smtp", method="DATA", kind="drop_after")

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await _submit(sandbox)

    assert [entry["ref"] for entry in await wire.get("/journal")] == ["<m@acme.example>"]
    assert len(sandbox.world.mail.support.sent.messages) == 1


async def test_a_slow_final_answer_times_out_after_delivery(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/faults", platform="smtp", method="DATA", kind="slow_after", seconds=5)

    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await _submit(sandbox, timeout=0.3)

    assert len(await wire.get("/journal")) == 1


async def test_an_imap_connection_can_be_cut_while_idling(
    sandbox: Sandbox, wire: Wire, imap: aioimaplib.IMAP4
) -> None:
    lost = asyncio.Event()
    imap.protocol.conn_lost_cb = lambda _error: lost.set()
    await imap.idle_start(timeout=30)

    answer = await wire.post("/mail/cut", address=sandbox.support_address)

    async with asyncio.timeout(PATIENCE_SECONDS):
        await lost.wait()
    assert answer == {"cut": 1}


@pytest.mark.parametrize(
    ("method", "fault", "answer"),
    [
        ("NOOP", {"kind": "server_error"}, b"a NO [UNAVAILABLE] Temporary failure\r\n"),
        ("NOOP", {"kind": "reply", "reply": "NO [INUSE] Busy"}, b"a NO [INUSE] Busy\r\n"),
        ("NOOP", {"kind": "reply", "reply": "BYE Too idle"}, b"* BYE Too idle\r\n"),
        ("NOOP", {"kind": "drop_before"}, b""),
        ("NOOP", {"kind": "drop_after"}, b""),
        ("CAPABILITY", {"kind": "drop_before"}, b"a OK NOOP completed\r\n"),
    ],
)
async def test_an_imap_command_fails_as_told(
    sandbox: Sandbox, wire: Wire, method: str, fault: dict[str, Any], answer: bytes
) -> None:
    await wire.post("/faults", platform="imap", method=method, **fault)
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.imap_port)
    await reader.readline()

    writer.write(b"a NOOP\r\n")
    try:
        told = await reader.readline()
    except ConnectionResetError:
        told = b""
    writer.transport.abort()

    assert told == answer


async def _submit(sandbox: Sandbox, timeout: float = 5) -> None:
    message = EmailMessage()
    message["From"] = sandbox.support_address
    message["To"] = "mei.tan@post.example"
    message["Message-ID"] = "<m@acme.example>"
    message.set_content("hello")
    await aiosmtplib.send(
        message,
        hostname="127.0.0.1",
        port=sandbox.smtp_port,
        start_tls=False,
        timeout=timeout,
        username=sandbox.mail_user,
        password=sandbox.mail_password,
    )
