"""Programs that are told of what happens: a listener who comes back, a receiver who is often away.

What they have to have heard is the store's own log of events.
"""

import asyncio
import json
import random
from collections import defaultdict
from typing import Final

import aiohttp
from aiohttp import web

from core.store.live import Happened
from gateway.webhooks.events import type_of
from gateway.webhooks.queue import EVENT_PREFIX, order
from tests.rigs.receiver import Receiver, Told

RETRY_SECONDS: Final = 0.1
MOOD_SECONDS: Final = 1.5


class Listener:
    """Listens to the live feed while `run` goes on, and comes back where it was whenever the stream
    ends; of itself, too. `gaps`: between these events it was told that it has missed some.
    """

    def __init__(self, http: aiohttp.ClientSession, rng: random.Random) -> None:
        self._http, self._rng = http, rng
        self.first = self.last = ""
        self.heard: list[str] = []
        self.gaps: list[tuple[str, str]] = []
        self.returns = 0

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._rng.uniform(1, 5)):
                    await self._listen()
            except (aiohttp.ClientError, TimeoutError):
                pass
            self.returns += 1
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        headers = {"Last-Event-ID": self.last} if self.last else {}
        timeout = aiohttp.ClientTimeout(total=None, sock_read=30)
        async with self._http.get("/api/v1/live", headers=headers, timeout=timeout) as answer:
            block: dict[str, str] = {}
            async for line in answer.content:
                if text := line.decode().rstrip("\n"):
                    name, _, value = text.partition(": ")
                    block[name] = value
                elif line == b"\n":
                    self._take(block)
                    block = {}

    def _take(self, block: dict[str, str]) -> None:
        now = block["id"]
        if block.get("event") == "reset":
            self.gaps.append((self.last, now))
        elif "data" in block:
            assert json.loads(block["data"])["id"] == now
            self.heard.append(now)
        self.first = self.first or now
        self.last = now

    def check(self, log: list[Happened]) -> None:
        """Everything once and in order, or it was told that it had missed something."""
        assert self.heard == sorted(set(self.heard), key=order), "once and in order"
        known = set(self.heard)
        owed = [one.id for one in log if order(self.first) < order(one.id) <= order(self.last)]
        lost = [one for one in owed if one not in known and not self._is_in_a_gap(one)]
        assert not lost, f"{len(lost)} of {len(owed)} events never told: {lost[:5]}"
        assert known <= {one.id for one in log}, "nothing was invented"

    def _is_in_a_gap(self, event: str) -> bool:
        return any(order(a) < order(event) <= order(b) for a, b in self.gaps)


class Moody:
    """Answers as a receiver that is away half of the time, in one way or another."""

    def __init__(self, receiver: Receiver, rng: random.Random) -> None:
        self._receiver, self._rng = receiver, rng
        self.away = False
        receiver.answer = self._answer

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(0.5, 1.5) * MOOD_SECONDS)
            self.away = not self.away

    async def _answer(self, _told: Told) -> web.StreamResponse | None:
        return web.Response(status=self._rng.choice((500, 503, 404))) if self.away else None

    def check(self, log: list[Happened], after: str) -> None:
        """Everything behind `after` was taken, per leg in its order."""
        taken = [one.id.removeprefix(EVENT_PREFIX) for one in self._receiver.once()]
        owed = [one for one in log if type_of(one.kind) and order(one.id) > order(after)]
        lost = {one.id for one in owed} - set(taken)
        assert not lost, f"{len(lost)} of {len(owed)} events never told: {sorted(lost)[:5]}"
        legs = {one.id: one.leg for one in log}
        by_leg = defaultdict[str, list[str]](list)
        for one in taken:
            by_leg[legs[one]].append(one)
        for leg, events in by_leg.items():
            assert events == sorted(events, key=order), f"{leg} was told out of order: {events}"
