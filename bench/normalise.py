"""What it costs to understand an update: raw bytes to a handler, beside python-telegram-bot.

Run by `make bench`. Both get the same bytes, of every kind of update as often as a support bot sees
it, and end in one handler that does nothing: ours by `normalise`, the library's by `json.loads`,
`Update.de_json` and `Application.process_update`. They take turns in one process, and what is
compared is processor time: the median of the ratios of neighbouring turns is steady even where the
times are not. Exit code 1 when it is above the bound.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import sys
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

import msgspec
from telegram import Update
from telegram.ext import Application, TypeHandler
from telegram.request import BaseRequest, RequestData
from typing_extensions import override

from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise
from core.ids import new_ulid
from core.model.event import Inbound
from tests.rigs.telegram.people import BOT, BOT_ID, BOT_NAME
from tests.rigs.telegram.updates import KINDS, traffic

RATIO_MAX: Final = 0.1
PAIRS: Final = 11
UPDATES: Final = 2000
SEED: Final = 7
TOP: Final = 25

App = Application[Any, Any, Any, Any, Any, Any]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Medians, in microseconds of processor time an update; `ratio` is that of the pairs."""

    ours_us: float
    library_us: float
    ratio: float


class Offline(BaseRequest):
    """The library asks who its bot is before it works, and nothing after that."""

    @property
    @override
    def read_timeout(self) -> float | None:
        return None

    @override
    async def initialize(self) -> None: ...

    @override
    async def shutdown(self) -> None: ...

    @override
    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        return 200, json.dumps({"ok": True, "result": BOT}).encode()


async def ours(updates: list[bytes]) -> float:
    """Seconds of processor time."""
    reader = Reader(account="bench", bot_id=BOT_ID, bot_username=BOT_NAME)

    async def handle(event: Inbound) -> None: ...

    began = time.process_time()
    for raw in updates:
        for event in normalise(raw, reader, datetime.now(UTC), new_ulid):
            await handle(event)
    return time.process_time() - began


async def the_library(updates: list[bytes], application: App) -> float:
    """Seconds of processor time."""
    began = time.process_time()
    for raw in updates:
        await application.process_update(Update.de_json(json.loads(raw), application.bot))
    return time.process_time() - began


async def compare(pairs: int, count: int) -> Figures:
    updates = traffic(count, SEED)
    async with _application() as application:
        turns = []
        for turn in range(pairs + 1):
            if turn % 2:
                mine, theirs = await ours(updates), await the_library(updates, application)
            else:
                theirs, mine = await the_library(updates, application), await ours(updates)
            turns.append((mine, theirs))
        counted = turns[1:]  # the first warms up
        return Figures(
            ours_us=median(mine for mine, _ in counted) / count * 1e6,
            library_us=median(theirs for _, theirs in counted) / count * 1e6,
            ratio=median(mine / theirs for mine, theirs in counted),
        )


def _application() -> App:
    async def handle(_update: object, _context: object) -> None: ...

    application = (
        Application.builder()
        .token("1:bench")
        .updater(None)
        .job_queue(None)
        .request(Offline())
        .get_updates_request(Offline())
        .build()
    )
    application.add_handler(TypeHandler(Update, handle))
    return application


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--updates", type=int, default=UPDATES, help="in each turn")
    parser.add_argument("--profile", action="store_true", help="show where our time goes")
    chosen = parser.parse_args()
    if chosen.profile:
        profile = cProfile.Profile()
        profile.runcall(asyncio.run, ours(traffic(chosen.updates, SEED)))
        pstats.Stats(profile).sort_stats("tottime").print_stats(TOP)
        return 0
    figures = asyncio.run(compare(chosen.pairs, chosen.updates))
    print(
        f"{len(KINDS)} kinds of update, µs of processor time each: {figures.ours_us:.1f}, "
        f"python-telegram-bot {figures.library_us:.1f}; ratio {figures.ratio:.3f} "
        f"(at most {RATIO_MAX})"
    )
    return int(figures.ratio > RATIO_MAX)


if __name__ == "__main__":
    sys.exit(main())
