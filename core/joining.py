"""How a task on who is who is carried out: steps of which each may be done again.

To undo a link exactly, one has to know which joins there would be without it: two legs are joined
by contact if some task found both open and a path of links between their authors. So each such join
remembers the last task that found both open, each link the task that made it; a join stands as long
as links no younger than itself lead from one author to the other. A merge by an agent is an edge of
its own beside it. A split takes no edge away: it is a mark on both ends, under which edges do not
count, so that what is joined meanwhile is there when it is undone.
"""

import asyncio
from collections.abc import Collection, Coroutine, Iterable
from itertools import chain, combinations, islice
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace

from core.meeting import Meeting
from core.model.conversation import Leg, Status
from core.model.ids import ContactId, IdentityId, LegId
from core.model.message import Audience
from core.model.people import Identity, Link
from core.rules.apart import edges_of, inherited
from core.rules.graph import components, connected
from core.store.legs import APART, JOINED, MERGED, SPLIT_OFF
from core.store.live import Kind
from core.store.store import Store
from core.store.tasks import (
    GatherTask,
    LinkTask,
    MergeTask,
    SplitTask,
    Task,
    UnlinkTask,
    UnmergeTask,
    UnsplitTask,
)

STEPS_MAX: Final = 128
"""That are under way at a time."""

HEADS_MAX: Final = 500
"""Of legs that are read in one round trip."""

_write_members = msgspec.json.Encoder().encode


