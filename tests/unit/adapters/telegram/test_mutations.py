"""Updates that are broken in every way: they are read, or set aside as malformed, nothing else."""

import itertools
import json
import os
import random
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import settings

from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise
from adapters.telegram.incoming.reading import LOST_MAX, migrated, read_query_id, read_update_id
from core.errors import MalformedPayload
from core.model.event import Inbound
from tests.rigs.payloads import containers, deep, drop, keys, multiply
from tests.rigs.telegram.people import BOT_ID, BOT_NAME
from tests.rigs.telegram.updates import KINDS, update

SEED = 20260921
MANY = os.environ.get("CHAOS") == "1" or settings().max_examples >= 5000
COUNT = 20_000 if MANY else 1_000
GROWTH_MAX = 100
"""Of one byte received at most so many are made: a member who joins is an event of its own."""
EVENTS_MAX = 1000
READER = Reader(account="main", bot_id=BOT_ID, bot_username=BOT_NAME)

STRANGE: list[Any] = [
    None,
    True,
    0,
    -1,
    2**63,
    -(2**63) - 1,
    10**400,
    1.5,
    -1e308,
    "",
    "x",
    "\x00",
    "\u202e\ufeff",
    "👩‍👩‍👧" * 50,
    "a" * 9_000,
    [],
    [[]],
    [None],
    {},
    {"": {}},
    {"id": 1},
    [{"type": "bold", "offset": 2**62, "length": 2**62}],
]


def replace(payload: Any, chance: random.Random) -> None:
    place = chance.choice(containers(payload))
    key = chance.choice(keys(place))
    place[key] = deepcopy(chance.choice([*STRANGE, deep(chance.choice([3, 60, 150]))]))


def move(payload: Any, chance: random.Random) -> None:
    """A value from somewhere else, of a type that Telegram knows."""
    place = chance.choice(containers(payload))
    key = chance.choice(keys(place))
    place[key] = json.loads(json.dumps(chance.choice(containers(update(chance.choice(KINDS))))))


def add(payload: Any, chance: random.Random) -> None:
    objects = [place for place in containers(payload) if isinstance(place, dict)]
    name = chance.choice(["telepathy", "", "text", "entities", "from", "k" * 5000, "\ud7ff"])
    chance.choice(objects)[name] = deepcopy(chance.choice(STRANGE))


CHANGES: list[Callable[[Any, random.Random], None]] = [drop, replace, replace, move, add, multiply]


def spoilt(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    match chance.randrange(6):
        case 0:
            return raw[:at]
        case 1:
            return raw[:at] + chance.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00"]) + raw[at:]
        case 2:
            return raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
        case 3:
            return raw.replace(b":1", b":" + b"1" * chance.choice([30, 5000]), 1)
        case 4:
            return raw.replace(b'"', b'"\\ud83d', 2)
        case _:
            return raw.replace(b":", b":" + b"[" * 20_000, 1)


def mutated(chance: random.Random) -> bytes:
    payload = update(chance.choice(KINDS))
    payload = json.loads(json.dumps(payload))
    for _ in range(chance.choice([1, 1, 2, 4])):
        if containers(payload):
            chance.choice(CHANGES)(payload, chance)
    raw = json.dumps(payload, ensure_ascii=chance.random() < 0.5).encode(errors="surrogatepass")
    return spoilt(raw, chance) if chance.random() < 0.25 else raw


def read(raw: bytes) -> tuple[Inbound, ...]:
    numbers = itertools.count(1)
    received_at = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
    return normalise(raw, READER, received_at, lambda: f"id{next(numbers)}")


@pytest.mark.timeout(900)
def test_a_broken_update_is_read_or_malformed_and_nothing_else() -> None:
    """One poisoned update would otherwise stop the whole inbox."""
    chance = random.Random(SEED)
    outcomes = {"read": 0, "malformed": 0}
    for _ in range(COUNT):
        raw = mutated(chance)
        read_query_id(raw), migrated(raw), read_update_id(raw)
        try:
            events = read(raw)
        except MalformedPayload:
            outcomes["malformed"] += 1
            continue
        outcomes["read"] += 1
        size = sum(len(msgspec.msgpack.encode(event)) for event in events)
        assert size <= GROWTH_MAX * len(raw) + 2000
        assert len(events) <= EVENTS_MAX
        assert all(len(event.lost) <= LOST_MAX + 20 for event in events)
        assert len({event.dedup for event in events}) == len(events)

    assert min(outcomes.values()) > COUNT // 10
