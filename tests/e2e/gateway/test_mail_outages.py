"""Mailboxes that were away, numbered anew, restored or fought over, through the whole gateway."""

import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from sandbox.faults import Fault, Kind
from sandbox.mail.mailboxes import INBOX, Folder, StoredMail
from sandbox.server import Sandbox
from tests.e2e.email.mailbox import while_time_passes
from tests.rigs.api import Api, api
from tests.rigs.gateway import Gateway, mail_channel
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

FILED: Final = "Archive"
WRITERS: Final = 7
TERM_SECONDS: Final = 1.0

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def gateway(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Gateway]:
    """Which has looked into both folders: what comes from now on is new, whatever its date."""
    calls = sandbox.world.journal.calls
    async with Gateway(tmp_path, _channel(sandbox, tmp_path)) as running:
        await eventually(lambda: calls["imap.IDLE"] > 0 and calls["imap.SELECT"] > 1)
        yield running


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


async def test_a_mailbox_that_was_numbered_anew_costs_nothing_and_doubles_nothing(
    agent: Api, sandbox: Sandbox
) -> None:
    """Moved to another server: fifty mails that are known, five that are not."""
    known = _arrive(sandbox, range(50))
    await _heard(agent, known)

    new = _arrive(sandbox, range(50, 55))
    _folder(sandbox).renumber()
    await _cut(sandbox)
    new += _arrive(sandbox, range(55, 60))

    await _heard(agent, known + new)


async def test_a_restored_mailbox_costs_nothing_and_doubles_nothing(
    agent: Api, sandbox: Sandbox
) -> None:
    """The backup is older than what we have read. What came since is put back by the provider, in
    another order, among new mail: the same numbers mean other mails.
    """
    before = _arrive(sandbox, range(20), hours_ago=20)
    await _heard(agent, before)
    backup = _folder(sandbox).snapshot()
    since = _arrive(sandbox, range(20, 30), hours_ago=2)
    await _heard(agent, before + since)
    lost = _folder(sandbox).messages[20:]

    _folder(sandbox).restore(backup)
    new = _arrive(sandbox, range(30, 33))
    for mail in reversed(lost):
        _folder(sandbox).add(mail.raw, set(), mail.at)
    new += _arrive(sandbox, range(33, 36))
    await _cut(sandbox)

    await _heard(agent, before + since + new)


async def test_after_three_days_away_everything_is_there(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """A hundred mails; some were sorted away meanwhile by the mailbox's rules, known ones too."""
    known = _arrive(sandbox, range(10), hours_ago=80)
    await _heard(agent, known)
    await gateway.stop()

    new = []
    for number in range(100):
        new += _arrive(sandbox, [10 + number], hours_ago=72 * (1 - number / 100))
    for mail in _folder(sandbox).messages[::9]:
        _move(sandbox, mail)
    gateway.start()
    await gateway.ready()

    await _heard(agent, known + new, in_order=False)


async def test_of_two_gateways_one_reads_whoever_sleeps_and_wakes(
    sandbox: Sandbox, redis: RedisServer, tmp_path: Path
) -> None:
    """The first falls asleep over a batch and wakes when the second has it."""
    first, second = (_process(sandbox, tmp_path / name, redis) for name in ("a", "b"))
    async with first:
        shutil.copytree(first.data_dir, second.data_dir, ignore=shutil.ignore_patterns("*.lock"))
        second.start()
        try:
            await second.ready()
            async with api(first.url, first.token) as one, api(second.url, first.token) as other:
                texts = _arrive(sandbox, range(20))
                await _heard(one, texts)
                for turn, asleep in enumerate((first, second, first)):
                    awake = other if asleep is first else one
                    held = sandbox.world.faults.add(Fault("imap", "FETCH", Kind.SLOW_AFTER, nth=2))
                    texts += _arrive(sandbox, range(20 + 10 * turn, 30 + 10 * turn))
                    await eventually(partial(_struck, held))
                    asleep.signal(signal.SIGSTOP)
                    await _heard(awake, texts)
                    asleep.signal(signal.SIGCONT)
                    texts += _arrive(sandbox, [100 + turn])
                    await _heard(one, texts)
        finally:
            await second.kill()


def _struck(fault: Fault) -> bool:
    return fault.fired > 0


# --- the mailbox


def _arrive(sandbox: Sandbox, numbers: range | list[int], *, hours_ago: float = 0) -> list[str]:
    """-> the texts. Each writer goes on in a thread of their own."""
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    for number in numbers:
        writer = f"writer{number % WRITERS}"
        raw = (
            f"From: {writer}@post.example\r\nTo: {sandbox.support_address}\r\nSubject: Order\r\n"
            f"Message-ID: <mail-{number}@post.example>\r\n"
            f"References: <{writer}-first@post.example>\r\n\r\nmail {number}\r\n"
        )
        _folder(sandbox).add(raw.encode(), set(), at)
    return [f"mail {number}" for number in numbers]


def _folder(sandbox: Sandbox, name: str = INBOX) -> Folder:
    found = sandbox.world.mail.support.folder(name)
    assert found
    return found


def _move(sandbox: Sandbox, mail: StoredMail) -> None:
    _folder(sandbox).remove(mail)
    _folder(sandbox, FILED).add(mail.raw, mail.flags, mail.at)


async def _cut(sandbox: Sandbox) -> None:
    url = f"{sandbox.http_url}/control/mail/cut"
    async with aiohttp.ClientSession() as http, http.post(url, json={}) as answer:
        assert answer.status == 200


def _channel(sandbox: Sandbox, directory: Path) -> str:
    imap = {"folders": [FILED], "idle_seconds": 1, "poll_seconds": 0.2}
    return mail_channel(sandbox, directory, imap=imap)


def _process(sandbox: Sandbox, directory: Path, redis: RedisServer) -> Gateway:
    directory.mkdir()
    channel = _channel(sandbox, directory)
    return Gateway(directory, channel, redis_url=redis.url, lease_seconds=TERM_SECONDS)


# --- what agents see


async def _heard(agent: Api, texts: list[str], *, in_order: bool = True) -> None:
    """All of these, each once, and nothing else, also a while later."""
    await eventually(partial(_has, agent, len(texts)), timeout_seconds=30)
    await while_time_passes()
    heard = await _threads(agent)
    assert Counter(text for thread in heard for text in thread) == Counter(texts)
    assert len(heard) == WRITERS
    if in_order:
        assert all(thread == [one for one in texts if one in thread] for thread in heard)


async def _has(agent: Api, count: int) -> bool:
    return sum(map(len, await _threads(agent))) >= count


async def _threads(agent: Api) -> list[list[str]]:
    return [
        [text.strip() for text in await agent.heard(one.number)]
        for one in await agent.all_conversations()
    ]