class Joining:
    """One task, at its `place` in the order of all."""

    def __init__(self, store: Store, place: int) -> None:
        self._store, self._place = store, place
        self._meeting = Meeting(store)

    async def carry_out(self, task: Task) -> None:
        """Raises Stale when a later task has been carried out already."""
        match task:
            case LinkTask(link=link):
                await self._link(link)
            case UnlinkTask(a=a, b=b):
                await self._unlink(a, b)
            case GatherTask(leg=leg):
                await self._gather_new(leg)
            case MergeTask(a=a, b=b):
                await self._merge(a, b)
            case UnmergeTask(a=a, b=b):
                await self._remove_edge(a, b, MERGED, "unmerged")
                await self._regroup([a, b])
            case SplitTask(legs=legs):
                await self._split(legs)
            case UnsplitTask(splits=splits, legs=legs):
                await self._unsplit(splits, legs)

    async def _link(self, link: Link) -> None:
        people = self._store.people
        ends = (link.a, link.b)
        known = [one for one in await people.links_of(link.a) if (one.a, one.b) == ends]
        made = known[0] if known else replace(link, place=self._place)
        await people.put_link(link.a, self._place, link.b, made)
        await people.put_link(link.b, self._place, link.a, made)
        contact = await self._name_contact(link.a)
        await self._gather([one.id for one in contact])

    async def _unlink(self, a: IdentityId, b: IdentityId) -> None:
        before = await self._store.people.linked_with(a) | await self._store.people.linked_with(b)
        # Nothing of an earlier task may reach these any more, even where nothing changes now. What
        # is archived and stands alone has ended so long ago that no earlier task could want it.
        legs = await self._all_legs(sorted(before))
        near = (leg for leg in legs if not leg.archived or _is_in_company(leg))
        await _side_by_side(self._touch(leg.id) for leg in near)
        await self._store.people.remove_link(a, self._place, b)
        await self._store.people.remove_link(b, self._place, a)
        for one in (a, b):
            await self._name_contact(one)
        await self._separate(sorted(before))

    async def _name_contact(self, start: IdentityId) -> list[Identity]:
        """Write on each identity of a contact which contact that is."""
        identities = await self._store.people.linked_with(start)
        name = ContactId(min(identities))
        for one in identities.values():
            await self._store.people.set_contact(one.id, self._place, name, len(one.linked))
        return list(identities.values())

    async def _gather_new(self, leg: LegId) -> None:
        """Join a new leg to its contact's open ones and to its exchange, and note that this was
        done. One of doubtful origin is joined to nothing.
        """
        head = (await self._store.legs.heads([leg]))[0]
        if head is None:
            return
        person = sorted(await self._store.people.linked_with(head.author))
        theirs = [one for one in await self._legs(person) if _is_open(one) and one.id != leg]
        if head.doubted or (not head.joined and await self._meeting.is_full(theirs)):
            await self._meeting.apart(head, theirs)
        else:
            await self._gather(person, only=leg)
        if host := await self._meeting.host(head, person):
            await self._merge(leg, host)
        if head.claims:
            await self._meeting.claim(head, person)
        await self._store.legs.set_fields(leg, self._place, {}, ("ungathered",), "gathered")

    async def _gather(self, identities: list[IdentityId], only: LegId | None = None) -> None:
        """Join the open private legs of one contact with one another."""
        legs = await self._legs(identities)
        open_legs = [one for one in legs if _is_open(one) or one.id == only]
        pairs = [
            (a, b)
            for a, b in combinations(sorted(open_legs, key=lambda one: one.id), 2)
            if only is None or only in (a.id, b.id)
        ]
        await _side_by_side(self._join(a, b) for a, b in pairs)
        # Legs joined before are looked at as well: a worker may have been lost half-way.
        before = (one.id for one in legs if one.joined)
        await self._regroup([*(one.id for one in open_legs), *before])

    async def _join(self, a: Leg, b: Leg) -> None:
        for split in inherited(a, b):
            await self._put_apart(a.id, [b.id], split, "")
            await self._put_apart(b.id, [a.id], split, "")
        await self._put_edge(a.id, b.id, JOINED, str(self._place), "joined")

    async def _merge(self, a: LegId, b: LegId) -> None:
        await self._put_edge(a, b, MERGED, str(self._place), "merged")
        await self._regroup([a, b])

    async def _split(self, legs: tuple[LegId, ...]) -> None:
        """Keep these legs from everything that would be one conversation with them."""
        heads = await self._around(legs)
        near = {one.id: (*one.joined, *one.merged) for one in heads.values()}
        whole = next(each for each in components(heads, near) if legs[0] in each)
        taken, rest = [one for one in whole if one in legs], set(whole) - set(legs)
        if rest:
            await _side_by_side(
                (self._put_apart(one, rest, self._place, off=True) for one in taken),
                (self._put_apart(one, taken, self._place) for one in rest),
            )
        await self._regroup([*taken, *rest])

    async def _unsplit(self, splits: tuple[int, ...], legs: tuple[LegId, ...]) -> None:
        """First on the other side: what was taken out knows of it, should a worker be lost."""
        taken = [one for one in await self._store.legs.heads(legs) if one]
        rest = {other for one in taken for other, at in one.apart.items() if set(at) & set(splits)}
        for side in (sorted(rest), [one.id for one in taken]):
            heads = [one for one in await self._store.legs.heads(side) if one]
            await _side_by_side(self._remove_apart(one, splits) for one in heads)
        await self._regroup([*legs, *rest])

    async def _separate(self, identities: list[IdentityId]) -> None:
        """Take away the joins by contact that the links left over do not justify."""
        links = [one for each in identities for one in await self._store.people.links_of(each)]
        legs = {leg.id: leg for leg in await self._all_legs(identities) if _is_in_company(leg)}
        joins = {
            (min(leg.id, other), max(leg.id, other)): place
            for leg in legs.values()
            for other, place in leg.joined.items()
        }
        unread = sorted({end for join in joins for end in join} - set(legs))
        legs |= {leg.id: leg for leg in await self._store.legs.heads(unread) if leg}
        parted = []
        for (a, b), place in joins.items():
            ends = [legs[one].author for one in (a, b) if one in legs]
            if not connected(ends, [(one.a, one.b) for one in links if one.place <= place]):
                parted.append((a, b))
        await _side_by_side(self._remove_edge(a, b, JOINED, "parted") for a, b in parted)
        await self._regroup(sorted(legs))

    async def _legs(self, identities: list[IdentityId]) -> list[Leg]:
        ids = [leg for one in identities for leg in await self._store.people.legs_of(one)]
        return [leg for leg in await self._store.legs.heads(ids) if leg]

    async def _all_legs(self, identities: list[IdentityId]) -> list[Leg]:
        """However many there are, to undo what joined them."""
        ids = [leg for one in identities for leg in await self._store.people.all_legs_of(one)]
        pages = [
            await self._store.legs.heads(ids[at : at + HEADS_MAX])
            for at in range(0, len(ids), HEADS_MAX)
        ]
        return [leg for page in pages for leg in page if leg]

    async def _touch(self, leg: LegId) -> None:
        await self._store.legs.set_fields(leg, self._place, {}, (), "")

    async def _put_edge(self, a: LegId, b: LegId, prefix: str, value: str, kind: Kind) -> None:
        for one, other in ((a, b), (b, a)):
            await self._store.legs.set_fields(one, self._place, {prefix + other: value}, (), kind)

    async def _remove_edge(self, a: LegId, b: LegId, prefix: str, kind: Kind) -> None:
        for one, other in ((a, b), (b, a)):
            await self._store.legs.set_fields(one, self._place, {}, (prefix + other,), kind)

    async def _put_apart(
        self,
        leg: LegId,
        others: Collection[LegId],
        split: int,
        kind: Kind | Literal[""] = "split",
        *,
        off: bool = False,
    ) -> None:
        """Keep a leg from others; `off`: it is the one that was taken out."""
        fields = {f"{APART}{other}:{split}": "1" for other in sorted(others)}
        if off:
            fields[f"{SPLIT_OFF}{split}"] = "1"
        await self._store.legs.set_fields(leg, self._place, fields, (), kind)

    async def _remove_apart(self, leg: Leg, splits: tuple[int, ...]) -> None:
        fields = [
            *(f"{APART}{other}:{split}" for other in leg.apart for split in splits),
            *(f"{SPLIT_OFF}{split}" for split in splits),
        ]
        await self._store.legs.set_fields(leg.id, self._place, {}, fields, "unsplit")

    async def _regroup(self, touched: list[LegId]) -> None:
        """Write on each leg around these which conversation it belongs to."""
        heads = await self._around(touched)
        await self._complete(heads)
        edges = {one.id: edges_of(one) for one in heads.values()}
        for members in components(heads, edges):
            await self._write_group(members, heads)

    async def _around(self, touched: Collection[LegId]) -> dict[LegId, Leg]:
        """These legs and all that have to do with them, also where that does not count."""
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
        return heads

    async def _complete(self, heads: dict[LegId, Leg]) -> None:
        """Write the other half of joins of which a lost worker wrote one."""
        for one in list(heads.values()):
            for other, place in one.joined.items():
                far = heads.get(other)
                if far and one.id not in far.joined:
                    field = {JOINED + one.id: str(place)}
                    await self._store.legs.set_fields(other, self._place, field, (), "joined")
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
                one, self._place, fields, () if wanted else ("members",), "regrouped"
            )


async def _side_by_side(*steps: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Steps of which each may be done again, in any order; so many leave in one round trip."""
    waiting = chain(*steps)
    while some := list(islice(waiting, STEPS_MAX)):
        await asyncio.gather(*some)


def _is_open(leg: Leg) -> bool:
    """Whether it is joined with what else its contact has."""
    private = leg.audience is Audience.PRIVATE and not leg.doubted
    return private and leg.status is not Status.CLOSED and not leg.sealed


def _is_in_company(leg: Leg) -> bool:
    """Whether it is joined with another, or was and is to be written down as its own again."""
    return bool(leg.joined or leg.members) or not leg.is_first
