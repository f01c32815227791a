"""A bot in webhook mode behind the gateway's real HTTP side, with a real store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from adapters.telegram.adapter import TelegramAdapter, open_adapter
from sandbox.payload import encode
from sandbox.server import Sandbox
from sandbox.telegram.state import Webhook
from tests.e2e.http.rig import Rig, served
from tests.e2e.telegram.rig import Core, Directory, settings
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

ACCOUNT = "main"
PATH = f"/hooks/{ACCOUNT}"
SECRET = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Hook:
    """`http` is anybody on the internet; `core` tells what was set aside and remarked."""

    sandbox: Sandbox
    rig: Rig
    http: httpx.AsyncClient
    core: Core
    adapter: TelegramAdapter

    @property
    def url(self) -> str:
        return f"{self.http.base_url}".rstrip("/") + PATH

    @property
    def registered(self) -> Webhook | None:
        return self.sandbox.world.telegram.bots[0].webhook

    @property
    def secret(self) -> str:
        assert self.registered
        return self.registered.secret_token

    async def post(self, body: bytes | object, *, secret: str | None = None) -> int:
        """-> the status that Telegram would be answered with."""
        content = body if isinstance(body, bytes) else encode(body).encode()
        headers = {SECRET: self.secret if secret is None else secret}
        return (await self.http.post(PATH, content=content, headers=headers)).status_code

    async def heard(self) -> list[str]:
        """What has become messages, in the order of each conversation."""
        await self.rig.settle()
        found = []
        for place in await self.rig.store.legs.listed("open", None, 100):
            head = await self.rig.store.legs.head(place.leg)
            for entry in await self.rig.store.legs.entries(place.leg, head.length + 1, head.length):
                found += [getattr(part, "text", "") for part in entry.message.parts]
        return found


@asynccontextmanager
async def hooked(
    sandbox: Sandbox, server: RedisServer, directory: Path, **changes: object
) -> AsyncIterator[Hook]:
    """Registered when the block begins. `changes` are settings of the inbox."""
    core = Core(Directory(directory))
    async with served(server.url, directory) as running:
        url = f"{running.stranger.base_url}".rstrip("/") + PATH
        options = settings(sandbox.http_url, sandbox.bot_token, mode="webhook", **changes)
        async with open_adapter(options, core.surroundings(url)) as adapter:
            running.rig.adapters[ACCOUNT] = adapter
            receiving = asyncio.create_task(adapter.run(running.rig.desk.deliver))
            try:
                hook = Hook(sandbox, running.rig, running.stranger, core, adapter)
                await eventually(lambda: hook.registered is not None)
                yield hook
            finally:
                receiving.cancel()
                await asyncio.wait([receiving])


def update(update_id: int, text: str, *, chat: int = 7, message_id: int = 0) -> dict[str, object]:
    who = {"id": chat, "is_bot": False, "first_name": "Ada"}
    return {
        "update_id": update_id,
        "message": {
            "message_id": message_id or update_id,
            "date": 1_760_000_000,
            "chat": {"id": chat, "type": "private", "first_name": "Ada"},
            "from": who,
            "text": text,
        },
    }
