"""How soon a pushed mail is a conversation that agents see, over what the mail server itself takes.
Run as root, where Dovecot and Postfix are installed:

    python -m bench.mail_push [--mails 100]

A second connection idles on the same inbox, beside that of the gateway: the moment at which Dovecot
tells it of a mail is when the gateway could have known. A mail at a time, each from somebody else.
"""

import argparse
import asyncio
import os
import smtplib
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from redis.asyncio import Redis

from bench.mail_intake import channel, inboxes, letter
from gateway.embedded import embedded
from tests.rigs.gateway import Gateway
from tests.rigs.mailports import HOST, PASSWORD
from tests.rigs.mailserver import MailServer, mail_server

P95_MS_MAX = 60.0
LOOK_SECONDS = 0.002
DEADLINE_SECONDS = 30.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=100)
    with mail_server() as mail:
        over, own = asyncio.run(measured(mail, parser.parse_args().mails))
    p95 = quantiles(over, n=20)[18]
    print(
        f"{len(over)} mails: visible {median(over):.1f} ms (p50), {p95:.1f} ms (p95) after the push"
        f", which comes {median(own):.0f} ms (p50) after the delivery; at most {P95_MS_MAX:.0f} ms"
        f" (p95) wanted; load {os.getloadavg()[0]:.1f}"
    )
    return 0 if p95 <= P95_MS_MAX else 1


async def measured(mail: MailServer, mails: int) -> tuple[list[float], list[float]]:
    """-> milliseconds from push to visible, and from delivery to push."""
    user = mail.address("push")
    await asyncio.to_thread(deliver, mail, user, 0)
    over, own = [], []
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as directory:
        gateway = Gateway(Path(directory), channel(mail, user, Path(directory)))
        async with (
            gateway,
            embedded(gateway.data_dir, environ=os.environ, exclusive=False) as server,
        ):
            redis = Redis.from_url(server.url)
            await visible_at(redis, 1)
            beside, line = await idling(mail, user)
            await asyncio.sleep(2)  # the gateway's first short wait is over
            for n in range(1, mails + 1):
                sent_at = time.perf_counter()
                pushed, seen, _ = await asyncio.gather(
                    pushed_at(beside),
                    visible_at(redis, n + 1),
                    asyncio.to_thread(deliver, mail, user, n),
                )
                over.append((seen - pushed) * 1e3)
                own.append((pushed - sent_at) * 1e3)
            line.close()
            await redis.aclose()
    return over, own


def deliver(mail: MailServer, user: str, n: int) -> None:
    with smtplib.LMTP(HOST, mail.ports.lmtp) as lmtp:
        lmtp.sendmail("customer@kunde.example", [user], letter(user, n))


async def idling(mail: MailServer, user: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that waits for news of the inbox."""
    reader, writer = await asyncio.open_connection(HOST, mail.ports.imap)
    writer.write(f'a LOGIN "{user}" "{PASSWORD}"\r\nb SELECT INBOX\r\nc IDLE\r\n'.encode())
    async with asyncio.timeout(DEADLINE_SECONDS):
        await reader.readuntil(b"+ idling")
    return reader, writer


async def pushed_at(reader: asyncio.StreamReader) -> float:
    async with asyncio.timeout(DEADLINE_SECONDS):
        await reader.readuntil(b" EXISTS\r\n")
    return time.perf_counter()


async def visible_at(redis: Redis, count: int) -> float:
    async with asyncio.timeout(DEADLINE_SECONDS), redis.pipeline(transaction=False) as pipeline:
        while True:
            for key in inboxes():
                pipeline.zcard(key)
            if sum(await pipeline.execute()) >= count:
                return time.perf_counter()
            await asyncio.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    raise SystemExit(main())
