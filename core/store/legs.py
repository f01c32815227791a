"""Legs as they are read, and what agents write on them besides replies."""

import asyncio
import operator
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Final, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from core.errors import NotFound
from core.model.conversation import Entry, Leg, Priority, Status
from core.model.ids import ConversationId, IdentityId, LegId, MessageId, Number, ThreadRef
from core.model.message import Audience, Delivery, DeliveryState, Message
from core.store.cold import Cold
from core.store.commit import GroupCommit, binary
from core.store.compact import compact, read_message
from core.store.keys import Keys
from core.store.live import Kind
from core.store.reading import Reader, is_missing
from core.store.shelf import Fields, Frozen
from core.store.threads import NewLeg

JOINED: Final = "j:"
"""Prefix of a head's fields that name legs of the same contact; the value is a task's place."""

MERGED: Final = "m:"
"""Prefix of a head's fields that name the legs an agent merged it with; the value is a task's
place.
"""

APART: Final = "a:"
"""Prefix of a head's fields that name a leg from which a split keeps it, and the split's place."""

SPLIT_OFF: Final = "o:"
"""Prefix of a head's fields that name the places of the splits that took this leg out."""

TIES_MAX: Final = 64
"""Legs of one partition touched in one millisecond that paging tells apart."""

_read_context = msgspec.msgpack.Decoder(dict[str, str]).decode
_read_members = msgspec.json.Decoder(tuple[LegId, ...]).decode


class Listed(NamedTuple):
    """A leg in an inbox view; they sort as the view does."""

    minus_touched_ms: float
    leg: LegId

    @property
    def touched_ms(self) -> float:
        return -self.minus_touched_ms


