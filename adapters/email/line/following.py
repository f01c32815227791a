"""One folder, taken in order, nothing acknowledged too early.

The position moves only after `deliver` returned for every mail up to it. A crash in between
re-reads at most one batch, which the claims in core absorb. Read flags are never looked at, so that
a person who reads the mailbox elsewhere hides no mail from us.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice

import msgspec
import structlog

from adapters.email.line import position as positions
from adapters.email.line.answers import Facts, Folder, search_date
from adapters.email.line.broken import CommandRefused
from adapters.email.line.fetching import Arrival, Fetching
from adapters.email.line.patience import Patience
from adapters.email.line.position import Position
from adapters.email.line.session import Session
from adapters.email.line.taking import Source, Taking
from adapters.email.settings import ImapSettings, Limits
from core.ports import Checkpoints, Deliver

log = structlog.get_logger()


def backfill_checkpoint(folder: str) -> str:
    return f"backfill {folder}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What reading one mailbox takes, whichever folder it is."""

    account: str
    settings: ImapSettings
    limits: Limits
    checkpoints: Checkpoints
    patience: Patience
    taking: Taking
    deliver: Deliver


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """Mail of a folder from before its first reading: what came from the day `since` on and not
    after the day `before` had begun (IMAP dates), with UIDs up to `upto`; brought in up to
    `last_uid`.
    """

    uid_validity: int
    upto: int
    since: str
    before: str
    last_uid: int = 0


class Follower:
    """Follows one folder through one connection after another."""

    def __init__(self, source: Source, line: Line) -> None:
        self._source = source
        self._line = line
        self._fetching = Fetching(line.limits)
        self._name = f"imap {source.folder}"
        self._position = Position(uid_validity=0, last_uid=0)
        self._told = False

    @property
    def folder(self) -> str:
        return self._source.folder

    async def enter(self, session: Session) -> None:
        """Select the folder on a connection, and find out where to go on."""
        folder = await session.select(self._source.folder)
        position = await self._load()
        if position is None:
            position = await self._begin(folder)
        else:
            uids = [uid for uid, _ in position.marks]
            marked = await session.facts(uids) if uids else {}
            if positions.numbered_anew(position, folder, marked):
                log.warning(
                    "the server numbered its mails anew: reading again",
                    account=self._line.account,
                    folder=self._source.folder,
                )
                position = positions.again(position, folder, positions.today())
                await self._save(position)
        self._position = position

    def connection_broke(self) -> None:
        self._fetching.connection_broke()

    async def catch_up(self, session: Session, *, pushed: bool = False) -> int:
        """Take everything that is new; -> how many mails. `pushed`: the server has just told of it,
        so that there is little, and no time to lose.
        """
        session.forget_news()
        told = await self._pushed(session) if pushed else {}
        found = await (self._without_gaps(session, told) if told else self._found(session))
        waiting = iter(found)
        while uids := list(islice(waiting, self._line.limits.batch_messages_max)):
            async for batch in self._fetching.batches(session, uids, told):
                await self._take(session, batch)
            await self._move(uids[-1])
        await self._move(self._position.since_upto)
        return len(found)

    async def _pushed(self, session: Session) -> dict[int, Facts]:
        """Empty while older mail is still to be chosen from."""
        position = self._position
        if position.last_uid < position.since_upto:
            return {}
        return await session.facts_behind(position.last_uid)

    async def _without_gaps(self, session: Session, told: Mapping[int, Facts]) -> list[int]:
        """UIDs up to the last that was told of. One that is missing among them is mostly of a mail
        that was removed; it may also be of one that the server has left out.
        """
        first, last = self._position.last_uid + 1, max(told)
        if len(told) == last - first + 1:
            return list(told)
        found = await session.search(f"UID {first}:{last}")
        return sorted({*told, *(uid for uid in found if first <= uid <= last)})

    async def _found(self, session: Session) -> list[int]:
        """UIDs behind the position, ascending."""
        last, since_upto = self._position.last_uid, self._position.since_upto
        older = []
        if last < since_upto:
            older = await session.search(
                f"UID {last + 1}:{since_upto}", f"SINCE {self._position.since}"
            )
            last = since_upto
        # "n:*" always names the last mail, even if its UID is below n.
        newer = await session.search(f"UID {last + 1}:*")
        return [*older, *(uid for uid in newer if uid > last)]

    async def _take(self, session: Session, batch: Sequence[Arrival]) -> None:
        since_upto, old_before = self._position.since_upto, positions.old_before(self._position)
        source = msgspec.structs.replace(self._source, old_upto=since_upto, old_before=old_before)
        await self._line.taking.take(batch, source, self._line.deliver)
        taken = {arrival.uid: Facts(at=arrival.at) for arrival in batch if arrival.raw}
        await self._move(batch[-1].uid, taken)
        if taken:
            await self._settle(session, list(taken))

    async def _settle(self, session: Session, uids: Sequence[int]) -> None:
        """What the operator wants done with mail that was taken. That it cannot be done is worth
        one line in the log.
        """
        settings = self._line.settings
        if self._source.sent:
            return
        try:
            if settings.mark_seen:
                await session.mark_seen(uids)
            if settings.move_to and session.can_move:
                await session.move(uids, settings.move_to)
        except CommandRefused as error:
            if not self._told:
                self._told = True
                log.warning(
                    "mail cannot be marked or moved", account=self._line.account, why=str(error)
                )

    async def _begin(self, folder: Folder) -> Position:
        """Before anything else is noted: what there is of older mail, if that is wanted."""
        settings, today = self._line.settings, positions.today()
        position = positions.beginning(folder, today, settings.first_look_back_days)
        if settings.backfill_days and folder.uid_next > 1:
            past = Past(
                uid_validity=folder.uid_validity,
                upto=folder.uid_next - 1,
                since=search_date(today - timedelta(days=settings.backfill_days)),
                before=position.since,
            )
            name, stored = backfill_checkpoint(self._source.folder), msgspec.json.encode(past)
            await self._line.patience.until_stored(
                lambda: self._line.checkpoints.save(name, stored.decode())
            )
        # Now: what comes until the first batch is taken is new, whatever its date.
        await self._save(position)
        return position

    async def _load(self) -> Position | None:
        stored = await self._line.patience.until_stored(
            lambda: self._line.checkpoints.load(self._name)
        )
        return msgspec.json.decode(stored, type=Position) if stored else None

    async def _move(self, uid: int, taken: dict[int, Facts] | None = None) -> None:
        after = positions.moved(self._position, uid, positions.today(), taken)
        if after != self._position:
            await self._save(after)
        self._position = after

    async def _save(self, position: Position) -> None:
        stored = msgspec.json.encode(position).decode()
        await self._line.patience.until_stored(
            lambda: self._line.checkpoints.save(self._name, stored)
        )
