"""How far a question has come is shown where it was asked, on platforms that can.

What counts is the status that a leg has, not the steps by which it got there: each leg that others
read is on record as long as what is shown of it may differ from what it is, and is shown again and
again until it does not. So nothing is lost with a process, with a platform that is away, or with
events that were missed; and nothing of it is in the way of a message.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import structlog

from core.errors import (
    DeliveryError,
    PermanentDeliveryError,
    StoreError,
    TemporaryDeliveryError,
)
from core.model.conversation import Leg
from core.model.ids import LegId
from core.model.message import Audience, Direction
from core.ports import Adapter, Checkpoints, Showing, ShowsStates
from core.rules.delivery import back_off
from core.store.keys import VIEWS
from core.store.legs import Listed
from core.store.store import Store

log = structlog.get_logger()

SHOWN_AT_ONCE_MAX: Final = 4
"""Legs of one account."""

SHOW_SECONDS: Final = 60.0
"""How long a platform may take."""

READ_SECONDS: Final = 5.0
"""How long one read waits for something to happen, and how often it is noted how far it got."""

LOOK_SECONDS: Final = 1.0
"""Whoever waits for an inbox to run, or for the store, looks so often."""

LOOKED_AT_MAX: Final = 500
"""Legs that are looked at together."""

FIRST_MAX: Final = 20
"""Entries of a leg among which the customer's first message is."""

POSITION: Final = "states"
"""The checkpoint: up to which event everything to be shown is on record."""

BEGINNING: Final = "0-0"
"""The position before the first event: it does not say whether anything was missed."""

ANCHOR: Final = "anchor"
"""Of a leg's context: the message on which to show it, where the adapter knows better."""

TELLING: Final = frozenset({"begun", "in", "out", "status"})
"""Events after which a leg may have another status."""


class States:
    """`adapters` are those that run in this process, by account."""

    def __init__(self, store: Store, adapters: Mapping[str, Adapter]) -> None:
        self._store, self._adapters = store, adapters

    async def run(self, accounts: Iterable[str]) -> None:
        """Show what there is to show until cancelled, on those of these accounts that can."""
        async with asyncio.TaskGroup() as tasks:
            for account in accounts:
                tasks.create_task(self._account(account), name=f"states of {account}")

    async def _account(self, account: str) -> None:
        while (adapter := self._adapters.get(account)) is None:  # noqa: ASYNC110 - it starts still
            await asyncio.sleep(LOOK_SECONDS)
        while isinstance(adapter, ShowsStates):
            try:
                async with self._store.holds(account)("states") as notes:
                    await _Projector(self._store, self._adapters, account, notes).run()
            except StoreError as error:  # another process goes on, or we do
                log.info("states are not shown for now", account=account, reason=str(error))
                await asyncio.sleep(LOOK_SECONDS)


