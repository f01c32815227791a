"""Living through many histories: `python -m tests.histories --seeds 1-300 --jobs 2`.

A line for each, a summary, exit code 1 if a law was broken; then the logs are kept, and the command
that does it again is printed. `--plan` prints what would happen.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from tests.histories.checker import check
from tests.histories.history import live
from tests.histories.logs import Logs
from tests.histories.plan import Plan, plan_of
from tests.histories.room import Room
from tests.rigs.needs import clock_is_missing, names_are_missing

HISTORY_SECONDS: Final = 240.0
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
    chunks = [(seeds[n : n + CHUNK], asked.keep) for n in range(0, len(seeds), CHUNK)]
    if asked.jobs == 1:
        found = [one for chunk in chunks for one in _lived(*chunk)]
    else:
        with get_context("spawn").Pool(asked.jobs, maxtasksperchild=1) as pool:
            found = [one for some in pool.starmap(_lived, chunks, 1) for one in some]
    _summarise(found)
    sys.exit(any(one.violations for one in found))


def _lived(seeds: Sequence[int], keep: Path) -> list[Verdict]:
    return asyncio.run(_lived_one_by_one(seeds, keep))


async def _lived_one_by_one(seeds: Sequence[int], keep: Path) -> list[Verdict]:
    found = []
    async with Room() as room:
        for seed in seeds:
            found.append(await _judged(_plan(seed), room, keep))
            _print(found[-1])
    return found


async def _judged(plan: Plan, room: Room, keep: Path) -> Verdict:
    began, cpu = time.monotonic(), room.cpu_seconds
    directory = Path(tempfile.mkdtemp(prefix=f"history-{plan.seed}-"))
    missed, told = tuple[str, ...](), ""
    try:
        async with asyncio.timeout(HISTORY_SECONDS):
            lived = await live(plan, directory, room)
        (directory / "logs.json").write_bytes(msgspec.json.format(msgspec.json.encode(lived.logs)))
        (directory / "plan.txt").write_text(plan.shown())
        broken, missed = tuple(one.shown() for one in check(lived.logs)), lived.missed
        told = told_of(lived.logs)
    except Exception:  # noqa: BLE001 - whatever it was, the others still run
        broken = (f"the history broke off: {traceback.format_exc()}",)
    if broken:
        kept = keep / f"seed-{plan.seed}"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(directory, kept)
        broken = (*broken, f"logs are in {kept}")
    shutil.rmtree(directory, ignore_errors=True)
    return Verdict(
        plan.seed, plan, broken, missed, time.monotonic() - began, room.cpu_seconds - cpu, told
    )


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
    print(
        f"{one.seed:5} {state:6} {one.seconds:5.1f} s {one.cpu_seconds:5.1f} cpu"
        f"  {one.plan.form}/{one.plan.server} {kinds}{missed}; {one.told}",
        flush=True,
    )
    for violation in one.violations:
        print(f"      {violation}", flush=True)
    if one.violations:
        print(f"      again: python -m tests.histories --seeds {one.seed}", flush=True)


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
