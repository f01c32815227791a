"""What holds in Redis between any two operations, looked at key by key.

A script that was applied by half breaks one of these. Messages of the tests say their own claim.
"""

from collections import Counter
from functools import partial
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from core.model.codec import decoder
from core.model.content import Text
from core.model.conversation import Status
from core.model.event import Inbound
from core.model.message import Direction, Message
from core.rules.lifecycle import VIEW
from core.store.compact import read_message
from core.store.keys import LIVE

FLAW_CHARACTERS: Final = 600
UNDECIDED: Final = {b"queued", b"sending"}
_read_inbound = decoder(Inbound)


class Dump(msgspec.Struct, kw_only=True):
    """All keys of a kind: what stands behind the kind in their name → their content."""

    thread: dict[str, dict[bytes, bytes]]
    seen: dict[str, dict[bytes, bytes]]
    lane: dict[str, list[bytes]]
    ready: dict[str, list[bytes]]
    leg: dict[str, dict[bytes, bytes]]
    log: dict[str, list[bytes]]
    refs: dict[str, dict[bytes, bytes]]
    sends: dict[str, dict[bytes, bytes]]
    inbox: dict[str, list[bytes]]
    events: dict[str, list[Any]]

    def messages(self, leg: str) -> list[Message]:
        return [read_message(blob) for blob in self.log.get(leg, [])]

    def legs_of(self, thread: str) -> list[str]:
        return [leg for leg, head in self.leg.items() if head[b"thread"].decode() == thread]


async def check_invariants(redis: Redis) -> None:
    dump = await _dump(redis)
    for thread in dump.thread:
        _claims_have_their_message(dump, thread)
    for check in _checks_of(dump):
        check()


async def flaws_of(redis: Redis) -> list[str]:
    """The same of any messages, whatever they say: each breach in words."""
    dump, found = await _dump(redis), list[str]()
    for check in _checks_of(dump):
        try:
            check()
        except (AssertionError, KeyError, ValueError) as error:
            name, what = check.func.__name__.strip("_"), " ".join(map(str, check.args[1:]))
            found.append(f"{name} {what}: {type(error).__name__} {error}"[:FLAW_CHARACTERS])
    return found


def _checks_of(dump: Dump) -> list[partial[None]]:
    return [
        partial(_lanes_are_ready, dump),
        *(partial(_queue_is_what_is_undecided, dump, one) for one in dump.thread),
        *(partial(_log_is_indexed, dump, one) for one in dump.leg),
        *(partial(_leg_is_listed, dump, one) for one in dump.leg),
        partial(_logs_have_their_leg, dump),
        partial(_events_tell_each_message_once, dump),
    ]


def _logs_have_their_leg(dump: Dump) -> None:
    assert set(dump.log) <= set(dump.leg), "no log without its leg"


def _lanes_are_ready(dump: Dump) -> None:
    """Every lane in which something waits stands in one ready set, and nothing else does."""
    waiting = Counter(name for name, entries in dump.lane.items() if entries)
    ready = Counter(
        f"{name.rpartition(':')[2]}:{key.decode()}"
        for name, keys in dump.ready.items()
        for key in keys
    )
    assert ready == waiting
    for entries in dump.lane.values():
        numbers = [_seq(entry) for entry in entries]
        assert numbers == sorted(set(numbers))


def _claims_have_their_message(dump: Dump, thread: str) -> None:
    """What was claimed is in the lane or in a log, once; what is there was claimed."""
    generations = (dump.seen.get(f"{thread}:{n}", {}) for n in range(3))
    claims = Counter(dedup for claimed in generations for dedup in claimed)
    filed = int(dump.thread[thread].get(b"filed", 0))
    waiting = [entry for entry in dump.lane.get(f"in:{thread}", []) if _seq(entry) > filed]
    logged = [
        _text(message).encode()
        for leg in dump.legs_of(thread)
        for message in dump.messages(leg)
        if message.direction is Direction.IN
    ]
    assert Counter(logged) + Counter(map(_dedup, waiting)) == claims
    assert all(_seq(entry) <= int(dump.thread[thread][b"seq"]) for entry in waiting)


