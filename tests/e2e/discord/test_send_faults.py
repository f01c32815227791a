"""Whatever goes wrong on the way to Discord: each message arrives once, in its order.

The whole way out is real: agents' replies, lanes and budgets in a Redis, the adapter, the library,
HTTP over TLS. What took effect is counted on the other side.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.model.content import Part, Text
from core.model.conversation import Entry
from core.model.ids import MessageId, ThreadRef
from core.model.message import DeliveryState
from core.reply import Draft
from sandbox.faults import Chance, Fault, Kind, Storm
from sandbox.server import Sandbox
from tests.contract.surroundings import Lent
from tests.e2e.discord.sending_rig import ACCOUNT, direct, public, said_in, sending, stored
from tests.rigs.assembly import AGENT, Assembly, fresh_store, make_due
from tests.rigs.events import says
from tests.rigs.redis_server import RedisServer

PER_CHANNEL = 100
SENDS = "create_message"
SETTLED = {DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN}

FAULTS = (
    Fault("discord", SENDS, Kind.RATE_LIMIT, retry_after=0.05),
    Fault("discord", SENDS, Kind.RATE_LIMIT, retry_after=0.05, via=False),
    Fault("discord", SENDS, Kind.RATE_LIMIT, retry_after=0.05, scope="shared"),
    Fault("discord", SENDS, Kind.RATE_LIMIT, retry_after=0.05, scope="global"),
    Fault("discord", SENDS, Kind.SERVER_ERROR, status=500),
    Fault("discord", SENDS, Kind.SERVER_ERROR, status=502, html=True),
    Fault("discord", SENDS, Kind.SERVER_ERROR, status=503),
    Fault("discord", SENDS, Kind.DROP_BEFORE),
    Fault("discord", SENDS, Kind.DROP_AFTER),
    Fault("discord", SENDS, Kind.RESET, seconds=0.0),
    Fault("discord", SENDS, Kind.GARBLED),
    Fault("discord", SENDS, Kind.CUT),
    Fault("discord", SENDS, Kind.TRICKLE, seconds=0.05),
    Fault("discord", SENDS, Kind.UNAUTHORISED),
)
CHANCES = (
    *(Chance(fault, 0.035) for fault in FAULTS),
    Chance(Fault("discord", SENDS, Kind.SLOW_AFTER, seconds=0.5), 0.02),
    Chance(Fault("discord", SENDS, Kind.RATE_LIMIT, retry_after=0, html=True), 0.004),
)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.mark.parametrize("seed", [11])
async def test_500_messages_arrive_once_and_in_order_through_a_storm(
    server: RedisServer, tmp_path: Path, seed: int
) -> None:
    """No customer is told the same thing twice, or the second thing first, or nothing."""
    async with (
        fresh_store(server.url) as store,
        Sandbox() as sandbox,
        sending(sandbox, tmp_path, request_timeout_seconds=0.3, upload_timeout_seconds=0.3) as (
            adapter,
            lent,
        ),
    ):
        line = Assembly(store, {ACCOUNT: adapter})
        threads = [await direct(adapter, sandbox, one) for one in ("mei", "jonas", "noor")]
        threads += [public(sandbox, "support"), public(sandbox, "general")]
        storm = Storm(seed, CHANCES)
        sandbox.world.faults.storms.append(storm)

        entries = [entry for one in threads for entry in await _write(line, lent, one)]
        after = await _settled(line, entries)

        arrived = {one.thread: said_in(sandbox, one) for one in threads}

    assert len(after) == 5 * PER_CHANNEL
    assert {entry.delivery.state for entry in after if entry.delivery} == {DeliveryState.SENT}
    for thread in threads:
        words = [message.content for message in arrived[thread.thread]]
        assert words == [f"{number} for {thread.thread}" for number in range(PER_CHANNEL)]
    struck = Counter(strike.kind for strike in storm.struck)
    assert set(struck) == {chance.fault.kind for chance in CHANCES}


async def _write(line: Assembly, lent: Lent, where: ThreadRef) -> list[Entry]:
    """An agent's answers: two texts, then a file, and so on."""
    await line.dispatcher.accept(says(where, where.thread, "hi"))
    await line.settle()
    conversation, written = await line.conversation_of(where), []
    for number in range(PER_CHANNEL):
        words = f"{number} for {where.thread}"
        file = stored(lent, words.encode(), caption=words)
        part: Part = file if number % 3 == 2 else Text(text=words)
        draft = Draft(id=MessageId(line.new_id()), parts=(part,))
        written.append(await line.agents.reply(conversation, AGENT, draft))
    return written


async def _settled(line: Assembly, entries: Sequence[Entry]) -> list[Entry]:
    """The entries when nothing is on its way. Only the pauses that Discord asks for last."""
    last = {entry.leg: entry for entry in entries}
    async with asyncio.timeout(150):
        while True:
            await line.settle()
            ends = [await line.views.entry(one.leg, one.position) for one in last.values()]
            if all(one.delivery and one.delivery.state in SETTLED for one in ends):
                return [await line.views.entry(one.leg, one.position) for one in entries]
            await make_due(line.store)
