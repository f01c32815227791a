"""What every measurement needs: processor time, ours and Redis', pairs in turns, the machine."""

import os
import platform
from collections.abc import Awaitable, Callable, Sequence
from importlib import metadata
from pathlib import Path
from statistics import median, quantiles
from typing import Final, TypeVar

import msgspec
from redis.asyncio import Redis

from bench.report.findings import Machine

T = TypeVar("T")
LIBRARIES: Final = ("redis", "hiredis", "uvloop", "msgspec")


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How much time is taken: `quick` shows that a scenario runs, its figures are rough."""

    quick: bool = False

    def pick(self, full: T, quick: T) -> T:
        return quick if self.quick else full

    @property
    def pairs(self) -> int:
        return self.pick(11, 3)


class Missing(Exception):
    """This machine lacks something that a scenario needs; the message names it and the remedy."""


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """Two things measured in turns: medians, and the median of the pairs' ratios, which is steady
    even where the times are not.
    """

    first: float
    second: float
    ratio: float
    """First to second."""


async def in_turns(
    first: Callable[[], Awaitable[float]], second: Callable[[], Awaitable[float]], pairs: int
) -> Pairs:
    """Each is called once a pair, in changing order; the first pair warms up and does not count."""
    turns: list[tuple[float, float]] = []
    for turn in range(pairs + 1):
        if turn % 2:
            a, b = await first(), await second()
        else:
            b, a = await second(), await first()
        turns.append((a, b))
    return compared(turns[1:])


def compared(turns: Sequence[tuple[float, float]]) -> Pairs:
    return Pairs(
        first=median(a for a, _ in turns),
        second=median(b for _, b in turns),
        ratio=median(a / b for a, b in turns),
    )


def percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


async def redis_seconds(redis: Redis) -> float:
    """Processor time that the server has used since its start."""
    used = await redis.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def load() -> float:
    """Of the last minute."""
    return os.getloadavg()[0]


def machine() -> Machine:
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        kernel=f"{platform.system()} {platform.release().partition('-')[0]}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        versions={name: metadata.version(name) for name in LIBRARIES},
    )


def _processor() -> str:
    """As Linux calls it; elsewhere its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(names, platform.processor())} ({platform.machine()})"
