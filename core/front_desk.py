"""What people on a platform may ask of us by command: their conversations, a number, a message.

Who asks is the platform's word, passed on by the adapter; what they may know of somebody else's is
for the adapter to decide.
"""

from typing import Final

from typing_extensions import override

from core.errors import NotFound, Refused
from core.linking import LinkCodes
from core.model.conversation import Conversation, Leg, Status
from core.model.event import Actor
from core.model.ids import IdentityId, ThreadRef, identity_id
from core.ports import Brief, FrontDesk
from core.rules.numbers import parse
from core.store.store import Store
from core.view import Views

BRIEFS_MAX: Final = 10
"""Of one person, that somebody is told at once."""

LOOKED_AT_MAX: Final = 200
"""Legs of one person: the newest."""


class AccountFrontDesk(FrontDesk):
    """The `FrontDesk` port for one account of a channel."""

    def __init__(
        self, store: Store, views: Views, codes: LinkCodes, channel: str, account: str
    ) -> None:
        self._store, self._views, self._codes = store, views, codes
        self._channel, self._account = channel, account

    @override
    async def conversations(self, person: str) -> tuple[Brief, ...]:
        people, start = self._store.people, self._identity(person)
        identities = await people.linked_with(start)
        ids = await people.every_leg_of([one for one in identities if one])
        heads = await self._store.legs.heads(sorted(ids, reverse=True)[:LOOKED_AT_MAX])
        theirs = [one for one in heads if one and one.status is not Status.CLOSED]
        newest = sorted(theirs, key=lambda one: one.touched_at, reverse=True)
        first = {one.conversation: one for one in reversed(newest)}
        order = dict.fromkeys(one.conversation for one in newest)
        return tuple([await self._brief(first[one]) for one in list(order)[:BRIEFS_MAX]])

    @override
    async def conversation(self, number: str, person: str | None = None) -> Brief:
        try:
            found = await self._views.conversation(parse(number))
        except Refused:  # or it can be no number
            raise NotFound(f"there is no conversation {number}") from None
        legs = found.legs
        if person is not None:
            theirs = await self._store.people.linked_with(self._identity(person))
            legs = tuple(one for one in legs if one.author in theirs)
        if not legs:
            raise NotFound(f"there is no conversation {number}")
        return _brief(found, legs[0])

    @override
    async def about(self, thread: ThreadRef, remote: str) -> Brief | None:
        threads = self._store.threads
        leg = await threads.placed(thread, remote)
        if leg is None and (bound := await threads.bound(thread, "")):
            leg = bound.leg
        found = await threads.find(leg, remote)
        return await self._brief(await self._store.legs.head(found[0])) if found else None

    @override
    async def link_code(self, person: Actor) -> str:
        return await self._codes.issue(await self._known(person))

    @override
    async def redeem(self, person: Actor, code: str) -> str:
        return await self._codes.redeem(await self._known(person), code)

    def _identity(self, person: str) -> IdentityId:
        return identity_id(self._channel, self._account, person)

    async def _known(self, person: Actor) -> IdentityId:
        """They may never have written anything to us."""
        here = ThreadRef(channel=self._channel, account=self._account, thread="")
        identity = self._identity(person.remote)
        await self._store.people.identify(identity, here, person, None, private=True)
        return identity

    async def _brief(self, leg: Leg) -> Brief:
        return _brief(await self._views.conversation(leg.id), leg)


def _brief(conversation: Conversation, leg: Leg) -> Brief:
    """Of a conversation, as it is known to who knows of this leg of it."""
    return Brief(
        number=conversation.number,
        status=conversation.status,
        audience=leg.audience,
        title=leg.title,
        touched_at=conversation.touched_at,
    )
