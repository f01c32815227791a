"""How submission goes wrong beyond a refusal, as aiosmtplib and bare lines see it."""

import base64
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiosmtplib
import pytest

from sandbox.server import Sandbox
from tests.e2e.sandbox.bare import Bare, connected
from tests.e2e.sandbox.rig import Wire

MEI, JONAS = "mei.tan@post.example", "jonas.keller@post.example"
MAIL = b"From: support@acme.example\r\nMessage-ID: <m@acme.example>\r\n\r\n" + b"x" * 70 + b"\r\n"
GOOD_BYE = "421 4.3.2 Shutting down"


@pytest.fixture
async def bare(sandbox: Sandbox) -> AsyncIterator[Bare]:
    """Logged in."""
    async with connected(sandbox.smtp_port) as line:
        await line.reply("EHLO here")
        login = f"\0{sandbox.mail_user}\0{sandbox.mail_password}".encode()
        await line.reply(f"AUTH PLAIN {base64.b64encode(login).decode()}")
        yield line


@pytest.mark.parametrize("method", ["EHLO", "AUTH", "MAIL", "RCPT", "354", "DATA", "RSET", "NOOP"])
async def test_the_host_may_shut_down_at_any_command(
    sandbox: Sandbox, wire: Wire, method: str
) -> None:
    """The reply is told and the connection ends; what was not taken is not delivered."""
    await wire.post("/faults", platform="smtp", method=method, kind="reply", reply=GOOD_BYE)

    async with connected(sandbox.smtp_port) as line:
        told = await _all_of_it(line, sandbox)

    assert told[-1] == GOOD_BYE
    assert await wire.get("/journal") == []


@pytest.mark.parametrize("method", ["EHLO", "AUTH", "MAIL", "RCPT", "354", "DATA"])
async def test_the_connection_is_reset_at_any_command(
    sandbox: Sandbox, wire: Wire, method: str
) -> None:
    await wire.post("/faults", platform="smtp", method=method, kind="reset", seconds=0)

    with pytest.raises((aiosmtplib.SMTPException, ConnectionError)):
        await _submit(sandbox, [MEI])

    assert await wire.get("/journal") == []
    assert await _submit(sandbox, [MEI]) == {}


@pytest.mark.parametrize("method", ["EHLO", "MAIL", "RCPT", "354", "DATA"])
async def test_a_silent_host_is_left_by_the_clock(
    sandbox: Sandbox, wire: Wire, method: str
) -> None:
    await wire.post("/faults", platform="smtp", method=method, kind="hang")

    with pytest.raises(aiosmtplib.SMTPException):
        await _submit(sandbox, [MEI], timeout=0.3)

    assert await wire.get("/journal") == []


@pytest.mark.parametrize("kind", ["drop_before", "reset"])
async def test_a_mail_is_cut_in_the_middle(sandbox: Sandbox, wire: Wire, kind: str) -> None:
    """Half a mail is no mail."""
    body = {"method": "body", "kind": kind, "after_bytes": 60, "seconds": 0}
    await wire.post("/faults", platform="smtp", **body)

    with pytest.raises((aiosmtplib.SMTPException, ConnectionError)):
        await _submit(sandbox, [MEI])

    assert await wire.get("/journal") == []
    assert sandbox.world.mail.support.sent.messages == []


@pytest.mark.parametrize(("kind", "arrived"), [("drop_before", 0), ("drop_after", 1), ("cut", 1)])
async def test_after_the_final_dot_nobody_can_tell(
    sandbox: Sandbox, wire: Wire, kind: str, arrived: int
) -> None:
    """The same to the sender, whether the mail was taken or not."""
    await wire.post("/faults", platform="smtp", method="DATA", kind=kind, after_bytes=4)

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await _submit(sandbox, [MEI])

    assert len(await wire.get("/journal")) == arrived


async def test_replies_drip_and_have_many_lines(sandbox: Sandbox, wire: Wire, bare: Bare) -> None:
    reply = "450-4.2.0 One moment\n450-4.2.0 please,\n450 4.2.0 and again"
    await wire.post("/faults", platform="smtp", method="MAIL", kind="reply", reply=reply)
    await wire.post("/faults", platform="smtp", method="NOOP", kind="trickle", seconds=0.2)

    told = await bare.reply(f"MAIL FROM:<{sandbox.mail_user}>")
    dripped = await bare.reply("NOOP")

    assert (told, dripped) == (reply, "250 2.0.0 Ok")


