"""The payloads that every reader of a platform gets: invented, each kind as often as in support."""

from random import Random
from typing import Final

from tests.rigs.discord import events as discord
from tests.rigs.discord.people import BUILDERS as DISCORD
from tests.rigs.telegram import updates as telegram
from tests.rigs.telegram.people import BUILDERS as TELEGRAM

SEED: Final = 7
WORDS: Final = {
    "telegram": ("text", "text_of_premium", "group_text", "topic_text"),
    "discord": ("direct", "public", "chatter", "answering_us", "in_a_thread", "in_a_post"),
}
"""Kinds that are words and nothing else, which nearly all messages are."""
_CREATED: Final = "MESSAGE_CREATE"


def kinds_of(platform: str) -> dict[str, int]:
    """Each kind that all sides hear of, and its weight; of Discord, messages that are new."""
    if platform == "telegram":
        return {kind: weight for kind, (weight, _) in TELEGRAM.items()}
    return {kind: weight for kind, (weight, name, _) in DISCORD.items() if name == _CREATED}


def payload(platform: str, kind: str) -> bytes:
    return telegram.raw(kind) if platform == "telegram" else discord.frame(kind)


def traffic(platform: str, kinds: tuple[str, ...], count: int) -> list[bytes]:
    """So many, in no order."""
    weights = kinds_of(platform)
    each = {kind: payload(platform, kind) for kind in kinds}
    chosen = Random(SEED).choices(kinds, [weights[kind] for kind in kinds], k=count)  # noqa: S311
    return [each[kind] for kind in chosen]
