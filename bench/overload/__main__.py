"""`python -m bench.overload --minutes 10`: the figures of one burst, for people."""

import argparse
import asyncio
import tempfile
from pathlib import Path

import uvloop

from bench.measuring import percentile
from bench.overload.run import AFTER, BEFORE, BURST, Outcome, Plan, run


def told(found: Outcome) -> str:
    rates = f"used to {found.rate:.0f}/s, burst {10 * found.rate:.0f}"
    gateway = [one.gateway_mb for one in found.seen]
    redis = [one.redis_mb for one in found.seen]
    share = [one.share for one in found.seen if one.phase == BURST]
    late = [one.late_seconds for one in found.seen if one.phase == BURST]
    return "\n".join(
        (
            f"rates: {rates}/s; taken in the burst {found.taken_in_burst:.0f}/s",
            f"said {found.said}: lost {found.lost}, doubled {found.doubled},"
            f" out of order in {found.disordered} threads",
            *(_latencies(found, phase) for phase in (BEFORE, BURST, AFTER)),
            f"replies refused: {found.replies_refused}; looks: {found.looks};"
            f" refusals without Retry-After: {found.without_a_time}",
            f"shed: {found.shed}; live feed: {found.live}; events missed: {found.missed:.0f}",
            f"share in the burst: least {min(share):.2f}, mean {sum(share) / len(share):.2f}",
            f"waiting on the platform: at most {found.backlog_max};"
            f" gone {found.drained_seconds:.0f} s after the burst,"
            f" nothing held back after {found.calm_seconds:.0f} s",
            f"gateway's memory: {gateway[0]:.0f} MB at first, at most {max(gateway):.0f},"
            f" {gateway[-1]:.0f} at last; {found.mb_a_minute:+.2f} MB a minute in the burst's"
            f" second half; Redis' {redis[0]:.0f} to {max(redis):.0f} MB",
            f"this process was late by {max(late):.2f} s at most; load afterwards {found.load:.1f}",
        )
    )


def _latencies(found: Outcome, phase: str) -> str:
    taken, arrived = found.taken.get(phase, []), found.arrived.get(phase, [])
    if len(taken) < 2:
        return f"replies {phase}: none"
    own = f"{found.answered[phase] * 1e3:.0f} ms" if phase in found.answered else "?"
    return (
        f"replies {phase}: {len(taken)}; answered within {own} on an average;"
        f" taken {_ms(taken)}; with the customer {_ms(arrived)}"
    )


def _ms(seconds: list[float]) -> str:
    p50, p99 = (percentile(seconds, percent) * 1e3 for percent in (50, 99))
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of the burst")
    parser.add_argument("--trial", type=int, default=Plan().trial, help="messages")
    parser.add_argument("--rate", type=float, help="messages a second before it")
    chosen = parser.parse_args()
    seconds = chosen.minutes * 60
    plan = Plan(
        before_seconds=min(30.0, seconds),
        burst_seconds=seconds,
        trial=chosen.trial,
        rate=chosen.rate,
    )
    with (
        tempfile.TemporaryDirectory(prefix="trunkline-bench-") as directory,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        print(told(runner.run(run(Path(directory), plan))))


if __name__ == "__main__":
    main()
