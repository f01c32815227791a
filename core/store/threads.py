"""The inbound side of a thread: claim, queue, file into a leg, amend, seal."""

import asyncio
import operator
from datetime import timedelta
from typing import Any, Final, NamedTuple

import msgspec

from core.model.codec import decoder, encode
from core.model.conversation import Status
from core.model.event import Inbound
from core.model.ids import LegId, MessageId, Number, ThreadRef
from core.model.message import Direction, Message
from core.rules.attachments import wants_bytes
from core.rules.routing import Bound
from core.store.cold import Cold
from core.store.commit import NOTHING, GroupCommit, binary
from core.store.compact import compact, mark_of
from core.store.keys import Keys
from core.store.lanes import DEPTH, Entry, Lanes, Lease, going_on
from core.store.reading import Reader

CLAIMED_FOR: Final = timedelta(days=8)
"""So long at least an event is known that was accepted (a turn of prelude.lua)."""

LEGS_MAX: Final = 64
"""Legs of a thread that are looked at when something concerns all of it: the newest."""

BACK_MAX: Final = 32
"""Legs of a thread that are looked through for a message, from the one it goes to back."""

LOOKS_MAX: Final = 10
"""At a thread that goes to a leg which leaves for the archive just then."""

NOT_HOME: Final = 3
"""The script's answer when a message cannot be filed at once."""

_KINDS: Final = {Direction.OUT: "out", Direction.ACTIVITY: "activity"}
_read_inbound = decoder(Inbound)
_pack = msgspec.msgpack.Encoder().encode
_NO_CONTEXT: Final = binary(_pack({}))


class Queued(msgspec.Struct, frozen=True, gc=False):
    """The event waits in its thread's lane; `lease` if the lane was idle and is now ours."""

    lease: Lease | None


class Filed(msgspec.Struct, frozen=True, gc=False):
    """The message is in the leg's log, or (position 0) had been claimed before."""

    position: int


class Run(NamedTuple):
    """What became of a run of messages. `rest`: the lease with what waits now.

    `again`: the thread has moved on since the decision, nothing was written. `known`: the run was
    filed up to this seq and not acknowledged, because the message behind it is in the log already.
    """

    rest: Lease | None
    again: bool = False
    known: int | None = None


class NewLeg(NamedTuple):
    """The head of a leg that is about to be begun: fields as Redis stores them."""

    fields: tuple[str, ...]
    previous: LegId | None
    number: Number


