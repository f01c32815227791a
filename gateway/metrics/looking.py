"""Figures that have to be looked up: once for all who ask within some seconds, never for long."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from core.errors import StoreError
from core.store.keys import VIEWS
from core.store.lanes import TASKS
from core.store.store import Store
from gateway.desk import Health
from gateway.metrics import registry

KEPT_SECONDS: Final = 5.0
"""Who asks again within so long is told the same."""

LOOK_SECONDS: Final = 3.0
"""A store that takes longer is not waited for."""

STATES: Final = ("starting", "running", "waiting", "paused", "stopped")

log = structlog.get_logger()


class Looking:
    """`look` before the figures are told."""

    def __init__(self, store: Store, health: Callable[[], Health]) -> None:
        self._store, self._health = store, health
        self._looked_at = float("-inf")
        self._turn = asyncio.Lock()

    async def look(self) -> None:
        """Bring the figures up to date; those of a store that is away stay as they were."""
        async with self._turn:
            if time.monotonic() - self._looked_at < KEPT_SECONDS:
                return
            self._look_here()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look_in_store()
            except (StoreError, TimeoutError) as error:
                registry.FAILURES.inc()
                registry.STORE.set(-1)
                log.debug("no figures from the store", reason=str(error))
            self._looked_at = time.monotonic()

    def _look_here(self) -> None:
        commit = self._store.commit
        registry.COMMITS.set(commit.round_trips)
        registry.OPERATIONS.set(commit.operations)
        for inbox in self._health().inboxes:
            registry.RESTARTS.labels(inbox.account).set(inbox.restarts)
            for state in STATES:
                registry.INBOX.labels(inbox.account, state).set(state == inbox.state)

    async def _look_in_store(self) -> None:
        began = time.perf_counter()
        await self._store.read.one("PING")
        registry.STORE.set(time.perf_counter() - began)
        accounts = [inbox.account for inbox in self._health().inboxes]
        for account, kind in [(one, kind) for one in accounts for kind in ("in", "out", "fetch")]:
            await self._look_at_lanes(account, kind)
        await self._look_at_lanes(TASKS, "task")
        await self._look_at_budgets(accounts)
        for view in VIEWS:
            keys = [self._store.keys.inbox(one, view) for one in self._partitions]
            sizes = await self._store.read.many([("ZCARD", key) for key in keys])
            registry.VIEW.labels(view).set(sum(sizes))
        await self._look_at_events()

    @property
    def _partitions(self) -> range:
        return range(self._store.keys.partitions)

    async def _look_at_lanes(self, account: str, kind: str) -> None:
        keys = [self._store.keys.ready(one, account, kind) for one in self._partitions]
        commands = [("ZCARD", key) for key in keys]
        first = [("ZRANGE", key, 0, 0, "WITHSCORES") for key in keys]
        found = await self._store.read.many([*commands, *first])
        sizes, firsts = found[: len(keys)], found[len(keys) :]
        due = [float(one[1]) for one in firsts if one]
        late = max(0.0, time.time() - min(due) / 1000) if due else 0.0
        registry.LANES.labels(account, kind).set(sum(sizes))
        registry.OVERDUE.labels(account, kind).set(late)

    async def _look_at_budgets(self, accounts: list[str]) -> None:
        """The fullest of each kind: which chat it is, is in the API."""
        used = [(one, await self._store.turns.used(one)) for one in accounts]
        registry.BUDGET.clear()
        registry.BUDGET_WAIT.clear()
        for account, budgets in used:
            for kind in {one.name.partition(":")[0] for one in budgets}:
                of = [one for one in budgets if one.name.partition(":")[0] == kind]
                registry.BUDGET.labels(account, kind).set(max(one.used for one in of))
                waits = max(one.wait_seconds for one in of)
                registry.BUDGET_WAIT.labels(account, kind).set(waits)

    async def _look_at_events(self) -> None:
        """By the times in the ids of the newest events, which are the server's own."""
        keys = [self._store.keys.events(one) for one in self._partitions]
        newest = await self._store.read.many([("XREVRANGE", k, "+", "-", "COUNT", 1) for k in keys])
        last = max((_ms(one[0][0].decode()) for one in newest if one), default=0)
        relayed = _ms(await self._store.live.last_id())
        registry.RELAY.set(max(0, last - relayed) / 1000)


def _ms(event_id: str) -> int:
    return int(event_id.partition("-")[0])
