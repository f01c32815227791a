"""The storm over the mail host: it strikes, repeatably, and nothing it does is past repair."""

import asyncio
import imaplib
from collections import Counter
from contextlib import closing, suppress
from email.message import EmailMessage

import aiosmtplib
import pytest

from sandbox.faults import Storm
from sandbox.mail.weather import mail_storm
from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire

MEI = "mei.tan@post.example"
MAILS = 40
ATTEMPTS_MAX = 40
ROUNDS_MAX = 300


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_was_confirmed_arrived_and_what_was_refused_did_not(
    sandbox: Sandbox, seed: int
) -> None:
    """The law on which a gateway's ledger stands, whatever strikes."""
    storm = mail_storm(seed, 2.0, 0.02)
    sandbox.world.faults.storms.append(storm)
    confirmed: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    unknown: Counter[str] = Counter()

    for number in range(MAILS):
        name = f"<{number}@acme.example>"
        for _ in range(ATTEMPTS_MAX):
            outcome = await _submit(sandbox, name)
            {"sent": confirmed, "refused": refused, "unknown": unknown}[outcome][name] += 1
            if outcome == "sent":
                break

    arrived = Counter(entry.ref for entry in sandbox.world.journal.accepted)
    assert len(confirmed) == MAILS
    assert sum(refused.values()) > 5
    assert all(confirmed[name] <= arrived[name] for name in confirmed)
    assert all(arrived[name] <= confirmed[name] + unknown[name] for name in arrived)


@pytest.mark.parametrize("seed", [1, 2])
async def test_whoever_reads_again_and_again_gets_every_mail_whole(
    sandbox: Sandbox, seed: int
) -> None:
    """Never half a mail as a mail, never one for another."""
    for number in range(MAILS):
        raw = b"Subject: %d\r\n\r\n* 1 FAKE\r\n)\r\n" % number + b"line\r\n" * 20 * number
        sandbox.world.mail.deliver(sandbox.support_address, raw)
    mails = [mail.raw for mail in sandbox.world.mail.support.inbox.messages]
    storm = mail_storm(seed, 2.0, 0.02)
    sandbox.world.faults.storms.append(storm)
    read: dict[int, bytes] = {}

    for _ in range(ROUNDS_MAX):
        if len(read) < MAILS:
            await asyncio.to_thread(_read_some, sandbox, read)

    assert [read[number] for number in sorted(read)] == mails
    assert sum(storm.count().values()) > 10


def test_the_same_seed_strikes_the_same_calls() -> None:
    first, again, other = (_struck(mail_storm(seed)) for seed in (7, 7, 8))

    assert first == again
    assert first != other


async def test_a_storm_is_raised_read_and_calmed(sandbox: Sandbox, wire: Wire) -> None:
    """As the whole gateway's test does it, and whoever wants to watch."""
    await wire.post("/storms/mail", seed=1, strength=5, slow_seconds=0.01)
    for _ in range(20):
        await _submit(sandbox, "<x@acme.example>")

    await wire.delete("/storms")
    (before,) = await wire.get("/storms")
    sent = [await _submit(sandbox, f"<{number}@acme.example>") for number in range(20)]
    (after,) = await wire.get("/storms")

    assert before["struck"]
    assert after == before
    assert sent == ["sent"] * 20


def _struck(storm: Storm) -> Counter[str]:
    for _ in range(200):
        for method in ("connect", "RCPT", "DATA"):
            storm.take("smtp", method, None)
        for method in ("FETCH", "IDLE", "SELECT"):
            storm.take("imap", method, None)
    storm.calm()
    assert storm.take("smtp", "DATA", None) is None
    assert len(storm.count()) > 20
    return storm.count()


def _read_some(sandbox: Sandbox, read: dict[int, bytes]) -> None:
    """One connection, over all mails that are still missing, until it breaks."""
    with suppress(imaplib.IMAP4.error, OSError):
        client = imaplib.IMAP4("127.0.0.1", sandbox.imap_port, timeout=5)
        with closing(client.socket()):
            client.login(sandbox.mail_user, sandbox.mail_password)
            client.select("INBOX")
            for number in sorted(set(range(1, MAILS + 1)) - set(read)):
                _, parts = client.fetch(str(number), "(BODY.PEEK[])")
                for part in parts:
                    if isinstance(part, tuple):
                        read[number] = part[1]


async def _submit(sandbox: Sandbox, name: str) -> str:
    """What the sender knows afterwards: sent, refused, or unknown."""
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = sandbox.mail_user, MEI, name
    message.set_content("hello\n" * 50)
    client = aiosmtplib.SMTP(
        hostname="127.0.0.1", port=sandbox.smtp_port, start_tls=False, timeout=5
    )
    try:
        await client.connect()
        await client.login(sandbox.mail_user, sandbox.mail_password)
        await client.mail(sandbox.mail_user)
        await client.rcpt(MEI)
    except (TimeoutError, aiosmtplib.SMTPException, ConnectionError):
        client.close()
        return "refused"
    try:
        await client.data(message.as_bytes())
    except aiosmtplib.SMTPDataError:
        return "refused"
    except (TimeoutError, aiosmtplib.SMTPException, ConnectionError):
        return "unknown"
    finally:
        client.close()
    return "sent"
