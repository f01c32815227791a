"""What an event of Discord costs by the production path, beside discord.py; and what it leaves.

Another process plays a tape of Discord (bench/discord_tape.py) over TLS, zstd and the gateway's own
protocol. On this side the whole of our way in (`Receiving`, with a handler that counts) and
discord.py's own `Client` (with `on_message`) hear it in turns. The library is heard without its
caches, as a bot that cares for speed would set it, and as it is by default.

The two do not do the same: ours reads markdown, cards and files, and names what is lost, which the
library leaves to whoever uses it; the library makes objects of authors and members each time, where
ours knows again who is described as before (500 people write, 2048 are known). Both pay for TLS and
inflating.

`python -m bench.discord_path 1000000` hears so many events in one session instead and watches the
resident memory.
"""

import asyncio
import gc
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import discord
import msgspec
import uvloop

from adapters.discord.adapter import TOLD_MAX
from adapters.discord.incoming.envelope import Reader, keywords_of
from adapters.discord.known import Known
from adapters.discord.line.client import intents_of, new_client, new_connector
from adapters.discord.line.receiving import Receiving
from adapters.discord.line.rest import open_rest
from adapters.discord.settings import DiscordSettings
from bench.discord_tape import BEGIN, END
from bench.measuring import Effort, Pairs, compared
from bench.report.findings import Bound, Finding, Table
from core.model.event import Inbound, MessageCreated
from core.model.secret import Secret
from core.ports import Deliver
from core.recent import Recent
from tests.contract.surroundings import Lent
from tests.rigs.discord.people import SUPPORT

FACTOR_MIN: Final = 2.0
"""So many times the library's processor time is ours."""
GROWTH_MIB_MAX: Final = 4.0
"""From the tenth of the events on, by when everything bounded is full."""
EVENTS: Final = 4000
"""Of fewer, the library reads all before it handles the first: nothing would be measured."""
SAMPLE: Final = 50_000
TOKEN: Final = "MTE4MDAxMTIyMzM0NDU1NjYwMA.Gaaaaa.invented-for-the-bench"  # noqa: S105 - invented
SAYS: Final = """Another process plays Discord, over TLS, zstd and the gateway's protocol; ours and
discord.py's whole way in hear it in turns, in one process, with uvloop. Processor time of an
event."""
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Turn(msgspec.Struct):
    """What was heard, and the processor time from the message `BEGIN` to `END`."""

    heard: int = 0
    began: float = 0.0
    seconds: float = 0.0

    def note(self, message: str, over: asyncio.Event) -> None:
        if message == BEGIN:
            self.began = time.process_time()
        elif message == END:
            self.seconds = time.process_time() - self.began
            over.set()


