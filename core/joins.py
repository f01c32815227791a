"""Who is who: links between identities, joins between legs, and their exact undoing.

Both are graphs whose edges are written down; contacts and conversations are their components. A
link moves no message: each leg stays with its thread, and only the view that it belongs to changes.
Tasks run one after another (one lane); `core.joining` says how, step by step.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final

from core.errors import Conflict, InvalidRequest
from core.joining import Joining
from core.model.conversation import Conversation
from core.model.ids import IdentityId, LegId
from core.model.people import Link
from core.rules.apart import between
from core.store.lanes import Lease
from core.store.store import Store
from core.store.tasks import (
    LinkTask,
    MergeTask,
    SplitTask,
    UnlinkTask,
    UnmergeTask,
    UnsplitTask,
    read_task,
)
from core.view import leg_of

IDENTITIES_MAX: Final = 64
"""Of one contact."""

STEP_SECONDS: Final = 5.0


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
        sizes = [len(await self._store.people.linked_with(one)) for one in (a, b)]
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

    async def split(
        self, task_id: str, conversation: Conversation, legs: Collection[LegId], by: str
    ) -> int:
        """Declare some legs of a conversation a piece of work of their own. Raises NotFound,
        InvalidRequest.
        """
        taken = tuple(sorted({leg_of(conversation, one).id for one in legs}))
        if len(taken) == len(conversation.legs):
            raise InvalidRequest(
                f"conversation {conversation.number} would have no leg left: name some of its legs;"
                " what comes from now on goes to a new one by sealing"
            )
        record = {"action": "split", "a": " ".join(taken), "b": conversation.id, "by": by}
        return await self._store.tasks.enqueue(task_id, SplitTask(legs=taken), record)

    async def unsplit(self, task_id: str, a: Conversation, b: Conversation, by: str) -> int:
        """Undo every split that keeps two conversations apart. Raises Conflict."""
        splits = between(a.legs, b.legs)
        if not splits:
            raise Conflict(f"no split keeps {a.number} and {b.number} apart")
        legs = await self._taken_out(splits)
        record = {"action": "unsplit", "a": a.id, "b": b.id, "by": by}
        task = UnsplitTask(splits=tuple(sorted(splits)), legs=legs)
        return await self._store.tasks.enqueue(task_id, task, record)

    async def _taken_out(self, splits: Mapping[int, tuple[LegId, LegId]]) -> tuple[LegId, ...]:
        """The legs that these splits took out: each leg from which one was taken names them all,
        but not every leg on the other side does.
        """
        heads = self._store.legs.heads
        ends = await heads([leg for pair in splits.values() for leg in pair])
        off = [one for one in ends if one and set(one.split_off) & set(splits)]
        rest = await heads(sorted({other for one in off for other in one.apart}))
        near = {other for one in rest if one for other in one.apart}
        found = [one for one in await heads(sorted(near)) if one]
        return tuple(one.id for one in found if set(one.split_off) & set(splits))

    async def asked(self, task_id: str) -> int | None:
        """The place of what was asked for under this id within the last 8 days, if anything was."""
        return await self._store.tasks.place_of(task_id)

    async def finished(self, place: int) -> bool:
        """Whether the task at this place, and all before it, are carried out."""
        return await self._store.tasks.last_done() >= place

    # --- carried out by a worker

    async def work(self, lease: Lease | None) -> None:
        """Carry out the tasks that wait, one after another. Raises Stale, StoreError."""
        while lease:
            lease = await self._store.lanes.current(lease, STEP_SECONDS)
            lease = await self._carry_out(lease)
            lease = await self._store.tasks.done(lease, lease.entries[0].seq)

    async def _carry_out(self, lease: Lease) -> Lease:
        """The first task that waits; -> the lease, which was renewed as long as that took."""
        entry = lease.entries[0]
        with self._store.keeper.keeping(lease) as kept:
            await Joining(self._store, entry.seq).carry_out(read_task(entry))
        return await kept.lease()
