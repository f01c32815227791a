"""An operator's word on who is kept out."""

from collections.abc import Callable, Mapping
from typing import Final

from core.blocking import Blocking
from core.model.ids import IdentityId
from core.model.people import Block
from core.view import Views
from gateway.commands.output import Asked, data, listing, put_json
from gateway.settings import Settings
from gateway.storage import now
from gateway.work.common import identity_of, run_loop, settings_of, store_of


def block(asked: Asked, identity: str, why: str, by: str, *, undo: bool, as_json: bool) -> None:
    run_loop(_block(settings_of(asked), identity, why, by, undo=undo, as_json=as_json))


def list_blocks(asked: Asked, *, as_json: bool) -> None:
    run_loop(_list(settings_of(asked), as_json=as_json))


async def _block(
    settings: Settings, text: str, why: str, by: str, *, undo: bool, as_json: bool
) -> None:
    async with store_of(settings) as store:
        blocking, identity = Blocking(store, Views(store), now), await identity_of(store, text)
        act = blocking.unblock(identity, by) if undo else blocking.block(identity, by, why)
        contact = await act
    if as_json:
        put_json(contact)
        return
    names = ", ".join(one.id for one in contact.identities)
    data(f"{contact.name}: {names} {'let in again' if undo else 'blocked'}")


async def _list(settings: Settings, *, as_json: bool) -> None:
    async with store_of(settings) as store:
        _, blocks = await store.blocks.all()
    found = sorted(blocks.items(), key=lambda one: one[1].at, reverse=True)
    if as_json:
        put_json([{"identity": who, "block": mark} for who, mark in found])
    else:
        listing(found, COLUMNS, as_json=False, nothing="Nobody is blocked.")


COLUMNS: Final[Mapping[str, Callable[[tuple[IdentityId, Block]], str]]] = {
    "Who": lambda one: one[0],
    "Since (UTC)": lambda one: f"{one[1].at:%Y-%m-%d %H:%M:%S}",
    "By": lambda one: one[1].by,
    "Why": lambda one: one[1].why,
}