class _Projector:
    """One account, in the one process that does it."""

    def __init__(
        self, store: Store, adapters: Mapping[str, Adapter], account: str, notes: Checkpoints
    ) -> None:
        self._store, self._adapters, self._account, self._notes = store, adapters, account, notes
        self._due: asyncio.Queue[LegId] = asyncio.Queue()
        self._waiting: set[LegId] = set()
        self._busy: set[LegId] = set()
        self._again: set[LegId] = set()
        self._failures: dict[LegId, int] = {}

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow())
                for _ in range(SHOWN_AT_ONCE_MAX):
                    tasks.create_task(self._work())
        except* StoreError as group:
            raise group.exceptions[0] from None
        finally:
            self._store.followed.pop(f"states {self._account}", None)

    # --- what is to be shown

    async def _follow(self) -> None:
        live = self._store.live
        position = await self._notes.load(POSITION)
        if position in (None, BEGINNING) or not await live.holds(position):
            position = await self._look_everywhere()
        await self._take_up()
        noted, clock = position, asyncio.get_running_loop().time
        note_at = clock() + READ_SECONDS
        while True:
            self._store.followed[f"states {self._account}"] = position
            happened = await live.read(position, READ_SECONDS)
            if happened and not await live.holds(position):
                position = await self._look_everywhere()
                await self._take_up()
                continue
            legs = sorted({one.leg for one in happened if one.kind in TELLING})
            for at in range(0, len(legs), LOOKED_AT_MAX):
                await self._consider(legs[at : at + LOOKED_AT_MAX])
            if happened:
                position = happened[-1].id
            if position != noted and clock() >= note_at:
                await self._notes.save(POSITION, position)
                noted, note_at = position, clock() + READ_SECONDS

    async def _look_everywhere(self) -> str:
        """Events were missed: consider every leg that somebody has work with. -> where to go on."""
        position = await self._store.live.last_id()
        for view in VIEWS:
            after: Listed | None = None
            while listed := await self._store.legs.listed(view, after, LOOKED_AT_MAX):
                await self._consider([one.leg for one in listed])
                after = listed[-1]
        await self._notes.save(POSITION, position)
        return position

    async def _take_up(self) -> None:
        """What was left on record, by us or by a process that was lost."""
        cursor, legs = await self._store.shown.page(self._account, 0)
        while True:
            await self._consider(legs)
            if not cursor:
                return
            cursor, legs = await self._store.shown.page(self._account, cursor)

    async def _consider(self, legs: Sequence[LegId]) -> None:
        """Put those on record of which something else is to be shown than is."""
        heads = [one for one in await self._store.legs.heads(legs) if one]
        ours = [one for one in heads if self._is_ours(one)]
        shown = await self._store.shown.of(self._account, [one.id for one in ours])
        owed = [one.id for one, now in zip(ours, shown, strict=True) if one.status is not now]
        await self._store.shown.owe(self._account, owed)
        for leg in owed:
            self._put(leg)

    def _is_ours(self, leg: Leg) -> bool:
        return leg.thread.account == self._account and leg.audience is not Audience.PRIVATE

    def _put(self, leg: LegId) -> None:
        if leg not in self._waiting:
            self._waiting.add(leg)
            self._due.put_nowait(leg)

    # --- showing it

    async def _work(self) -> None:
        while True:
            leg = await self._due.get()
            self._waiting.discard(leg)
            if leg in self._busy:
                self._again.add(leg)
                continue
            self._busy.add(leg)
            try:
                wait_seconds = await self._show(leg)
            finally:
                self._busy.discard(leg)
            if leg in self._again:
                self._again.discard(leg)
                self._put(leg)
            elif wait_seconds is not None:
                asyncio.get_running_loop().call_later(wait_seconds, self._put, leg)

    async def _show(self, leg: LegId) -> float | None:
        """Make the platform show the status that the leg has now; -> seconds until to try again."""
        head = (await self._store.legs.heads((leg,)))[0]
        if head is None:
            await self._store.shown.forget(self._account, leg)
            return None
        (before,) = await self._store.shown.of(self._account, (leg,))
        if before is head.status:
            return None
        try:
            await self._ask(head)
        except PermanentDeliveryError as error:
            log.info("a state is not shown", account=self._account, code=error.code)
        except DeliveryError as error:
            self._failures[leg] = self._failures.get(leg, 0) + 1
            asked = getattr(error, "retry_after_seconds", None)
            return back_off(self._failures[leg], asked)
        self._failures.pop(leg, None)
        await self._store.shown.note(self._account, leg, head.status)
        return None

    async def _ask(self, head: Leg) -> None:
        adapter = self._adapters.get(self._account)
        if not isinstance(adapter, ShowsStates):
            raise TemporaryDeliveryError(f"inbox {self._account} is not running")
        remote = await self._anchor(head)
        if not remote:
            return
        showing = Showing(
            thread=head.thread,
            remote=remote,
            number=head.number,
            status=head.status,
            context=head.context,
        )
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                await adapter.show_state(showing)
        except DeliveryError:
            raise
        except TimeoutError as error:
            raise TemporaryDeliveryError("the platform took too long to show a state") from error
        except Exception as error:  # of the adapter: it costs one leg's turn
            log.exception("a state could not be shown", account=self._account)
            raise PermanentDeliveryError(type(error).__name__, code="broken") from error

    async def _anchor(self, head: Leg) -> str:
        """The platform's id of the message with which the customer began; "" if there is none."""
        if known := head.context.get(ANCHOR):
            return known
        first = await self._store.legs.entries(head.id, FIRST_MAX + 1, FIRST_MAX)
        said = (one.message for one in first if one.message.direction is Direction.IN)
        return next((one.refs[0] for one in said if one.refs and not one.deleted_at), "")
