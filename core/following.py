"""Reading on in what happens, for whoever keeps something up to date by it (a projector)."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final, NamedTuple

import structlog

from core.errors import StoreError
from core.store.live import READ_MAX, Happened
from core.store.store import Store

READ_SECONDS: Final = 5.0
"""How long one read waits for something to happen; below the store's own time limit."""

PAUSE_SECONDS: Final = 1.0
"""Until a store that failed is asked again."""

BEGINNING: Final = "0-0"
"""The position before the first event. It does not say whether anything was missed."""

log = structlog.get_logger()


class Missed(NamedTuple):
    """Events before `until` are gone: look at everything again, then go on from there."""

    until: str


Followed = tuple[Happened, ...] | Missed


async def follow(store: Store, after: str, who: str) -> AsyncGenerator[Followed, None]:
    """What happens after an event, a batch at a time, in order; () where nothing did for a while.

    Never ends. Waits for a store that is away. What is done with a batch should be written down
    together with the id of its last event: that is where to go on from. `who` is for the log
    and for `Store.followed`.
    """
    position, waiting = after, False
    try:
        while True:
            store.followed[who] = position  # whoever asks for more has done with what came before
            try:
                found = await _next(store, position)
            except StoreError as error:
                if not waiting:
                    log.warning("waiting for the store", who=who, reason=str(error))
                waiting = True
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            waiting = False
            if isinstance(found, Missed):
                position = found.until
            elif found:
                position = found[-1].id
            yield found
            if not isinstance(found, Missed) and 0 < len(found) < READ_MAX:
                await asyncio.sleep(store.live.gather_seconds)
    finally:
        store.followed.pop(who, None)


async def _next(store: Store, after: str) -> Followed:
    happened = await store.live.read(after, READ_SECONDS)
    if happened and not await store.live.holds(after):  # asked behind the read: trimmed meanwhile
        return Missed(happened[-1].id)
    return tuple(happened)
