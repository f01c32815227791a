"""What has to be known after a restart, as numbers by ids, in checkpoints, which are small notes.

`channels` and `directs`: how far each channel is stored. After a session was lost, what was said
since is read from there on. A mark may lag behind the truth, never run ahead of it; what is read
twice is recognised. `told`: which messages of open channels were for us, for what happens to them
later is so, too.
"""

from collections.abc import Container
from time import time
from typing import Any, Final

import msgspec
from typing_extensions import override

from adapters.discord.places import EPOCH_MS, is_snowflake
from core.ports import Checkpoints

CHANNEL_NOTES: Final = 64
TOLD_NOTES: Final = 16
NOTE_ENTRIES_MAX: Final = 80
"""Of up to 46 characters each, in at most 4 KiB."""
TOLD_MAX: Final = TOLD_NOTES * NOTE_ENTRIES_MAX
AHEAD_MS_MAX: Final = 3_600_000
"""So far Discord's clock may be ahead of ours."""


class Shelves(Container[str]):
    """Numbers by ids, the largest of them: in each note there is room for so many."""

    def __init__(self, name: str, notes: int) -> None:
        self._names = [f"{name}.{number}" for number in range(notes)]
        self._notes: list[dict[str, int]] = [{} for _ in self._names]
        self._changed: set[int] = set()

    @override
    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) > 0

    def get(self, key: str) -> int:
        """0 for what is not known."""
        return self._notes[self._place(key)].get(key, 0) if is_snowflake(key) else 0

    def note(self, key: str, number: int) -> None:
        """Numbers only grow."""
        place = self._place(key)
        note = self._notes[place]
        if number <= note.get(key, 0):
            return
        note[key] = number
        if len(note) > NOTE_ENTRIES_MAX:
            del note[min(note, key=note.__getitem__)]
        self._changed.add(place)

    def forget(self, key: str) -> None:
        place = self._place(key)
        if self._notes[place].pop(key, None):
            self._changed.add(place)

    @property
    def largest(self) -> int:
        """0 where nothing is known."""
        return max((max(note.values(), default=0) for note in self._notes), default=0)

    def largest_first(self) -> list[str]:
        known = [(number, key) for note in self._notes for key, number in note.items()]
        return [key for _, key in sorted(known, reverse=True)]

    async def load(self, checkpoints: Checkpoints) -> None:
        """Raises StoreError."""
        for place, name in enumerate(self._names):
            self._notes[place] = _read(await checkpoints.load(name))

    async def save(self, checkpoints: Checkpoints) -> None:
        """What has changed. Raises StoreError; what was not saved then is saved the next time."""
        while self._changed:
            place = self._changed.pop()
            try:
                await checkpoints.save(self._names[place], _written(self._notes[place]))
            except BaseException:
                self._changed.add(place)
                raise

    def _place(self, key: str) -> int:
        """The low bits of an id count within a millisecond; those above are as good as chance."""
        return (int(key) >> 22) % len(self._names)


class Marks:
    """Of one account. A mark is the id of the newest message of a channel that is stored."""

    def __init__(self) -> None:
        self.channels = Shelves("marks", CHANNEL_NOTES)
        self.directs = Shelves("directs", CHANNEL_NOTES)
        self.told = Shelves("told", TOLD_NOTES)

    def of(self, channel: str) -> int:
        """0 where nothing is known."""
        return self.channels.get(channel) or self.directs.get(channel)

    @property
    def newest(self) -> int:
        """Of all channels; 0 where nothing is known."""
        return max(self.channels.largest, self.directs.largest)

    def note(self, channel: str, message: str, *, direct: bool) -> None:
        """Everything of this channel up to this message is stored."""
        if is_said(message):
            (self.directs if direct else self.channels).note(channel, int(message))

    async def load(self, checkpoints: Checkpoints) -> None:
        for one in (self.channels, self.directs, self.told):
            await one.load(checkpoints)

    async def save(self, checkpoints: Checkpoints) -> None:
        for one in (self.channels, self.directs, self.told):
            await one.save(checkpoints)


def is_said(message: str) -> bool:
    """Whether this can be the id of a message by now. One from the future would, as a mark, hide
    all that is said until then.
    """
    return int(message) >> 22 < time() * 1000 - EPOCH_MS + AHEAD_MS_MAX


def _read(note: str | None) -> dict[str, int]:
    """A note that cannot be read is none: more is read again."""
    try:
        entries: dict[str, Any] = msgspec.json.decode(note or "{}", type=dict[str, str])
    except msgspec.MsgspecError:
        return {}
    ids = all(is_snowflake(one) and is_snowflake(number) for one, number in entries.items())
    return {one: int(number) for one, number in entries.items()} if ids else {}


def _written(note: dict[str, int]) -> str:
    return msgspec.json.encode({one: str(number) for one, number in note.items()}).decode()