class Legs:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys, cold: Cold) -> None:
        self._read, self._commit, self._keys, self._cold = read, commit, keys, cold

    # --- reading

    async def heads(self, legs: Sequence[LegId]) -> list[Leg | None]:
        """The heads of these legs, None for each that does not exist."""
        keys = self._keys
        answers = await self._read.many(
            [
                command
                for leg in legs
                for command in (("HGETALL", keys.leg(leg)), ("LLEN", keys.log(leg)))
            ]
        )
        found = [
            head_of(fields, length) if fields else None
            for fields, length in zip(answers[::2], answers[1::2], strict=True)
        ]
        # A leg begins with an entry: one without any has left between the two commands.
        away = [leg for leg, head in zip(legs, found, strict=True) if not (head and head.length)]
        archived = dict(zip(away, await self._cold.shelf.legs(away), strict=True))
        return [_archived(archived.get(leg)) or head for leg, head in zip(legs, found, strict=True)]

    async def head(self, leg: LegId) -> Leg:
        """Raises NotFound."""
        try:
            found = (await self.heads((leg,)))[0]
        except ValueError:
            found = None
        if found is None:
            raise NotFound(f"there is no conversation or leg {leg}")
        return found

    async def message(self, leg: LegId, position: int) -> Message | None:
        blob = await self._read.one("LINDEX", self._keys.log(leg), position - 1)
        if blob is None and (frozen := await self._cold.leg(leg)):
            blob = frozen.at(position)
        return read_message(blob) if blob else None

    async def entries(self, leg: LegId, before: int, limit: int) -> list[Entry]:
        """Up to `limit` messages before the position `before`, oldest first, with deliveries."""
        first = max(1, before - limit)
        if before <= first:
            return []
        blobs, sends, here = await self._read.many(
            (
                ("LRANGE", self._keys.log(leg), first - 1, before - 2),
                ("HMGET", self._keys.sends(leg), *range(first, before)),
                ("EXISTS", self._keys.leg(leg)),
            )
        )
        if not (blobs and here) and (frozen := await self._cold.leg(leg)):
            blobs = frozen.log[first - 1 : before - 1]
            sends = [frozen.sends.get(b"%d" % position) for position in range(first, before)]
        return [
            Entry(
                leg=leg,
                position=first + n,
                message=read_message(blob),
                delivery=delivery_of(sends[n]),
            )
            for n, blob in enumerate(blobs)
        ]

    async def position_of(self, leg: LegId, message: str) -> int | None:
        """Where the outgoing message or note with this id is."""
        position = (await self._referred([(leg, f"k:{message}")]))[0]
        return int(position) if position else None

    async def _referred(self, asked: Sequence[tuple[LegId, str]]) -> list[bytes | None]:
        """What legs know by these names: here, if they are all the while, else in the archive."""
        keys = self._keys
        answers = await self._read.many(
            [
                command
                for leg, name in asked
                for here in (("EXISTS", keys.leg(leg)),)
                for command in (here, ("HGET", keys.refs(leg), name), here)
            ]
        )
        before, found, after = answers[::3], answers[1::3], answers[2::3]
        here = [bool(one and two) for one, two in zip(before, after, strict=True)]
        away = sorted({leg for (leg, _), there in zip(asked, here, strict=True) if not there})
        archived = dict(zip(away, await self._cold.shelf.legs(away), strict=True))
        return [
            frozen.refs.get(name.encode()) if (frozen := archived.get(leg)) else value
            for (leg, name), value in zip(asked, found, strict=True)
        ]

    async def named(self, places: Sequence[tuple[LegId, str]]) -> list[MessageId | None]:
        """The messages that the platform calls so, each in its leg; None where there is none."""
        positions = await self._referred([(leg, f"r:{remote}") for leg, remote in places])
        found = [(n, int(position)) for n, position in enumerate(positions) if position]
        messages = await asyncio.gather(*(self.message(places[n][0], at) for n, at in found))
        ids: list[MessageId | None] = [None] * len(places)
        for (n, _), message in zip(found, messages, strict=True):
            ids[n] = message.id if message else None
        return ids

    async def remotes(self, entry: Entry) -> tuple[tuple[str, ...], ...]:
        """The platform's ids of a message, a tuple for each platform message it consists of."""
        if entry.delivery is None:
            return (entry.message.refs,) if entry.message.refs else ()
        pieces = range(1, entry.delivery.pieces_sent + 1)
        if not pieces:
            return ()
        names = [(entry.leg, f"p:{entry.position}:{piece}") for piece in pieces]
        stored = await self._referred(names)
        return tuple(tuple(ids.decode().split("\n")) for ids in takewhile(bool, stored) if ids)

    async def by_number(self, number: Number) -> LegId:
        """Raises NotFound."""
        leg = await self._read.one("HGET", self._keys.numbers(number), number)
        found = LegId(leg.decode()) if leg else await self._cold.shelf.numbered(number)
        if found is None:
            raise NotFound(f"there is no conversation {number}")
        return found

    async def archived(self, after: LegId | None, limit: int) -> list[LegId]:
        """Up to `limit` archived legs behind this one, in the order of their ids. One that has come
        back meanwhile may be among them.
        """
        return await self._cold.shelf.page(after, limit)

    async def every(self, at_a_time: int) -> AsyncGenerator[list[LegId]]:
        """All legs that are in Redis all the while, some of them perhaps twice."""
        cursor = b"0"
        while True:
            cursor, found = await self._read.one(
                "SCAN", cursor, "MATCH", self._keys.every_leg, "COUNT", at_a_time
            )
            if found:
                yield [LegId(key.decode().partition("leg:")[2]) for key in found]
            if int(cursor) == 0:
                return

    async def count(self) -> int:
        """How many there have ever been, and a few that never came to be."""
        return int(await self._read.one("GET", self._keys.counter) or 0)

    async def listed(self, view: str, after: Listed | None, limit: int) -> list[Listed]:
        """Up to `limit` legs of an inbox view, touched last first, behind `after`."""
        highest = f"{after.touched_ms:.0f}" if after else "+inf"
        span = (highest, "-inf", "BYSCORE", "REV", "LIMIT", 0, limit + TIES_MAX, "WITHSCORES")
        answers = await self._read.many(
            [
                ("ZRANGE", self._keys.inbox(partition, view), *span)
                for partition in range(self._keys.partitions)
            ]
        )
        found = [
            Listed(-float(flat[n + 1]), LegId(flat[n].decode()))
            for flat in answers
            for n in range(0, len(flat), 2)
        ]
        return sorted(one for one in found if after is None or one > after)[:limit]

    # --- writing

    async def next_number(self) -> int:
        """A count for a number, from 1."""
        count: int = await self._read.one("INCR", self._keys.counter)
        return count

    async def claim_number(self, number: Number, leg: LegId) -> None:
        await self._commit.call(
            self._keys.of(number), "number", (self._keys.numbers(number),), number, leg
        )

    async def note(self, leg: LegId, message: Message, kind: Kind = "note") -> int:
        """Append what only agents see, once for its id. -> its position. Raises NotFound."""
        keys, partition = self._keys, self._keys.of_leg(leg)
        touched = (keys.leg(leg), keys.log(leg), keys.refs(leg), keys.events(partition))
        arguments = leg, message.id, binary(compact(message)), kind
        answer = await self._cold.warm(
            leg,
            lambda: self._commit.call(partition, "note", touched, *arguments),
            is_missing,
        )
        if answer[0] == b"missing":
            raise NotFound(f"there is no leg {leg}")
        position: int = answer[1]
        return position

    async def set_fields(
        self,
        leg: LegId,
        place: int,
        fields: dict[str, str],
        remove: Iterable[str],
        kind: Kind | Literal[""],
    ) -> bool:
        """A step of the task at `place`: set and remove fields of a head, and tell of it as `kind`
        ("" = nobody). False if there is no such leg. Raises Stale when a later task was there.
        """
        partition = self._keys.of_leg(leg)
        touched = (self._keys.leg(leg), self._keys.events(partition))
        flat = [value for pair in fields.items() for value in pair]
        arguments = place, flat, list(remove), kind, leg
        return bool(
            await self._cold.warm(
                leg,
                lambda: self._commit.call(partition, "fields", touched, *arguments),
                operator.not_,
            )
        )