class Threads:
    def __init__(
        self,
        read: Reader,
        commit: GroupCommit,
        keys: Keys,
        lanes: Lanes,
        cold: Cold,
        *,
        fetch: bool,
    ) -> None:
        """`fetch`: have the attachments of messages fetched."""
        self._read, self._commit, self._keys, self._lanes = read, commit, keys, lanes
        self._cold, self._fetch = cold, fetch

    async def accept(
        self,
        event: Inbound,
        author: str,
        message: Message | None,
        guess: LegId | None,
        *,
        hand_over: bool,
    ) -> Filed | Queued:
        """Claim an event and make it durable, once for its dedup id.

        A message whose thread goes to the leg `guess` is filed at once (home path). Whatever else
        is queued; with `hand_over` an idle lane is leased to this process.
        """
        if guess and message:
            answer = await self._accept(event, author, message, guess, b"", 0)
            if answer[0] != NOT_HOME:
                return Filed(answer[1] if answer[0] else 0)
        until, envelope = self._lanes.deadline(), encode(event)
        lease_ms = self._lanes.lease_ms if hand_over else 0
        known, *queued = await self._accept(event, author, None, None, envelope, lease_ms)
        if not known:
            return Filed(0)
        seq, token = queued
        if not token:
            return Queued(None)
        ref, account = str(event.thread), event.thread.account
        return Queued(Lease(account, "in", ref, token.decode(), until, (Entry(seq, envelope),)))

    def _accept(
        self,
        event: Inbound,
        author: str,
        message: Message | None,
        guess: LegId | None,
        envelope: bytes,
        lease_ms: int,
    ) -> asyncio.Future[Any]:
        ref, account, keys = str(event.thread), event.thread.account, self._keys
        partition = keys.of(ref)
        touched = keys.inbound(partition, ref, account)
        if guess:
            touched += keys.filing(partition, guess)
            if message and self._wants_bytes(message):
                touched += self._fetch_keys(ref, account)
        return self._commit.call(
            partition,
            "accept",
            touched,
            ref,
            event.dedup,
            author,
            binary(envelope) if envelope else NOTHING,
            binary(compact(message)) if message else NOTHING,
            remotes_of(message),
            guess or "",
            lease_ms,
            binary(_pack(event.context)) if event.context else _NO_CONTEXT,
            event.title,
        )

    async def bound(self, ref: ThreadRef, author: str) -> Bound | None:
        """The leg that this author's messages went to last. If that is archived, it comes back."""
        for _ in range(LOOKS_MAX):
            found = await self._bound(ref, author)
            if found or not await self._cold.bind(ref, author):
                return found
        return None

    async def _bound(self, ref: ThreadRef, author: str) -> Bound | None:
        head = self._keys.thread(str(ref))
        leg, filed = await self._read.one("HMGET", head, f"b:{author}", "filed")
        if leg is None:
            return None
        leg_id = LegId(leg.decode())
        status, sealed, ungathered, offer = await self._read.one(
            "HMGET", self._keys.leg(leg_id), "status", "sealed", "ungathered", "offer"
        )
        if status is None:
            return None
        return Bound(
            leg=leg_id,
            status=Status(status.decode()),
            sealed=sealed is not None,
            ungathered=ungathered is not None,
            filed=int(filed or 0),
            offer=int(offer or 0),
        )

    async def legs_of(self, ref: ThreadRef) -> list[LegId]:
        """The newest of those to which what its authors write goes now."""
        fields = await self._read.one("HGETALL", self._keys.thread(str(ref)))
        legs = {LegId(leg.decode()) for name, leg in fields.items() if name.startswith(b"b:")}
        archived = await self._cold.shelf.newest_of_thread(str(ref), LEGS_MAX)
        return sorted(legs.union(archived))[-LEGS_MAX:]

    async def file(
        self,
        lease: Lease,
        author: str,
        leg: LegId,
        expect: LegId | None,
        begin: NewLeg | None,
        run: list[tuple[int, Message]],
        context: dict[str, str],
        *,
        acknowledge: bool,
        title: str = "",
        aside: bool = False,
        anew: bool = False,
    ) -> Run:
        """Bind, append, acknowledge, under the lease. The run was written by us, or all by others.

        `title`: what the leg is called from now on, "" for as before. `aside`: nothing follows from
        it. `anew`: append whatever is known by the same ids. Without `acknowledge` the entries stay
        in the lane, and filing them again appends nothing.
        """
        ref = lease.key
        flat = [
            value
            for seq, message in run
            for value in (seq, binary(compact(message)), () if anew else remotes_of(message))
        ]
        answer = await self._commit.call(
            self._keys.of(ref),
            "file",
            self._file_keys(lease, author, leg, begin),
            ref,
            lease.token,
            author,
            leg,
            expect or "",
            begin.fields if begin else False,
            flat,
            binary(_pack(context)),
            {seq: True for seq, message in run if self._wants_bytes(message)},
            _KINDS.get(run[0][1].direction, "in"),
            aside,
            run[-1][0] if acknowledge else 0,
            DEPTH["in"],
            title,
        )
        match answer:
            case [0]:
                return Run(lease, again=True)
            case [2, filed]:
                return Run(lease, known=filed)
            case [_, rest]:
                return Run(going_on(lease, rest) if acknowledge else lease)
            case _:
                raise TypeError(answer)

    async def find(self, leg: LegId | None, remote: str) -> tuple[LegId, int] | None:
        """Where the message is that the platform calls `remote`: in this leg or those before it."""
        return await self._look(leg, f"r:{remote}")

    async def written(self, leg: LegId | None, message: MessageId) -> tuple[LegId, int] | None:
        """Where the message is that we wrote under this id: in this leg or those before it."""
        return await self._look(leg, f"k:{message}")

    async def _look(self, leg: LegId | None, name: str) -> tuple[LegId, int] | None:
        for _ in range(BACK_MAX):
            if leg is None:
                return None
            keys = self._keys
            (here, previous), position, still = await self._read.many(
                [
                    ("HMGET", keys.leg(leg), "id", "previous"),
                    ("HGET", keys.refs(leg), name),
                    ("EXISTS", keys.leg(leg)),
                ]
            )
            if not (here and still) and (frozen := await self._cold.leg(leg)):
                position = frozen.refs.get(name.encode())
                previous = frozen.head.get(b"previous")
            if position is not None:
                return leg, int(position)
            leg = LegId(previous.decode()) if previous else None
        return None

    async def placed(self, ref: ThreadRef, remote: str) -> LegId | None:
        """Which leg of a shared thread has the message that the platform calls `remote`, as long as
        claims live.
        """
        keys = self._keys.seen(str(ref))
        found = await self._read.many([("HGET", key, f"r:{remote}") for key in keys])
        return next((LegId(leg.decode()) for leg in found if leg), None)

    async def amend(
        self,
        lease: Lease,
        leg: LegId,
        position: int,
        before: Message,
        after: Message,
        left: tuple[tuple[str, ...], ...] = (),
        *,
        shared: bool = False,
    ) -> bool:
        """Replace a message; False if it is no longer `before`. Raises Stale.

        `left`: what the platform calls each of its pieces from now on, () = as before. `shared`:
        other legs of the thread have to find what it consists of besides.
        """
        keys = self._keys
        partition = keys.of_leg(leg)
        touched = [
            self._lanes.ready(lease.key, lease.account, lease.kind),
            keys.leg(leg),
            keys.log(leg),
            keys.refs(leg),
            keys.events(partition),
            *keys.seen(lease.key),
        ]
        if self._wants_bytes(after, before):
            touched += (keys.thread(lease.key), *self._fetch_keys(lease.key, lease.account))
        answer = await self._commit.call(
            partition,
            "amend",
            touched,
            lease.key,
            lease.token,
            leg,
            position,
            binary(mark_of(before)),
            binary(compact(after)),
            tuple(one for one in after.refs if one not in before.refs),
            tuple("\n".join(ids) for ids in left),
            shared,
        )
        if not answer:
            await self._cold.thaw(leg)  # if that is why: whoever looks again finds it as it was
        return bool(answer)

    async def seal(self, leg: LegId) -> bool:
        """What the customer writes from now on begins a new leg; False if there is no such leg."""
        partition = self._keys.of_leg(leg)
        touched = (self._keys.leg(leg), self._keys.events(partition))
        return bool(
            await self._cold.warm(
                leg,
                lambda: self._commit.call(partition, "seal", touched, leg),
                operator.not_,
            )
        )

    def _wants_bytes(self, message: Message, before: Message | None = None) -> bool:
        return self._fetch and wants_bytes(message, before)

    def _fetch_keys(self, ref: str, account: str) -> tuple[str, ...]:
        return self._keys.lane("fetch", ref), self._lanes.ready(ref, account, "fetch")

    def _file_keys(
        self, lease: Lease, author: str, leg: LegId, begin: NewLeg | None
    ) -> tuple[str, ...]:
        ref, keys = lease.key, self._keys
        return (
            keys.thread(ref),
            keys.lane("in", ref),
            self._lanes.ready(ref, lease.account, "in"),
            *keys.filing(keys.of(ref), leg),
            *self._fetch_keys(ref, lease.account),
            *(keys.seen(ref) if author else ()),
            *((keys.leg(begin.previous),) if begin and begin.previous else ()),
        )


def remotes_of(message: Message | None) -> tuple[str, ...]:
    """What the platform calls the message. By the first of these it is known again."""
    if message is None:
        return ()
    return (message.album, *message.refs) if message.album else message.refs


def read_event(entry: Entry) -> Inbound:
    """An inbound lane's entry."""
    return _read_inbound(entry.blob)