@contextmanager
def playing(kinds: str, events: int) -> Iterator[DiscordSettings]:
    """The tape's process; -> settings that lead to it."""
    words = [sys.executable, "-m", "bench.discord_tape", kinds, str(events)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        said, asked = process.stdout, process.stdin
        if said is None or asked is None:
            raise RuntimeError("the tape cannot be heard")
        yield DiscordSettings(
            token=Secret(TOKEN),
            support_channels=(SUPPORT,),
            keywords=("refund",),
            route_to=said.readline().strip(),
            authority=said.readline().strip(),
        )
        asked.close()


class _NoAnswers:
    """Nothing is asked of the bot."""

    def wants(self, kind: str, data: bytes) -> bool:
        return False

    async def take(self, kind: str, data: bytes, deliver: Deliver) -> None: ...


async def ours(settings: DiscordSettings, watch: Callable[[int], None] | None = None) -> Turn:
    turn, over = Turn(), asyncio.Event()

    async def deliver(event: Inbound) -> None:
        turn.heard += 1
        if watch:
            watch(turn.heard)
        if isinstance(event.body, MessageCreated):
            turn.note(event.body.remote, over)

    with tempfile.TemporaryDirectory() as directory:
        lent = Lent(Path(directory))
        async with open_rest(settings, lent.surroundings.remark) as rest:
            told = Recent[str, bool](TOLD_MAX)
            for number in range(TOLD_MAX):  # as in a gateway that has run for long
                told.note(str(int(BEGIN) - number), True)
            receiving = Receiving(
                rest, settings, lent.surroundings, _reader(settings, told), told, _NoAnswers()
            )
            running = asyncio.create_task(receiving.run(deliver))
            await _until(over, running)
        if lent.quarantine.payloads:
            raise RuntimeError("something could not be read: nothing is compared")
    return turn


def _reader(settings: DiscordSettings, told: Recent[str, bool]) -> Reader:
    return Reader(
        account="bench",
        known=Known(),
        support_channels=frozenset(settings.support_channels),
        keywords=keywords_of(settings.keywords),
        told=told,
    )


async def the_library(settings: DiscordSettings, *, caches: bool) -> Turn:
    turn, over = Turn(), asyncio.Event()
    client = new_client(settings)
    if caches:
        client = discord.Client(intents=intents_of(settings), connector=new_connector(settings))

    async def on_message(message: discord.Message) -> None:
        turn.heard += 1
        turn.note(str(message.id), over)

    client.event(on_message)
    async with client:
        await _until(over, asyncio.create_task(client.start(TOKEN)))
    return turn


async def _until(over: asyncio.Event, running: "asyncio.Task[Any]") -> None:
    """Whatever breaks off before the end is raised here."""
    waiting = asyncio.create_task(over.wait())
    await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done():
        running.result()
    running.cancel()
    await asyncio.wait({running})


def compare(kinds: str, events: int, pairs: int, *, caches: bool) -> Pairs:
    """Each turn in a loop of its own, so that no task of the one is left to the other."""
    turns = []
    with playing(kinds, events) as settings:
        for pair in range(pairs + 1):
            works = (lambda: the_library(settings, caches=caches)), (lambda: ours(settings))
            order = (0, 1) if pair % 2 else (1, 0)
            taken = {which: _run(works[which]()) for which in order}
            turns.append((taken[0].seconds, taken[1].seconds))
    return compared(turns[1:])  # the first warms up


def _run(turn: Coroutine[Any, Any, Turn]) -> Turn:
    """On the gateway's own event loop, with no garbage of the turn before."""
    gc.collect()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        taken = runner.run(turn)
    if not taken.heard:
        raise RuntimeError("nothing was heard: nothing is compared")
    return taken


def remember(events: int) -> bool:
    """Prints the resident memory as it goes. -> whether it stays flat."""
    samples: list[float] = []

    def watch(heard: int) -> None:
        if heard % SAMPLE == 0:
            samples.append(resident_mib())
            print(f"{heard} events heard: {samples[-1]:.1f} MiB", flush=True)

    with playing("traffic", events) as settings:
        turn = _run(ours(settings, watch))
    settled = samples[len(samples) // 10 :]
    growth = max(settled) - settled[0]
    print(
        f"{turn.heard} of {events} events were for us, {turn.seconds / events * 1e6:.1f} µs each:"
        f" {growth:.1f} MiB more than at first (at most {GROWTH_MIB_MAX})"
    )
    return growth <= GROWTH_MIB_MAX


def resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE / 2**20


def measure(effort: Effort) -> Finding:
    logging.disable(logging.CRITICAL)
    rows, bounds, each = [], [], 1e6 / EVENTS
    kinds_and_caches = (("messages", False), ("traffic", False), ("messages", True))
    for kinds, caches in effort.pick(kinds_and_caches, kinds_and_caches[:1]):
        pairs = compare(kinds, EVENTS, effort.pick(9, 3), caches=caches)
        name = f"{kinds}, {'caches as by default' if caches else 'without caches'}"
        rows.append((name, pairs.second * each, pairs.first * each, pairs.ratio))
        what = f"discord.py's way in against ours: {name}"
        found = Bound(what=what, measured=pairs.ratio, bound=FACTOR_MIN, unit="×", at_most=False)
        bounds.append(found)
    table = Table(head=("what", "ours, µs", "discord.py, µs", "ratio"), rows=tuple(rows))
    return Finding(says=SAYS, tables=(table,), bounds=tuple(bounds))


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(int(not remember(int(sys.argv[1]))))
