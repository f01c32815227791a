"""A conversation that begins with us: a thread with somebody, and the first message in it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from core.errors import InvalidRequest, NotFound
from core.model.conversation import Conversation, Entry, Leg
from core.model.event import Opened
from core.model.ids import IdentityId, identity_id
from core.model.message import Direction, Sender
from core.ports import OpenedThread
from core.private import PrivateThreads
from core.reply import Agents, Draft, once
from core.store.store import Store
from core.view import Views


class Started(NamedTuple):
    """The conversation, and the first message in it, on its way."""

    conversation: Conversation
    entry: Entry


class Starting:
    """`channels` are the kinds of the inboxes, by account."""

    def __init__(
        self,
        store: Store,
        views: Views,
        private: PrivateThreads,
        agents: Agents,
        channels: Mapping[str, str],
    ) -> None:
        self._store, self._views, self._private, self._agents = store, views, private, agents
        self._channels = channels

    async def start(self, inbox: str, to: str, by: Sender, draft: Draft) -> Started:
        """Write to somebody on an inbox, in a thread of theirs alone; `to` is what the channel
        calls them, or their identity. What goes on with them in that thread goes on; else it
        begins there, called after the draft's subject. Once for the draft's id.

        Raises NotFound (no such inbox), InvalidRequest where the channel lets nobody be written to
        first, Conflict when the draft's id was used for another message, DeliveryError, StoreError.
        """
        channel = self._channels.get(inbox)
        if channel is None:
            raise NotFound(f"there is no inbox {inbox}: see GET /api/v1/inboxes")
        remote = to.removeprefix(f"{channel}:{inbox}:").strip()
        opened = await self._open(inbox, channel, remote, draft)
        person = identity_id(channel, inbox, opened.remote)
        if before := await self._written(person, draft):
            return Started(await self._views.conversation(before.leg), before)
        (identity,) = await self._store.people.identities([person])
        body = Opened(text=f"{by.name or by.id} writes first")
        leg = await self._private.begin(opened, identity, body, draft.subject)
        whole = await self._views.conversation(leg.id)
        entry = await self._agents.reply(whole, by, replace(draft, leg=leg.id))
        return Started(await self._views.conversation(leg.id), entry)

    async def _open(self, inbox: str, channel: str, remote: str, draft: Draft) -> OpenedThread:
        """A thread; where a channel opens none, the one in which they have written to us."""
        try:
            return await self._private.open(inbox, channel, remote, draft.id)
        except InvalidRequest:
            known = await self._theirs(identity_id(channel, inbox, remote))
            if not known:
                raise
            latest = max(known, key=lambda one: (one.touched_at, one.id))
            return OpenedThread(thread=latest.thread, remote=remote)

    async def _theirs(self, person: IdentityId) -> Sequence[Leg]:
        heads = await self._store.legs.heads(await self._store.people.legs_of(person))
        return [one for one in heads if one and not one.doubted]

    async def _written(self, person: IdentityId, draft: Draft) -> Entry | None:
        """The message, if it was written before; the leg may have ended since."""
        for leg in reversed(await self._store.people.legs_of(person)):
            if position := await self._store.legs.position_of(leg, draft.id):
                entry = await self._views.entry(leg, position)
                return once(entry, Direction.OUT, draft.parts, draft.recipients)
        return None
