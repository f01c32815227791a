"""What the archive is asked for it has, and nothing that has expired."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import Stale, StoreError
from core.model.ids import IdentityId, LegId, Number
from core.store.shelf import Frozen, Resting
from gateway.archive import ArchiveFile, open_archive
from gateway.archive.packing import Packer

ADA, BEN = IdentityId("telegram:bot:ada"), IdentityId("telegram:bot:ben")
CHAT, GROUP = "telegram:bot:ada", "telegram:bot:group"


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[ArchiveFile]:
    async with open_archive(tmp_path) as opened:
        await opened.take_over()
        yield opened


def leg(n: int, thread: str = CHAT, author: IdentityId = ADA, audience: str = "private") -> Frozen:
    fields = {
        "number": f"T-{n}",
        "thread": thread,
        "author": author,
        "audience": audience,
        "created_at": str(n),
        "touched_at": str(n + 10),
    }
    return Frozen(
        leg=LegId(f"{n:026d}-00"),
        head={name.encode(): value.encode() for name, value in fields.items()},
        log=(b"\x01\xff\x00 no text", b"\x01"),
        refs={b"r:\xff": b"1"},
        sends={},
    )


async def test_a_leg_comes_back_byte_for_byte(archive: ArchiveFile) -> None:
    """What a platform sent, and how we stored it, is nobody's to interpret on the way."""
    await archive.put([leg(1), leg(2)], [])

    found = await archive.legs([LegId("unknown"), leg(2).leg, leg(1).leg])

    assert found == [None, leg(2), leg(1)]


async def test_a_leg_is_found_by_number_thread_and_person(archive: ArchiveFile) -> None:
    """The customer comes back in the thread, the agent with the number."""
    theirs = [leg(1), leg(2), leg(3, GROUP, ADA, "group"), leg(4, GROUP, BEN, "group")]
    await archive.put(theirs, [(ADA, {b"name": b"Ada"})])
    ids = [one.leg for one in theirs]

    assert await archive.numbered(Number("T-2")) == ids[1]
    assert await archive.newest(CHAT, "") == ids[1]
    assert await archive.newest(GROUP, ADA) == ids[2]
    assert await archive.newest(GROUP, "") is None
    assert await archive.newest_of_thread(GROUP, 1) == [ids[3]]
    assert await archive.begun_for([ADA], private=True) == ids[:2]
    assert await archive.begun_for([ADA, BEN], private=False, limit=3) == ids[1:]
    assert await archive.people([BEN, ADA]) == [None, {b"name": b"Ada"}]


async def test_all_legs_are_walked_over_in_pages(archive: ArchiveFile) -> None:
    """A search that is built anew would miss conversations."""
    await archive.put([leg(n) for n in range(1, 6)], [])

    pages, after = [], None
    while page := await archive.page(after, 2):
        pages.append(len(page))
        after = page[-1]

    assert pages == [2, 2, 1]


async def test_what_has_expired_is_hidden_at_once_and_can_come_back(archive: ArchiveFile) -> None:
    """A conversation that went on while its row was expiring would be lost with it."""
    await archive.put([leg(1), leg(20)], [(ADA, {})])
    await archive.settle([leg(1).leg, leg(20).leg])

    assert await archive.aged(before_ms=15, limit=10) == [leg(1).leg]
    await archive.hide([leg(1).leg], now_ms=100)
    hidden, listed = await archive.legs([leg(1).leg]), await archive.hidden(101, limit=10)
    await archive.touch([leg(1).leg], now_ms=200)

    assert (hidden, listed) == ([None], [leg(1).leg])
    assert await archive.legs([leg(1).leg]) == [leg(1)]
    assert await archive.hidden(1000, limit=10) == await archive.aged(15, limit=10) == []


async def test_people_are_forgotten_with_their_last_leg(archive: ArchiveFile) -> None:
    """Retention that keeps names is none; and who still has a conversation is not to be nobody."""
    await archive.put([leg(1), leg(2)], [(ADA, {b"name": b"Ada"})])
    await archive.settle([leg(1).leg, leg(2).leg])
    people = []

    for gone in (leg(1).leg, leg(2).leg):
        await archive.hide([gone], now_ms=100)
        await archive.delete([gone])
        people += await archive.people([ADA])

    assert people == [{b"name": b"Ada"}, None]


async def test_who_is_due_has_rested_for_long_enough(archive: ArchiveFile) -> None:
    """Work of today would disappear from the lists."""
    resting = [
        Resting(leg=LegId("a"), status="closed", since_ms=10),
        Resting(leg=LegId("b"), status="closed", since_ms=30),
        Resting(leg=LegId("c"), status="resolved", since_ms=10),
        Resting(leg=LegId("d"), status="closed", since_ms=5, not_before_ms=1000),
    ]
    await archive.rest(resting, [], "1-0")
    await archive.rest([], [LegId("c")])

    assert await archive.due({"closed": 20, "resolved": 20}, 100, 10) == ["a"]
    assert await archive.due({"closed": 20, "resolved": 20}, 1000, 10) == ["d", "a"]
    assert await archive.position() == "1-0"


async def test_who_was_relieved_of_the_archive_writes_nothing_more(
    archive: ArchiveFile, tmp_path: Path
) -> None:
    """An archiver that slept would put back what was said before, over what was said since."""
    async with open_archive(tmp_path) as other:
        await other.take_over()
        await other.put([leg(1)], [])

        with pytest.raises(Stale):
            await archive.put([leg(1, GROUP)], [])

    assert await archive.legs([leg(1).leg]) == [leg(1)]


async def test_a_form_that_is_not_known_is_refused() -> None:
    """An older version would guess, and show nonsense as what a customer has said."""
    packed = Packer().pack(leg(1))

    with pytest.raises(StoreError, match="run the version"):
        Packer().unpack(b"\x07" + packed[1:])
    with pytest.raises(StoreError, match="cannot be read"):
        Packer().unpack(packed[:-9])
