"""Figures that have to be looked up: once for all who ask within some seconds, never for long."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

from core.errors import StoreError
from core.pressure import Pressure
from core.rules.pressure import Level
from core.store.keys import LIVE, VIEWS
from core.store.lanes import TASKS
from core.store.store import Store
from gateway.desk import Health
from gateway.metrics import registry
from gateway.sqlite import Database
from gateway.webhooks.model import EndpointState

KEPT_SECONDS: Final = 5.0
"""Who asks again within so long is told the same."""

LOOK_SECONDS: Final = 3.0
"""A store that takes longer is not waited for."""

BEHIND_MAX: Final = 1000
"""Events that are counted of those that somebody has not done with."""

STATES: Final = ("starting", "running", "waiting", "paused", "stopped", "away")

log = structlog.get_logger()


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Where figures of this process are. `counts` by outcome, each by inbox, as they have risen
    since the process began; `journal` is the directory of what is recorded. `pressure` None: there
    is none.
    """

    health: Callable[[], Health]
    counts: Mapping[str, Mapping[str, int]] = {}
    webhooks: Database | None = None
    journal: Path | None = None
    pressure: Pressure | None = None


class Looking:
    """`look` before the figures are told."""

    def __init__(self, store: Store, sources: Sources) -> None:
        self._store, self._sources, self._health = store, sources, sources.health
        self._told: dict[tuple[str, str], int] = {}
        self._looked_at = float("-inf")
        self._turn = asyncio.Lock()

    async def look(self) -> None:
        """Bring the figures up to date; those of a store that is away stay as they were."""
        if self._sources.pressure:  # it comes and goes within seconds
            self._look_at_pressure(self._sources.pressure)
        async with self._turn:
            if time.monotonic() - self._looked_at < KEPT_SECONDS:
                return
            self._look_here()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look_at_files()
                    await self._look_in_store()
            except (StoreError, TimeoutError) as error:
                registry.FAILURES.inc()
                registry.STORE.set(-1)
                log.debug("no figures from the store", reason=str(error))
            self._looked_at = time.monotonic()

    def _look_here(self) -> None:
        registry.TASKS.set(len(asyncio.all_tasks()))
        for inbox in self._health().inboxes:
            registry.RESTARTS.labels(inbox.account).set(inbox.restarts)
            for state in STATES:
                registry.INBOX.labels(inbox.account, state).set(state == inbox.state)

        for outcome, counts in self._sources.counts.items():
            for account, count in list(counts.items()):
                rise = count - self._told.get((outcome, account), 0)
                self._told[outcome, account] = count
                registry.INBOUND.labels(account, outcome).inc(rise)

    def _look_at_pressure(self, pressure: Pressure) -> None:
        registry.SHARE.set(pressure.bearing.share)
        for level in Level:
            registry.LEVEL.labels(level).set(level is pressure.bearing.level)
        for what, count in pressure.shed.items():
            registry.SHED.labels(what).inc(count - self._told.get(("shed", what), 0))
            self._told["shed", what] = count

    async def _look_at_files(self) -> None:
        if self._sources.webhooks:
            waiting, endpoints = await self._sources.webhooks.read(_webhooks)
            registry.DELIVERIES.set(waiting)
            for state in EndpointState:
                registry.ENDPOINTS.labels(state).set(endpoints.get(state, 0))
        if self._sources.journal:
            sizes = await asyncio.to_thread(_sizes, self._sources.journal)
            for account, size_bytes in sizes.items():
                registry.JOURNAL.labels(account).set(size_bytes)

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
        registry.LAG.clear()
        registry.BEHIND.clear()
        for follower, position in list(self._store.followed.items()):
            await self._look_at_follower(follower, position)

    async def _look_at_follower(self, follower: str, position: str) -> None:
        """By the oldest event that it has not done with; ids are times of the server."""
        span = (LIVE, f"({position}", "+", "COUNT", BEHIND_MAX)
        waiting, (seconds, micros) = await self._store.read.many([("XRANGE", *span), ("TIME",)])
        now_ms = int(seconds) * 1000 + int(micros) // 1000
        oldest = _ms(waiting[0][0].decode()) if waiting else now_ms
        registry.LAG.labels(follower).set(max(0, now_ms - oldest) / 1000)
        registry.BEHIND.labels(follower).set(len(waiting))


def _webhooks(db: sqlite3.Connection) -> tuple[int, dict[str, int]]:
    waiting = db.execute("SELECT count(*) FROM deliveries WHERE state = 'waiting'").fetchone()
    endpoints = db.execute("SELECT state, count(*) FROM endpoints GROUP BY state").fetchall()
    return waiting[0], dict(endpoints)


def _sizes(journal: Path) -> dict[str, int]:
    """In bytes, by inbox. A segment may go meanwhile."""
    found: Counter[str] = Counter()
    for segment in journal.glob("*/*"):
        with suppress(FileNotFoundError):
            found[segment.parent.name] += segment.stat().st_size
    return found


def _ms(event_id: str) -> int:
    return int(event_id.partition("-")[0])
