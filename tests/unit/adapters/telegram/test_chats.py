"""A group that has moved keeps its thread, and forgets that in no restart."""

import pytest

from adapters.telegram.chats import KEPT_MAX, Chats
from core.errors import StoreUnavailable


class Notes:
    """Checkpoints that are a dictionary."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.saves = self.refusals = 0

    async def load(self, name: str) -> str | None:
        return self.values.get(name)

    async def save(self, name: str, value: str) -> None:
        self.saves += 1
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("not now")
        self.values[name] = value


async def test_a_moved_chat_is_written_to_under_its_new_id_and_named_by_its_old_one() -> None:
    chats = Chats(Notes())
    await chats.learn("-5001", "-1005001")

    assert (chats.current("-5001"), chats.origins.get(-1005001)) == ("-1005001", -5001)
    assert (chats.current("62"), chats.origins.get(62)) == ("62", None)


async def test_a_move_is_known_after_a_restart() -> None:
    """Else the group's next message would begin another conversation."""
    notes = Notes()
    await Chats(notes).learn("-5001", "-1005001")

    later = Chats(notes)
    await later.load()

    assert later.origins == {-1005001: -5001}


async def test_two_processes_keep_what_each_has_learnt() -> None:
    notes = Notes()
    one, other = Chats(notes), Chats(notes)
    await one.learn("-1", "-1001")
    await other.learn("-2", "-1002")

    later = Chats(notes)
    await later.load()

    assert (later.current("-1"), later.current("-2")) == ("-1001", "-1002")


async def test_what_is_known_already_is_not_written_again() -> None:
    """Every message that is refused because the chat has moved tells it once more."""
    notes = Notes()
    chats = Chats(notes)
    await chats.learn("-1", "-1001")
    await chats.learn("-1", "-1001")

    assert notes.saves == 1


async def test_a_move_that_could_not_be_saved_is_saved_when_it_is_told_again() -> None:
    """The sender goes on without; the receiver acknowledges nothing until it is safe."""
    notes = Notes()
    notes.refusals = 1
    chats = Chats(notes)
    with pytest.raises(StoreUnavailable):
        await chats.learn("-1", "-1001")

    assert chats.current("-1") == "-1001"

    await chats.learn("-1", "-1001")
    later = Chats(notes)
    await later.load()
    assert later.current("-1") == "-1001"


async def test_no_number_of_moves_outgrows_a_checkpoint() -> None:
    """A checkpoint takes 4 KiB; the newest are kept."""
    notes = Notes()
    chats = Chats(notes)
    for number in range(KEPT_MAX + 5):
        await chats.learn(f"-{4_000_000_000 + number}", f"-{1_004_000_000_000 + number}")

    later = Chats(notes)
    await later.load()

    (saved,) = notes.values.values()
    assert len(saved.encode()) <= 4096
    assert later.current("-4000000000") == "-4000000000"
    assert later.current("-4000000104") == "-1004000000104"
