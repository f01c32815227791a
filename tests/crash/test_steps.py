"""kill -9 and SIGSTOP at every step of the flow, with an agent acting in between.

The short form takes each step with one kind of interference in turn; CHAOS=1 takes all.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store.store import open_store
from tests.crash.cradle import Cradle
from tests.crash.judge import check, check_answers, check_exchange, finish, interfere, redeliver
from tests.crash.scenario import ACKNOWLEDGE, LoggingAdapter, settings
from tests.rigs.assembly import Assembly
from tests.rigs.redis_server import RedisServer

STEPS = (
    ("accept", 1),
    ("accept", 3),
    ("accept", 6),
    ("identify", 1),
    ("identify", 3),
    ("number", 1),
    ("file", 1),
    ("file", 2),
    ("file", 3),
    ("permit", 1),
    ("permit", 2),
    ("exchange", 1),
    ("exchange", 2),
    ("note", 1),
    ("reply", 1),
    ("reply", 2),
    ("sent", 1),
    ("reply", 4),
    ("reply", 6),
    ("sent", 3),
    ("sent", 4),
    ("amend", 1),
    ("enqueue", 1),
    ("enqueue", 2),
    ("take", 1),
    ("fields", 1),
    ("fields", 3),
    ("fields", 6),
    ("fields", 9),
    ("fields", 12),
    ("fields", 15),
    ("done", 1),
    ("done", 2),
    ("triage", 1),
    ("fetched", 1),
    ("fetched", 2),
)
WHENS = ("before", "after")
SORTS = ("KILL", "STOP")
MEDDLING = ("nothing", "close", "merge", "rebind", "link", "unlink")

ALL = tuple(itertools.product(STEPS, WHENS, SORTS, MEDDLING))
SHORT = tuple(
    (step, when, SORTS[(n + m) % 2], MEDDLING[(2 * n + m) % 6])
    for n, step in enumerate(STEPS)
    for m, when in enumerate(WHENS)
)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="module")
def cradle() -> Iterator[Cradle]:
    with Cradle() as opened:
        yield opened


@pytest.mark.parametrize(
    ("step", "when", "sort", "meddling"),
    ALL if os.environ.get("CHAOS") else SHORT,
    ids=lambda one: "-".join(map(str, one)) if isinstance(one, tuple) else one,
)
async def test_a_worker_lost_at_any_step_costs_nothing(
    step: tuple[str, int],
    when: str,
    sort: str,
    meddling: str,
    server: RedisServer,
    cradle: Cradle,
    tmp_path: Path,
) -> None:
    """Every accepted message is exactly once in exactly one conversation, in thread order."""
    platform = tmp_path / "platform"
    adapter = LoggingAdapter(str(platform))
    async with open_store(settings(server.url)) as store:
        await store.redis.flushall()
        await store.commit.load()
        desk = Assembly(
            store,
            {"bot": adapter, "mail": adapter},
            hand_over=False,
            acknowledge=ACKNOWLEDGE,
        )
        victim = cradle.born(server.url, str(platform), step[0], str(step[1]), when, sort)
        try:
            await victim.lost(sort)

            await interfere(desk, meddling)
            await redeliver(desk)
            await finish(desk)
            if sort == "STOP":
                await victim.goes_on()
                await finish(desk)

            await check(desk, platform)
            await check_answers(desk, closed_early=meddling == "close")
            await check_exchange(desk, meddled=meddling == "close")
        finally:
            victim.end()
