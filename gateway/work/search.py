"""Have the search index made anew: by the gateway that keeps it, else by this process."""

import asyncio
from typing import Final

from gateway.commands.output import Asked, say
from gateway.locks import FileLock
from gateway.search import Search, open_search
from gateway.settings import Settings
from gateway.work.common import run_loop, settings_of, store_of

TOLD_EVERY_SECONDS: Final = 1.0
LOCK: Final = "search.lock"
"""Of the service that keeps the index; see gateway.services."""


def rebuild(asked: Asked) -> None:
    run_loop(_rebuild(settings_of(asked)))


async def _rebuild(settings: Settings) -> None:
    async with store_of(settings) as store, open_search(settings.data_dir, store) as search:
        with FileLock(settings.data_dir / LOCK) as lock:
            if lock.take():
                await _here(search)
            else:
                say("The gateway that runs here makes it.")
                await search.want_anew()
                await _told(search)
    say("The search index is made.")


async def _here(search: Search) -> None:
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(_told(search))
        await search.rebuild()
        telling.cancel()


async def _told(search: Search) -> None:
    """Until it is made: say how far it is."""
    while (state := await search.state()).wanted or state.grows:
        if state.grows:
            say(f"{state.walked} of about {state.expected} conversations")
        await asyncio.sleep(TOLD_EVERY_SECONDS)
