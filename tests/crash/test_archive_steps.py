"""kill -9 and SIGSTOP at every step of archiving and thawing, and of Redis itself afterwards.

Everything is archived after everything that happens, so whatever comes has to bring it back. The
short form takes some of the steps; CHAOS=1 takes all.
"""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.model.ids import LegId
from core.rules.numbers import parse
from tests.crash.archive_scenario import settings, tries
from tests.crash.judge import check, check_answers, check_exchange, everything, finish, redeliver
from tests.crash.losing import until_lost
from tests.crash.scenario import ACKNOWLEDGE, LoggingAdapter
from tests.rigs.assembly import Assembly
from tests.rigs.freezing import Winter, winter_on
from tests.rigs.redis_server import RedisServer

STEPS = ("freeze", "put", "retire", "unnumber", "unshow", "leave", "settle", "thaw", "identify")
NTHS = (1, 3, 6, 9)
WHENS = ("before", "after")
ALL = tuple(itertools.product(STEPS, NTHS, WHENS, ("KILL", "STOP")))
SHORT = (
    ("put", 3, "after", "KILL"),
    ("retire", 1, "before", "KILL"),
    ("retire", 6, "after", "KILL"),
    ("unnumber", 3, "before", "KILL"),
    ("leave", 6, "before", "KILL"),
    ("thaw", 1, "before", "KILL"),
    ("thaw", 3, "after", "KILL"),
    ("put", 3, "before", "STOP"),
    ("thaw", 1, "before", "STOP"),
)


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.mark.parametrize(("step", "nth", "when", "sort"), ALL if os.environ.get("CHAOS") else SHORT)
async def test_a_process_lost_while_it_archives_or_thaws_costs_nothing(
    step: str, nth: int, when: str, sort: str, server: RedisServer, tmp_path: Path
) -> None:
    """Every message is once in one conversation, which every reference leads to."""
    platform = tmp_path / "platform"
    victim = _start(server.url, str(platform), str(tmp_path), step, str(nth), when, sort)
    try:
        await until_lost(victim, sort)
        async with winter_on(tmp_path, settings(server.url, sort)) as winter:
            winter.tries = tries(sort)
            desk = _desk(winter, platform)
            await redeliver(desk)
            await finish(desk)
            await winter.takes_everything()
            if sort == "STOP":
                victim.send_signal(signal.SIGCONT)
                await asyncio.to_thread(victim.wait, 30)
                await finish(desk)
            await _check(desk, platform)
            await winter.takes_everything()
            await winter.comes()
        server.kill()
        server.start()
        async with winter_on(tmp_path, settings(server.url, sort)) as winter:
            await _check(_desk(winter, platform), platform)
            assert sort == "STOP" or await winter.archive.count() > 0
    finally:
        victim.kill()
        victim.wait()


async def _check(desk: Assembly, platform: Path) -> None:
    await check(desk, platform)
    await check_answers(desk, closed_early=False)
    await check_exchange(desk, meddled=False)
    legs, _ = await everything(desk)
    for leg in legs.values():
        assert await desk.store.legs.by_number(parse(leg.number)) == leg.id
        assert leg.id in await desk.store.people.legs_of(leg.author)
        assert (await desk.store.people.identity(leg.author)).id == leg.author
    newest: dict[str, LegId] = {}
    for leg_id in sorted(legs):
        newest[str(legs[leg_id].thread)] = leg_id
    for leg_id in newest.values():
        assert await desk.leg_of(legs[leg_id].thread) == leg_id


def _desk(winter: Winter, platform: Path) -> Assembly:
    adapter = LoggingAdapter(str(platform))
    adapters = {"bot": adapter, "mail": adapter}
    return Assembly(winter.store, adapters, hand_over=False, acknowledge=ACKNOWLEDGE)


def _start(*arguments: str) -> "subprocess.Popen[bytes]":
    command = (sys.executable, "-m", "tests.crash.archive_victim", *arguments)
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
