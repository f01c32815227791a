"""Living through many histories: `python -m tests.histories --seeds 1-300 --jobs 2`.

A line for each, a summary, exit code 1 if a law was broken; then the logs are kept, and the command
that does it again is printed. `--plan` prints what would happen.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from tests.histories import crew
from tests.histories.checker import check
from tests.histories.history import live
from tests.histories.logs import Logs
from tests.histories.place import Embedded
from tests.histories.plan import Plan, plan_of
from tests.histories.room import Room
from tests.histories.stacks import awaited
from tests.rigs.needs import clock_is_missing, names_are_missing

HISTORY_SECONDS: Final = 240.0
"""What takes longer breaks off, and says what it waited for."""
WORKER_SECONDS: Final = HISTORY_SECONDS + 60.0
"""With whatever is put away afterwards. Who takes longer is ended."""
CHUNK: Final = 10
"""So many share what is imported once."""
LONG_EVERY: Final = 60
"""Of so many seeds one is a long one."""


class Verdict(NamedTuple):
    seed: int
    plan: Plan
    violations: tuple[str, ...]
    missed: tuple[str, ...]
    seconds: float
    cpu_seconds: float
    told: str = ""


def main() -> None:
    asked = _asked()
    seeds = _seeds(asked.seeds)
    if asked.plan:
        print("\n\n".join(_plan(seed).shown() for seed in seeds))
        return
    # Who is interrupted goes at once; a worker notices when it tells of its history, and goes too.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    chunks = [seeds[n : n + CHUNK] for n in range(0, len(seeds), CHUNK)]
    with ThreadPoolExecutor(asked.jobs) as pool:
        found = [one for some in pool.map(partial(_lived, asked.keep), chunks) for one in some]
    _summarise(found)
    sys.exit(any(one.violations for one in found))


def _lived(keep: Path, seeds: Sequence[int]) -> list[Verdict]:
    found = []
    for one in crew.each(seeds, partial(_live, keep), WORKER_SECONDS, partial(_lost, keep)):
        _print(one)
        found.append(one)
    return found


def _live(keep: Path, seeds: Sequence[int], below: Path, tell: Callable[[Verdict], None]) -> None:
    async def one_by_one() -> None:
        left = list(seeds)
        while left:
            async with Room() as room:  # a new one where a history has broken something
                told = None
                while left and not (told and told.violations):
                    told = await _judged(_plan(left.pop(0)), room, keep, below)
                    tell(told)

    asyncio.run(one_by_one())


def _lost(keep: Path, seed: int, below: Path, why: str) -> Verdict:
    for directory in below.glob(f"history-{seed}-*"):
        with suppress(AssertionError):
            Embedded(directory / "data").kill()
        why += f"\nlogs are in {_kept(directory, keep, seed)}"
    return Verdict(seed, _plan(seed), (why,), (), WORKER_SECONDS, 0.0)


async def _judged(plan: Plan, room: Room, keep: Path, below: Path) -> Verdict:
    began, cpu = time.monotonic(), room.cpu_seconds
    directory = Path(tempfile.mkdtemp(prefix=f"history-{plan.seed}-", dir=below))
    missed, told, waited = tuple[str, ...](), "", list[str]()
    loop = asyncio.get_running_loop()
    late = loop.call_later(HISTORY_SECONDS, lambda: waited.extend(awaited()))
    try:
        async with asyncio.timeout_at(late.when()):
            lived = await live(plan, directory, room)
        (directory / "logs.json").write_bytes(msgspec.json.format(msgspec.json.encode(lived.logs)))
        (directory / "plan.txt").write_text(plan.shown())
        broken, missed = tuple(one.shown() for one in check(lived.logs)), lived.missed
        told = told_of(lived.logs)
    except Exception:  # noqa: BLE001 - whatever it was, the others still run
        broken = (f"the history broke off: {traceback.format_exc()}", *waited)
    late.cancel()
    if broken:
        broken = (*broken, f"logs are in {_kept(directory, keep, plan.seed)}")
    shutil.rmtree(directory, ignore_errors=True)
    return Verdict(
        plan.seed, plan, broken, missed, time.monotonic() - began, room.cpu_seconds - cpu, told
    )


def _kept(directory: Path, keep: Path, seed: int) -> Path:
    """-> where what everybody wrote down is from now on."""
    kept = keep / f"seed-{seed}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(directory, kept)
    return kept


def told_of(logs: Logs) -> str:
    """That something was said, asked and sent at all: an empty history breaks no law."""
    outcomes = Counter(str(one.outcome) for one in logs.asked)
    asked = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    return f"{len(logs.said)} said, {len(logs.got)} sent, asked: {asked or 'nothing'}"


def _plan(seed: int) -> Plan:
    return plan_of(seed, long=seed % LONG_EVERY == 0)


def _print(one: Verdict) -> None:
    kinds = "+".join(sorted(blow.kind for blow in one.plan.blows))
    state = "BROKEN" if one.violations else "ok"
    missed = f", missed {'+'.join(one.missed)}" if one.missed else ""
    lines = [
        f"{one.seed:5} {state:6} {one.seconds:5.1f} s {one.cpu_seconds:5.1f} cpu"
        f"  {one.plan.form}/{one.plan.server} {kinds}{missed}; {one.told}"
    ]
    lines += [f"      {violation}" for violation in one.violations]
    if one.violations:
        lines.append(f"      again: python -m tests.histories --seeds {one.seed}")
    print("\n".join(lines), flush=True)


def _summarise(found: Iterable[Verdict]) -> None:
    ran = list(found)
    struck = Counter(str(blow.kind) for one in ran for blow in one.plan.blows)
    missed = Counter(str(kind) for one in ran for kind in one.missed)
    print(f"\n{len(ran)} histories, {sum(bool(one.violations) for one in ran)} broken")
    for kind, count in struck.most_common():
        less = f", {missed[kind]} of them did not come to pass" if missed[kind] else ""
        print(f"{count:6} {kind}{less}")
    if reason := clock_is_missing():
        print(f"no clock was set: {reason}")
    if reason := names_are_missing():
        print(f"no name was taken away: {reason}")
    print(f"processor time: {sum(one.cpu_seconds for one in ran) / max(len(ran), 1):.1f} s each")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.histories", description=__doc__)
    parser.add_argument("--seeds", default="1-300", help="such as 7 or 1-300 or 3,5,8-9")
    parser.add_argument("--jobs", type=int, default=2, help="so many at a time")
    parser.add_argument("--keep", type=Path, default=Path(".build/histories"))
    parser.add_argument("--plan", action="store_true", help="only say what would happen")
    return parser.parse_args()


def _seeds(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found
