"""An operator's word on who is who."""

import asyncio

from core.errors import StoreUnavailable
from core.ids import new_ulid
from core.joins import Joins
from core.store.lanes import TASKS
from core.store.store import Store
from core.store.tasks import NAME
from core.view import Views
from gateway.commands.output import Asked, data
from gateway.settings import Settings
from gateway.storage import now
from gateway.work.common import identity_of, run_loop, settings_of, store_of

WAIT_SECONDS = 60.0


def link(asked: Asked, a: str, b: str, why: str, by: str, *, undo: bool) -> None:
    run_loop(_link(settings_of(asked), a, b, why, by, undo=undo))


async def _link(settings: Settings, a: str, b: str, why: str, by: str, *, undo: bool) -> None:
    async with store_of(settings) as store:
        views, joins = Views(store), Joins(store, now)
        first, second = await identity_of(store, a), await identity_of(store, b)
        act = joins.unlink if undo else joins.link
        await _finish(store, joins, await act(new_ulid(), first, second, by, why))
        for one in (first, second) if undo else (first,):
            contact = await views.contact(one)
            names = ", ".join(identity.id for identity in contact.identities)
            data(f"{contact.name}: {names}")


async def _finish(store: Store, joins: Joins, place: int) -> None:
    """Wait until the task is carried out, by a gateway or, where none runs, by ourselves."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not await joins.finished(place):
                await joins.work(await store.lanes.take(TASKS, "task", NAME))
                await asyncio.sleep(0.02)
    except TimeoutError as error:
        raise StoreUnavailable(
            "the task is on record and will be carried out, but others are before it"
        ) from error
