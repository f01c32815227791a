"""One chat that the platform refuses for a minute delays nobody: the others do not even notice."""

from collections.abc import Iterable
from typing import NamedTuple

from core.store.store import Store
from tests.rigs.assembly import Assembly, fresh_store, make_due
from tests.rigs.events import says, thread
from tests.rigs.flood import FloodedAdapter
from tests.rigs.redis_server import RedisServer

OTHERS = tuple(f"chat {n}" for n in range(200))
FLOODED = ("flooded",)


class Cost(NamedTuple):
    """Operations of the store and calls to the platform, of all that the others did."""

    operations: int
    calls: int


async def test_the_others_make_the_same_calls_as_without_it(server: RedisServer) -> None:
    """Whoever writes to the other 200 waits for no refusal, no lock and no lane of that one."""
    calm = await _others_talk(server, flooded=False)
    flooded = await _others_talk(server, flooded=True)

    assert flooded == calm
    assert flooded.calls == len(OTHERS)


async def test_a_refused_chat_is_asked_once_however_much_waits_there(store: Store) -> None:
    """A platform that is asked again meanwhile blocks for longer."""
    adapter = FloodedAdapter()
    line = Assembly(store, {"bot": adapter})
    await _begin(line, FLOODED)
    await _talk(line, FLOODED * 20)
    await line.settle()

    for _ in range(20):
        await make_due(store)
        await line.settle()

    assert adapter.asked["flooded"] == 1


async def _others_talk(server: RedisServer, *, flooded: bool) -> Cost:
    async with fresh_store(server.url) as store:
        adapter = FloodedAdapter()
        line = Assembly(store, {"bot": adapter})
        await _begin(line, (*OTHERS, *FLOODED))
        if flooded:
            await _talk(line, FLOODED * 20)
            await line.settle()
            assert adapter.asked["flooded"] == 1
        operations = store.commit.operations

        await _talk(line, OTHERS)
        await line.settle()

        calls = sum(adapter.asked[chat] for chat in OTHERS)
        return Cost(store.commit.operations - operations, calls)


async def _begin(line: Assembly, chats: Iterable[str]) -> None:
    for chat in chats:
        await line.dispatcher.accept(says(thread(chat), chat, "hello"))
    await line.settle()


async def _talk(line: Assembly, chats: Iterable[str]) -> None:
    for chat in chats:
        await line.reply(await line.conversation_of(thread(chat)), "hello back")
