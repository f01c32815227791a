"""Mail from before the first start, brought in once: oldest first, with its own dates.

What there is to bring is written down when a folder is first read, and how far it has come after
every batch, so that it goes on where it was, whatever happened.
"""

from collections.abc import Callable, Sequence
from itertools import islice

import msgspec
import structlog

from adapters.email.line.broken import CannotOpen
from adapters.email.line.fetching import Fetching
from adapters.email.line.following import Line, Past, backfill_checkpoint
from adapters.email.line.session import Session
from adapters.email.line.taking import Source
from core.model.event import Origin

log = structlog.get_logger()


class Backfill:
    """Of one mailbox."""

    def __init__(self, line: Line, folders: Sequence[str]) -> None:
        self._line = line
        self._folders = folders
        self._fetching = Fetching(line.limits)

    def connection_broke(self) -> None:
        self._fetching.connection_broke()

    async def run(self, session: Session, well: Callable[[], None]) -> None:
        """Returns when everything has been brought in."""
        for name in self._folders:
            past = await self._load(name)
            if past is not None and past.last_uid < past.upto:
                try:
                    await self._bring(session, name, past, well)
                except CannotOpen as error:
                    log.warning("no old mail", account=self._line.account, why=str(error))

    async def _bring(
        self, session: Session, name: str, past: Past, well: Callable[[], None]
    ) -> None:
        folder = await session.select(name)
        if folder.uid_validity != past.uid_validity:
            # From the beginning: what is known has no second effect.
            past = msgspec.structs.replace(
                past, uid_validity=folder.uid_validity, last_uid=0, upto=folder.uid_next - 1
            )
        source = Source(folder=name, origin=Origin.BACKFILL)
        found = await _found(session, past)
        log.info(
            "old mail is brought in", account=self._line.account, folder=name, mails=len(found)
        )
        waiting = iter(found)
        while uids := list(islice(waiting, self._line.limits.batch_messages_max)):
            async for batch in self._fetching.batches(session, uids):
                await self._line.taking.take(batch, source, self._line.deliver)
                past = await self._save(name, past, batch[-1].uid)
                well()
        await self._save(name, past, past.upto)

    async def _load(self, name: str) -> Past | None:
        stored = await self._line.patience.until_stored(
            lambda: self._line.checkpoints.load(backfill_checkpoint(name))
        )
        return msgspec.json.decode(stored, type=Past) if stored else None

    async def _save(self, name: str, past: Past, uid: int) -> Past:
        after = msgspec.structs.replace(past, last_uid=uid)
        stored = msgspec.json.encode(after).decode()
        await self._line.patience.until_stored(
            lambda: self._line.checkpoints.save(backfill_checkpoint(name), stored)
        )
        return after


async def _found(session: Session, past: Past) -> list[int]:
    """UIDs that are still to be brought in, ascending."""
    if past.last_uid >= past.upto:
        return []  # numbered anew, and nothing is left: no server knows mails 1 to 0
    found = await session.search(
        f"UID {past.last_uid + 1}:{past.upto}", f"SINCE {past.since}", f"BEFORE {past.before}"
    )
    return [uid for uid in found if past.last_uid < uid <= past.upto]
