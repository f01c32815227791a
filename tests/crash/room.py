"""An inbox read into a store by its real adapter: by the victim, and by whoever takes over."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from core.errors import Refused, Stale
from core.gaps import Gaps
from core.ports import Adapter, Blobs, Surroundings
from core.store.store import Store
from gateway.quarantine import DirectoryQuarantine
from gateway.storage import now
from tests.rigs.assembly import Assembly
from tests.rigs.front_desk import MemoryFrontDesk

WORK_SECONDS: Final = 0.01
Opened = Callable[[Surroundings], AbstractAsyncContextManager[Adapter]]


@asynccontextmanager
async def working(
    store: Store, blobs: Blobs, directory: Path, account: str, opened: Opened
) -> AsyncIterator[Assembly]:
    """While this is open, what the adapter receives is filed."""
    surroundings = Surroundings(
        account=account,
        secret=b"a key of 32 bytes, for tests only",
        checkpoints=store.checkpoints(account),
        blobs=blobs,
        quarantine=DirectoryQuarantine(directory / "quarantine"),
        exclusive=store.holds(account),
        remark=lambda _: None,
        front_desk=MemoryFrontDesk(),
        record_gap=Gaps(store, now).recorder(account),
    )
    async with opened(surroundings) as adapter:
        desk = Assembly(store, {account: adapter}, hand_over=False)
        async with asyncio.TaskGroup() as tasks:
            going = [
                tasks.create_task(adapter.run(desk.dispatcher.accept)),
                tasks.create_task(_work(desk)),
            ]
            try:
                yield desk
            finally:
                for task in going:
                    task.cancel()


async def _work(desk: Assembly) -> None:
    while True:
        with suppress(Stale, Refused):  # as a worker does: the lane is somebody else's
            await desk.settle()
        await asyncio.sleep(WORK_SECONDS)
