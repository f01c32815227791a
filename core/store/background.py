"""Loops that run as long as a context is open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol


class Loop(Protocol):
    async def run(self) -> None:
        """Work until `stop`."""
        ...

    def stop(self) -> None:
        """Finish what was begun, then end."""
        ...


@asynccontextmanager
async def running(loop: Loop) -> AsyncIterator[None]:
    """Errors of the context leave it as they are."""
    failure: Exception | None = None
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(loop.run(), name=type(loop).__name__)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - else the task group would wrap it
            failure = error
        finally:
            loop.stop()
    if failure:
        raise failure
