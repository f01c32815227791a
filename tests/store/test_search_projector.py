"""The search index follows what happens, whatever happens to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.store.store import Store
from gateway.search import Search, open_search
from gateway.search.hits import MessageHit
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.waiting import eventually

CHAT = thread("5")


async def relayed(store: Store, line: Assembly) -> None:
    await line.settle()
    while await store.live.relay(tuple(range(store.keys.partitions))):
        pass


@asynccontextmanager
async def kept(data_dir: Path, store: Store) -> AsyncIterator[Search]:
    """A search whose index is kept up to date."""
    async with open_search(data_dir, store) as search, asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(search.keep())
        try:
            yield search
        finally:
            keeping.cancel()


async def caught_up(search: Search, store: Store) -> None:
    """Nothing that has happened is missing."""

    async def is_so() -> bool:
        state = await search.state()
        return bool(state.answers) and state.position == await store.live.last_id()

    await eventually(is_so)


async def texts(search: Search, line: str, kind: str = "messages") -> list[str]:
    found = await search.find(line, kind, "", 20)
    return [one.snippet.text if isinstance(one, MessageHit) else repr(one) for one in found.rows]


async def test_what_was_said_is_found(store: Store, line: Assembly, tmp_path: Path) -> None:
    """Nobody would find anything."""
    await line.dispatcher.accept(says(CHAT, "mei", "my parcel 2024-00871 is lost"))
    await relayed(store, line)

    async with kept(tmp_path, store) as search:
        await caught_up(search, store)
        await line.dispatcher.accept(says(CHAT, "mei", "我的包裹在哪里"))
        await relayed(store, line)
        await caught_up(search, store)

        assert await texts(search, "parcel") == ["my parcel 2024-00871 is lost"]
        assert await texts(search, "包裹") == ["我的包裹在哪里"]
        assert await texts(search, "0087") == ["my parcel 2024-00871 is lost"]
