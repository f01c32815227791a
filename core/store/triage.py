"""Legs as pieces of work: what agents change of them at once, and what wakes by itself."""

from typing import Any, Final, NamedTuple

from core.errors import Conflict, InvalidRequest, NotFound
from core.model.ids import LegId
from core.model.message import Message
from core.model.triage import Triage as Change
from core.rules.triage import TAGS_MAX
from core.store.cold import Cold
from core.store.commit import GroupCommit, binary
from core.store.compact import compact
from core.store.keys import Keys
from core.store.reading import Reader, is_missing

DUE_MAX: Final = 100
"""Legs of a partition that are woken at a time."""


STALE: Final = "stale"


class Version(NamedTuple):
    """A leg that has the same is the same."""

    rev: int
    length: int


class Due(NamedTuple):
    """`wait_seconds` until the next one after these, None if none is known."""

    legs: tuple[tuple[LegId, int], ...]
    wait_seconds: float | None


class Triage:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys, cold: Cold) -> None:
        self._read, self._commit, self._keys, self._cold = read, commit, keys, cold

    async def change(
        self, leg: LegId, change: Change, activity: Message, expected: Version | None = None
    ) -> bool:
        """Change a leg, once for the id of the activity that records it; False if it is so already.

        Raises NotFound, Conflict (`stale`: it is not `expected` any more), InvalidRequest.
        """
        arguments = leg, _fields(change), list(expected or ()), activity.id
        answer = await self._cold.warm(
            leg,
            lambda: self._commit.call(
                self._keys.of_leg(leg),
                "triage",
                self._touched(leg),
                *arguments,
                binary(compact(activity)),
            ),
            is_missing,
        )
        match answer:
            case [b"missing"]:
                raise NotFound(f"there is no leg {leg}")
            case [b"stale"]:
                raise Conflict(f"leg {leg} has changed: read it again, then decide", code=STALE)
            case [b"refused", now]:
                raise Conflict(f"leg {leg} is {now.decode()}: it cannot become {change.status}")
            case [b"tags"]:
                raise InvalidRequest(f"leg {leg} would have more than {TAGS_MAX} tags")
            case _:
                return bool(answer[0])

    async def due(self) -> Due:
        """Legs whose snoozing ends, everywhere, each with the moment (ms) it was to end."""
        clock, *answers = await self._read.many(
            [("TIME",)]
            + [
                ("ZRANGE", self._keys.snoozed(partition), 0, DUE_MAX, "WITHSCORES")
                for partition in range(self._keys.partitions)
            ]
        )
        now_ms = clock[0] * 1000 + clock[1] // 1000
        listed = [
            (LegId(flat[n].decode()), int(float(flat[n + 1])))
            for flat in answers
            for n in range(0, len(flat), 2)
        ]
        waits = [(at - now_ms) / 1000 for _, at in listed if at > now_ms]
        return Due(tuple(one for one in listed if one[1] <= now_ms), min(waits, default=None))

    async def wake(self, leg: LegId, activity: Message) -> bool:
        """What is snoozed until now is open again, once; False for what is not, or not yet."""
        answer = await self._commit.call(
            self._keys.of_leg(leg),
            "wake",
            self._touched(leg),
            leg,
            activity.id,
            binary(compact(activity)),
        )
        return bool(answer)

    def _touched(self, leg: LegId) -> tuple[str, ...]:
        keys, partition = self._keys, self._keys.of_leg(leg)
        return (
            keys.leg(leg),
            keys.log(leg),
            keys.refs(leg),
            *keys.inboxes(partition),
            keys.snoozed(partition),
            keys.events(partition),
        )


def _fields(change: Change) -> dict[str, Any]:
    """As the script takes them: what is not asked for is not there."""
    until = change.snoozed_until
    asked = {
        "status": change.status,
        "priority": change.priority,
        "tags": None if change.tags is None else list(change.tags),
        "add": list(change.add_tags) or None,
        "remove": list(change.remove_tags) or None,
        "assignee": change.assignee,
        "until": round(until.timestamp() * 1000) if until else None,
        "wake": change.wake or None,
        "spam": change.spam,
    }
    return {name: value for name, value in asked.items() if value is not None}
