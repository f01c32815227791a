"""Where Python's time goes: `python -m bench.engine [--what NAME] [--profile]`."""

import argparse
import asyncio
import cProfile
import pstats
from typing import Final

import uvloop

from bench.engine.line import line
from bench.engine.loops import closed_loop
from bench.engine.throughput import RATE_MAX, works
from bench.measuring import load
from tests.rigs.redis_server import RedisServer

TOP: Final = 30


async def run(url: str, asked: argparse.Namespace, profile: cProfile.Profile) -> None:
    async with line(url, asked.callers) as one:
        chosen = works(one)
        for name in asked.what or chosen:
            await closed_loop(one.store, chosen[name], asked.callers, asked.seconds / 4)
            one.foresee(asked.callers, RATE_MAX * asked.seconds)
            if asked.profile:
                profile.enable()
            spent = await closed_loop(one.store, chosen[name], asked.callers, asked.seconds)
            profile.disable()
            print(
                f"{name:<12}{spent.rate:>9.0f}/s{spent.python_us:>8.1f} µs Python"
                f"{spent.redis_us:>8.1f} µs Redis{spent.operations:>6.2f} operations"
                f"{spent.p50_ms:>7.1f} ms p50; load {load():.1f}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument(
        "--what", action="append", help="'round trip' for instance; may be repeated"
    )
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--profile", action="store_true", help="show where Python's time goes")
    asked, profile = parser.parse_args(), cProfile.Profile()
    with RedisServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(server.url, asked, profile))
    if asked.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(TOP)


if __name__ == "__main__":
    main()
