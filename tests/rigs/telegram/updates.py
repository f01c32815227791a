"""All invented updates, as the bytes that Telegram would send."""

import random

import msgspec

from tests.rigs.telegram import acts, groups, things, words
from tests.rigs.telegram.people import BUILDERS, Json

_MODULES = (words, things, groups, acts)
"""Importing them has registered their kinds."""
KINDS = tuple(BUILDERS)
_FIRST_ID = 481_221_000


def update(kind: str) -> Json:
    return {"update_id": _FIRST_ID + KINDS.index(kind), **BUILDERS[kind][1]()}


def raw(kind: str) -> bytes:
    return msgspec.json.encode(update(kind))


def traffic(count: int, seed: int) -> list[bytes]:
    """So many updates, each kind as often as its weight says, in no order."""
    chance = random.Random(seed)
    weights = [BUILDERS[kind][0] for kind in KINDS]
    each = {kind: raw(kind) for kind in KINDS}
    return [each[kind] for kind in chance.choices(KINDS, weights, k=count)]
