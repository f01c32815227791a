"""How fast mail of a real Dovecot is before agents, as conversations, beside django-helpdesk.

The gateway is a process of its own, with its embedded server, as in an installation.
"""

import asyncio
import imaplib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

import msgspec
import psutil
from redis.asyncio import Redis

from bench.beside.environment import answer, version
from bench.measuring import Effort, Missing, redis_seconds
from bench.report.findings import Bars, Bound, Finding, Table
from core.store.keys import Keys
from core.store.store import StoreSettings
from gateway.embedded import embedded
from tests.rigs.gateway import Gateway, secret
from tests.rigs.mailports import HOST, PASSWORD
from tests.rigs.mailserver import MailServer, mail_server
from tests.rigs.needs import mail_servers_are_missing
from tests.rigs.waiting import eventually

RATE_MIN: Final = 300.0
"""Mails a second, from the server to a visible conversation."""
TIMES_MIN: Final = 8.0
DEADLINE_SECONDS: Final = 120.0
MAILS: Final = 300
TURNS: Final = 9
SECONDS_MAX: Final = 150
"""Of a turn of django-helpdesk, which begins with making its tables."""
SAYS: Final = f"""{MAILS} mails, each by somebody else, so that each begins a conversation or a
ticket: the dear case. They wait in a real Dovecot, into whose inbox one command copies them, and
are taken by IMAP. Ours is the whole gateway, a process with its embedded server, from the inbox to
the list of conversations: parsed and trimmed of quotes, its sender judged, filed, acknowledged.
django-helpdesk is set up as it documents, with SQLite, and empties the mailbox by its command;
starting it is not counted. They take turns; figures are medians of {TURNS}, and what is judged is
the median of the turns' ratios of processor time, of Python and Redis together."""


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """Of a mail; times in microseconds of processor time."""

    rate: float
    python_us: float
    redis_us: float = 0.0

    @property
    def both_us(self) -> float:
        return self.python_us + self.redis_us


def measure(effort: Effort) -> Finding:
    if missing := mail_servers_are_missing():
        raise Missing(missing)
    theirs = version("django-helpdesk")
    turns: list[tuple[Spent, Spent]] = []
    with mail_server() as mail:
        works: tuple[Callable[[MailServer, int], Spent], ...] = ours, peer
        for turn in range(effort.pick(TURNS, 1)):
            order = (0, 1) if turn % 2 else (1, 0)
            spent = {which: works[which](mail, turn) for which in order}
            turns.append((spent[0], spent[1]))
    return found(turns, theirs)


def found(turns: list[tuple[Spent, Spent]], theirs: str) -> Finding:
    rows = tuple(
        (name, *(median(getattr(turn[n], field) for turn in turns) for field in FIELDS))
        for n, name in enumerate(("Trunkline", theirs))
    )
    times = median(their.both_us / mine.both_us for mine, their in turns)
    rate = max(mine.rate for mine, _ in turns)
    bars = tuple((name, (python, redis)) for name, _, python, redis in rows)
    title = "Processor time of a mail, taken from its mailbox"
    return Finding(
        says=SAYS,
        tables=(Table(head=("what", "/s", "Python µs", "Redis µs"), rows=rows),),
        pictures=(Bars(name="mail", title=title, unit="µs", parts=("Python", "Redis"), bars=bars),),
        bounds=(
            Bound(
                what=f"a mail by {theirs}, to ours",
                measured=times,
                bound=TIMES_MIN,
                unit="times",
                at_most=False,
            ),
            Bound(
                what="mails taken, best turn",
                measured=rate,
                bound=RATE_MIN,
                unit="/s",
                at_most=False,
                by_clock=True,
            ),
        ),
    )


FIELDS: Final = ("rate", "python_us", "redis_us")


def ours(mail: MailServer, turn: int) -> Spent:
    return asyncio.run(_ours(mail, mail.address(f"ours{turn}")))


async def _ours(mail: MailServer, user: str) -> Spent:
    await asyncio.to_thread(write, mail, user, MAILS)
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as directory:
        gateway = Gateway(Path(directory), channel(mail, user, Path(directory)), is_executed=True)
        async with (
            gateway,
            embedded(gateway.data_dir, environ=os.environ) as server,
            Redis.from_url(server.url) as redis,
        ):
            process = psutil.Process(gateway.pid)
            python, used = sum(process.cpu_times()[:2]), await redis_seconds(redis)
            await asyncio.to_thread(copy, mail, user)
            began = time.perf_counter()
            await visible(redis, MAILS)
            seconds = time.perf_counter() - began
            python = sum(process.cpu_times()[:2]) - python
            used = await redis_seconds(redis) - used
    return Spent(rate=MAILS / seconds, python_us=python / MAILS * 1e6, redis_us=used / MAILS * 1e6)


def peer(mail: MailServer, turn: int) -> Spent:
    user = mail.address(f"peer{turn}")
    write(mail, user, MAILS)
    copy(mail, user)
    words = HOST, str(mail.ports.imap), user, PASSWORD
    took = answer("django_helpdesk", *words, seconds_max=SECONDS_MAX)
    if took["tickets"] != MAILS:
        raise RuntimeError(f"django-helpdesk has made {took['tickets']} tickets of {MAILS} mails")
    return Spent(
        rate=MAILS / took["wall_seconds"], python_us=took["processor_seconds"] / MAILS * 1e6
    )


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


def channel(mail: MailServer, user: str, directory: Path, *, imap_port: int = 0) -> str:
    password = secret(directory, "mail-password", PASSWORD)
    login = f'host = "{HOST}"\ntls = "none"\nuser = "{user}"\npassword = {password}\n'
    return (
        f'[[channel]]\nid = "mail"\nkind = "email"\naddress = "{user}"\n'
        f"[channel.imap]\n{login}port = {imap_port or mail.ports.imap}\n"
        f"[channel.smtp]\n{login}port = {mail.ports.smtp}\n"
    )
