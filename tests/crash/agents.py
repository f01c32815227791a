"""Agents who do by the API whatever an agent can do, wherever a conversation is by now.

A request of which no answer came is made again, as programs do it: with the same Idempotency-Key.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import aiohttp
import msgspec

from core.model.conversation import Entry
from tests.rigs.api import Api

PAUSE_SECONDS: Final = 0.05
RETRY_SECONDS: Final = 0.1
TAGS: Final = ("refund", "vip", "parcel")
AWAY: Final = (502, 503)
"""What is answered while a platform or the store is away."""


class Agents:
    """`work` until `over`. Whom they have answered, and what they were told, is written down.
    `people` are how those whom they may answer are called in public, by their names.
    """

    def __init__(
        self, agent: Api, rng: random.Random, name: str, people: Mapping[str, str]
    ) -> None:
        self._agent, self._rng, self._name, self._people = agent, rng, name, people
        self.replies: list[Entry] = []
        self.refused: set[str] = set()
        """Texts of replies that were not taken."""
        self.notes: list[Entry] = []
        self.answers: Counter[str] = Counter()
        """What was answered: `POST replies 201`."""
        self.over = False
        self._count = 0

    async def work(self) -> None:
        acts: list[Callable[[dict[str, Any]], Awaitable[None]]] = [
            *4 * [self._reply],
            *4 * [self._finish],
            self._note,
            self._sort,
            self._snooze,
            self._split,
            self._merge,
            self._seal,
            self._link,
        ]
        while not self.over:
            await asyncio.sleep(self._rng.uniform(0, 2 * PAUSE_SECONDS))
            if conversation := await self._some():
                await self._rng.choice(acts)(conversation)

    async def _some(self) -> dict[str, Any] | None:
        """One of any view, by what is listed now; archived ones are listed as closed."""
        view = self._rng.choice(("open", "open", "pending", "closed", "closed"))
        status, found = await self.ask("GET", f"/api/v1/conversations?view={view}&limit=100")
        rows = found["rows"] if status == 200 else []
        return self._rng.choice(rows)["conversation"] if rows else None

    # --- what they do

    async def _reply(self, conversation: dict[str, Any]) -> None:
        leg = self._rng.choice(conversation["legs"])
        if (key := self._people.get(leg["author_name"])) is None:
            return
        text = self._text(f"to {key} on {leg['id']}")
        body = {"text": text, "leg": leg["id"], "audience": leg.get("audience", "private")}
        status, entry = await self._post(leg["id"], "replies", body, key=text)
        if status == 201:
            self.replies.append(msgspec.convert(entry, Entry, strict=False))
        else:
            self.refused.add(text)

    async def _note(self, conversation: dict[str, Any]) -> None:
        text = self._text("note")
        status, entry = await self._post(conversation["id"], "notes", {"text": text}, key=text)
        if status == 201:
            self.notes.append(msgspec.convert(entry, Entry, strict=False))

    async def _finish(self, conversation: dict[str, Any]) -> None:
        await self._patch(conversation, {"status": self._rng.choice(("resolved", "closed"))})

    async def _sort(self, conversation: dict[str, Any]) -> None:
        change = self._rng.choice(
            (
                {"add_tags": [self._rng.choice(TAGS)]},
                {"remove_tags": [self._rng.choice(TAGS)]},
                {"assignee": "Kim"},
                {"priority": self._rng.choice(("low", "high", "urgent"))},
                {"status": "open"},
                {"spam": self._rng.random() < 0.3},
            )
        )
        await self._patch(conversation, change)

    async def _snooze(self, conversation: dict[str, Any]) -> None:
        await self._patch(conversation, {"snooze_seconds": 1})

    async def _split(self, conversation: dict[str, Any]) -> None:
        legs = [one["id"] for one in conversation["legs"]]
        if len(legs) > 1:
            await self._post(conversation["id"], "split", {"legs": [self._rng.choice(legs)]})

    async def _merge(self, conversation: dict[str, Any]) -> None:
        other = await self._some()
        if other and other["id"] != conversation["id"] and len(other["legs"]) < 6:
            body = {"with": other["id"]}
            await self._post(conversation["id"], "merge", body)
            if self._rng.random() < 0.7:
                await self.ask("DELETE", f"/api/v1/conversations/{conversation['id']}/merge", body)

    async def _seal(self, conversation: dict[str, Any]) -> None:
        leg = self._rng.choice(conversation["legs"])["id"]
        await self._post(conversation["id"], "seal", {"leg": leg})

    async def _link(self, conversation: dict[str, Any]) -> None:
        other = await self._some()
        if other:
            body = {"a": conversation["legs"][0]["author"], "b": other["legs"][0]["author"]}
            names = {one["legs"][0]["author_name"] for one in (conversation, other)}
            if body["a"] != body["b"] and names <= self._people.keys():
                await self.ask("POST", "/api/v1/links", body)
                await self.ask("DELETE", "/api/v1/links", body)

    # --- how they ask

    async def _patch(self, conversation: dict[str, Any], change: Mapping[str, Any]) -> None:
        """Half of them only if nothing has happened since they looked."""
        url, headers = f"/api/v1/conversations/{conversation['id']}", {}
        if self._rng.randrange(2):
            headers["If-Match"] = await self._etag(url)
        await self.ask("PATCH", url, change, headers)

    async def _etag(self, url: str) -> str:
        while True:
            try:
                async with self._agent.http.get(url, raise_for_status=False) as answer:
                    return answer.headers.get("ETag", "*")
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)

    async def _post(
        self, ref: str, what: str, body: Mapping[str, Any], key: str = ""
    ) -> tuple[int, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.ask("POST", f"/api/v1/conversations/{ref}/{what}", body, headers)

    async def ask(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Until there is an answer of somebody who can give one."""
        while True:
            try:
                async with self._agent.http.request(
                    method, url, json=body, headers=headers, raise_for_status=False
                ) as answer:
                    found = await answer.json(content_type=None)
                    path = url.partition("?")[0].rpartition("/")[2] if method != "PATCH" else ""
                    self.answers[f"{method} {path} {answer.status}".replace("  ", " ")] += 1
                    assert answer.status != 500, (method, url, body, found)
                    if answer.status not in AWAY:
                        return answer.status, found
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(RETRY_SECONDS)

    def _text(self, about: str) -> str:
        self._count += 1
        return f"{self._name} writes {self._count} {about}"
