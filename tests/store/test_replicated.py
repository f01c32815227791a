"""Durability `replicated`: nothing counts as accepted that only one server has."""

import signal

import pytest
from redis import Redis

from core.errors import StoreUnavailable
from core.store.store import StoreSettings, open_store
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.ports import free_port
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually


async def test_a_message_is_acknowledged_only_when_the_replica_has_it() -> None:
    """A primary may burn down a moment later."""
    primary, replica = RedisServer("--port", "0"), RedisServer()
    with primary, replica:
        port = _open_port(primary)
        with Redis(unix_socket_path=str(replica.socket)) as follower:
            follower.replicaof("127.0.0.1", port)
            await eventually(lambda: follower.info("replication")["master_link_status"] == "up")
            async with open_store(StoreSettings(url=primary.url, durability="replicated")) as store:
                desk = Assembly(store, {})

                await desk.dispatcher.accept(says(thread("1"), "mei", "one", dedup="1"))
                assert follower.dbsize() == store_size(primary)
                replica.signal(signal.SIGSTOP)
                lost = says(thread("1"), "mei", "two", dedup="2")
                with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
                    await desk.dispatcher.accept(lost)
                with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
                    await desk.dispatcher.accept(lost)  # known there, and still not safe
                replica.signal(signal.SIGCONT)
                await desk.dispatcher.accept(lost)


def _open_port(server: RedisServer) -> int:
    """A loopback port of a server that had none, for its replica."""
    port = free_port()
    with Redis(unix_socket_path=str(server.socket)) as connection:
        connection.config_set("bind", "127.0.0.1")
        connection.config_set("port", port)
    return port


def store_size(server: RedisServer) -> int:
    with Redis(unix_socket_path=str(server.socket)) as connection:
        return int(connection.dbsize())