async def test_each_recipient_is_refused_for_itself(sandbox: Sandbox, wire: Wire) -> None:
    """One of several does not exist, one is full: the rest gets the mail."""
    full = "452 4.2.2 Mailbox full"
    fault = {"method": "RCPT", "target": JONAS, "kind": "reply", "reply": full}
    await wire.post("/faults", platform="smtp", **fault)

    refused = await _submit(sandbox, [MEI, JONAS, "unknown@post.example"])

    assert {address: reply[0] for address, reply in refused.items()} == {
        JONAS: 452,
        "unknown@post.example": 550,
    }
    assert (await wire.get("/journal"))[0]["target"] == MEI


async def test_only_so_many_recipients_are_taken(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/mail/settings", smtp={"recipients_max": 1})

    refused = await _submit(sandbox, [MEI, JONAS])

    assert [reply[0] for reply in refused.values()] == [452]


async def test_a_greylist_lets_in_who_comes_again() -> None:
    """Each pair of sender and recipient for itself."""
    now = [1000.0]
    async with Sandbox(now=lambda: now[0]) as sandbox, Wire.of(sandbox) as wire:
        await wire.post("/mail/settings", smtp={"greylist_seconds": 60})
        for _ in range(2):
            with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
                await _submit(sandbox, [MEI])
            assert refused.value.recipients[0].code == 450
        now[0] += 61

        assert await _submit(sandbox, [MEI]) == {}
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await _submit(sandbox, [JONAS])


async def test_a_greylist_can_count_attempts_instead(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/mail/settings", smtp={"greylist_attempts": 1})
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await _submit(sandbox, [MEI])

    assert await _submit(sandbox, [MEI]) == {}


async def test_a_mail_that_is_too_big_is_refused_with_or_without_warning(
    sandbox: Sandbox, wire: Wire
) -> None:
    await wire.post("/mail/settings", smtp={"size_bytes_max": 50})
    with pytest.raises(aiosmtplib.SMTPSenderRefused) as announced:
        await _submit(sandbox, [MEI])

    await wire.post("/mail/settings", smtp={"without": ["SIZE"]})
    with pytest.raises(aiosmtplib.SMTPDataError) as sent:
        await _submit(sandbox, [MEI])

    assert (announced.value.code, sent.value.code) == (552, 552)


async def test_a_small_host_offers_little(sandbox: Sandbox, wire: Wire) -> None:
    """What is not offered is not taken either."""
    without = ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE"]
    await wire.post("/mail/settings", smtp={"without": without, "mechanisms": ["PLAIN"]})

    async with connected(sandbox.smtp_port) as line:
        offered = await line.reply("EHLO here")
        login = f"\0{sandbox.mail_user}\0{sandbox.mail_password}".encode()
        other = await line.reply(f"AUTH LOGIN {base64.b64encode(login).decode()}")
        await line.reply(f"AUTH PLAIN {base64.b64encode(login).decode()}")
        mail = await line.reply(f"MAIL FROM:<{sandbox.mail_user}> BODY=8BITMIME")
        told = await _send(line, sandbox, MAIL + "ä\r\n".encode())

    assert offered == "250-mx.acme.example\n250 AUTH PLAIN"
    assert (other[:3], mail[:3], told[:3]) == ("504", "555", "554")


async def test_foreign_addresses_need_to_be_announced(sandbox: Sandbox, bare: Bare) -> None:
    await bare.reply(f"MAIL FROM:<{sandbox.mail_user}>")
    unannounced = await bare.reply("RCPT TO:<jürgen@post.example>")
    await bare.reply("RSET")
    await bare.reply(f"MAIL FROM:<{sandbox.mail_user}> SMTPUTF8")

    assert unannounced[:3] == "553"
    assert (await bare.reply("RCPT TO:<jürgen@post.example>"))[:3] == "250"


async def test_automatic_mail_has_no_sender(sandbox: Sandbox, bare: Bare) -> None:
    """RFC 3834: nobody answers to it."""
    told = await bare.reply("MAIL FROM:<>")
    await bare.reply(f"RCPT TO:<{MEI}>")

    assert told == "250 2.1.0 Ok"
    assert (await bare.reply("DATA"))[:3] == "354"


async def test_connections_end_when_they_idle_or_are_used_up(sandbox: Sandbox, wire: Wire) -> None:
    """Kept connections are a privilege."""
    await wire.post("/mail/settings", smtp={"idle_seconds": 0.2, "mails_per_connection_max": 1})

    async with _logged_in(sandbox) as client:
        await client.sendmail(sandbox.mail_user, [MEI], MAIL)
        with pytest.raises(aiosmtplib.SMTPSenderRefused) as used_up:
            await client.sendmail(sandbox.mail_user, [MEI], MAIL)
    async with connected(sandbox.smtp_port) as line:
        idled = await line.rest()

    assert used_up.value.code == 421
    assert idled == b"421 4.4.2 mx.acme.example Error: timeout exceeded\r\n"


async def test_encryption_is_offered_and_then_refused(sandbox: Sandbox, wire: Wire) -> None:
    """The gateway must not go on in the open."""
    await wire.post("/mail/settings", smtp={"starttls": "refused"})

    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        async with aiosmtplib.SMTP(
            hostname="127.0.0.1", port=sandbox.smtp_port, start_tls=True, timeout=5
        ):
            pass

    assert refused.value.code == 454


async def test_only_who_knows_the_certificate_trusts_it(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/mail/settings", smtp={"starttls": "own"})
    url = f"{sandbox.http_url}/control/mail/certificate"
    async with wire.http.get(url) as response:
        trusting = ssl.create_default_context(cadata=await response.text())

    async with _encrypted(sandbox, trusting) as client:
        await client.sendmail(sandbox.mail_user, [MEI], MAIL)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self.signed"):
        async with _encrypted(sandbox, ssl.create_default_context()):
            pass

    assert len(await wire.get("/journal")) == 1


async def test_a_certificate_for_another_host_is_no_proof(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/mail/settings", smtp={"starttls": "other"})
    other = sandbox.world.mail.certificates.other.pem

    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        async with _encrypted(sandbox, ssl.create_default_context(cadata=other)):
            pass

    assert await wire.get("/journal") == []


async def test_a_login_fails_for_now(sandbox: Sandbox, wire: Wire) -> None:
    reply = "454 4.7.0 Temporary authentication failure"
    await wire.post("/faults", platform="smtp", method="AUTH", kind="reply", reply=reply, count=0)

    with pytest.raises(aiosmtplib.SMTPAuthenticationError) as refused:
        await _submit(sandbox, [MEI])

    assert refused.value.code == 454


async def test_a_dot_between_bare_line_feeds_ends_nothing(sandbox: Sandbox, bare: Bare) -> None:
    """Whoever took it for the end would take the rest for commands (SMTP smuggling)."""
    smuggled = b"Subject: x\r\n\r\nab\n.\nMAIL FROM:<evil@post.example>\r\n..dot\r\n"

    told = await _send(bare, sandbox, smuggled)

    assert told[:3] == "250"
    kept = sandbox.world.mail.host(MEI).inbox.messages[0].raw
    assert kept == smuggled.replace(b"..dot", b".dot")


async def _all_of_it(line: Bare, sandbox: Sandbox) -> list[str]:
    """Every command; the replies up to the one after which there is no more."""
    login = f"\0{sandbox.mail_user}\0{sandbox.mail_password}".encode()
    told = []
    for command in (
        "NOOP",
        "EHLO here",
        f"AUTH PLAIN {base64.b64encode(login).decode()}",
        "RSET",
        f"MAIL FROM:<{sandbox.mail_user}>",
        f"RCPT TO:<{MEI}>",
        "DATA",
        "text\r\n.",
    ):
        told.append(await line.reply(command))
        if told[-1] == GOOD_BYE:
            assert await line.rest() == b""
            return told
    return told


async def _send(line: Bare, sandbox: Sandbox, content: bytes) -> str:
    """The final reply to a mail of which only the envelope may have been begun."""
    await line.reply(f"MAIL FROM:<{sandbox.mail_user}>")
    await line.reply(f"RCPT TO:<{MEI}>")
    await line.reply("DATA")
    return await line.reply(content.decode() + ".")


def _encrypted(sandbox: Sandbox, context: ssl.SSLContext) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname="127.0.0.1",
        port=sandbox.smtp_port,
        start_tls=True,
        tls_context=context,
        timeout=5,
        username=sandbox.mail_user,
        password=sandbox.mail_password,
    )


def _logged_in(sandbox: Sandbox, timeout: float = 5) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname="127.0.0.1",
        port=sandbox.smtp_port,
        start_tls=False,
        timeout=timeout,
        username=sandbox.mail_user,
        password=sandbox.mail_password,
    )


async def _submit(sandbox: Sandbox, recipients: list[str], timeout: float = 5) -> dict[str, Any]:
    """Send; the recipients that were refused, each with code and words."""
    async with _logged_in(sandbox, timeout) as client:
        refused, _ = await client.sendmail(sandbox.mail_user, recipients, MAIL)
    return dict(refused)
