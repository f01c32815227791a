"""Wait for a fact instead of sleeping."""

import asyncio
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.02

PATIENCE_SECONDS = 30.0
"""A fact that never comes is waited for so long, whatever else the machine is doing; one that comes
costs no more than it takes.
"""

START_SECONDS = 90.0
"""The same for a program that starts: that alone takes seconds of the processor."""


async def eventually(
    fact: Callable[[], bool | Awaitable[bool]], *, timeout_seconds: float = PATIENCE_SECONDS
) -> None:
    """Return as soon as `fact()` is true. Raises TimeoutError when it stays false."""
    async with asyncio.timeout(timeout_seconds):
        while True:
            answer = fact()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(POLL_SECONDS)
