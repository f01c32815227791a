"""What it costs to understand a message on Discord: a frame to a handler, beside discord.py.

Run by `make bench`. Both get the same frames, of every kind of message as often as a support bot
sees it, and end in one handler that does nothing: ours by `read_frame` and `normalise`, the
library's by its own `received_message`, with its caches of messages and members off. They take
turns in one process, and what is compared is processor time: the median of the ratios of
neighbouring turns is steady even where the times are not. Exit code 1 when it is above the bound.
"""

import argparse
import asyncio
import cProfile
import logging
import pstats
import sys
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

import discord
import msgspec
from discord.gateway import DiscordWebSocket

from adapters.discord.incoming.normalise import normalise
from adapters.discord.line.frames import read_frame
from core.ids import new_ulid
from core.model.event import Inbound
from tests.rigs.discord.events import frame, reader, traffic
from tests.rigs.discord.people import BUILDERS, bot
from tests.rigs.discord.places import whole_guild

CREATED: Final = "MESSAGE_CREATE"
RATIO_MAX: Final = 0.2
"""Of words alone, which nearly all messages are."""
RATIO_OF_ALL_MAX: Final = 0.6
"""Of all kinds. What the library leaves to its user is part of ours: markdown is read, cards and
layouts become parts, and each field that is lost is named.
"""
PAIRS: Final = 11
FRAMES: Final = 2000
SEED: Final = 7
TOP: Final = 25
MESSAGES: Final = tuple(kind for kind, (_, event, _b) in BUILDERS.items() if event == CREATED)

WORDS: Final = ("direct", "public", "chatter", "answering_us", "in_a_thread", "in_a_post")


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Medians, in microseconds of processor time a frame; `ratio` is that of the pairs."""

    ours_us: float
    library_us: float
    ratio: float


class Library:
    """discord.py as if it were connected: what it is told, it parses and dispatches."""

    def __init__(self) -> None:
        intents = discord.Intents.all()
        none = discord.MemberCacheFlags.none()
        self._client = discord.Client(
            intents=intents,
            max_messages=None,
            member_cache_flags=none,
            chunk_guilds_at_startup=False,
        )
        self.handled = 0

        async def on_message(_message: discord.Message) -> None:
            self.handled += 1

        self._client.event(on_message)
        self._client.loop = asyncio.get_running_loop()
        socket: Any = None
        self._socket = DiscordWebSocket(socket, loop=asyncio.get_running_loop())
        state: Any = self._client._connection
        self._socket.shard_id = None
        self._socket._discord_parsers = state.parsers
        self._socket._dispatch = self._client.dispatch
        self._state = state

    async def connect(self) -> None:
        """Who the bot is, and the guild that the messages are said in."""
        data: Any = bot()
        self._state.user = discord.ClientUser(state=self._state, data=data)
        await self.take(
            msgspec.json.encode({"t": "GUILD_CREATE", "s": 1, "op": 0, "d": whole_guild()})
        )

    async def take(self, text: bytes) -> None:
        await self._socket.received_message(text.decode())


async def ours(frames: list[bytes]) -> float:
    """Seconds of processor time."""
    who = reader()

    async def handle(event: Inbound) -> None: ...

    began = time.process_time()
    for text in frames:
        one = read_frame(text)
        for event in normalise(
            one.t or "", one.d, who, datetime.now(UTC), new_ulid, mark=f"session:{one.s}"
        ):
            await handle(event)
    return time.process_time() - began


async def the_library(frames: list[bytes], library: Library) -> float:
    """Seconds of processor time."""
    handled = library.handled
    began = time.process_time()
    for text in frames:
        await library.take(text)
    await asyncio.sleep(0)  # the handlers are tasks
    taken = time.process_time() - began
    if library.handled - handled != len(frames):
        raise RuntimeError("the library has not handled each message: nothing is compared")
    return taken


async def compare(pairs: int, count: int, kinds: tuple[str, ...]) -> Figures:
    frames = _frames(count, kinds)
    library = Library()
    await library.connect()
    turns = []
    for turn in range(pairs + 1):
        if turn % 2:
            mine, theirs = await ours(frames), await the_library(frames, library)
        else:
            theirs, mine = await the_library(frames, library), await ours(frames)
        turns.append((mine, theirs))
    counted = turns[1:]  # the first warms up
    return Figures(
        ours_us=median(mine for mine, _ in counted) / count * 1e6,
        library_us=median(theirs for _, theirs in counted) / count * 1e6,
        ratio=median(mine / theirs for mine, theirs in counted),
    )


def _frames(count: int, kinds: tuple[str, ...] = MESSAGES) -> list[bytes]:
    each = {kind: frame(kind) for kind in kinds}
    return [each[kind] for kind in traffic(count, SEED, kinds)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--frames", type=int, default=FRAMES, help="in each turn")
    parser.add_argument("--profile", action="store_true", help="show where our time goes")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if chosen.profile:
        profile = cProfile.Profile()
        profile.runcall(asyncio.run, ours(_frames(chosen.frames)))
        pstats.Stats(profile).sort_stats("tottime").print_stats(TOP)
        return 0
    good = True
    for what, kinds, ratio_max in (
        ("words alone", WORDS, RATIO_MAX),
        (f"{len(MESSAGES)} kinds of message", MESSAGES, RATIO_OF_ALL_MAX),
    ):
        figures = asyncio.run(compare(chosen.pairs, chosen.frames, kinds))
        good = good and figures.ratio <= ratio_max
        print(
            f"{what}, µs of processor time each: {figures.ours_us:.1f}, "
            f"discord.py {figures.library_us:.1f}; ratio {figures.ratio:.3f} (at most {ratio_max})"
        )
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
