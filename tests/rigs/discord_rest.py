"""Bare requests to the sandbox's Discord, to see exactly what is answered."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

from sandbox.server import Sandbox
from tests.rigs.discord_client import connector_to

BASE = "https://discord.com/api/v10"


@dataclass(frozen=True)
class Answer:
    """`body` is None when there was nothing to read."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> int:
        """Discord's own code of a refusal."""
        code: int = self.body["code"]
        return code


@dataclass(frozen=True)
class Exchange:
    """What was asked and answered."""

    method: str
    path: str
    answer: Answer


@dataclass(frozen=True)
class Rest:
    """Asks as the first bot, unless `token` says otherwise."""

    sandbox: Sandbox
    http: aiohttp.ClientSession
    token: str
    exchanges: list[Exchange] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def of(cls, sandbox: Sandbox) -> AsyncIterator[Self]:
        async with aiohttp.ClientSession(connector=connector_to(sandbox)) as session:
            yield cls(sandbox, session, sandbox.discord_token)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        files: Mapping[str, bytes] | None = None,
        token: str | None = None,
    ) -> Answer:
        """One request. `files` make it a form."""
        headers = {"Authorization": f"Bot {token or self.token}"}
        form = None if files is None else _form(body, files)
        async with self.http.request(
            method,
            BASE + path,
            json=body if form is None and body is not None else None,
            data=form,
            headers=headers,
        ) as response:
            content = await response.read()
            is_json = response.headers.get("Content-Type") == "application/json"
            read = json.loads(content) if is_json else content.decode() or None
            answer = Answer(response.status, response.headers, read)
        self.exchanges.append(Exchange(method, path.partition("?")[0], answer))
        return answer

    async def done(
        self, method: str, path: str, body: Any = None, files: Mapping[str, bytes] | None = None
    ) -> Any:
        """A request that succeeds; its body."""
        answer = await self.ask(method, path, body, files)
        assert answer.status < 300, (method, path, answer.status, answer.body)
        return answer.body

    async def said(self, channel: str, content: str, **more: Any) -> Any:
        """A message of the bot, sent to a channel of this name."""
        path = f"/channels/{self.sandbox.world.discord.channel(channel).id}/messages"
        return await self.done("POST", path, {"content": content, **more})


def _form(body: Any, files: Mapping[str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(body or {}), content_type="application/json")
    for number, (name, content) in enumerate(files.items()):
        form.add_field(f"files[{number}]", content, filename=name, content_type="text/plain")
    return form
