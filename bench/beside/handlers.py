"""What it costs to understand an event: raw bytes to a handler, beside the libraries for bots.

`python -m bench.beside.handlers telegram` (or discord) shows where our own time goes.
"""

import asyncio
import cProfile
import gc
import pstats
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from adapters.discord.incoming.normalise import normalise as read_discord
from adapters.discord.line.frames import read_frame
from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise as read_telegram
from bench.beside.environment import Peer, peer, version
from bench.beside.traffic import WORDS, kinds_of, payload, traffic
from bench.measuring import Effort, Pairs, compared
from bench.report.findings import Bars, Bound, Cell, Finding, Table
from core.ids import new_ulid
from core.model.event import Inbound
from tests.rigs.discord import events
from tests.rigs.discord.people import bot
from tests.rigs.discord.places import whole_guild
from tests.rigs.telegram.people import BOT_ID, BOT_NAME

EVENTS: Final = 2000
"""In each turn."""
TOP: Final = 30
SAYS: Final = """The same payloads, as they come from the platform, go to a handler that does
nothing. Ours end there by the adapters' own `normalise`, which reads all that is kept: formatting,
attachments, what is answered, by name whatever is lost. The libraries parse into their own objects
and dispatch, as their documentation says: `Update.de_json` and `process_update`;
`Dispatcher.feed_raw_update`; `Event.parse_event` and a matcher; discord.py's own
`received_message`, with its caches off. Each works in a process of its own, with uvloop and without
a log; the processes take turns, and *times* is the median of the pairs' ratios of processor time.

*Words* are plain texts, *all kinds* whatever a support bot hears, each kind as often as it does
(for Discord, new messages). What a library cannot read is left out of both sides of its row. What
bots leave to their user is part of ours: on Discord its markdown is read, cards and layouts become
parts of the message. Talk on Discord that is not meant for the bot ends early with us."""


class Library(msgspec.Struct, frozen=True, kw_only=True):
    """`words_min` and `all_min`: how many times our processor time its own has to be."""

    package: str
    script: str
    platform: str
    words_min: float
    all_min: float


