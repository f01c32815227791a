"""All invented events, as the JSON that Discord would send; and a reader who knows the guild."""

import random

import msgspec

from adapters.discord.incoming.envelope import Ours, Reader, keywords_of
from adapters.discord.known import Known
from core.model.ids import MessageId
from tests.rigs.discord import acts, things, words
from tests.rigs.discord.people import BOT, BUILDERS, GUILD, SUPPORT, Json
from tests.rigs.discord.places import guild

_MODULES = (words, things, acts)
"""Importing them has registered their kinds."""
KINDS = tuple(BUILDERS)
_OURS = "ours:"


def event(kind: str) -> tuple[str, Json]:
    """What the gateway calls it, and its data."""
    _, name, build = BUILDERS[kind]
    return name, build()


def raw(kind: str) -> tuple[str, bytes]:
    name, data = event(kind)
    return name, msgspec.json.encode(data)


def frame(kind: str, seq: int = 7) -> bytes:
    """As the gateway sends it."""
    name, data = event(kind)
    return msgspec.json.encode({"t": name, "s": seq, "op": 0, "d": data})


def traffic(count: int, seed: int, kinds: tuple[str, ...] = KINDS) -> list[str]:
    """So many kinds, each as often as its weight says, in no order."""
    weights = [BUILDERS[kind][0] for kind in kinds]
    return random.Random(seed).choices(kinds, weights, k=count)


def known() -> Known:
    """What the bot knows once it is connected."""
    found = Known()
    ready = {"user": {"id": BOT}, "guilds": [{"id": GUILD, "unavailable": True}]}
    found.note("READY", msgspec.json.encode(ready))
    found.note("GUILD_CREATE", msgspec.json.encode(guild()))
    return found


def ours(nonce: str) -> Ours | None:
    """The first piece of a message, as it was planned."""
    if not nonce.startswith(_OURS):
        return None
    return MessageId(nonce.removeprefix(_OURS)), 0, 0


def reader(found: Known | None = None) -> Reader:
    """For whom everything in the support channel is, and elsewhere what addresses the bot."""
    return Reader(
        account="main",
        known=found or known(),
        support_channels=frozenset({SUPPORT}),
        keywords=keywords_of(("refund",)),
        ours=ours,
    )
