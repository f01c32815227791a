"""Identities and the links between them. A contact is derived, never stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from core.errors import NotFound
from core.model.event import Actor
from core.model.ids import ContactId, IdentityId, LegId, ThreadRef
from core.model.people import Identity, Link
from core.store.cold import Cold, flat
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.legs import moment
from core.store.reading import Reader
from core.store.shelf import Fields

LINK: Final = "l:"
"""Prefix of an identity's fields that hold its links, one a linked identity."""

LEGS_MAX: Final = 64
"""Of one identity that are looked at when legs are joined: the latest."""

WIDER_MAX: Final = 64
"""Legs of one identity in groups and in public that are known: the newest."""

_write_link = msgspec.json.Encoder().encode
_read_link = msgspec.json.Decoder(Link).decode


class Known(NamedTuple):
    """Who wrote: their contact, whether it has further identities, how many legs they had."""

    contact: ContactId
    linked: bool
    legs_before: int


class People:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys, cold: Cold) -> None:
        self._read, self._commit, self._keys, self._cold = read, commit, keys, cold

    async def identify(
        self,
        identity: IdentityId,
        thread: ThreadRef,
        actor: Actor,
        leg: LegId | None,
        *,
        private: bool,
    ) -> Known:
        """Know an identity from now on, with the leg that is about to be begun for it, if any."""
        profile = {
            "channel": thread.channel,
            "account": thread.account,
            "remote": actor.remote,
            "name": actor.name,
            "handle": actor.handle,
            "language": actor.language,
        }
        told = [value for pair in profile.items() if pair[1] for value in pair]
        contact, linked, before = await self._identify(identity, leg or "", told, not private)
        if not before:
            before = len(await self._cold.shelf.begun_for((identity,), private=True, limit=1))
        return Known(ContactId(contact.decode()), bool(linked), before)

    async def _identify(
        self, identity: IdentityId, leg: str, profile: list[str], wider: bool
    ) -> Any:
        """With what the archive knows of them, if they are not here."""
        keys = self._keys
        touched = keys.identity(identity), keys.legs(identity), keys.wider(identity)
        arguments = identity, leg, profile, wider, WIDER_MAX
        answer = await self._commit.call(keys.of(identity), "identify", touched, *arguments, False)
        if not answer:
            known = (await self._cold.shelf.people((identity,)))[0]
            answer = await self._commit.call(
                keys.of(identity), "identify", touched, *arguments, flat(known or {})
            )
        return answer

    async def identities(self, ids: Sequence[IdentityId]) -> list[Identity | None]:
        return [_identity(fields) if fields else None for fields in await self._fields(ids)]

    async def _fields(self, ids: Sequence[IdentityId]) -> list[Fields | None]:
        """As they are stored, here or in the archive."""
        found = await self._read.many([("HGETALL", self._keys.identity(one)) for one in ids])
        away = [one for one, fields in zip(ids, found, strict=True) if not fields]
        archived = dict(zip(away, await self._cold.shelf.people(away), strict=True))
        return [fields or archived[one] for one, fields in zip(ids, found, strict=True)]

    async def identity(self, one: IdentityId) -> Identity:
        """Raises NotFound."""
        found = (await self.identities((one,)))[0]
        if found is None:
            raise NotFound(f"nobody is known as {one}")
        return found

    async def linked_with(self, start: IdentityId) -> dict[IdentityId, Identity]:
        """A contact: the identities linked with one, directly or not, and itself if it is known."""
        found: dict[IdentityId, Identity] = {}
        frontier = [start]
        while frontier:
            identities = await self.identities(frontier)
            found |= {one.id: one for one in identities if one}
            frontier = sorted(
                {far for one in found.values() for far in one.linked if far not in found}
                - set(frontier)
            )
        return found

    async def links_of(self, one: IdentityId) -> list[Link]:
        fields = (await self._fields((one,)))[0] or {}
        return [_read_link(v) for k, v in fields.items() if k.startswith(LINK.encode())]

    async def legs_of(self, identity: IdentityId) -> list[LegId]:
        """The latest private legs begun for an identity, oldest first. Some may never have come to
        be.
        """
        return (await self._legs_from(identity, -LEGS_MAX))[-LEGS_MAX:]

    async def all_legs_of(self, identity: IdentityId) -> list[LegId]:
        """The same, however many there are: what was joined has to be found to be undone."""
        return await self._legs_from(identity, 0)

    async def every_leg_of(
        self, identities: Sequence[IdentityId], latest: int = LEGS_MAX
    ) -> list[LegId]:
        """The latest legs begun for these, whoever else reads them; so many of each, 0 = all that
        are known. Some may never have come to be.
        """
        keys = self._keys
        answers = await self._read.many(
            [
                ("ZRANGE", key, -latest, -1)
                for one in identities
                for key in (keys.legs(one), keys.wider(one))
            ]
        )
        here = {LegId(leg.decode()) for legs in answers for leg in legs}
        limit = latest * len(identities) or -1
        archived = await self._cold.shelf.begun_for(identities, private=False, limit=limit)
        return sorted(here.union(archived))

    async def _legs_from(self, identity: IdentityId, first: int) -> list[LegId]:
        legs = await self._read.one("ZRANGE", self._keys.legs(identity), first, -1)
        archived = await self._cold.shelf.begun_for((identity,), private=True, limit=-first or -1)
        return sorted({*(LegId(leg.decode()) for leg in legs), *archived})

    # Steps of the task at `place`. Each raises Stale when a later task was there.

    async def put_link(self, at: IdentityId, place: int, other: IdentityId, link: Link) -> None:
        """Write one side of a link; the other side is a second call."""
        await self._set(at, place, {LINK + other: _write_link(link).decode()}, ())

    async def remove_link(self, at: IdentityId, place: int, other: IdentityId) -> None:
        await self._set(at, place, {}, (LINK + other,))

    async def set_contact(
        self, identity: IdentityId, place: int, contact: ContactId, links: int
    ) -> None:
        await self._set(identity, place, {"contact": contact, "links": str(links)}, ())

    async def _set(
        self, identity: IdentityId, place: int, fields: dict[str, str], remove: Iterable[str]
    ) -> None:
        arguments = place, [value for pair in fields.items() for value in pair], list(remove)
        touched = (self._keys.identity(identity),)
        while not await self._commit.call(self._keys.of(identity), "fields", touched, *arguments):
            if (await self._cold.shelf.people((identity,)))[0] is None:
                return  # nobody is known by this name
            await self._identify(identity, "", [], wider=False)


def _identity(fields: dict[bytes, bytes]) -> Identity:
    text = {k.decode(): v.decode() for k, v in fields.items()}
    first_seen: datetime = moment(text["first_seen_at"])
    return Identity(
        id=IdentityId(text["id"]),
        channel=text.get("channel", ""),
        account=text.get("account", ""),
        remote=text.get("remote", ""),
        contact=ContactId(text["contact"]),
        name=text.get("name", ""),
        handle=text.get("handle", ""),
        language=text.get("language", ""),
        first_seen_at=first_seen,
        linked=tuple(sorted(IdentityId(k[len(LINK) :]) for k in text if k.startswith(LINK))),
    )
