"""The outbound side of a thread: reply, begin, sent, report."""

from datetime import datetime
from functools import partial
from itertools import count
from secrets import token_hex
from typing import Any

import msgspec

from core.errors import AudienceMismatch, Conflict, NotFound, Refused
from core.model.conversation import Leg
from core.model.ids import LegId
from core.model.message import Audience, Delivery, DeliveryState, Message
from core.rules.choices import offers
from core.store.cold import Cold
from core.store.commit import GroupCommit, binary
from core.store.compact import compact
from core.store.keys import Keys
from core.store.lanes import DEPTH, Begun, Entry, Lanes, Lease, going_on
from core.store.legs import moment
from core.store.reading import is_missing

REASON_MAX = 500


class Ticket(msgspec.Struct, frozen=True, gc=False):
    """An entry of an outbound lane: the message at this position of this leg is to be sent."""

    seq: int
    position: int
    leg: LegId


class Replied(msgspec.Struct, frozen=True, gc=False):
    """Where a message is, when this call put it there, and its lane if that is now ours."""

    position: int
    queued_at: datetime | None
    lease: Lease | None


class Began(msgspec.Struct, frozen=True, gc=False):
    """What had become of a message before this attempt."""

    state: DeliveryState | None
    attempts: int
    pieces: int


def ticket(entry: Entry) -> Ticket:
    position, _, leg = entry.blob.decode().partition(":")
    return Ticket(entry.seq, int(position), LegId(leg))


def in_front(lease: Lease) -> Ticket:
    """What is to be sent first of an outbound lane."""
    first, begun = lease.entries[0], lease.begun
    return Ticket(first.seq, begun.position, begun.leg.id) if begun else ticket(first)


