"""The durable way by itself: nothing is handed over, and whoever accepted is gone.

In the prototype this path was broken once and no benchmark showed it.
"""

import pytest

from core.model.message import DeliveryState
from core.store.store import Store, StoreSettings, open_store
from tests.rigs.assembly import Assembly, make_due
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer

THREADS = [thread(f"t{n}") for n in range(12)]


@pytest.mark.parametrize("hand_over", [False, True], ids=["switched off", "worker died"])
async def test_another_worker_dispatches_and_answers_everything(
    server: RedisServer, store: Store, hand_over: bool
) -> None:
    """Law 1: what was accepted is nobody's memory but the store's."""
    first = Assembly(store, {"bot": MemoryAdapter()}, hand_over=hand_over)
    for n in range(3):
        for where in THREADS:
            await first.dispatcher.accept(says(where, where.thread, f"message {n}"))
    first.handed.clear()
    await make_due(store)

    async with open_store(StoreSettings(url=server.url)) as another:
        adapter = MemoryAdapter()
        second = Assembly(another, {"bot": adapter}, hand_over=False)
        await second.settle()
        for where in THREADS:
            await second.reply(await second.conversation_of(where), f"to {where.thread}")
        assert adapter.sent == [], "a reply waits for a worker, too"
        await second.settle()

        for where in THREADS:
            leg = await second.leg_of(where)
            texts = await second.texts(leg)
            assert texts == ["message 0", "message 1", "message 2", f"to {where.thread}"]
            assert adapter.texts(where.thread) == [f"to {where.thread}"]
            last = (await second.log(leg))[-1]
            assert last.delivery is not None
            assert last.delivery.state is DeliveryState.SENT


async def test_a_reply_whose_sender_died_is_unknown_and_not_sent_again(store: Store) -> None:
    """Law 4: it was handed over to be sent at once, so it may have left."""
    adapter = MemoryAdapter()
    line = Assembly(store, {"bot": adapter})
    await line.dispatcher.accept(says(THREADS[0], "ada", "hello"))
    await line.settle()
    for n in range(2):
        await line.reply(await line.conversation_of(THREADS[0]), f"reply {n}")
    line.handed.clear()
    await make_due(store)

    await line.settle()

    states = [
        one.delivery.state for one in await line.log(await line.leg_of(THREADS[0])) if one.delivery
    ]
    assert states == [DeliveryState.UNKNOWN, DeliveryState.SENT]
    assert adapter.texts() == ["reply 1"]
