"""What becomes of a mail that was fetched: kept, understood, handed on; or set aside."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain

import msgspec
import structlog
from msgspec.structs import replace

from adapters.email.account import Account, Delivered, Opinion
from adapters.email.incoming.normalise import Normalised, normalise, unreadable
from adapters.email.incoming.replaying import Reference, write_reference
from adapters.email.line.examining import Examiner
from adapters.email.line.fetching import Arrival
from adapters.email.line.patience import Patience, together
from core.errors import MalformedPayload, Refused
from core.ids import new_ulid
from core.model.event import Inbound, Origin
from core.model.ids import EventId
from core.ports import Deliver, Surroundings

THREAD_BYTES = 32 * 1024
"""A mail of this size is read in a thread: all inboxes would wait for it, about a millisecond each
kilobyte of HTML.
"""

SHARE = 8
"""So many mails of a batch are written to disk in one go, while the next are read."""

log = structlog.get_logger()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A folder, and what its mail is. Of the mails up to the UID `old_upto` those that were written
    before `old_before` are from the past, whenever the server says that it got them.
    """

    folder: str
    junk: bool = False
    sent: bool = False
    origin: Origin = Origin.LIVE
    old_upto: int = 0
    old_before: datetime | None = None

    def origin_of(self, uid: int, written_at: datetime) -> Origin:
        is_old = self.old_before is not None and written_at < self.old_before
        return Origin.BACKFILL if is_old and uid <= self.old_upto else self.origin


class Taking:
    """For one account."""

    def __init__(
        self,
        account: Account,
        surroundings: Surroundings,
        examiner: Examiner,
        patience: Patience,
    ) -> None:
        self._account = account
        self._surroundings = surroundings
        self._examiner = examiner
        self._patience = patience

    async def take(self, arrivals: Sequence[Arrival], source: Source, deliver: Deliver) -> None:
        """Returns when all of it is durable: mails of one thread in order, threads beside one
        another. What the server withholds is set aside.
        """
        for one in arrivals:
            if one.withheld:
                await self._set_aside(b"", f"the server does not give the mail UID {one.uid}")
        arrivals = [one for one in arrivals if one.raw]
        opinions = {} if source.sent else await self._examiner.opinions(arrivals)
        shares = [arrivals[n : n + SHARE] for n in range(0, len(arrivals), SHARE)]
        turn = asyncio.Lock()
        stored = await together([self._stored(one, source, opinions, turn) for one in shares])
        threads: dict[str, list[Inbound]] = {}
        for inbound in chain.from_iterable(stored):
            threads.setdefault(inbound.thread.thread, []).append(inbound)
        await together([self._hand_on(events, deliver) for events in threads.values()])

    async def _stored(
        self,
        arrivals: Sequence[Arrival],
        source: Source,
        opinions: Mapping[int, Opinion],
        turn: asyncio.Lock,
    ) -> list[Inbound]:
        """What the mails say, their bytes being in the blob store. In `turn` they are read, so that
        the next ones are while these are written.
        """
        events: list[Inbound] = []
        blobs: list[bytes] = []
        async with turn:
            for arrival in arrivals:
                await asyncio.sleep(0)  # nobody else has to wait for the whole batch
                opinion = opinions.get(arrival.uid, Opinion())
                normalised = await self._understood(arrival, source, opinion)
                if normalised.events:
                    reference = Reference(
                        mail=normalised.events[0].raw, junk=source.junk, sent=source.sent
                    )
                    self._surroundings.record(write_reference(reference))
                    blobs += (arrival.raw, *normalised.blobs.values())
                else:
                    log.info("our own mail came back", account=self._account.name, uid=arrival.uid)
                for event in normalised.events:
                    origin = source.origin_of(arrival.uid, event.occurred_at)
                    events.append(replace(event, origin=origin))
        await self._patience.until_stored(lambda: self._surroundings.blobs.put_all(blobs))
        return events

    async def _understood(self, arrival: Arrival, source: Source, opinion: Opinion) -> Normalised:
        raw, account = arrival.raw, self._account
        now = datetime.now(UTC)
        delivered = Delivered(
            event=EventId(new_ulid()),
            received_at=min(arrival.at or now, now),
            full_size=arrival.size_bytes,
            origin=source.origin,
            opinion=opinion,
            junk=source.junk,
            sent_by_us=source.sent,
        )
        try:
            if len(raw) > THREAD_BYTES:
                return await asyncio.to_thread(normalise, raw, account, delivered)
            return normalise(raw, account, delivered)
        except MalformedPayload as error:
            await self._set_aside(raw, str(error))
            return unreadable(raw, account, delivered)

    async def _hand_on(self, events: list[Inbound], deliver: Deliver) -> None:
        for inbound in events:
            try:
                await self._patience.until_stored(partial(deliver, inbound))
            except Refused as refusal:
                # Core will say the same next time: one bad mail must not stop the mailbox.
                await self._set_aside(inbound.raw.encode(), f"refused by core: {refusal}")

    async def _set_aside(self, payload: bytes, reason: str) -> None:
        quarantine, account = self._surroundings.quarantine, self._account.name
        await self._patience.until_stored(lambda: quarantine(account, payload, reason))
