"""An installation with an archive: what can be archived is, as soon as a test says so."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typing_extensions import override

from core.archiving import Archiver
from core.ids import new_ulid
from core.model.conversation import Conversation, Status
from core.model.ids import MessageId, ThreadRef
from core.ports import Adapter
from core.rules.archive import Terms
from core.store.live import Happened
from core.store.shelf import Archive
from core.store.store import Store, StoreSettings, assemble, open_store
from gateway.archive import ArchiveFile, open_archive
from gateway.archive.file import NAME, STEPS
from gateway.sqlite import database
from tests.rigs.assembly import AGENT, Assembly, fresh_store
from tests.rigs.events import says, thread

AGES = timedelta(days=10_000)
ADA = thread("ada")


class Winter:
    """Archives without waiting. `archived` counts how often a leg was."""

    def __init__(self, store: Store, archive: Archive) -> None:
        self.store, self.archive = store, archive
        self._later = AGES
        self.archiver = Archiver(store, archive, Terms(), self._now)
        self.archived = 0
        self.tries = 1
        """How often, where legs that have come back stay for a moment."""

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._later

    def another(self) -> Archiver:
        """One more archiver of the same archive, to which everything is old."""
        return Archiver(self.store, self.archive, Terms(), self._now)

    async def comes(self) -> None:
        """All that is done is archived, however short a time ago it was done."""
        self._later += timedelta(days=1)
        await self.archiver.look_everywhere()
        self.archived += await self.archiver.archive_due()

    async def lasts_for_ever(self) -> None:
        """All that is archived has been kept for long enough."""
        archiver = Archiver(self.store, self.archive, Terms(keep_days=1), self._now)
        for _ in ("hidden", "deleted"):
            self._later += AGES
            await archiver.delete_old()

    async def takes_everything(self) -> None:
        """Every leg is archived that is not busy, whatever its status."""
        for _ in range(self.tries):
            legs = {leg async for page in self.store.legs.every(500) for leg in page}
            taken = [await self.store.freezer.take(leg) for leg in sorted(legs)]
            idle = [one for one in taken if one and not one.is_busy]
            left = await self.archiver.put_away(idle)
            self.archived += len(left)
            if len(left) == len(idle):
                return
            await asyncio.sleep(0.05)  # some have come back only just now


@asynccontextmanager
async def winter_on(
    directory: Path, settings: StoreSettings, kind: type[ArchiveFile] = ArchiveFile
) -> AsyncIterator[Winter]:
    """What is there: an installation and its archive."""
    async with (
        database(directory / NAME, STEPS) as file,
        open_store(settings, archive := kind(file)) as store,
    ):
        await archive.take_over()
        yield Winter(store, archive)


@asynccontextmanager
async def winter_in(url: str, **settings: Any) -> AsyncIterator[Winter]:
    """An empty installation with an empty archive."""
    with tempfile.TemporaryDirectory(prefix="tl-archive-") as directory:
        async with (
            open_archive(Path(directory)) as archive,
            fresh_store(url, archive, thawed_seconds=0.0, **settings) as store,
        ):
            await archive.take_over()
            yield Winter(store, archive)


@asynccontextmanager
async def winter_beside(store: Store) -> AsyncIterator[Winter]:
    """An empty archive for an installation that has none."""
    settings = StoreSettings(url="", partitions=store.keys.partitions, thawed_seconds=0.0)
    with tempfile.TemporaryDirectory(prefix="tl-archive-") as directory:
        async with (
            open_archive(Path(directory)) as archive,
            assemble(store.redis, store.commit, settings, shelf=archive) as with_archive,
        ):
            await archive.take_over()
            yield Winter(with_archive, archive)


class ColdAssembly(Assembly):
    """After all work everything is in the archive."""

    def __init__(self, winter: Winter, adapters: Mapping[str, Adapter], **options: Any) -> None:
        super().__init__(winter.store, adapters, **options)
        self.winter = winter

    @override
    async def settle(self) -> None:
        await super().settle()
        await self.winter.takes_everything()


async def had(
    line: Assembly, where: ThreadRef = ADA, who: str = "ada", status: Status = Status.CLOSED
) -> Conversation:
    """A conversation that is done: asked, answered."""
    await line.dispatcher.accept(says(where, who, "where is it?", remote="asked"))
    await line.settle()
    await line.reply(await line.conversation_of(where), "on its way", reply_id=f"to {who}")
    await line.settle()
    conversation = await line.conversation_of(where)
    await line.triage.set_status(conversation, AGENT, status, MessageId(new_ulid()))
    return await line.conversation_of(where)


async def happened(line: Assembly) -> list[Happened]:
    await line.store.live.relay(tuple(range(line.store.keys.partitions)))
    return await line.store.live.read("0-0", 0.1)


async def kinds(line: Assembly) -> list[str]:
    return [one.kind for one in await happened(line)]
