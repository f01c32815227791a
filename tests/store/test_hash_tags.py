"""Law 9: a script touches the keys of one hash tag, and declares every one of them."""

import re
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from core.store.connection import connect
from core.store.keys import SLOTS
from core.store.store import Store
from tests.rigs.assembly import Assembly, fresh_store
from tests.rigs.monitor import Command, Monitor
from tests.rigs.platform import ChangingAdapter, MemoryAdapter
from tests.rigs.redis_server import RedisServer
from tests.rigs.round import play_round
from tests.rigs.waiting import eventually

NO_OPERATIONS: Final = {"main", "prelude"}
HAS_NO_KEYS: Final = "The command has no key arguments"


class Operation(NamedTuple):
    name: str
    keys: frozenset[bytes]


class Call(NamedTuple):
    """One script call: the keys it declared, the operations it carried, the commands it made."""

    declared: frozenset[bytes]
    operations: tuple[Operation, ...]
    made: tuple[Command, ...]


async def test_every_operation_declares_all_its_keys_and_they_share_a_slot(
    server: RedisServer, store: Store, line: Assembly
) -> None:
    """A script with an undeclared key was seen to stop half-way in a slot that migrates."""
    with Monitor(server) as monitor:
        await play_round(line)
        calls = _calls(monitor.commands())

    operations = [operation for call in calls for operation in call.operations]
    assert {operation.name for operation in operations} == _all_operations()
    for operation in operations:
        assert len({_tag(key) for key in operation.keys}) == 1, operation.name
    for call in calls:
        touched = {key for one in call.made for key in await _keys(store.redis, one)}
        assert touched <= call.declared, call.operations


async def test_a_cluster_is_never_called_for_two_slots_at_once() -> None:
    """Else every message is refused as soon as there is a second server."""
    with RedisServer("--cluster-enabled", "yes") as server:
        async with connect(server.url) as redis:
            await redis.cluster("ADDSLOTSRANGE", 0, SLOTS - 1)
            await eventually(lambda: _is_ready(server))
        async with fresh_store(server.url) as store:
            desk = Assembly(store, {"bot": ChangingAdapter(), "mail": MemoryAdapter()})
            with Monitor(server) as monitor:
                await play_round(desk)
                calls = _calls(monitor.commands())

    assert {one.name for call in calls for one in call.operations} == _all_operations()
    for call in calls:
        assert len({_tag(key) for key in call.declared}) == 1, call.operations


def _all_operations() -> set[str]:
    lua = files("core.store").joinpath("lua")
    return {one.name.removesuffix(".lua") for one in lua.iterdir()} - NO_OPERATIONS


def _calls(commands: list[Command]) -> list[Call]:
    """MONITOR shows a script call first, then what it called."""
    found: list[Call] = []
    for command in commands:
        if command.in_script:
            found[-1] = found[-1]._replace(made=(*found[-1].made, command))
        elif command.name == "EVALSHA":
            count = int(command.arguments[2])
            keys, packed = command.arguments[3 : 3 + count], command.arguments[3 + count]
            found.append(Call(frozenset(keys), _operations(keys, packed), ()))
    return found


def _operations(keys: tuple[bytes, ...], packed: bytes) -> tuple[Operation, ...]:
    """What is in a group commit, whose blobs claim to be text but are not."""
    found = []
    for name, before, count, *_ in msgspec.msgpack.decode(packed, type=list[list[msgspec.Raw]]):
        first = msgspec.msgpack.decode(before, type=int)
        named = keys[first : first + msgspec.msgpack.decode(count, type=int)]
        found.append(Operation(msgspec.msgpack.decode(name, type=str), frozenset(named)))
    return tuple(found)


def _is_ready(server: RedisServer) -> bool:
    with SyncRedis(unix_socket_path=str(server.socket)) as redis:
        return b"cluster_state:ok" in redis.execute_command("CLUSTER", "INFO")


async def _keys(redis: Redis, command: Command) -> list[bytes]:
    """The server's own word for which arguments are keys."""
    if len(command.arguments) < 2:
        return []
    try:
        found = await redis.command_getkeys(*command.arguments)
    except ResponseError as error:
        if HAS_NO_KEYS not in str(error):
            raise
        return []
    return [key.encode() if isinstance(key, str) else key for key in found]


def _tag(key: bytes) -> bytes:
    found = re.match(rb"\{([^}]+)\}", key)
    assert found, key
    return found[1]
