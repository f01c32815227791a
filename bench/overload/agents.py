"""Agents meanwhile: who answer, who look, and whose page listens."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import aiohttp
import msgspec

from sandbox.server import Sandbox
from tests.rigs.api import Api

ASK_SECONDS: Final = 60.0


class Answered(msgspec.Struct, kw_only=True):
    """A reply. `taken_seconds` until the API had taken it; `refused` is how often it was not."""

    text: str
    began: datetime
    phase: str
    taken_seconds: float = 0.0
    refused: int = 0


class Agents:
    """`phase` names the part of the run in which what begins now begins."""

    def __init__(self, agent: Api, tasks: asyncio.TaskGroup) -> None:
        self._agent, self._tasks = agent, tasks
        self.phase = "before"
        self.numbers: list[str] = []
        self.replies: list[Answered] = []
        self.typed: Counter[str] = Counter()
        """How often somebody was typing, by phase."""
        self.looks: Counter[str] = Counter()
        """Answers to those who look, by phase and status."""
        self.without_a_time = 0
        """Refusals that do not say when to come again."""
        self.told: Counter[str] = Counter()
        """Lines of the live feed, by phase and kind."""

    def replies_to_somebody(self) -> None:
        where = self.numbers[len(self.replies) % len(self.numbers)]
        text = f"reply {len(self.replies)}"
        one = Answered(text=text, began=datetime.now(UTC), phase=self.phase)
        self.replies.append(one)
        self._tasks.create_task(self._type(where))
        self._tasks.create_task(self._reply(where, one))

    def looks_around(self) -> None:
        self._tasks.create_task(self._look(self.phase))

    async def _reply(self, where: str, one: Answered) -> None:
        url, body = f"/api/v1/conversations/{where}/replies", {"text": one.text}
        headers = {"Idempotency-Key": one.text}
        while not one.taken_seconds:
            with suppress(aiohttp.ClientConnectionError):  # one kept open may be closed by now
                async with self._agent.http.post(
                    url, json=body, headers=headers, raise_for_status=False
                ) as answer:
                    if answer.status == 201:
                        one.taken_seconds = (datetime.now(UTC) - one.began).total_seconds()
                    else:
                        one.refused += 1
                        await asyncio.sleep(self._again(answer))

    async def _type(self, where: str) -> None:
        """Nothing of it is kept, and nobody tries again."""
        self.typed[self.phase] += 1
        url = f"/api/v1/conversations/{where}/typing"
        with suppress(aiohttp.ClientConnectionError):
            async with self._agent.http.post(url, json={}, raise_for_status=False) as answer:
                if answer.status != 204:
                    self._again(answer)

    async def _look(self, phase: str) -> None:
        url = "/api/v1/conversations?limit=20"
        with suppress(aiohttp.ClientConnectionError):
            async with self._agent.http.get(url, raise_for_status=False) as answer:
                self.looks[f"{phase} {answer.status}"] += 1
                await answer.read()
                if answer.status != 200:
                    self._again(answer)

    def _again(self, answer: aiohttp.ClientResponse) -> float:
        """Raises RuntimeError for a refusal that is none of too much."""
        if answer.status not in (429, 503):
            raise RuntimeError(f"an agent was answered {answer.status}")
        told = answer.headers.get("Retry-After", "")
        if not told.isdecimal():
            self.without_a_time += 1
            return 1.0
        return float(told)

    async def listen(self) -> None:
        """To the live feed, until cancelled."""
        timeout = aiohttp.ClientTimeout(total=None)
        while True:
            async with self._agent.http.get("/api/v1/live", timeout=timeout) as answer:
                async for line in answer.content:
                    if line.startswith(b"event: reset"):
                        self.told[f"{self.phase} reset"] += 1
                    elif line.startswith(b'data: {"'):
                        self.told[f"{self.phase} event"] += 1

    def arrived_seconds(self, sandbox: Sandbox) -> dict[str, list[float]]:
        """From the beginning of each reply until its customer had it, by phase. Raises
        RuntimeError for one that did not arrive, or not once.
        """
        arrived: dict[str, list[datetime]] = {}
        for one in sandbox.world.journal.accepted:
            arrived.setdefault(one.text, []).append(one.at)
        found: dict[str, list[float]] = {}
        for reply in self.replies:
            at = arrived.get(reply.text, [])
            if len(at) != 1:
                raise RuntimeError(f"{reply.text} arrived {len(at)} times")
            found.setdefault(reply.phase, []).append((at[0] - reply.began).total_seconds())
        return found
