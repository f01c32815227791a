"""kill -9 and SIGSTOP at every step between a mail's bytes and the position that moves past it.

In the middle of a batch and between batches, between the main folder and a further one, while old
mail is brought in, and while a mailbox that was numbered anew is read again. The short form takes
a few of them, CHAOS=1 all.
"""

import itertools
import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from core.store.store import open_store
from gateway.blobs import DirectoryBlobs
from sandbox.mail.mailboxes import INBOX
from sandbox.server import Sandbox
from tests.crash.judge import everything, finish
from tests.crash.losing import start_receiving, until_lost
from tests.crash.mailroom import FURTHER, reading
from tests.crash.scenario import settings
from tests.rigs.assembly import Assembly, text_in
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

NEW: Final = 8
OLD: Final = 5
THREADS: Final = 2
STEPS: Final = {
    "first": (
        ("hold", 1),
        *(("blob", nth) for nth in (1, 3, 9, 15)),
        *(("accept", nth) for nth in (1, 3, 9, 15)),
        *(("checkpoint", nth) for nth in range(1, 10)),
    ),
    "numbered anew": (
        *(("blob", nth) for nth in (1, 8)),
        *(("accept", nth) for nth in (1, 5, 8)),
        *(("checkpoint", nth) for nth in range(1, 5)),
    ),
}
"""`first`: a mailbox that was never read, with old mail."""

ALL: Final = tuple(
    (phase, step, when, sort)
    for phase, steps in STEPS.items()
    for step, when, sort in itertools.product(steps, ("before", "after"), ("KILL", "STOP"))
)
SHORT: Final = ALL[::17]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.mark.parametrize(
    ("phase", "step", "when", "sort"),
    ALL if os.environ.get("CHAOS") else SHORT,
    ids=lambda one: "-".join(map(str, one)) if isinstance(one, tuple) else one,
)
async def test_a_reader_lost_at_any_step_costs_no_mail(
    phase: str, step: tuple[str, int], when: str, sort: str, server: RedisServer, tmp_path: Path
) -> None:
    """Nothing is lost, nothing comes twice, and each thread is in order."""
    async with Sandbox() as sandbox, open_store(settings(server.url)) as store:
        await store.redis.flushall()
        await store.commit.load()
        wanted = _write(sandbox)
        blobs = DirectoryBlobs(tmp_path / "blobs")
        where = (sandbox.imap_port, sandbox.mail_password)
        if phase == "numbered anew":
            async with reading(store, blobs, tmp_path, *where) as desk:
                await _all_there(desk, wanted)
            sandbox.world.mail.support.inbox.renumber()
            wanted.append(_put(sandbox, "meanwhile", 0, thread="meanwhile"))
        victim = start_receiving(server.url, tmp_path, "email", where, *step, when, sort)
        try:
            await until_lost(victim, sort)

            async with reading(store, blobs, tmp_path, *where) as desk:
                await _all_there(desk, wanted)
                if sort == "STOP":
                    victim.send_signal(signal.SIGCONT)
                wanted.append(_put(sandbox, "at the end", 0, thread="at the end"))
                await _all_there(desk, wanted)

            await finish(desk)
            await _check(desk, wanted)
        finally:
            victim.kill()
            victim.wait()


def _write(sandbox: Sandbox) -> list[str]:
    """New mail and old, in the main folder and in a further one; -> the texts."""
    old = [_put(sandbox, f"old {n}", 9, thread=f"old {n}") for n in range(OLD)]
    new = [_put(sandbox, f"new {n}", 0, thread=f"t{n % THREADS}") for n in range(NEW)]
    filed = [_put(sandbox, f"filed {n}", 0, thread=f"f{n}", folder=FURTHER) for n in range(2)]
    return [*old, *new, *filed]


def _put(sandbox: Sandbox, text: str, days: int, *, thread: str = "", folder: str = INBOX) -> str:
    name, root = text.replace(" ", "-"), thread.replace(" ", "-")
    raw = (
        f"From: mei@post.example\r\nTo: support@acme.example\r\nSubject: About {thread}\r\n"
        f"Message-ID: <{name}@post.example>\r\nReferences: <{root}-root@post.example>\r\n\r\n"
        f"{text}\r\n"
    )
    place = sandbox.world.mail.support.folder(folder)
    assert place
    place.add(raw.encode(), set(), datetime.now(UTC) - timedelta(days=days))
    return text


async def _all_there(desk: Assembly, wanted: list[str]) -> None:
    async def there() -> bool:
        return set(wanted) <= set(await _texts(desk))

    await eventually(there)


async def _texts(desk: Assembly) -> list[str]:
    _, logs = await everything(desk)
    return [text_in(entry).strip() for log in logs.values() for entry in log]


async def _check(desk: Assembly, wanted: list[str]) -> None:
    _, logs = await everything(desk)
    threads = [[text_in(entry).strip() for entry in log] for log in logs.values()]
    found = Counter(text for thread in threads for text in thread)
    assert found == Counter(wanted), "each mail once"
    for number in range(THREADS):
        texts = [f"new {n}" for n in range(NEW) if n % THREADS == number]
        assert texts in threads, "in thread order"
