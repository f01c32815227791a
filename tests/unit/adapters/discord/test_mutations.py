"""Events that are broken in every way: they are read, or set aside as malformed, nothing else."""

import itertools
import json
import os
import random
import time
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import settings

from adapters.discord.incoming.normalise import normalise, normalise_history
from adapters.discord.incoming.reading import LOST_MAX
from core.errors import MalformedPayload
from core.model.event import Inbound
from tests.rigs.discord.events import KINDS, event, known, raw, reader
from tests.rigs.discord.people import GUILD
from tests.rigs.payloads import containers, deep, drop, keys, multiply

SEED = 20260921
MANY = os.environ.get("CHAOS") == "1" or settings().max_examples >= 5000
COUNT = 20_000 if MANY else 1_000
GROWTH_MAX = 100
"""Of one byte received at most so many are made: each member who joins is an event of its own."""
EVENTS_MAX = 1000
SECONDS_MAX = 1.0
BYTES_PER_SECOND_MIN = 500_000
"""What is larger may take longer, in proportion."""
RECEIVED_AT = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)

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
    "**_~~||" * 500,
    "99999999999999999999",
    "²",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    [],
    [[]],
    [None],
    {},
    {"": {}},
    {"id": 1},
    {"id": "1"},
]


def nested(levels: int) -> Any:
    """Components, of which each holds another one."""
    value: Any = {"type": 10, "content": "x"}
    for _ in range(levels):
        value = {"type": 17, "components": [value]}
    return [value]


def replace(payload: Any, chance: random.Random) -> None:
    place = chance.choice(containers(payload))
    strange = [*STRANGE, deep(chance.choice([3, 60, 150])), nested(chance.choice([3, 20, 60]))]
    place[chance.choice(keys(place))] = deepcopy(chance.choice(strange))


def move(payload: Any, chance: random.Random) -> None:
    """A value from somewhere else, of a type that Discord knows."""
    place = chance.choice(containers(payload))
    other = json.loads(json.dumps(event(chance.choice(KINDS))[1]))
    place[chance.choice(keys(place))] = chance.choice(containers(other))


def add(payload: Any, chance: random.Random) -> None:
    objects = [place for place in containers(payload) if isinstance(place, dict)]
    if objects:
        names = ["telepathy", "", "content", "components", "author", "k" * 5000, "\ud7ff"]
        chance.choice(objects)[chance.choice(names)] = deepcopy(
            chance.choice([*STRANGE, nested(40)])
        )


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
            return raw.replace(b": 1", b": " + b"1" * chance.choice([30, 5000]), 1)
        case 4:
            return raw.replace(b'"', b'"\\ud83d', 2)
        case _:
            return raw.replace(b":", b":" + b"[" * 20_000, 1)


def mutated(chance: random.Random) -> tuple[str, bytes]:
    name, payload = event(chance.choice(KINDS))
    payload = json.loads(json.dumps(payload))
    for _ in range(chance.choice([1, 1, 2, 4])):
        if containers(payload):
            chance.choice(CHANGES)(payload, chance)
    raw = json.dumps(payload, ensure_ascii=chance.random() < 0.5).encode(errors="surrogatepass")
    return name, spoilt(raw, chance) if chance.random() < 0.25 else raw


def read(name: str, raw: bytes, guild: str) -> tuple[Inbound, ...]:
    """As the gateway would have it read, and as if it stood in the history of a channel."""
    numbers = itertools.count(1)
    found = reader(known())

    def new_id() -> str:
        return f"id{next(numbers)}"

    events = normalise(name, raw, found, RECEIVED_AT, new_id, mark="s.1")
    found.known.note(name, raw)
    if name == "MESSAGE_CREATE":
        normalise_history(raw, guild, found, RECEIVED_AT, new_id)
    normalise(name, raw, found, RECEIVED_AT, new_id, mark="s.2")
    return events


@pytest.mark.timeout(1800)
def test_a_broken_event_is_read_or_malformed_and_nothing_else() -> None:
    """One poisoned frame would otherwise end the client, and all that comes after it."""
    chance = random.Random(SEED)
    outcomes = {"read": 0, "malformed": 0}
    for _ in range(COUNT):
        name, raw = mutated(chance)
        began = time.process_time()
        try:
            events = read(name, raw, chance.choice(["", GUILD]))
        except MalformedPayload:
            outcomes["malformed"] += 1
            continue
        finally:
            seconds_max = SECONDS_MAX + len(raw) / BYTES_PER_SECOND_MIN
            assert time.process_time() - began < seconds_max
        outcomes["read"] += 1
        size = sum(len(msgspec.msgpack.encode(event)) for event in events)
        assert size <= GROWTH_MAX * len(raw) + 2000
        assert len(events) <= EVENTS_MAX
        assert all(len(event.lost) <= LOST_MAX + 20 for event in events)
        assert len({event.dedup for event in events}) == len(events)

    assert min(outcomes.values()) > COUNT // 10


@pytest.mark.parametrize("depth", [10, 100, 200, 400, 2_000, 100_000])
def test_what_is_nested_beyond_measure_is_read_or_malformed(depth: int) -> None:
    """Python gives up at a depth of its own, which is no reason to end."""
    name, said = raw("layout")
    inner = b'{"type": 17, "telepathy": 1, "components": [' * depth + b"]}" * depth
    said = said.replace(b'"components":[', b'"components":[' + inner + b",", 1)

    try:
        events = read(name, said, "")
    except MalformedPayload:
        return

    assert len(events) == 1
    assert "components" in str(events[0].lost)
