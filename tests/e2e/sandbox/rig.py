"""What these tests talk to the sandbox with, besides the real client libraries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from sandbox.server import Sandbox


@dataclass(frozen=True)
class Wire:
    """Bare HTTP requests, to see exactly what is answered."""

    sandbox: Sandbox
    http: aiohttp.ClientSession

    @classmethod
    @asynccontextmanager
    async def of(cls, sandbox: Sandbox) -> AsyncIterator[Self]:
        """A wire to this sandbox."""
        async with aiohttp.ClientSession() as session:
            yield cls(sandbox, session)

    async def call(self, method: str, **fields: Any) -> tuple[int, Any]:
        """Call a Bot API method with JSON; (status, body)."""
        url = f"{self.sandbox.telegram_base_url}{self.sandbox.bot_token}/{method}"
        async with self.http.post(url, json=fields) as response:
            return response.status, await response.json()

    async def result(self, method: str, **fields: Any) -> Any:
        """Call a Bot API method that succeeds; its result."""
        status, body = await self.call(method, **fields)
        assert status == 200, body
        return body["result"]

    async def post(self, path: str, **fields: Any) -> Any:
        """Act through the control API; the answer."""
        url = f"{self.sandbox.http_url}/control{path}"
        async with self.http.post(url, json=fields) as response:
            body = await response.json()
            assert response.status < 300, body
            return body

    async def delete(self, path: str) -> None:
        """Clear something through the control API."""
        async with self.http.delete(f"{self.sandbox.http_url}/control{path}") as response:
            assert response.status == 200

    async def get(self, path: str) -> Any:
        """Look through the control API; the answer."""
        async with self.http.get(f"{self.sandbox.http_url}/control{path}") as response:
            body = await response.json()
            assert response.status == 200, body
            return body