class Outbox:
    def __init__(self, commit: GroupCommit, keys: Keys, lanes: Lanes, cold: Cold) -> None:
        self._commit, self._keys, self._lanes, self._cold = commit, keys, lanes, cold
        self._askers = map(f"{token_hex(6)}.{{}}".format, count())
        """A name for each reply that is asked for."""

    async def reply(
        self,
        leg: Leg,
        message: Message,
        meant: Audience | None,
        *,
        hand_over: bool,
        aside: bool = False,
    ) -> Replied:
        """Append a message and queue it, once for its id. `meant` None: it is a change of another.
        `aside`: no status follows from it.

        A lane that is handed over has its message marked as being sent: send it at once.
        Raises NotFound, Conflict (closed), AudienceMismatch.
        """
        keys, thread, partition = self._keys, str(leg.thread), self._keys.of_leg(leg.id)
        account, until = leg.thread.account, self._lanes.deadline()
        touched = keys.replying(partition, leg.id, thread, account)
        do = partial(
            self._commit.call,
            partition,
            "reply",
            touched,
            thread,
            leg.id,
            message.id,
            binary(compact(message)),
            meant or False,
            offers(message.parts),
            aside,
            self._lanes.lease_ms if hand_over else 0,
            next(self._askers),
        )
        answer = await do()
        if is_missing(answer):
            answer = await self._cold.again(leg.id, do, is_missing, answer)
        match answer:
            case [1, position, bytes(token), seq, when]:
                entry = Entry(seq, b"%d:%b" % (position, leg.id.encode()))
                begun = Begun(message, leg, position)
                lease = Lease(account, "out", thread, token.decode(), until, (entry,), begun)
                return Replied(position, moment(when), lease)
            case [1, position, _, _, when]:
                return Replied(position, moment(when), None)
            case [0, position]:
                return Replied(position, None, None)
            case _:
                raise _refusal(answer, leg.id, meant)

    async def begin(self, lease: Lease, one: Ticket, known: Delivery | None = None) -> Began:
        """Write down that bytes are about to leave; -> what had become of it before.

        `known`: how far it was when the lane was held already. Nobody else begins it meanwhile: if
        it was queued and is being sent, this call had to be made again by the client.
        """
        touched = (
            self._lanes.ready(lease.key, lease.account, "out"),
            self._keys.sends(one.leg),
        )
        found, attempts, pieces = await self._commit.call(
            self._keys.of(lease.key), "begin", touched, lease.key, lease.token, one.position
        )
        state = None if found == b"missing" else DeliveryState(found.decode())
        if known and (known.state, state) == (DeliveryState.QUEUED, DeliveryState.SENDING):
            return Began(DeliveryState.QUEUED, known.attempts, pieces)
        return Began(state, attempts, pieces)

    async def sent(
        self,
        lease: Lease,
        one: Ticket,
        state: DeliveryState,
        *,
        remotes: tuple[str, ...] = (),
        pieces: int = 0,
        reason: str = "",
        last: bool = True,
        shared: bool = False,
    ) -> Lease | None:
        """Record what became of a piece; with `last` also acknowledge the message.

        `remotes` are the ids of the last of `pieces`; none of them holds a line break. `shared`:
        other legs of the thread have to find them, too.

        -> the lease with what waits now, None if nothing does. Raises Stale; that the platform
        took the message, and its ids, are recorded all the same.
        """
        keys, partition = self._keys, self._keys.of(lease.key)
        touched = keys.sending(partition, one.leg, lease.key, lease.account)
        if shared:
            touched += keys.seen(lease.key)
        do = partial(
            self._commit.call,
            partition,
            "sent",
            touched,
            lease.key,
            one.leg,
            lease.token,
            one.position,
            state,
            remotes,
            pieces,
            one_line(reason) if reason else "",
            one.seq if last else 0,
            DEPTH["out"],
        )
        rest = await do(False)
        if is_missing(rest):
            rest = await self._cold.again(one.leg, partial(do, False), is_missing, rest)
        if is_missing(rest):  # it is nowhere: whatever waits behind it goes on
            rest = await do(True)
        return going_on(lease, rest) if last else lease

    async def postpone(
        self,
        lease: Lease,
        one: Ticket,
        delay_seconds: float,
        pieces: int,
        reason: str,
        *,
        state: DeliveryState | None = DeliveryState.QUEUED,
        attempted: bool = True,
    ) -> None:
        """Give the lane back, due after the delay, with its message queued again.

        `state` is SENDING when some of the current piece may have left, None before anybody has
        looked at it: then it stays as it is. `attempted`: what was begun counts as an attempt.
        """
        touched = (
            self._lanes.ready(lease.key, lease.account, "out"),
            self._keys.sends(one.leg),
        )
        await self._commit.call(
            self._keys.of(lease.key),
            "postpone",
            touched,
            lease.key,
            lease.token,
            int(delay_seconds * 1000),
            one.position,
            pieces,
            one_line(reason),
            state or "",
            0 if attempted else 1,
        )

    async def retry(self, leg: Leg, position: int, asked: str, *, change: bool) -> None:
        """Have a message sent again that failed, or may have, once for the id `asked`. `change`: it
        changes another one.
        Raises NotFound, Conflict.
        """
        keys, thread, partition = self._keys, str(leg.thread), self._keys.of_leg(leg.id)
        touched = (
            keys.leg(leg.id),
            keys.sends(leg.id),
            keys.lane("out", thread),
            self._lanes.ready(thread, leg.thread.account, "out"),
            keys.events(partition),
            keys.thread(thread),
            keys.refs(leg.id),
        )
        arguments = thread, leg.id, position, change, asked
        answer = await self._cold.warm(
            leg.id,
            lambda: self._commit.call(partition, "retry", touched, *arguments),
            is_missing,
        )
        match answer:
            case [b"missing"]:
                raise NotFound("there is no such message of ours")
            case [b"closed"]:
                raise Conflict(f"leg {leg.id} is closed: write to them anew")
            case [b"refused", state]:
                raise Conflict(f"the message is {state.decode()}: only what failed is sent again")
            case _:
                return

    async def report(
        self, leg: LegId, position: int, state: DeliveryState, reason: str = "", remote: str = ""
    ) -> bool:
        """The platform reports on a message, or on the piece that it calls `remote`; -> whether the
        message has advanced.
        """
        keys, partition = self._keys, self._keys.of_leg(leg)
        touched = (keys.sends(leg), keys.events(partition), keys.refs(leg))
        arguments = leg, position, state, one_line(reason), remote
        answer = await self._cold.warm(
            leg,
            lambda: self._commit.call(partition, "report", touched, *arguments),
            is_missing,
        )
        return bool(answer == 1)


def one_line(reason: str) -> str:
    return " ".join(reason.replace("|", "/").split())[:REASON_MAX]


def _refusal(answer: Any, leg: LegId, meant: Audience | None) -> Refused:
    match answer:
        case [b"audience", actual]:
            return AudienceMismatch(
                f"leg {leg} is read by a {actual.decode()} audience, this text is meant for"
                f" a {meant} one: go on in private with its author, or state the audience"
            )
        case [b"closed"]:
            return Conflict(f"leg {leg} is closed: its next message begins a new conversation")
        case _:
            return NotFound(f"there is no leg {leg}")
