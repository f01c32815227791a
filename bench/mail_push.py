"""How soon a pushed mail is a conversation that agents see, over what the mail server itself takes.

What Dovecot says to the gateway passes through here, so that the moment is known at which it tells
of a mail. (It tells each connection at a moment of its own, up to half a second apart: a connection
beside the gateway's would measure that.) A mail at a time, each from somebody else.
"""

import asyncio
import os
import smtplib
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

from redis.asyncio import Redis

from bench.beside.mail import channel, inboxes, letter
from bench.measuring import Effort, Missing, percentile
from bench.report.findings import Bound, Finding, Table
from gateway.embedded import embedded
from tests.rigs.gateway import Gateway
from tests.rigs.mailports import HOST
from tests.rigs.mailserver import MailServer, mail_server
from tests.rigs.needs import mail_servers_are_missing

P95_MS_MAX = 60.0
SAYS = """A real Dovecot; a mail at a time, each from somebody else. From the moment at which it
tells the gateway of a mail to the moment at which agents see the conversation."""
LOOK_SECONDS = 0.002
PAUSE_SECONDS = 2.0
"""Between two mails, so that the gateway waits again, and for long."""
DEADLINE_SECONDS = 30.0


def measure(effort: Effort) -> Finding:
    if missing := mail_servers_are_missing():
        raise Missing(missing)
    with mail_server() as mail:
        over, own = asyncio.run(measured(mail, effort.pick(30, 5)))
    p95 = percentile(over, 95)
    rows = (
        ("mails", float(len(over))),
        ("from push to visible, p50 ms", median(over)),
        ("... p95 ms", p95),
        ("from delivery to push, p50 ms", median(own)),
    )
    bound = Bound(
        what="a pushed mail is visible, p95",
        measured=p95,
        bound=P95_MS_MAX,
        unit="ms",
        by_clock=True,
    )
    return Finding(
        says=SAYS, tables=(Table(head=("what", "measured"), rows=rows),), bounds=(bound,)
    )


async def measured(mail: MailServer, mails: int) -> tuple[list[float], list[float]]:
    """-> milliseconds from push to visible, and from delivery to push."""
    user = mail.address("push")
    await asyncio.to_thread(deliver, mail, user, 0)
    passing = Passing(mail.ports.imap)
    between = await asyncio.start_server(passing.serve, HOST, 0)
    over, own = [], []
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as directory:
        port = between.sockets[0].getsockname()[1]
        gateway = Gateway(
            Path(directory), channel(mail, user, Path(directory), imap_port=port), is_executed=True
        )
        async with (
            gateway,
            embedded(gateway.data_dir, environ=os.environ) as server,
        ):
            redis = Redis.from_url(server.url)
            await visible_at(redis, 1)
            for n in range(1, mails + 1):
                await asyncio.sleep(PAUSE_SECONDS)
                passing.forget()
                sent_at = time.perf_counter()
                await asyncio.to_thread(deliver, mail, user, n)
                pushed, seen = await asyncio.gather(passing.pushed_at(), visible_at(redis, n + 1))
                over.append((seen - pushed) * 1e3)
                own.append((pushed - sent_at) * 1e3)
            await redis.aclose()
    between.close()
    return over, own


def deliver(mail: MailServer, user: str, n: int) -> None:
    with smtplib.LMTP(HOST, mail.ports.lmtp) as lmtp:
        lmtp.sendmail("customer@kunde.example", [user], letter(user, n))


class Passing:
    """Stands between the gateway and Dovecot, and notes when it passes on that mail has come."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pushed: asyncio.Queue[float] = asyncio.Queue()

    async def pushed_at(self) -> float:
        """When the next mail was told of."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await self._pushed.get()

    def forget(self) -> None:
        while not self._pushed.empty():
            self._pushed.get_nowait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = await asyncio.open_connection(HOST, self._port)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._pass_on(reader, server[1]))
            tasks.create_task(self._pass_on(server[0], writer, looks=True))

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, looks: bool = False
    ) -> None:
        with suppress(ConnectionError):  # either side may go away
            while data := await reader.read(65536):
                if looks and data.startswith(b"* ") and b" EXISTS\r\n" in data[:200]:
                    self._pushed.put_nowait(time.perf_counter())
                writer.write(data)
        writer.close()


async def visible_at(redis: Redis, count: int) -> float:
    async with asyncio.timeout(DEADLINE_SECONDS), redis.pipeline(transaction=False) as pipeline:
        while True:
            for key in inboxes():
                pipeline.zcard(key)
            if sum(await pipeline.execute()) >= count:
                return time.perf_counter()
            await asyncio.sleep(LOOK_SECONDS)
