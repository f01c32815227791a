"""The intake: every mail of one folder, handed on in order, nothing acknowledged too early.

The checkpoint is (UIDVALIDITY, last UID): it moves only after `deliver` returned for every mail up
to it. A crash in between re-reads at most one batch, which the claims in core absorb. Read flags
are never looked at, so that a person who reads the mailbox elsewhere hides no mail from us.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import TypeVar

import msgspec
import structlog

from adapters.email.account import Account, Delivered, Opinion
from adapters.email.incoming.normalise import Normalised, normalise, unreadable
from adapters.email.line.examining import Examiner
from adapters.email.line.fetching import LARGE_BYTES, Arrival, Fetching
from adapters.email.line.session import ConnectionBroken, Folder, Session, open_session
from adapters.email.settings import ImapSettings
from core.errors import AuthenticationError, MalformedPayload, Refused, Stale, StoreError
from core.ids import new_ulid
from core.model.event import Inbound
from core.model.ids import EventId
from core.ports import Deliver, Surroundings

CHECKPOINT = "imap"
REREAD_DAYS = 2
"""How far back is read again when the server has numbered its mails anew."""

T = TypeVar("T")

log = structlog.get_logger()


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How far the folder has been taken. `since` (IMAP date): until everything from that day on has
    been taken, older mail is left alone. `day`: the last day on which something was taken.
    """

    uid_validity: int
    last_uid: int
    since: str = ""
    day: str = ""


