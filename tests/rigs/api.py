"""An agent's program: the gateway's API over HTTP, answered as values."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from core.model.content import Attachment, Text
from core.model.conversation import Conversation, Entry
from core.model.message import DeliveryState, Direction
from core.view import Inbox, Page
from gateway.desk import Health
from tests.rigs.waiting import PATIENCE_SECONDS, eventually

CLOSED = (DeliveryState.QUEUED, DeliveryState.SENDING)


class Api:
    """Made by `api`. Raises aiohttp.ClientResponseError for a refusal."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def conversations(self, view: str = "open") -> list[Conversation]:
        """All of a view, touched last first."""
        found: list[Conversation] = []
        after = ""
        while True:
            query = {"view": view, "limit": "100", "after": after}
            page = msgspec.json.decode(await self._get("/api/v1/conversations", query), type=Inbox)
            found += [row.conversation for row in page.rows]
            if not (after := page.next):
                return found

    async def all_conversations(self) -> list[Conversation]:
        """Also those that wait for their customer."""
        return [*await self.conversations("open"), *await self.conversations("pending")]

    async def conversation(self, ref: str) -> Conversation:
        return msgspec.json.decode(
            await self._get(f"/api/v1/conversations/{ref}"), type=Conversation
        )

    async def entries(self, ref: str) -> list[Entry]:
        """Everything ever said in a conversation, oldest first."""
        found: list[Entry] = []
        before = ""
        while True:
            query = {"limit": "100", "before": before}
            answer = await self._get(f"/api/v1/conversations/{ref}/messages", query)
            page = msgspec.json.decode(answer, type=Page)
            found = [*page.entries, *found]
            if not (before := page.before):
                return found

    async def heard(self, ref: str) -> list[str]:
        """What customers wrote in a conversation."""
        return [
            words(entry)
            for entry in await self.entries(ref)
            if entry.message.direction is Direction.IN
        ]

    async def reply(self, ref: str, text: str, *, key: str = "", **fields: Any) -> Entry:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"text": text, **fields}
        url = f"/api/v1/conversations/{ref}/replies"
        async with self.http.post(url, json=body, headers=headers) as answer:
            return msgspec.json.decode(await answer.read(), type=Entry)

    async def change(self, method: str, url: str, body: object = None) -> Entry:
        """Ask for a change of a message; the change once it is decided what became of it."""
        async with self.http.request(method, url, json=body) as answer:
            entry = msgspec.json.decode(await answer.read(), type=Entry)
        return await self.settled(entry)

    async def upload(self, name: str, content: bytes, media_type: str) -> Attachment:
        headers = {"X-Filename": quote(name), "Content-Type": media_type}
        async with self.http.post("/api/v1/attachments", data=content, headers=headers) as answer:
            return msgspec.json.decode(await answer.read(), type=Attachment)

    async def download(self, ref: str, entry: Entry, attachment: Attachment) -> bytes:
        place = f"{entry.leg}/{entry.position}/attachments/{attachment.id}"
        return await self._get(f"/api/v1/conversations/{ref}/messages/{place}")

    async def now(self, entry: Entry) -> Entry:
        """The same message, as it is by now."""
        found = await self.entries(entry.leg)
        return next(one for one in found if (one.leg, one.position) == (entry.leg, entry.position))

    async def settled(self, entry: Entry, *, timeout_seconds: float = PATIENCE_SECONDS) -> Entry:
        """The same message, once it is decided whether it was sent."""
        newest = [entry]

        async def is_decided() -> bool:
            newest[0] = await self.now(entry)
            delivery = newest[0].delivery
            return delivery is not None and delivery.state not in CLOSED

        await eventually(is_decided, timeout_seconds=timeout_seconds)
        return newest[0]

    @asynccontextmanager
    async def live(self, after: str = "") -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The live stream's events; it listens as soon as the context is entered."""
        timeout = aiohttp.ClientTimeout(total=None, sock_read=30)
        async with self.http.get(
            "/api/v1/live", params={"after": after}, timeout=timeout
        ) as answer:
            if not after:  # the first block says that it listens; else it may be what was missed
                async with asyncio.timeout(10):
                    while (await answer.content.readline()).strip():
                        pass
            yield _events(answer)

    async def health(self) -> Health:
        return msgspec.json.decode(await self._get("/api/v1/health"), type=Health)

    async def _get(self, url: str, query: dict[str, str] | None = None) -> bytes:
        async with self.http.get(url, params=query) as answer:
            return await answer.read()


@asynccontextmanager
async def api(url: str, token: str) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(
        url, headers={"Authorization": f"Bearer {token}"}, raise_for_status=True
    ) as http:
        yield Api(http)


def words(entry: Entry) -> str:
    return "\n".join(part.text for part in entry.message.parts if isinstance(part, Text))


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    async for line in answer.content:
        if line.startswith(b"data:"):
            yield json.loads(line.removeprefix(b"data:"))
