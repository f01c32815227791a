"""kill -9 and SIGSTOP at every step between an event of Discord's and the note that it is stored.

While the gateway tells, and while what was said during a lost session is read again. The short form
takes a few of them, CHAOS=1 all.
"""

import itertools
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from core.store.store import Store, open_store
from gateway.blobs import DirectoryBlobs
from sandbox.server import Sandbox
from tests.crash.discordroom import ACCOUNT, reading
from tests.crash.judge import everything, finish
from tests.crash.losing import start_receiving, until_lost
from tests.crash.scenario import settings
from tests.rigs.assembly import Assembly, text_in
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

SAID: Final = 6
"""In each place, while the victim receives or nobody does."""
STEPS: Final = (
    *(("accept", nth) for nth in (1, 2, 7, 12, 18)),
    *(("checkpoint", nth) for nth in range(1, 5)),
)
ALL: Final = tuple(
    (phase, step, when, sort)
    for phase, step, when, sort in itertools.product(
        ("told", "session lost"), STEPS, ("before", "after"), ("KILL", "STOP")
    )
)
SHORT: Final = ALL[::23]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.mark.parametrize(
    ("phase", "step", "when", "sort"),
    ALL if os.environ.get("CHAOS") else SHORT,
    ids=lambda one: "-".join(map(str, one)) if isinstance(one, tuple) else one,
)
async def test_a_receiver_lost_at_any_step_costs_no_message(
    phase: str, step: tuple[str, int], when: str, sort: str, server: RedisServer, tmp_path: Path
) -> None:
    """Nothing is lost, nothing comes twice, and each place is in order."""
    async with Sandbox() as sandbox, open_store(settings(server.url)) as store:
        await store.redis.flushall()
        await store.commit.load()
        people = Writers(sandbox)
        async with _receiving(store, tmp_path, sandbox) as desk:
            await eventually(lambda: any(line.session for line in sandbox.discord_gateway.lines))
            people.write(1)
            await people.are_heard(desk)
            await eventually(lambda: _is_noted(store))
        if phase == "session lost":
            sandbox.discord_gateway.lose()
        people.write(SAID)
        victim = start_receiving(
            server.url, tmp_path, "discord", _where(sandbox), *step, when, sort
        )
        try:
            await until_lost(victim, sort)

            async with _receiving(store, tmp_path, sandbox) as desk:
                await people.are_heard(desk)
                if sort == "STOP":
                    victim.send_signal(signal.SIGCONT)
                people.write(1)
                await people.are_heard(desk)

            await finish(desk)
            await people.check(desk)
        finally:
            victim.kill()
            victim.wait()


class Writers:
    """Write in private, in a channel and in a post, and know what they have written."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._app = sandbox.discord
        first = self._app.forum_post("mei", "Broken", "It is broken")
        self._places = {"private": None, "channel": "support", "post": first.channel}
        self._said: dict[str, list[str]] = {place: [] for place in self._places}

    def write(self, count: int) -> None:
        for _, (name, place) in itertools.product(range(count), self._places.items()):
            said = self._said[name]
            said.append(f"{name} {len(said)}")
            self._app.say("mei", said[-1], place)

    async def are_heard(self, desk: Assembly) -> None:
        wanted = {text for said in self._said.values() for text in said}

        async def heard() -> bool:
            return wanted <= {text for texts in await _texts(desk) for text in texts}

        await eventually(heard)

    async def check(self, desk: Assembly) -> None:
        texts = await _texts(desk)
        found = Counter(text for one in texts for text in one)
        assert set(found.values()) == {1}, "each message once"
        assert all(said in texts for said in self._said.values()), "in the order of its place"


async def _is_noted(store: Store) -> bool:
    """Who has never been there has nothing to read again."""
    return await store.checkpoints(ACCOUNT).load("session.0") is not None


async def _texts(desk: Assembly) -> list[list[str]]:
    _, logs = await everything(desk)
    return [[text_in(entry) for entry in log if _is_said(text_in(entry))] for log in logs.values()]


def _is_said(text: str) -> bool:
    return text.startswith(("private", "channel", "post"))


@asynccontextmanager
async def _receiving(store: Store, directory: Path, sandbox: Sandbox) -> AsyncIterator[Assembly]:
    blobs = DirectoryBlobs(directory / "blobs")
    async with reading(store, blobs, directory, *_where(sandbox)) as desk:
        yield desk


def _where(sandbox: Sandbox) -> tuple[str, str, str, list[str]]:
    channels = sandbox.discord.guild().channels.values()
    ours = [str(one.id) for one in channels if one.name in ("support", "questions")]
    return sandbox.discord_route, sandbox.discord_authority, sandbox.discord_token, ours
