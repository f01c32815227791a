"""How legs leave Redis: read, kept by the archive, and only then removed."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from core.model.conversation import Leg
from core.model.ids import IdentityId, LegId, Number, ThreadRef
from core.model.message import Audience
from core.rules.archive import LENGTH_MAX, PLAIN, RESTING
from core.rules.routing import author_key
from core.store.cold import fields_from
from core.store.commit import GroupCommit
from core.store.compact import loosened
from core.store.keys import Keys
from core.store.lanes import KINDS
from core.store.legs import head_of
from core.store.live import Kind
from core.store.reading import Reader
from core.store.shelf import Fields, Frozen, Resting

UNFINISHED: Final = (b"queued|", b"sending|")
"""How deliveries are stored that are still to be made."""


class Taken(NamedTuple):
    """A leg as it was at one moment; `digest` is what it is known by again."""

    leg: Frozen
    digest: str

    @property
    def head(self) -> Leg:
        return head_of(self.leg.head, len(self.leg.log))

    @property
    def is_busy(self) -> bool:
        """Whether something is to be done to it still: sent, or joined with others."""
        sending = any(one.startswith(UNFINISHED) for one in self.leg.sends.values())
        return sending or b"ungathered" in self.leg.head


class Person(NamedTuple):
    """A person as they were at one moment, likewise."""

    id: IdentityId
    fields: Fields
    digest: str

    @property
    def is_plain(self) -> bool:
        """Whether they may be archived: they are linked with nobody, and no more is known."""
        own = self.fields.get(b"contact", b"").decode() == self.id
        return own and PLAIN.issuperset(name.decode() for name in self.fields)


class Freezer:
    """Each step may be done again. Everything here raises StoreError."""

    def __init__(
        self, read: Reader, commit: GroupCommit, keys: Keys, thawed_seconds: float
    ) -> None:
        self._read, self._commit, self._keys = read, commit, keys
        self._rest_ms = int(thawed_seconds * 1000)

    # --- who rests

    async def resting(self, legs: Sequence[LegId]) -> list[Resting]:
        """Those of these that are in Redis and done."""
        fields = "status", "status_at", "touched_at"
        found = await self._read.many([("HMGET", self._keys.leg(leg), *fields) for leg in legs])
        return [
            Resting(
                leg=leg,
                status=status.decode(),
                since_ms=max(int(status_at), int(touched_at or 0)),
            )
            for leg, (status, status_at, touched_at) in zip(legs, found, strict=True)
            if status and status.decode() in RESTING
        ]

    async def present(self, legs: Sequence[LegId]) -> list[LegId]:
        """Those of these that are in Redis."""
        found = await self._read.many([("EXISTS", self._keys.leg(leg)) for leg in legs])
        return [leg for leg, here in zip(legs, found, strict=True) if here]

    # --- leaving

    async def take(self, leg: LegId) -> Taken | None:
        """A leg as it is; None if it is not in Redis, or too long to be archived."""
        answer = await self._commit.call(
            self._keys.of_leg(leg), "freeze", self._keys.whole(leg), LENGTH_MAX
        )
        if not answer or not answer[1]:
            return None
        digest, head, log, refs, sends = answer
        frozen = Frozen(
            leg=leg,
            head=fields_from(head),
            log=tuple(map(loosened, log)),
            refs=fields_from(refs),
            sends=fields_from(sends),
        )
        return Taken(frozen, digest.decode())

    async def person(self, identity: IdentityId) -> Person | None:
        """A person as they are; None if they are not in Redis."""
        digest, fields = await self._commit.call(
            self._keys.of(identity), "freeze", (self._keys.identity(identity),), LENGTH_MAX
        )
        return Person(identity, fields_from(fields), digest.decode()) if fields else None

    async def retire(self, taken: Taken) -> bool:
        """Have a leg gone from Redis that the archive has; False: something has happened to it, or
        is about to.
        """
        keys, leg = self._keys, taken.leg.leg
        partition, thread = keys.of_leg(leg), taken.leg.field("thread")
        author = IdentityId(taken.leg.field("author"))
        answer = await self._commit.call(
            partition,
            "retire",
            (
                *keys.whole(leg),
                keys.thread(thread),
                *(keys.lane(kind, thread) for kind in KINDS),
                keys.events(partition),
                *keys.inboxes(partition),
                keys.snoozed(partition),
            ),
            leg,
            author_key(Audience(taken.leg.field("audience")), author),
            taken.digest,
            self._rest_ms,
        )
        return bool(answer)

    async def forget_number(self, number: Number, leg: LegId) -> None:
        key = self._keys.numbers(number)
        await self._commit.call(self._keys.of(number), "unnumber", (key,), number, leg)

    async def forget_shown(self, leg: Frozen) -> None:
        """That its platform shows the status that the leg has."""
        account = ThreadRef.parse(leg.field("thread")).account
        key, status = self._keys.shown(account), leg.field("status")
        await self._commit.call(self._keys.of(account), "unshow", (key,), leg.leg, status)

    async def leave(self, leg: LegId, identity: IdentityId, person: Person | None) -> bool:
        """The leg is none of this person's here any more; nor is the person here who has no other,
        if the archive has them (None: they stay). False: they have changed meanwhile.
        """
        keys = self._keys
        answer = await self._commit.call(
            keys.of(identity),
            "leave",
            (keys.identity(identity), keys.legs(identity), keys.wider(identity)),
            leg,
            person.digest if person else "",
        )
        return bool(answer)

    async def tell(self, legs: Sequence[LegId], kind: Kind) -> None:
        """That something happened to legs that are not in Redis."""
        for leg in legs:
            partition = self._keys.of_leg(leg)
            await self._commit.call(partition, "told", (self._keys.events(partition),), kind, leg)