def new_leg(
    *,
    thread: ThreadRef,
    author: IdentityId,
    author_name: str,
    audience: Audience,
    number: Number,
    title: str,
    previous: LegId | None,
    ungathered: bool,
    status: Status = Status.NEW,
    exchange: str = "",
    claims: str = "",
    doubted: bool = False,
) -> NewLeg:
    """The fields of a head that is about to be begun."""
    fields = {
        "thread": str(thread),
        "author": author,
        "author_name": author_name,
        "audience": audience,
        "number": number,
        "title": title,
        "previous": previous or "",
        "status": status,
        "exchange": exchange,
        "claims": claims,
        "ungathered": "1" if ungathered else "",
        "doubted": "1" if doubted else "",
    }
    told = tuple(value for pair in fields.items() for value in pair if pair[1])
    return NewLeg(told, previous, number)


def _archived(frozen: Frozen | None) -> Leg | None:
    return replace(head_of(frozen.head, len(frozen.log)), archived=True) if frozen else None


def head_of(fields: Fields, length: int) -> Leg:
    text = {k.decode(): v for k, v in fields.items()}

    def get(name: str) -> str:
        return text.get(name, b"").decode()

    return Leg(
        id=LegId(get("id")),
        thread=ThreadRef.parse(get("thread")),
        author=IdentityId(get("author")),
        author_name=get("author_name"),
        audience=Audience(get("audience")),
        number=Number(get("number")),
        conversation=ConversationId(get("conversation")),
        status=Status(get("status")),
        status_at=moment(text["status_at"]),
        created_at=moment(text["created_at"]),
        touched_at=moment(text.get("touched_at", text["created_at"])),
        title=get("title"),
        length=length,
        joined={LegId(k[2:]): int(v) for k, v in text.items() if k.startswith(JOINED)},
        merged={LegId(k[2:]): int(v) for k, v in sorted(text.items()) if k.startswith(MERGED)},
        apart=_read_apart(k[2:] for k in text if k.startswith(APART)),
        split_off=tuple(sorted(int(k[2:]) for k in text if k.startswith(SPLIT_OFF))),
        members=_read_members(text["members"]) if "members" in text else (),
        sealed="sealed" in text,
        exchange=get("exchange"),
        claims=get("claims"),
        doubted="doubted" in text,
        priority=Priority(get("priority") or Priority.NORMAL),
        tags=tuple(sorted(get("tags").split("\n"))) if "tags" in text else (),
        assignee=get("assignee"),
        assigned_at=moment(text["assigned_at"]) if "assigned_at" in text else None,
        snoozed_until=moment(text["snoozed_until"]) if "snoozed_until" in text else None,
        spam="spam" in text,
        rev=int(get("rev") or 0),
        next=LegId(get("next")) if "next" in text else None,
        previous=LegId(get("previous")) if "previous" in text else None,
        context=_read_context(text["context"]) if "context" in text else {},
    )


def _read_apart(fields: Iterable[str]) -> dict[LegId, tuple[int, ...]]:
    apart: dict[LegId, tuple[int, ...]] = {}
    for other, _, place in sorted(one.rpartition(":") for one in fields):
        apart[LegId(other)] = (*apart.get(LegId(other), ()), int(place))
    return apart


def delivery_of(stored: bytes | None) -> Delivery | None:
    if stored is None:
        return None
    state, attempts, pieces, at, reason = stored.decode().split("|", 4)
    return Delivery(
        state=DeliveryState(state),
        attempts=int(attempts),
        pieces_sent=int(pieces),
        at=moment(at),
        reason=reason,
    )


def moment(ms: Any) -> datetime:
    """Redis' milliseconds as an aware time."""
    return datetime.fromtimestamp(float(ms) / 1000, UTC)
