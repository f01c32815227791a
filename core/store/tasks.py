"""Work on who is who: one lane, so that joins and their undoing happen one after another."""

from typing import Final

import msgspec

from core.model.codec import decoder, encode
from core.model.ids import IdentityId, LegId
from core.model.people import Link
from core.store.commit import GroupCommit, binary
from core.store.keys import Keys
from core.store.lanes import TASKS, Entry, Lanes, Lease
from core.store.reading import Reader

NAME: Final = "who is who"


class _Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """A saga of steps of which each may be done twice."""


class LinkTask(_Task, frozen=True, tag="link"):
    link: Link


class UnlinkTask(_Task, frozen=True, tag="unlink"):
    a: IdentityId
    b: IdentityId


class GatherTask(_Task, frozen=True, tag="gather"):
    """A new leg: join it to the other open private legs of its contact."""

    leg: LegId


class MergeTask(_Task, frozen=True, tag="merge"):
    """An agent declares two conversations one piece of work, whoever they are with."""

    a: LegId
    b: LegId


class UnmergeTask(_Task, frozen=True, tag="unmerge"):
    a: LegId
    b: LegId


class SplitTask(_Task, frozen=True, tag="split"):
    """An agent declares these legs of one conversation a piece of work of their own."""

    legs: tuple[LegId, ...]


class UnsplitTask(_Task, frozen=True, tag="unsplit"):
    """Undo splits, by their places. `legs` are those that they took out."""

    splits: tuple[int, ...]
    legs: tuple[LegId, ...]


Task = LinkTask | UnlinkTask | GatherTask | MergeTask | UnmergeTask | SplitTask | UnsplitTask


class _Stored(msgspec.Struct, frozen=True):
    task: Task


_read = decoder(_Stored)


class Tasks:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys, lanes: Lanes) -> None:
        self._read, self._commit, self._keys, self._lanes = read, commit, keys, lanes

    @property
    def done_key(self) -> str:
        return self._keys.tasks(NAME)

    async def enqueue(self, task_id: str, task: Task, record: dict[str, str]) -> int:
        """Queue a task, once for its id, and put `record` into the audit. -> its seq"""
        keys, partition = self._keys, self._keys.of(NAME)
        touched = (
            keys.tasks(NAME),
            *keys.seen(NAME),
            keys.lane("task", NAME),
            self._lanes.ready(NAME, TASKS, "task"),
        )
        flat = [value for pair in record.items() for value in pair]
        audit = (keys.audit(NAME),) if record else ()
        seq: int = await self._commit.call(
            partition,
            "enqueue",
            (*touched, *audit),
            NAME,
            task_id,
            binary(encode(_Stored(task))),
            flat,
        )
        return seq

    async def place_of(self, task_id: str) -> int | None:
        """The seq of a task that was queued of late; None if none was under this id."""
        asked = [("HGET", key, task_id) for key in self._keys.seen(NAME)]
        return next((int(one) for one in await self._read.many(asked) if one), None)

    async def done(self, lease: Lease, upto: int) -> Lease | None:
        return await self._lanes.done(lease, upto, self.done_key)

    async def last_done(self) -> int:
        return int(await self._read.one("HGET", self.done_key, "done") or 0)


def read_task(entry: Entry) -> Task:
    return _read(entry.blob).task