def _queue_is_what_is_undecided(dump: Dump, thread: str) -> None:
    """A reply that is not decided stands in the lane of its thread, and nothing else does."""
    queued = Counter(
        entry.split(b":", 1)[1].decode() for entry in dump.lane.get(f"out:{thread}", [])
    )
    undecided = Counter(
        f"{position.decode()}:{leg}"
        for leg in dump.legs_of(thread)
        for position, send in dump.sends.get(leg, {}).items()
        if send.split(b"|")[0] in UNDECIDED
    )
    assert queued == undecided


def _log_is_indexed(dump: Dump, leg: str) -> None:
    """Every message is found by what it is called, and every reply has its delivery."""
    refs, sends = dump.refs.get(leg, {}), dump.sends.get(leg, {})
    expected: dict[str, int] = {}
    sent = set()
    for position, message in enumerate(dump.messages(leg), start=1):
        if message.direction is Direction.IN:
            expected |= {f"r:{remote}": position for remote in message.refs}
        else:
            expected[f"k:{message.id}"] = position
        if message.direction is Direction.OUT or message.change:
            sent.add(position)
    pieces = {name for name in refs if name.startswith(b"p:")}
    for name in pieces:
        position = int(name.split(b":")[1])
        assert all(int(refs[b"r:" + one]) == position for one in refs[name].split(b"\n"))
    found = {name.decode(): int(refs[name]) for name in set(refs) - pieces}
    remotes_of_replies = {name for name, position in found.items() if position in sent} - set(
        expected
    )
    assert {name: at for name, at in found.items() if name not in remotes_of_replies} == expected
    assert {int(position) for position in sends} == sent


def _leg_is_listed(dump: Dump, leg: str) -> None:
    """In the view of the inbox that its status belongs to."""
    head = dump.leg[leg]
    views = [view for view, legs in dump.inbox.items() if leg.encode() in legs]
    view = VIEW[Status(head[b"status"].decode())]
    assert [name.rpartition(":")[2] for name in views] == ([view] if view else [])
    if previous := head.get(b"previous"):
        assert dump.leg[previous.decode()][b"next"].decode() == leg


def _events_tell_each_message_once(dump: Dump) -> None:
    told = Counter(
        (leg.decode(), int(position), kind)
        for name, stream in dump.events.items()
        if name != LIVE
        for _, fields in stream
        for kind, leg, position in map(bytes.split, fields[b"e"].splitlines())
        if kind in (b"in", b"out")
    )
    directions = {Direction.IN: b"in", Direction.OUT: b"out"}
    written = Counter(
        (leg, position, directions[message.direction])
        for leg in dump.leg
        for position, message in enumerate(dump.messages(leg), start=1)
        if message.direction in directions
    )
    assert told == written, f"told too often: {told - written}, not told: {written - told}"


def _seq(entry: bytes) -> int:
    return int(entry.partition(b":")[0])


def _dedup(entry: bytes) -> bytes:
    return _read_inbound(entry.partition(b":")[2]).dedup.encode()


def _text(message: Message) -> str:
    return "".join(part.text for part in message.parts if isinstance(part, Text))


async def _dump(redis: Redis) -> Dump:
    found: dict[str, dict[str, Any]] = {field: {} for field in Dump.__struct_fields__}
    for key in await redis.keys("*"):
        assert isinstance(key, bytes)
        whole = key.decode()
        kind, _, name = whole.partition("}")[2].partition(":")
        if kind in found:  # of these three every partition has one of the same name
            shared = kind in ("ready", "inbox", "events")
            found[kind][whole if shared else name] = await _content(redis, key)
    return Dump(**found)


async def _content(redis: Redis, key: bytes) -> Any:
    match await redis.type(key):
        case b"hash":
            return await redis.hgetall(key)
        case b"list":
            return await redis.lrange(key, 0, -1)
        case b"zset":
            return await redis.zrange(key, 0, -1)
        case _:
            return await redis.xrange(key)
