"""Who is who: links between identities, joins between legs, and their exact undoing.

Both are graphs whose edges are written down; contacts and conversations are their components. A
link moves no message: each leg stays with its thread, and only the view that it belongs to changes.
The steps here run one task after another (one lane), and each may be run again.

To undo a link exactly, one has to know which joins there would be without it: two legs are joined
by contact if some task found both open and a path of links between their authors. So each such join
remembers the last task that found both open, each link the task that made it; a join stands as long
as links no younger than itself lead from one author to the other. A merge by an agent is an edge of
its own beside it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from core.errors import Conflict, InvalidRequest
from core.model.conversation import Leg, Status
from core.model.ids import ContactId, IdentityId, LegId
from core.model.message import Audience
from core.model.people import Identity, Link
from core.rules.graph import components, connected
from core.store.lanes import Lease
from core.store.legs import JOINED, MERGED
from core.store.store import Store
from core.store.tasks import (
    GatherTask,
    LinkTask,
    MergeTask,
    Task,
    UnlinkTask,
    UnmergeTask,
    read_task,
)

IDENTITIES_MAX: Final = 64
"""Of one contact."""

STEP_SECONDS: Final = 5.0

_write_members = msgspec.json.Encoder().encode


class Joins:
    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    # --- asked for by people

    async def link(self, task_id: str, a: IdentityId, b: IdentityId, by: str, why: str) -> int:
        """Declare two identities one person; on record at once, carried out by a worker.

        -> the task's place, for `finished`. Raises NotFound, InvalidRequest, Conflict.
        """
        if a == b:
            raise InvalidRequest(f"{a} cannot be linked to itself")
        for one in (a, b):
            await self._store.people.identity(one)
        sizes = [len(await self._contact(one)) for one in (a, b)]
        if sum(sizes) > IDENTITIES_MAX:
            raise Conflict(
                f"the contact would have {sum(sizes)} identities, more than {IDENTITIES_MAX}"
            )
        made = Link(a=min(a, b), b=max(a, b), by=by, at=self._now(), evidence=why)
        record = {"action": "link", "a": a, "b": b, "by": by, "why": why}
        return await self._store.tasks.enqueue(task_id, LinkTask(link=made), record)

    async def unlink(self, task_id: str, a: IdentityId, b: IdentityId, by: str, why: str) -> int:
        """Undo a link: everything is as if it had never been. Raises NotFound, Conflict."""
        first = await self._store.people.identity(a)
        await self._store.people.identity(b)
        if b not in first.linked:
            raise Conflict(f"{a} and {b} are not linked to one another")
        record = {"action": "unlink", "a": a, "b": b, "by": by, "why": why}
        return await self._store.tasks.enqueue(task_id, UnlinkTask(a=a, b=b), record)

    async def merge(self, task_id: str, a: LegId, b: LegId, by: str) -> int:
        """Declare two conversations one piece of work. Raises NotFound, InvalidRequest."""
        if a == b:
            raise InvalidRequest(f"{a} cannot be merged with itself")
        for one in (a, b):
            await self._store.legs.head(one)
        record = {"action": "merge", "a": a, "b": b, "by": by}
        return await self._store.tasks.enqueue(task_id, MergeTask(a=a, b=b), record)

    async def unmerge(self, task_id: str, a: LegId, b: LegId, by: str) -> int:
        head = await self._store.legs.head(a)
        if b not in head.merged:
            raise Conflict(f"{a} and {b} were not merged by an agent")
        record = {"action": "unmerge", "a": a, "b": b, "by": by}
        return await self._store.tasks.enqueue(task_id, UnmergeTask(a=a, b=b), record)

    async def finished(self, place: int) -> bool:
        """Whether the task at this place, and all before it, are carried out."""
        return await self._store.tasks.last_done() >= place

    # --- carried out by a worker

    async def work(self, lease: Lease | None) -> None:
        """Carry out the tasks that wait, one after another. Raises Stale, StoreError."""
        while lease:
            entry = lease.entries[0]
            lease = await self._store.lanes.current(lease, STEP_SECONDS)
            await self._carry_out(read_task(entry), entry.seq)
            lease = await self._store.tasks.done(lease, entry.seq)

    async def _carry_out(self, task: Task, place: int) -> None:
        match task:
            case LinkTask(link=link):
                await self._link(link, place)
            case UnlinkTask(a=a, b=b):
                await self._unlink(a, b)
            case GatherTask(leg=leg):
                await self._gather_new(leg, place)
            case MergeTask(a=a, b=b):
                await self._put_edge(a, b, MERGED, "1", "merged")
                await self._regroup([a, b])
            case UnmergeTask(a=a, b=b):
                await self._remove_edge(a, b, MERGED, "unmerged")
                await self._regroup([a, b])

    async def _link(self, link: Link, place: int) -> None:
        people = self._store.people
        ends = (link.a, link.b)
        known = [one for one in await people.links_of(link.a) if (one.a, one.b) == ends]
        made = known[0] if known else replace(link, place=place)
        await people.put_link(link.a, link.b, made)
        await people.put_link(link.b, link.a, made)
        contact = await self._name_contact(link.a)
        await self._gather([one.id for one in contact], place)

    async def _unlink(self, a: IdentityId, b: IdentityId) -> None:
        before = await self._contact(a) | await self._contact(b)
        await self._store.people.remove_link(a, b)
        await self._store.people.remove_link(b, a)
        for one in (a, b):
            await self._name_contact(one)
        await self._separate(sorted(before))

    async def _contact(self, start: IdentityId) -> dict[IdentityId, Identity]:
        """The identities linked with one, directly or not."""
        found: dict[IdentityId, Identity] = {}
        frontier = [start]
        while frontier:
            identities = await self._store.people.identities(frontier)
            found |= {one.id: one for one in identities if one}
            frontier = sorted(
                {far for one in found.values() for far in one.linked if far not in found}
                - set(frontier)
            )
        return found

    async def _name_contact(self, start: IdentityId) -> list[Identity]:
        """Write on each identity of a contact which contact that is."""
        identities = await self._contact(start)
        name = ContactId(min(identities))
        for one in identities.values():
            await self._store.people.set_contact(one.id, name, len(one.linked))
        return list(identities.values())

    async def _gather_new(self, leg: LegId, place: int) -> None:
        """Join a new leg to its contact's open ones, and note that this was done."""
        head = (await self._store.legs.heads([leg]))[0]
        if head is None:
            return
        await self._gather(sorted(await self._contact(head.author)), place, only=leg)
        await self._store.legs.set_fields(leg, {}, ("ungathered",), "gathered")

    async def _gather(
        self, identities: list[IdentityId], place: int, only: LegId | None = None
    ) -> None:
        """Join the open private legs of one contact with one another."""
        legs = await self._legs(identities)
        open_legs = sorted(one.id for one in legs if _is_open(one) or one.id == only)
        for n, a in enumerate(open_legs):
            for b in open_legs[n + 1 :]:
                if only is None or only in (a, b):
                    await self._put_edge(a, b, JOINED, str(place), "joined")
        # Legs joined before are looked at as well: a worker may have been lost half-way.
        await self._regroup([*open_legs, *(one.id for one in legs if one.joined)])

    async def _separate(self, identities: list[IdentityId]) -> None:
        """Take away the joins by contact that the links left over do not justify."""
        links = [one for each in identities for one in await self._store.people.links_of(each)]
        legs = {leg.id: leg for leg in await self._legs(identities)}
        joins = {
            (min(leg.id, other), max(leg.id, other)): place
            for leg in legs.values()
            for other, place in leg.joined.items()
        }
        unread = sorted({end for join in joins for end in join} - set(legs))
        legs |= {leg.id: leg for leg in await self._store.legs.heads(unread) if leg}
        for (a, b), place in joins.items():
            ends = [legs[one].author for one in (a, b) if one in legs]
            if not connected(ends, [(one.a, one.b) for one in links if one.place <= place]):
                await self._remove_edge(a, b, JOINED, "parted")
        await self._regroup(sorted(legs))

    async def _legs(self, identities: list[IdentityId]) -> list[Leg]:
        ids = [leg for one in identities for leg in await self._store.people.legs_of(one)]
        return [leg for leg in await self._store.legs.heads(ids) if leg]

    async def _put_edge(self, a: LegId, b: LegId, prefix: str, value: str, kind: str) -> None:
        for one, other in ((a, b), (b, a)):
            await self._store.legs.set_fields(one, {prefix + other: value}, (), kind)

    async def _remove_edge(self, a: LegId, b: LegId, prefix: str, kind: str) -> None:
        for one, other in ((a, b), (b, a)):
            await self._store.legs.set_fields(one, {}, (prefix + other,), kind)

    async def _regroup(self, touched: list[LegId]) -> None:
        """Write on each leg around these which conversation it belongs to."""
        heads: dict[LegId, Leg] = {}
        frontier = sorted(set(touched))
        while frontier:
            found = await self._store.legs.heads(frontier)
            heads |= {one.id: one for one in found if one}
            near = {
                other
                for one in found
                if one
                for other in (*one.joined, *one.merged, *one.members, LegId(one.conversation))
            }
            frontier = sorted(near - set(heads))
        await self._complete(heads)
        edges = {one.id: (*one.joined, *one.merged) for one in heads.values()}
        for members in components(heads, edges):
            await self._write_group(members, heads)

    async def _complete(self, heads: dict[LegId, Leg]) -> None:
        """Write the other half of joins of which a lost worker wrote one."""
        for one in list(heads.values()):
            for other, place in one.joined.items():
                far = heads.get(other)
                if far and one.id not in far.joined:
                    field = {JOINED + one.id: str(place)}
                    await self._store.legs.set_fields(other, field, (), "joined")
                    heads[other] = replace(far, joined=far.joined | {one.id: place})

    async def _write_group(self, members: tuple[LegId, ...], heads: dict[LegId, Leg]) -> None:
        root = members[0]
        listed = _write_members(members).decode()
        for one in members:
            head = heads[one]
            wanted = members if one == root and len(members) > 1 else ()
            if head.conversation == str(root) and head.members == wanted:
                continue
            fields = {"conversation": root} | ({"members": listed} if wanted else {})
            await self._store.legs.set_fields(
                one, fields, () if wanted else ("members",), "regrouped"
            )


def _is_open(leg: Leg) -> bool:
    return leg.audience is Audience.PRIVATE and leg.status is not Status.CLOSED and not leg.sealed
