"""How fast mail becomes conversations: from a real Dovecot through the whole gateway, as a process
with its embedded server, until agents see it. Run as root, where Dovecot and Postfix are installed:

    python -m bench.mail_intake [--mails 1000] [--peer PYTHON]

The mails are copied into the inbox by one command, so that the server's own delivery costs nothing.
Each comes from somebody else, so each begins a conversation: the dear case. With `--peer`, the same
mails are taken by django-helpdesk, under an interpreter that has it. On a shared machine rates vary
by half; processor time is steadier.
"""

import argparse
import asyncio
import imaplib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
from redis.asyncio import Redis

from core.store.keys import Keys
from core.store.store import StoreSettings
from gateway.embedded import embedded
from tests.rigs.gateway import Gateway, secret
from tests.rigs.mailports import HOST, PASSWORD
from tests.rigs.mailserver import MailServer, mail_server
from tests.rigs.waiting import eventually

RATE_MIN = 300.0
"""Mails a second, from the server to a visible conversation."""

DEADLINE_SECONDS = 120.0
ROUNDS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--peer", default="", help="a Python interpreter with django-helpdesk")
    options = parser.parse_args()
    with mail_server() as mail:
        rates = [asyncio.run(ours(mail, options.mails, n)) for n in range(ROUNDS)]
        if options.peer:
            peer(mail, options.mails, options.peer)
    print(f"best of {ROUNDS}: {max(rates):.0f} mails/s, at least {RATE_MIN:.0f} wanted")
    return 0 if max(rates) >= RATE_MIN else 1


async def ours(mail: MailServer, mails: int, number: int) -> float:
    user = mail.address(f"bench{number}")
    await asyncio.to_thread(write, mail, user, mails)
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as directory:
        gateway = Gateway(Path(directory), channel(mail, user, Path(directory)))
        async with (
            gateway,
            embedded(gateway.data_dir, environ=os.environ) as server,
        ):
            redis = Redis.from_url(server.url)
            process = psutil.Process(gateway.pid)
            python, used = sum(process.cpu_times()[:2]), await redis_seconds(redis)
            await asyncio.to_thread(copy, mail, user)
            began = time.perf_counter()
            await visible(redis, mails)
            seconds = time.perf_counter() - began
            python = sum(process.cpu_times()[:2]) - python
            used = await redis_seconds(redis) - used
            await redis.aclose()
    print(
        f"{mails} mails: {mails / seconds:.0f}/s, {python / mails * 1e6:.0f} µs gateway,"
        f" {used / mails * 1e6:.0f} µs Redis each; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return mails / seconds


def peer(mail: MailServer, mails: int, python: str) -> None:
    user = mail.address("peer")
    write(mail, user, mails)
    copy(mail, user)
    script = Path(__file__).parent / "peers" / "django_helpdesk.py"
    words = [python, str(script), HOST, str(mail.ports.imap), user, PASSWORD]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    took = json.loads(done.stdout.splitlines()[-1])
    rate = took["tickets"] / took["wall_seconds"]
    each = took["processor_seconds"] / took["tickets"] * 1e6
    print(f"django-helpdesk: {took['tickets']} mails: {rate:.0f}/s, {each:.0f} µs each")


def write(mail: MailServer, user: str, mails: int) -> None:
    """Into the archive, which nobody reads."""
    with imaplib.IMAP4(HOST, mail.ports.imap, timeout=60) as imap:
        imap.login(user, PASSWORD)
        for n in range(mails):
            imap.append("Archive", "", time.time(), letter(user, n))


def copy(mail: MailServer, user: str) -> None:
    with imaplib.IMAP4(HOST, mail.ports.imap, timeout=60) as imap:
        imap.login(user, PASSWORD)
        imap.select("Archive")
        imap.copy("1:*", "INBOX")


def letter(user: str, n: int) -> bytes:
    return (
        f"Return-Path: <customer{n}@kunde.example>\r\n"
        f"Received: from mail.kunde.example by mx.example.test; {time.ctime()}\r\n"
        f"From: Customer {n} <customer{n}@kunde.example>\r\nTo: Support <{user}>\r\n"
        f"Subject: =?utf-8?q?Where_is_my_=C3=BCbersize_parcel_{n}=3F?=\r\n"
        f"Date: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <{n}.{user}.kunde.example>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
        f"Hello,\r\n\r\nmy parcel {n} was due on Monday. Where is it?\r\n\r\n"
        f"Grüße\r\n-- \r\nCustomer {n}\r\n"
    ).encode()


async def visible(redis: Redis, mails: int) -> None:
    """So many conversations are listed for agents."""

    async def are() -> bool:
        return sum([await redis.zcard(key) for key in inboxes()]) >= mails

    await eventually(are, timeout_seconds=DEADLINE_SECONDS)


def inboxes() -> list[str]:
    """The lists from which agents' pages are made."""
    keys = Keys(StoreSettings(url="").partitions)
    return [keys.inbox(partition, "open") for partition in range(keys.partitions)]


async def redis_seconds(redis: Redis) -> float:
    used = await redis.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def channel(mail: MailServer, user: str, directory: Path, *, imap_port: int = 0) -> str:
    password = secret(directory, "mail-password", PASSWORD)
    login = f'host = "{HOST}"\ntls = "none"\nuser = "{user}"\npassword = {password}\n'
    return (
        f'[[channel]]\nid = "mail"\nkind = "email"\naddress = "{user}"\n'
        f"[channel.imap]\n{login}port = {imap_port or mail.ports.imap}\n"
        f"[channel.smtp]\n{login}port = {mail.ports.smtp}\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
