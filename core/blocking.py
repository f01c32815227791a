"""Who is kept out: nothing that they do is stored, and nothing is answered.

A block is a mark on an identity. Blocking a contact marks each identity that it has then; one that
is linked later is not blocked by that, nor does undoing a link unblock anybody: each mark stays
until it is taken away. Every process knows all marks by heart, so that looking costs nothing.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import structlog

from core.errors import StoreError
from core.following import Missed, follow
from core.ids import derived_ulid
from core.lines import write_line
from core.model.content import System
from core.model.conversation import Leg, Status
from core.model.event import Inbound
from core.model.ids import IdentityId, MessageId
from core.model.message import Sender, SenderKind
from core.model.people import Block, Contact
from core.store.live import Happened, Kind
from core.store.store import Store
from core.view import Views

BLOCKED: Final = "blocked"
UNBLOCKED: Final = "unblocked"
"""Events of the live stream, and codes of the lines that agents see."""

LOOK_SECONDS: Final = 5.0
"""However busy the live stream is, so often it is looked whether anything has changed."""

LINES_MAX: Final = 64
"""Legs of a contact that get a line: those touched last."""

WRITER: Final = Sender(kind=SenderKind.SYSTEM, id="system:block")

log = structlog.get_logger()


class Blocking:
    """One a process: it knows what `load` has read and `run` keeps up to date."""

    def __init__(self, store: Store, views: Views, now: Callable[[], datetime]) -> None:
        self._store, self._views, self._now = store, views, now
        self._rev = -1
        self._blocked: dict[IdentityId, Block] = {}
        self.not_kept: Counter[str] = Counter()
        """Events of blocked persons, by account, since the process began."""

    def keeps_out(self, event: Inbound, person: IdentityId) -> bool:
        if person not in self._blocked:
            return False
        self.not_kept[event.thread.account] += 1
        return True

    @property
    def known(self) -> dict[IdentityId, Block]:
        return dict(self._blocked)

    async def load(self) -> None:
        """Know who is blocked now. Raises StoreError."""
        if await self._store.blocks.rev() != self._rev:
            self._rev, self._blocked = await self._store.blocks.all()

    async def run(self) -> None:
        """Keep up to date until cancelled."""
        looked, after = 0.0, await self._last()
        async for happened in follow(self._store, after, "blocks"):
            told = isinstance(happened, Missed) or _says_so(happened)
            if told or not happened or time.monotonic() - looked >= LOOK_SECONDS:
                looked = time.monotonic()
                await self._load_some_time()

    # --- by agents and operators

    async def block(self, identity: IdentityId, by: str, why: str) -> Contact:
        """Every identity of the contact. Raises NotFound, Conflict."""
        contact = await self._views.contact(identity)
        mark = Block(by=by, at=self._now(), why=why)
        new = [one.id for one in contact.identities if one.blocked is None]
        record = {"action": BLOCKED, "of": " ".join(new), "by": by, "why": why}
        if new:
            await self._store.blocks.change(dict.fromkeys(new, mark), (), record)
        contact = await self._again(identity)
        since = min((one.blocked.at for one in contact.identities if one.blocked), default=mark.at)
        words = f"{by} has blocked this person" + (f": {why}" if why else "")
        await self._tell(contact, BLOCKED, words, since.isoformat())
        return contact

    async def unblock(self, identity: IdentityId, by: str) -> Contact:
        """Every identity of the contact. Raises NotFound."""
        contact = await self._views.contact(identity)
        gone = [one.id for one in contact.identities if one.blocked]
        if not gone:
            return contact
        record = {"action": UNBLOCKED, "of": " ".join(gone), "by": by}
        await self._store.blocks.change({}, gone, record)
        contact = await self._again(identity)
        await self._tell(contact, UNBLOCKED, f"{by} has unblocked this person", str(self._rev))
        return contact

    async def _again(self, identity: IdentityId) -> Contact:
        """The contact as it is now; this process knows what has changed."""
        await self.load()
        return await self._views.contact(identity)

    async def _tell(self, contact: Contact, code: Kind, words: str, which: str) -> None:
        """Agents, by a line; and by it the other processes."""
        for leg in await self._concerned(contact):
            line = MessageId(derived_ulid(code, leg.id, which))
            part = System(code=code, text=words)
            await write_line(self._store, leg, line, WRITER, self._now(), part, code)

    async def _concerned(self, contact: Contact) -> list[Leg]:
        legs = await self._store.people.every_leg_of([one.id for one in contact.identities])
        heads = [one for one in await self._store.legs.heads(legs) if one]
        going_on = [one for one in heads if one.status is not Status.CLOSED]
        return sorted(going_on, key=lambda one: one.touched_at, reverse=True)[:LINES_MAX]

    async def _load_some_time(self) -> None:
        try:
            await self.load()
        except StoreError as error:
            log.warning("who is blocked is looked up later", reason=str(error))

    async def _last(self) -> str:
        """Where to go on from; what was missed before that is found by looking."""
        try:
            return await self._store.live.last_id()
        except StoreError:
            return "0-0"


def _says_so(happened: Iterable[Happened]) -> bool:
    return any(one.kind in (BLOCKED, UNBLOCKED) for one in happened)
