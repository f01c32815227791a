"""Law 9: a script touches the keys of one hash tag, and declares every one of them."""

import re
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from core.store.store import Store
from tests.rigs.assembly import Assembly
from tests.rigs.monitor import Command, Monitor
from tests.rigs.redis_server import RedisServer
from tests.rigs.round import play_round

NO_OPERATIONS: Final = {"main", "prelude"}
HAS_NO_KEYS: Final = "The command has no key arguments"


class Call(NamedTuple):
    """One script call: the keys it declared, the operations it carried, the commands it made."""

    declared: frozenset[bytes]
    operations: frozenset[str]
    made: tuple[Command, ...]


async def test_every_script_declares_all_its_keys_and_they_share_a_slot(
    server: RedisServer, store: Store, line: Assembly
) -> None:
    """A script with an undeclared key was seen to stop half-way in a slot that migrates."""
    with Monitor(server) as monitor:
        await play_round(line)
        calls = _calls(monitor.commands())

    assert frozenset().union(*(call.operations for call in calls)) == _all_operations()
    for call in calls:
        assert len({_tag(key) for key in call.declared}) == 1, call.operations
        touched = {key for one in call.made for key in await _keys(store.redis, one)}
        assert touched <= call.declared, call.operations


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
            found.append(Call(frozenset(keys), _operations(packed), ()))
    return found


def _operations(packed: bytes) -> frozenset[str]:
    """The names in a group commit, whose blobs claim to be text but are not."""
    operations = msgspec.msgpack.decode(packed, type=list[list[msgspec.Raw]])
    return frozenset(msgspec.msgpack.decode(one[0], type=str) for one in operations)


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