LIBRARIES: Final = (
    Library(
        package="python-telegram-bot",
        script="updates_ptb",
        platform="telegram",
        words_min=10,
        all_min=10,
    ),
    Library(
        package="aiogram",
        script="updates_aiogram",
        platform="telegram",
        words_min=10,
        all_min=10,
    ),
    Library(
        package="nonebot2",
        script="updates_nonebot",
        platform="telegram",
        words_min=10,
        all_min=10,
    ),
    Library(
        package="discord.py",
        script="frames_discord",
        platform="discord",
        words_min=5,
        all_min=5,
    ),
)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of processor time for `EVENTS`: theirs first, then ours."""

    name: str
    what: str
    pairs: Pairs
    times_min: float
    unread: int


def measure(effort: Effort) -> Finding:
    rows = [row for library in LIBRARIES for row in compare(library, effort.pairs)]
    table = tuple(_cells(row) for row in rows)
    bars = tuple(
        (f"{name}, {row.what}", (_us(seconds),))
        for row in rows
        for name, seconds in (("Trunkline", row.pairs.second), (row.name, row.pairs.first))
    )
    bounds = tuple(
        Bound(
            what=f"{row.name}, {row.what}, to ours",
            measured=row.pairs.ratio,
            bound=row.times_min,
            unit="times",
            at_most=False,
        )
        for row in rows
    )
    head = ("library", "payloads", "ours µs", "theirs µs", "times", "kinds it cannot read")
    title = "Raw event to a handler, processor time"
    picture = Bars(name="handlers", title=title, unit="µs", parts=("Python",), bars=bars)
    return Finding(
        says=SAYS, tables=(Table(head=head, rows=table),), pictures=(picture,), bounds=bounds
    )


def _cells(row: Row) -> tuple[Cell, ...]:
    figures = _us(row.pairs.second), _us(row.pairs.first), row.pairs.ratio
    return row.name, row.what, *figures, float(row.unread)


def _us(seconds: float) -> float:
    return seconds / EVENTS * 1e6


def compare(library: Library, pairs: int) -> Iterator[Row]:
    """A row for plain words, and one for all kinds that it can read."""
    weights, name = kinds_of(library.platform), version(library.package)
    with _beside(library) as beside:
        unread = [kind for kind in weights if not beside.can_read(kind)]
        for what, kinds, times_min in (
            ("words", WORDS[library.platform], library.words_min),
            ("all kinds", tuple(weights), library.all_min),
        ):
            read = tuple(kind for kind in kinds if kind not in unread)
            turns = beside.turns(traffic(library.platform, read, EVENTS), pairs)
            yield Row(
                name=name,
                what=what,
                pairs=compared(turns),
                times_min=times_min,
                unread=len(kinds) - len(read),
            )


class _Beside:
    """A library's process, and ours, which take the same payloads in turns."""

    def __init__(
        self, library: Library, theirs: Peer, runner: asyncio.Runner, payloads: Path
    ) -> None:
        self._library, self._theirs, self._runner = library, theirs, runner
        self._file = payloads

    def can_read(self, kind: str) -> bool:
        self._file.write_bytes(payload(self._library.platform, kind))
        return bool(self._theirs.ask(str(self._file))["handled"])

    def turns(self, payloads: list[bytes], pairs: int) -> list[tuple[float, float]]:
        """Theirs and ours, in seconds; the first pair warms up."""
        self._file.write_bytes(b"\n".join(payloads))
        taken = []
        for pair in range(pairs + 1):
            if pair % 2:
                ours, theirs = self._ours(payloads), self._their(len(payloads))
            else:
                theirs, ours = self._their(len(payloads)), self._ours(payloads)
            taken.append((theirs, ours))
        return taken[1:]

    def _ours(self, payloads: list[bytes]) -> float:
        gc.collect()
        began = time.process_time()
        self._runner.run(_taken(self._library.platform, payloads))
        return time.process_time() - began

    def _their(self, count: int) -> float:
        answer = self._theirs.ask(str(self._file))
        if answer["handled"] != count:
            raise RuntimeError(f"{self._library.package} has not handled each payload")
        return float(answer["seconds"])


@contextmanager
def _beside(library: Library) -> Iterator[_Beside]:
    with (
        tempfile.TemporaryDirectory(prefix="trunkline-bench-") as home,
        peer(library.script) as theirs,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        if library.platform == "discord":
            theirs.tell(bot())
            theirs.tell({"t": "GUILD_CREATE", "s": 1, "op": 0, "d": whole_guild()})
        yield _Beside(library, theirs, runner, Path(home) / "payloads")


async def _nothing(_event: Inbound) -> None: ...


async def take_updates(payloads: list[bytes]) -> None:
    reader = Reader(account="bench", bot_id=BOT_ID, bot_username=BOT_NAME)
    for raw in payloads:
        for event in read_telegram(raw, reader, datetime.now(UTC), new_ulid):
            await _nothing(event)


async def take_frames(payloads: list[bytes]) -> None:
    reader = events.reader()
    for text in payloads:
        one = read_frame(text)
        now, mark = datetime.now(UTC), f"session:{one.s}"
        for event in read_discord(one.t or "", one.d, reader, now, new_ulid, mark=mark):
            await _nothing(event)


OURS: Final[dict[str, Callable[[list[bytes]], Awaitable[None]]]] = {
    "telegram": take_updates,
    "discord": take_frames,
}


async def _taken(platform: str, payloads: list[bytes]) -> None:
    await OURS[platform](payloads)


def main() -> None:
    platform = sys.argv[1]
    payloads = traffic(platform, tuple(kinds_of(platform)), EVENTS)
    profile = cProfile.Profile()
    profile.runcall(asyncio.run, _taken(platform, payloads))
    pstats.Stats(profile).sort_stats("tottime").print_stats(TOP)


if __name__ == "__main__":
    main()
