"""Wait for a fact instead of sleeping."""

import asyncio
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.02


async def eventually(
    fact: Callable[[], bool | Awaitable[bool]], *, timeout_seconds: float = 10.0
) -> None:
    """Return as soon as `fact()` is true. Raises TimeoutError when it stays false."""
    async with asyncio.timeout(timeout_seconds):
        while True:
            answer = fact()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(POLL_SECONDS)
