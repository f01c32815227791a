"""The connections of group commit and of reading, while they break: each gets its own answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop
from redis import Redis

from core.errors import StoreUnavailable
from core.store.connection import connect
from core.store.store import Store, StoreSettings, open_store
from core.store.wire import Wire, packed
from tests.rigs.line import Line
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

KEYS = tuple(f"{{001c}}checkpoint:{n}" for n in range(8))


@pytest.fixture
async def line(server: RedisServer, tmp_path: Path) -> AsyncIterator[Line]:
    async with Line(tmp_path / "line", server.socket) as between:
        yield between


@asynccontextmanager
async def _through(line: Line) -> AsyncIterator[Store]:
    async with open_store(StoreSettings(url=line.url)) as store:
        await store.redis.flushall()
        for n, key in enumerate(KEYS):
            await store.redis.hset(key, "value", f"of {n}")
        yield store


async def _all(store: Store) -> list[str]:
    """What the keys hold, as two calls of one round trip say and one of the reader."""
    frozen = [store.commit.call(0, "freeze", (key,), 9) for key in KEYS]
    noted = [
        store.commit.call(0, "checkpoint", (key,), f"value {n}", str(n))
        for n, key in enumerate(KEYS)
    ]
    read = await store.read.many([("HGETALL", key) for key in KEYS])
    await asyncio.gather(*noted)
    found = [dict(zip(*[iter(one[1])] * 2, strict=True)) for one in await asyncio.gather(*frozen)]
    assert [one[b"value"] for one in found] == [one[b"value"] for one in read]
    return [one[b"value"].decode() for one in read]


async def test_wherever_an_answer_breaks_off_everybody_gets_their_own(line: Line) -> None:
    """An answer that went to the next one who asked would send a message into another thread."""
    async with _through(line) as store:
        for bytes_before in range(0, 700, 23):
            line.lets_through = bytes_before

            assert await _all(store) == [f"of {n}" for n in range(len(KEYS))]
    assert line.connections > 25


async def test_who_gives_up_in_the_middle_of_an_answer_leaves_nothing_of_it_behind(
    line: Line,
) -> None:
    """A server that took too long must not answer the next question with what was left unread."""
    async with _through(line):
        redis = connect(line.url)
        wire, line.breaks = Wire(redis), False
        asks = [packed(("HGET", key, "value")) for key in KEYS]
        assert await wire.send(asks) == [b"of %d" % n for n in range(len(KEYS))]

        for bytes_before in range(0, 80, 11):
            line.lets_through = bytes_before
            giving_up = asyncio.ensure_future(wire.send(asks))
            await eventually(lambda: line.lets_through is None)
            giving_up.cancel()
            await asyncio.wait((giving_up,))

            assert await wire.send(asks[::-1]) == [b"of %d" % n for n in range(len(KEYS))][::-1]
        await wire.close()
        await redis.aclose()


async def test_a_connection_that_is_opened_again_is_of_the_same_user_and_database() -> None:
    """Else what is accepted after a break would lie where nobody looks for it."""
    with RedisServer() as server:
        with Redis(unix_socket_path=str(server.socket)) as operator:
            operator.acl_setuser(
                "gateway", enabled=True, passwords="+secret", keys="*", commands=["+@all"]
            )
        url = f"unix://gateway:secret@{server.socket}?db=3"
        async with open_store(StoreSettings(url=url)) as store:
            for n in range(3):
                await store.commit.call(0, "checkpoint", (KEYS[n],), "value", str(n))
                assert await store.read.one("HGET", KEYS[n], "value") == b"%d" % n
                await store.redis.client_kill_filter(_type="normal", skipme=True)
            assert await store.read.one("ACL", "WHOAMI") == b"gateway"
            info = await store.redis.info("keyspace")
            assert info.keys() == {"db3"}


async def test_who_leads_to_a_replica_by_now_is_looked_for_anew(tmp_path: Path) -> None:
    """After a failover the address leads to the new primary, but connections that were kept open do
    not: nothing would be taken in any more until somebody started the gateway anew.
    """
    with RedisServer() as old, RedisServer() as new:
        async with Line(tmp_path / "line", old.socket) as line, _through(line) as store:
            await store.commit.call(0, "checkpoint", (KEYS[0],), "value", "before")
            assert await store.read.one("HGET", KEYS[0], "value") == b"before"
            await store.redis.replicaof("127.0.0.1", 1)
            line.to = new.socket

            with pytest.raises(StoreUnavailable):
                await store.commit.call(0, "checkpoint", (KEYS[0],), "value", "refused")
            await store.commit.call(0, "checkpoint", (KEYS[0],), "value", "after")

            assert await store.read.one("HGET", KEYS[0], "value") == b"after"


@pytest.mark.parametrize("steps", range(5))
def test_a_connection_that_is_being_closed_is_made_anew(server: RedisServer, steps: int) -> None:
    """An agent whose list was not shown while Redis changed its role, on the loop in production."""

    async def used_while_another_closes_all() -> list[bytes]:
        async with connect(server.url) as redis:
            wire = Wire(redis)
            await wire.send([packed(("PING",))])
            closing = asyncio.create_task(redis.connection_pool.disconnect())
            for _ in range(steps):
                await asyncio.sleep(0)  # so far it has come
            replies = await wire.send([packed(("PING",))])
            await closing
            await wire.close()
            return replies

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(used_while_another_closes_all()) == [b"PONG"]
