"""Everything that is remembered, opened and closed as one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
from redis.asyncio import Redis

from core.store.announced import Announced
from core.store.answers import Answers
from core.store.background import running
from core.store.blocks import Blocks
from core.store.checkpoints import AccountCheckpoints
from core.store.cold import Cold
from core.store.commit import GroupCommit, group_commit
from core.store.connection import connect, inspect, restored_at
from core.store.errands import Errands
from core.store.exchanges import Exchanges
from core.store.fetches import Fetches
from core.store.freezer import Freezer
from core.store.gaps import Gaps
from core.store.holds import AccountHolds
from core.store.keeper import Keeper
from core.store.keys import Keys
from core.store.lanes import Lanes
from core.store.legs import Legs
from core.store.letters import Letters
from core.store.live import Live
from core.store.outbox import Outbox
from core.store.people import People
from core.store.proofs import Proofs
from core.store.reading import Reader
from core.store.scripts import Caps
from core.store.shelf import EmptyShelf, Shelf
from core.store.shown import Shown
from core.store.tasks import Tasks
from core.store.threads import Threads
from core.store.triage import Triage
from core.store.turns import Turns


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    durability: str = "process"
    partitions: int = 16
    replicas: int = 1
    """With durability `replicated`: how many must have a message before it is acknowledged."""
    lease_seconds: float = 30.0
    fetch: bool = True
    """Have the attachments of messages fetched, by whoever works on lanes of this kind."""
    patience_seconds: float = 30.0
    """Nobody goes by what they have read of the archive for longer; they read it again."""
    thawed_seconds: float = 60.0
    """A leg that began, or came back from the archive, stays in Redis for so long at least: longer
    than anybody goes by what the archive had before.
    """
    caps: Caps = msgspec.field(default_factory=Caps)


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """One installation's memory. `redis` is for publish and subscribe; all else is in the parts."""

    redis: Redis
    read: Reader
    keys: Keys
    lanes: Lanes
    keeper: Keeper
    threads: Threads
    fetches: Fetches
    outbox: Outbox
    legs: Legs
    people: People
    tasks: Tasks
    turns: Turns
    triage: Triage
    announced: Announced
    answers: Answers
    errands: Errands
    exchanges: Exchanges
    gaps: Gaps
    letters: Letters
    blocks: Blocks
    proofs: Proofs
    shown: Shown
    live: Live
    cold: Cold
    freezer: Freezer
    commit: GroupCommit
    followed: dict[str, str] = msgspec.field(default_factory=dict)
    """Who follows what happens in this process, and with which event each has done."""
    warnings: tuple[str, ...] = ()
    restored_at: datetime | None = None
    """When all this was restored from a backup, if it ever was."""

    def may_be_answered(self, at: datetime) -> bool:
        """Whether something of that moment may be answered by ourselves: what is from before a
        restore may have been, and nobody knows any more.
        """
        return self.restored_at is None or at >= self.restored_at

    def checkpoints(self, account: str) -> AccountCheckpoints:
        return AccountCheckpoints(self.read, self.commit, self.keys, account)

    def holds(self, account: str) -> AccountHolds:
        """What one process holds lasts as long as a lease if that process is lost."""
        term_seconds = self.lanes.lease_ms / 1000
        return AccountHolds(self.read, self.commit, self.keys, account, term_seconds=term_seconds)


@asynccontextmanager
async def open_store(settings: StoreSettings, shelf: Shelf | None = None) -> AsyncIterator[Store]:
    """`shelf`: what has left Redis. Raises ConfigurationError, StoreUnavailable."""
    redis = connect(settings.url)
    try:
        warnings = await inspect(redis, settings.durability, settings.partitions)
        restored = await restored_at(redis)
        replicas = settings.replicas if settings.durability == "replicated" else 0
        async with (
            group_commit(redis, settings.caps, replicas=replicas) as commit,
            assemble(redis, commit, settings, tuple(warnings), restored, shelf) as store,
        ):
            yield store
    finally:
        await redis.aclose()


@asynccontextmanager
async def assemble(
    redis: Redis,
    commit: GroupCommit,
    settings: StoreSettings,
    warnings: tuple[str, ...] = (),
    restored: datetime | None = None,
    shelf: Shelf | None = None,
) -> AsyncIterator[Store]:
    """The parts of a store over one client and one group commit."""
    read = Reader(redis)
    keys = Keys(settings.partitions)
    lanes = Lanes(commit, keys, settings.lease_seconds)
    cold = Cold(shelf or EmptyShelf(), read, commit, keys, settings.patience_seconds)
    store = Store(
        redis=redis,
        read=read,
        keys=keys,
        lanes=lanes,
        keeper=Keeper(lanes),
        threads=Threads(read, commit, keys, lanes, cold, fetch=settings.fetch),
        fetches=Fetches(commit, keys, lanes, cold),
        outbox=Outbox(commit, keys, lanes, cold),
        legs=Legs(read, commit, keys, cold),
        people=People(read, commit, keys, cold),
        tasks=Tasks(read, commit, keys, lanes),
        turns=Turns(read, commit, keys),
        triage=Triage(read, commit, keys, cold),
        announced=Announced(read, commit, keys),
        answers=Answers(commit, keys),
        errands=Errands(redis),
        exchanges=Exchanges(read, commit, keys),
        gaps=Gaps(read, commit, keys),
        letters=Letters(read, commit, keys, lanes),
        blocks=Blocks(read, commit, keys),
        proofs=Proofs(commit, keys),
        shown=Shown(read, commit, keys),
        live=Live(read, commit, keys),
        cold=cold,
        freezer=Freezer(read, commit, keys, settings.thawed_seconds),
        commit=commit,
        warnings=warnings,
        restored_at=restored,
    )
    try:
        async with running(read):
            yield store
    finally:
        await read.close()
