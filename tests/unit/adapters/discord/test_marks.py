"""What survives a restart: small notes, bounded, that may lag but never run ahead."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from adapters.discord.line.marks import NOTE_ENTRIES_MAX, Marks, Shelves
from adapters.discord.places import EPOCH_MS, snowflake_at
from core.errors import StoreUnavailable
from tests.contract.surroundings import MemoryCheckpoints

NOW = (1_790_000_000_000 - EPOCH_MS) << 22


class _Refusing(MemoryCheckpoints):
    refusals = 1

    @override
    async def save(self, name: str, value: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("the test says: not now")
        await super().save(name, value)


async def test_marks_come_back_as_they_were() -> None:
    """A channel would be read from its beginning after each restart, or not at all."""
    kept, marks = MemoryCheckpoints(), Marks()
    marks.note(str(NOW), str(NOW + 5), direct=False)
    marks.note(str(NOW + (7 << 22)), str(NOW + 9), direct=True)
    marks.told.note(str(NOW + 9), NOW + 9)
    await marks.save(kept)

    again = Marks()
    await again.load(kept)

    assert again.of(str(NOW)) == NOW + 5
    assert again.directs.largest_first() == [str(NOW + (7 << 22))]
    assert str(NOW + 9) in again.told
    assert again.of("1") == 0


async def test_a_mark_never_goes_back() -> None:
    """What comes twice would be asked for a third time, and so on."""
    marks = Marks()

    marks.note("77", "1000", direct=False)
    marks.note("77", "900", direct=False)

    assert marks.of("77") == 1000


def test_a_message_from_the_future_marks_nothing() -> None:
    """All that is said until then would count as stored: after an outage nobody would read it."""
    marks, tomorrow = Marks(), datetime.now(UTC) + timedelta(days=1)

    marks.note("77", str(NOW), direct=False)
    marks.note("77", str(snowflake_at(tomorrow)), direct=False)

    assert marks.of("77") == NOW


def test_what_is_no_id_has_no_mark() -> None:
    """One guild with a broken channel in it would end the client."""
    assert Marks().of("618[011223344556610") == 0


async def test_every_note_is_short_however_many_channels_there_are() -> None:
    """The store takes no note of more than 4 KiB: none would be saved any more."""
    chance, kept, marks = random.Random(5), MemoryCheckpoints(), Marks()
    for _ in range(30_000):
        marks.directs.note(str(chance.getrandbits(64)), 2**64 - 1 - chance.getrandbits(20))

    await marks.save(kept)

    assert max(len(value.encode()) for value in kept.values.values()) <= 4096
    assert len(marks.directs.largest_first()) <= 64 * NOTE_ENTRIES_MAX


async def test_the_newest_are_kept() -> None:
    """Those who wrote last would be forgotten for those who wrote years ago."""
    shelves = Shelves("x", 1)

    for number in range(1, NOTE_ENTRIES_MAX + 3):
        shelves.note(str(number), number)

    assert "1" not in shelves
    assert str(NOTE_ENTRIES_MAX + 2) in shelves


async def test_what_could_not_be_saved_is_saved_the_next_time() -> None:
    """A short outage of the store would cost a channel its mark until the next message."""
    kept, marks = _Refusing(), Marks()
    marks.note(str(NOW), str(NOW + 1), direct=False)

    results = await asyncio.gather(marks.save(kept), return_exceptions=True)
    await marks.save(kept)

    assert isinstance(results[0], StoreUnavailable)
    assert [value for value in kept.values.values() if value != "{}"]


async def test_a_note_that_cannot_be_read_is_none() -> None:
    """A damaged note would keep the whole inbox from starting."""
    kept = MemoryCheckpoints({"marks.0": '{"1": "x"}', "marks.1": "{", "directs.0": '{"a": "1"}'})
    marks = Marks()

    await marks.load(kept)

    assert marks.channels.largest_first() == []
