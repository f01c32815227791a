"""What the gateway takes of the machine meanwhile, and what it says of itself."""

import asyncio
import re
import time
from collections.abc import Callable
from statistics import linear_regression
from typing import Final

import aiohttp
import msgspec
import psutil

LOOK_SECONDS: Final = 1.0
LINE: Final = re.compile(r"^(trunkline_\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """At one moment, `at` in seconds since the beginning."""

    at: float
    phase: str
    gateway_mb: float
    redis_mb: float
    backlog: int
    share: float
    calls_shed: float
    requests_shed: float
    late_seconds: float
    """How late this process itself is: what it measures is as much too long at most."""


class Watching:
    """`run` until cancelled."""

    def __init__(
        self, gateway_pid: int, redis_pid: int, metrics_url: str, backlog: Callable[[], int]
    ) -> None:
        self._gateway, self._redis = psutil.Process(gateway_pid), psutil.Process(redis_pid)
        self._url = metrics_url
        self._began = time.monotonic()
        self.seen: list[Seen] = []
        self.phase = "before"
        self._backlog = backlog
        self.told: dict[str, float] = {}

    async def run(self) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                due = time.monotonic() + LOOK_SECONDS
                await asyncio.sleep(LOOK_SECONDS)
                late = time.monotonic() - due
                await self._read(http)
                self._look(late)

    async def _read(self, http: aiohttp.ClientSession) -> None:
        async with http.get(self._url) as answer:
            text = await answer.text()
        self.told = {
            f"{name} {labels}".strip(): float(value) for name, labels, value in LINE.findall(text)
        }

    def _look(self, late_seconds: float) -> None:
        said = self.told.get
        self.seen.append(
            Seen(
                at=time.monotonic() - self._began,
                phase=self.phase,
                gateway_mb=self._gateway.memory_info().rss / 1e6,
                redis_mb=self._redis.memory_info().rss / 1e6,
                backlog=self._backlog(),
                share=said("trunkline_intake_share", 1.0),
                calls_shed=self.shed("call"),
                requests_shed=self.shed("request"),
                late_seconds=late_seconds,
            )
        )

    def shed(self, kind: str) -> float:
        """How much of it was left out or refused."""
        return self.told.get(f'trunkline_shed_total kind="{kind}"', 0.0)

    def seconds_used(self) -> dict[str, float]:
        """Processor time since each began. The platform is in the process that looks."""
        processes = {"gateway": self._gateway, "Redis": self._redis, "platform": psutil.Process()}
        return {name: sum(one.cpu_times()[:2]) for name, one in processes.items()}

    @property
    def replying(self) -> tuple[float, float]:
        """Seconds that the gateway has taken to answer agents who write, and how many it has."""
        return self._replies("sum"), self._replies("count")

    def _replies(self, what: str) -> float:
        name = f"trunkline_http_request_seconds_{what} "
        return sum(
            value
            for figure, value in self.told.items()
            if figure.startswith(name) and '/replies",status="201"' in figure
        )

    def of(self, phase: str) -> list[Seen]:
        return [one for one in self.seen if one.phase == phase]


def mb_a_minute(seen: list[Seen]) -> float:
    """By which the gateway's memory grows in the second half: at first it fills its caches."""
    half = seen[len(seen) // 2 :]
    if len(half) < 3:
        return 0.0
    return linear_regression([one.at / 60 for one in half], [one.gateway_mb for one in half]).slope
