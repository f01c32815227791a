"""Agents who answer, and programs that look on: what keeps a gateway busy beside its customers."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from aiohttp import web

from bench.soak.people import WORDS, Spoilt
from core.model.conversation import Conversation
from tests.rigs.api import Api
from tests.rigs.receiver import Receiver, Told

LOOK_SECONDS: Final = 0.5
LISTENERS: Final = 12
STAYS_SECONDS: Final = (2.0, 20.0)
SEARCH_SECONDS: Final = 1.0
REFUSED: Final = 0.02
"""So many deliveries are refused, and tried again."""


class Office:
    """`work` until cancelled, by `agent`, which may be another one later. `replied` is what was
    promised to be sent, to whom, of the replies `asked` for.
    """

    def __init__(self, agent: Api, receiver: Receiver, rng: random.Random) -> None:
        self.agent, self._receiver, self._rng = agent, receiver, rng
        self.asked = 0
        self.replied = Counter[tuple[str, str]]()
        self.heard = 0
        """Events, by all listeners."""
        self.missed = 0
        """How often one of them was told to look at everything again."""
        self.told = set[str]()
        """Messages of customers that the webhook was told of, by their places."""
        receiver.answer = self._answer

    async def work(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._answer_all())
            tasks.create_task(self._look_things_up())
            for _ in range(LISTENERS):
                tasks.create_task(self._listen())

    async def subscribe(self) -> str:
        """-> the webhook's address in the API."""
        body = {"url": self._receiver.url, "events": ["*"]}
        async with self.agent.http.post("/api/v1/webhooks", json=body) as answer:
            made = await answer.json()
        self._receiver.secret = made["secret"]
        return f"/api/v1/webhooks/{made['webhook']['id']}"

    # --- agents

    async def _answer_all(self) -> None:
        while True:
            with unless_refused():
                for one in (await self._rows())[::-1]:
                    await self._attend_to(one)
            await asyncio.sleep(LOOK_SECONDS)

    async def _rows(self) -> list[Conversation]:
        return await self.agent.conversations("open")

    async def _attend_to(self, one: Conversation) -> None:
        text = f"answer {self.asked}"
        self.asked += 1
        self.replied[one.legs[-1].author_name, text] += 1
        try:
            await self.agent.reply(one.id, text, key=text, leg=one.legs[-1].id)
        except aiohttp.ClientResponseError as refused:
            self.replied[one.legs[-1].author_name, text] -= 1
            if refused.status != HTTPStatus.CONFLICT:
                raise
            return  # it was joined meanwhile to what is done already, and closed with it
        if self._rng.random() < 0.2:
            url = f"/api/v1/conversations/{one.id}/notes"
            async with self.agent.http.post(url, json={"text": "a hard one"}):
                pass
        status = self._rng.choice(("closed", "closed", "resolved"))
        url = f"/api/v1/conversations/{one.id}"
        async with self.agent.http.patch(url, json={"status": status}):
            pass

    async def _look_things_up(self) -> None:
        while True:
            with unless_refused():
                await self._look_up(self._rng.choice(WORDS))
            await asyncio.sleep(self._rng.uniform(0, 2 * SEARCH_SECONDS))

    async def _look_up(self, word: str) -> None:
        query = {"q": word, "limit": "20"}
        async with self.agent.http.get("/api/v1/search", params=query) as answer:
            found = await answer.json()
        for row in found["rows"][:1]:
            await self.agent.entries(row["leg"])

    # --- programs

    async def _listen(self) -> None:
        """Now and then it goes, and comes back where it was; some of them never read."""
        last = ""
        while True:
            with suppress(TimeoutError), unless_refused():
                async with asyncio.timeout(self._rng.uniform(*STAYS_SECONDS)):
                    async with self.agent.live(last) as events:
                        if self._rng.random() < 0.1:
                            await asyncio.Event().wait()
                        async for event in events:
                            last = self._next(last, event)
            await asyncio.sleep(LOOK_SECONDS)

    def _next(self, last: str, event: dict[str, Any]) -> str:
        if not event:
            self.missed += 1
            return last
        now = str(event["id"])
        if last and _order(last) >= _order(now):
            raise Spoilt(f"the live feed told of {now} after {last}")
        self.heard += 1
        return now

    async def _answer(self, told: Told) -> web.StreamResponse | None:
        self._receiver.told.clear()
        self._receiver.taken.clear()
        if self._rng.random() < REFUSED:
            return web.Response(status=503)
        if told.body["type"] == "message.received":
            entry = told.body["data"]["entry"]
            self.told.add(f"{entry['leg']} {entry['position']}")
        return None


@contextmanager
def unless_refused() -> Iterator[None]:
    """Whoever is told that more is asked for than can be answered comes again later."""
    try:
        yield
    except aiohttp.ClientResponseError as refused:
        if refused.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise


def _order(event: str) -> tuple[int, ...]:
    return tuple(map(int, event.split("-")))