class Intake:
    """Feeds `deliver` from one folder until it is cancelled."""

    def __init__(
        self,
        settings: ImapSettings,
        account: Account,
        surroundings: Surroundings,
        examiner: Examiner,
    ) -> None:
        self._settings = settings
        self._account = account
        self._limits = account.limits
        self._surroundings = surroundings
        self._examiner = examiner
        self._fetching = Fetching(account.limits)
        self._failures = 0

    async def run(self, deliver: Deliver) -> None:
        """Raises AuthenticationError after `refusals_max` refused logins in a row, Stale when
        somebody else reads this mailbox now.
        """
        refusals = 0
        while True:
            try:
                async with open_session(self._settings) as session:
                    refusals = 0
                    await self._follow(session, deliver)
            except ConnectionBroken as broken:
                self._fetching.connection_broke()
                log.info("mailbox connection lost", account=self._account.name, why=str(broken))
            except AuthenticationError:
                refusals += 1
                if refusals >= self._settings.refusals_max:
                    raise
            self._failures += 1
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        """Full jitter, so that a server that comes back is not met by everybody at once."""
        longest = min(
            self._settings.reconnect_seconds_max,
            self._settings.reconnect_seconds_min * 2 ** min(self._failures, 16),
        )
        return secrets.SystemRandom().uniform(0, longest)

    async def _follow(self, session: Session, deliver: Deliver) -> None:
        folder = await session.select(self._settings.folder)
        position = await self._position(folder)
        while True:
            position = await self._take_all(session, folder, position, deliver)
            self._failures = 0
            if session.news:
                continue  # it came while we searched; IDLE would not mention it again
            if session.can_idle:
                await session.idle(self._settings.idle_seconds)
            else:
                await asyncio.sleep(self._settings.poll_seconds)

    async def _position(self, folder: Folder) -> Position:
        checkpoints = self._surroundings.checkpoints
        stored = await self._until_stored(lambda: checkpoints.load(CHECKPOINT))
        if stored is None:
            first = _today() - timedelta(days=self._settings.first_look_back_days)
            return Position(uid_validity=folder.uid_validity, last_uid=0, since=_imap_date(first))
        position = msgspec.json.decode(stored, type=Position)
        if position.uid_validity == folder.uid_validity:
            return position
        day = datetime.fromisoformat(position.day) if position.day else _today()
        log.warning("the server numbered its mails anew", account=self._account.name)
        return Position(
            uid_validity=folder.uid_validity,
            last_uid=0,
            since=_imap_date(day - timedelta(days=REREAD_DAYS)),
            day=position.day,
        )

    async def _take_all(
        self, session: Session, folder: Folder, position: Position, deliver: Deliver
    ) -> Position:
        """Everything that a search finds, then the moved position."""
        criteria = [f"UID {position.last_uid + 1}:*"]
        if position.since:
            criteria.append(f"SINCE {position.since}")
        # "n:*" always names the last mail, even if its UID is below n.
        found = [uid for uid in await session.search(*criteria) if uid > position.last_uid]
        waiting = iter(found)
        while uids := list(islice(waiting, self._limits.batch_messages_max)):
            async for batch in self._fetching.batches(session, uids):
                await self._take(session, batch, deliver)
                position = await self._moved(position, batch[-1].uid)
            position = await self._moved(position, uids[-1])
        if position.since and folder.uid_next:
            position = msgspec.structs.replace(position, since="")
            position = await self._moved(position, max(position.last_uid, folder.uid_next - 1))
        return position

    async def _moved(self, position: Position, uid: int) -> Position:
        moved = msgspec.structs.replace(position, last_uid=uid, day=_today().isoformat())
        if moved != position:
            stored = msgspec.json.encode(moved).decode()
            checkpoints = self._surroundings.checkpoints
            await self._until_stored(lambda: checkpoints.save(CHECKPOINT, stored))
        return moved

    async def _take(self, session: Session, batch: list[Arrival], deliver: Deliver) -> None:
        """Store and hand on a batch: mails of one thread in order, threads beside one another."""
        threads: dict[str, list[Inbound]] = {}
        opinions = await self._examiner.opinions(batch)
        for arrival in batch:
            if arrival.raw:
                for inbound in await self._stored(arrival, opinions[arrival.uid]):
                    threads.setdefault(inbound.thread.thread, []).append(inbound)
            elif await session.search(f"UID {arrival.uid}"):
                await self._set_aside(b"", f"the server does not give the mail UID {arrival.uid}")
        try:
            async with asyncio.TaskGroup() as group:
                for events in threads.values():
                    group.create_task(self._hand_on(events, deliver))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures

    async def _stored(self, arrival: Arrival, opinion: Opinion) -> tuple[Inbound, ...]:
        """What the mail says, its bytes being in the blob store."""
        await self._keep(arrival.raw)
        normalised = await self._understood(arrival, opinion)
        for blob in normalised.blobs.values():
            await self._keep(blob)
        if not normalised.events:
            log.info("our own mail came back", account=self._account.name, uid=arrival.uid)
        return normalised.events

    async def _understood(self, arrival: Arrival, opinion: Opinion) -> Normalised:
        raw, account = arrival.raw, self._account
        delivered = Delivered(
            event=EventId(new_ulid()),
            received_at=datetime.now(UTC),
            full_size=arrival.size_bytes,
            opinion=opinion,
        )
        try:
            if len(raw) > LARGE_BYTES:
                return await asyncio.to_thread(normalise, raw, account, delivered)
            return normalise(raw, account, delivered)
        except MalformedPayload as error:
            await self._set_aside(arrival.raw, str(error))
            return unreadable(raw, account, delivered)

    async def _hand_on(self, events: list[Inbound], deliver: Deliver) -> None:
        for inbound in events:
            try:
                await self._until_stored(partial(deliver, inbound))
            except Refused as refusal:
                # Core will say the same next time: one bad mail must not stop the mailbox.
                await self._set_aside(inbound.raw.encode(), f"refused by core: {refusal}")

    async def _keep(self, data: bytes) -> None:
        blobs = self._surroundings.blobs
        await self._until_stored(lambda: blobs.put(_chunks(data), size_bytes_max=len(data)))

    async def _set_aside(self, payload: bytes, reason: str) -> None:
        quarantine, account = self._surroundings.quarantine, self._account.name
        await self._until_stored(lambda: quarantine(account, payload, reason))

    async def _until_stored(self, act: Callable[[], Awaitable[T]]) -> T:
        """Nothing is acknowledged meanwhile: the mail stays where it is, on the server.

        Raises Stale when somebody else reads this mailbox now.
        """
        while True:
            try:
                return await act()
            except Stale:
                raise
            except (StoreError, OSError) as error:
                why = type(error).__name__
                log.warning("store not ready", account=self._account.name, why=why)
                await asyncio.sleep(self._settings.store_retry_seconds)


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 65536):
        yield data[start : start + 65536]


def _today() -> datetime:
    return datetime.combine(datetime.now(UTC).date(), datetime.min.time(), UTC)


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _imap_date(day: datetime) -> str:
    """`21-Nov-2025`, in English whatever the machine speaks."""
    return f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"
