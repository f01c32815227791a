"""Everything that an installation holds, hot and archived, as its store and its API tell it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from core.model.conversation import Conversation, Entry, Leg
from core.model.ids import ConversationId, LegId
from core.model.message import Direction
from core.store.live import Happened
from core.store.store import Store, StoreSettings, open_store
from gateway.archive import open_archive
from tests.rigs.api import Api

PAGE: Final = 500
EVENTS: Final = 1_000_000


@dataclass(frozen=True)
class Books:
    """`archived` are those of the legs that are in the archive only."""

    legs: dict[LegId, Leg]
    logs: dict[LegId, list[Entry]]
    archived: frozenset[LegId]

    def heard(self, name: str = "") -> dict[tuple[str, str], list[Entry]]:
        """What customers wrote, or one of them, by thread and author, in order."""
        found = defaultdict[tuple[str, str], list[Entry]](list)
        for leg in sorted(self.legs.values(), key=lambda one: one.id):
            if not name or leg.author_name == name:
                found[str(leg.thread), leg.author] += [
                    one for one in self.logs[leg.id] if one.message.direction is Direction.IN
                ]
        return dict(found)

    def check(self) -> None:
        """Legs of a thread follow one another; each message is at its place, and only there."""
        known: dict[tuple[str, str], LegId] = {}
        chains = defaultdict[tuple[str, str], list[Leg]](list)
        for leg in sorted(self.legs.values(), key=lambda one: one.id):
            chains[str(leg.thread), leg.author].append(leg)
            log = self.logs[leg.id]
            assert [one.position for one in log] == list(range(1, leg.length + 1)), leg.id
            for entry in log:
                for ref in entry.message.refs:
                    place = (str(leg.thread), ref)
                    assert place not in known, f"{place} is in {leg.id} and {known[place]}"
                    known[place] = leg.id
        for chain in chains.values():
            for earlier, later in pairwise(chain):
                assert (earlier.next, later.previous) == (later.id, earlier.id), earlier.thread


@asynccontextmanager
async def stored(url: str, data_dir: Path) -> AsyncIterator[Store]:
    """The store of an installation, to be read only."""
    async with (
        open_archive(data_dir) as archive,
        open_store(StoreSettings(url=url), archive) as store,
    ):
        yield store


async def read_books(store: Store) -> Books:
    hot = {leg async for page in store.legs.every(PAGE) for leg in page}
    ids, last = set(hot), None
    while page := await store.legs.archived(last, PAGE):
        last = page[-1]
        ids |= set(page)
    heads = await store.legs.heads(tuple(sorted(ids)))
    legs = {head.id: head for head in heads if head}
    assert legs.keys() == ids
    logs = {
        leg.id: await store.legs.entries(leg.id, leg.length + 1, leg.length)
        for leg in legs.values()
    }
    return Books(legs, logs, frozenset(ids - hot))


async def whole_log(store: Store) -> list[Happened]:
    return await store.live.read("0-0", 0.0, EVENTS)


async def check_told(agent: Api, books: Books) -> None:
    """The API says the same: each message is in exactly one conversation, once."""
    whose: dict[LegId, ConversationId] = {}
    found: dict[ConversationId, Conversation] = {}
    for leg in books.legs.values():
        conversation = await agent.conversation(leg.id)
        by_number = await agent.conversation(leg.number)
        assert by_number.id == conversation.id, f"{leg.number} and {leg.id} lead apart"
        found[conversation.id] = conversation
        whose[leg.id] = conversation.id
    for conversation in found.values():
        members = {one.id for one in conversation.legs}
        assert members == {leg for leg, one in whose.items() if one == conversation.id}
        entries = await agent.entries(conversation.id)
        told = sorted((one.leg, one.position) for one in entries)
        assert told == sorted((leg, one.position) for leg in members for one in books.logs[leg])
    for leg in books.legs.values():
        assert leg.conversation == whose[leg.id], f"{leg.id} names another conversation"


def in_order(part: Sequence[Entry], whole: Sequence[Entry]) -> bool:
    """Whether these are the first of those, by what their platform calls them."""
    refs = [[one.message.refs for one in entries] for entries in (part, whole)]
    return refs[0] == refs[1][: len(refs[0])]
