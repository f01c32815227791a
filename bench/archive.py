"""What 100 000 archived conversations cost: memory of Redis, time to archive and to read one, disk.

Conversations of 3 to 19 messages are had with the assembled core, as patterns; the others are their
copies with ids, threads, people and numbers of their own. They are archived as they are in an
installation, a few thousand at a time, then read through the API. Streams of events are capped low
and claims, which expire by themselves after 16 days, are dropped before memory is measured: neither
grows with the archive. One process, one private Redis, uvloop.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

import httpx
import uvloop
from msgspec.structs import replace

from bench.measuring import Effort, percentile, redis_seconds
from bench.report.findings import Finding, Table
from core.ids import new_ulid
from core.model.conversation import Status
from core.model.ids import IdentityId, LegId, MessageId, Number, ThreadRef
from core.rules.numbers import number
from core.store.scripts import Caps
from core.store.shelf import Frozen
from core.store.store import Store
from gateway.archive.file import NAME
from gateway.logs import set_up_logs
from tests.e2e.http.rig import Served, served
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import says, thread
from tests.rigs.freezing import Winter
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer

SEED: Final = 6
PATTERNS: Final = 64
SAYS: Final = f"""Conversations of 3 to 19 messages, most of them copies of {PATTERNS} patterns
(seed {SEED}), are archived a few thousand at a time, as in an installation, then read. Memory is
what Redis holds more than when it was empty, without claims, which end by themselves."""
AT_A_TIME: Final = 5000
COUNT: Final = 20_000
READS: Final = 1000
TEXT: Final = """
the parcel has not come yet and I need it before Friday could you look where it is please my
order number address changed thank you very much still waiting refund card invoice wrong size
colour delivered neighbour nobody home again tomorrow morning phone works now great
"""
WORDS: Final = tuple(TEXT.split())


async def patterns(store: Store, chance: random.Random) -> list[Frozen]:
    line, found = Assembly(store, {"bot": MemoryAdapter()}, hand_over=False), []
    for n in range(PATTERNS):
        where = thread(f"pattern {n}")
        for k in range(chance.randrange(1, 13)):
            await line.dispatcher.accept(says(where, where.thread, sentence(chance)))
            await line.settle()
            if k % 2 == 0:
                await line.reply(await line.conversation_of(where), sentence(chance))
                await line.settle()
        conversation = await line.conversation_of(where)
        activity = MessageId(f"close {n}")
        await line.triage.set_status(conversation, AGENT, Status.CLOSED, activity)
        if taken := await store.freezer.take(conversation.legs[0].id):
            found.append(taken.leg)
    return found


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randrange(3, 40)))


async def begin(store: Store, pattern: Frozen, n: int) -> Number:
    """One more conversation like this, in Redis."""
    where, reference = thread(f"customer {n}"), number(1_000_000 + n)
    person = IdentityId(str(where))
    leg = store.keys.leg_id(new_ulid(), where)
    own = {"id": leg, "conversation": leg, "thread": str(where), "author": person}
    fields = own | {"number": reference}
    head = pattern.head | {name.encode(): value.encode() for name, value in fields.items()}
    keys, name = store.keys, ("name", f"Customer {n}")
    touched = keys.identity(person), keys.legs(person), keys.wider(person)
    copy = replace(pattern, leg=leg, head=head)
    await asyncio.gather(
        store.commit.call(keys.of(person), "identify", touched, person, leg, name, False, 64, ()),
        store.legs.claim_number(reference, leg),
        put(store, copy, where),
    )
    return reference


async def put(store: Store, leg: Frozen, where: ThreadRef) -> None:
    now = int(time.time() * 1000)
    # The way back from the archive is a way into Redis for whatever is a leg.
    await store.cold._thaw(leg.leg, leg, now, (str(where), ""))


async def archive(winter: Winter, legs: Sequence[LegId]) -> None:
    await winter.archive.rest(await winter.store.freezer.resting(legs), ())
    winter.archived += await winter.archiver.archive_due()


async def fill(
    store: Store, winter: Winter, chance: random.Random, count: int
) -> tuple[list[Number], int, float, float, float]:
    """-> numbers, messages, and the seconds that archiving took: of time, of ours, of Redis'."""
    known, numbers, messages = await patterns(store, chance), [], 0
    wall = own = theirs = 0.0
    for first in range(0, count, AT_A_TIME):
        chosen = chance.choices(known, k=min(AT_A_TIME, count - first))
        messages += sum(len(one.log) for one in chosen)
        numbers += await asyncio.gather(
            *(begin(store, one, first + n) for n, one in enumerate(chosen))
        )
        legs = [leg async for page in store.legs.every(1000) for leg in page]
        began = time.perf_counter(), time.process_time(), await redis_seconds(store.redis)
        await archive(winter, legs)
        wall += time.perf_counter() - began[0]
        own += time.process_time() - began[1]
        theirs += await redis_seconds(store.redis) - began[2]
    return numbers, messages, wall, own, theirs


async def memory(store: Store) -> int:
    async for key in store.redis.scan_iter("*seen:*", count=1000):
        await store.redis.unlink(key)
    used = await store.redis.info("memory")
    return int(used["used_memory_dataset"])


async def reading(http: httpx.AsyncClient, paths: Sequence[str]) -> list[float]:
    """ms of each."""
    found = []
    for path in paths:
        began = time.perf_counter()
        answer = await http.get(path)
        found.append((time.perf_counter() - began) * 1000)
        answer.raise_for_status()
    return found


def disk(directory: Path) -> int:
    return (directory / NAME).stat().st_size


async def looking(place: Served, numbers: Sequence[Number]) -> tuple[list[float], float]:
    """A conversation with its latest messages; -> ms of each, seconds of the processor in all."""
    views, found, used = place.rig.views, [], time.process_time()
    for one in numbers:
        began = time.perf_counter()
        await views.messages(await views.conversation(one), "", 50)
        found.append((time.perf_counter() - began) * 1000)
    return found, time.process_time() - used


def _row(what: str, took: Sequence[float], seconds: float) -> tuple[str | float, ...]:
    return what, median(took), percentile(took, 95), seconds / len(took) * 1000


async def _measured(place: Served, directory: Path, count: int) -> Finding:
    store, chance = place.rig.store, random.Random(SEED)  # noqa: S311
    winter = Winter(store, place.archive)
    await winter.archive.take_over()
    before = await memory(store)
    numbers, messages, wall, own, theirs = await fill(store, winter, chance, count)
    each, size = 1e6 / winter.archived, disk(directory)
    costs = (
        ("conversations archived", float(winter.archived)),
        ("their messages", float(messages)),
        ("Redis, MB more than empty", (await memory(store) - before) / 1e6),
        ("to archive one, µs", wall * each),
        ("... of our processor time", own * each),
        ("... of Redis'", theirs * each),
        ("on disk, MB", size / 1e6),
        ("... B a message", size / messages),
    )
    asked = chance.sample(numbers, min(READS, len(numbers)))
    return Finding(
        says=SAYS,
        tables=(
            Table(head=("what", "measured"), rows=costs),
            Table(
                head=("reading one", "median ms", "p95 ms", "processor ms"),
                rows=await _reads(place, asked),
            ),
        ),
    )


async def _reads(place: Served, asked: Sequence[Number]) -> tuple[tuple[str | float, ...], ...]:
    rows = [_row("found, read and decoded, in the process", *await looking(place, asked))]
    for name in ("", "/messages"):
        paths = [f"/api/v1/conversations/{one}{name}" for one in asked]
        await reading(place.http, paths[:50])
        began = time.process_time()
        took = await reading(place.http, paths)
        used = time.process_time() - began
        rows.append(_row(f"GET .../REF{name}, with its client", took, used))
    return tuple(rows)


async def _with_archive(count: int) -> Finding:
    set_up_logs(verbose=False)  # as in an installation: a request has no line
    with RedisServer() as server, tempfile.TemporaryDirectory(prefix="tl-bench-") as directory:
        caps = Caps(events_max=1000, live_max=1000)
        async with served(server.url, Path(directory), caps=caps, thawed_seconds=0.0) as place:
            return await _measured(place, Path(directory), count)


def measure(effort: Effort) -> Finding:
    return uvloop.run(_with_archive(effort.pick(COUNT, 500)))
