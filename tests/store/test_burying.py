"""Work that fails again and again is laid aside, and what stands behind it goes on."""

import pytest

from core.errors import NotFound, Stale
from core.model.event import MessageCreated
from core.model.ids import LegId, ThreadRef
from core.model.message import DeliveryState
from core.store.lanes import TASKS
from core.store.store import Store
from core.store.tasks import GatherTask
from gateway.workers import HandOver, Workers
from tests.rigs.assembly import Assembly, make_due
from tests.rigs.events import event, file, says, thread
from tests.rigs.platform import ChangingAdapter, MemoryAdapter

ADA, BEN = thread("ada"), thread("ben")
ATTEMPTS = 8
POISON = b"\x7fwritten by a version to come, or by a bug"


class Office:
    """One process that works as the gateway does, a round of what is due at a time."""

    def __init__(self, store: Store) -> None:
        self.desk = desk = Assembly(store, {"bot": ChangingAdapter(), "mail": MemoryAdapter()})
        parts = desk.dispatcher, desk.deliverer, desk.fetcher, desk.joins, desk.burials
        accounts = tuple(desk.adapters)
        self.workers = Workers(store, HandOver(), *parts, accounts, lambda _: True, 1.0, 4)
        self.store = store

    async def rounds(self, count: int) -> None:
        """As many as there are waits to wait for."""
        for _ in range(count):
            await make_due(self.store)
            for lease in await self.desk.take_due():
                await self.workers.guarded(lease)
            while self.desk.handed:
                await self.workers.guarded(self.desk.handed.popleft())

    async def poisoned(self, where: ThreadRef, kind: str = "in") -> None:
        """The newest entry of this lane cannot be read by anybody here."""
        lane = self.store.keys.lane(kind, str(where))
        (entry,) = await self.store.read.one("LRANGE", lane, -1, -1)
        seq, _, _ = entry.partition(b":")
        await put(self.store, lane, -1, seq + b":" + POISON)


async def put(store: Store, key: str, index: int, value: bytes) -> None:
    await store.read.one("LSET", key, index, value)


async def says_poison(office: Office, where: ThreadRef) -> None:
    await office.store.threads.accept(says(where, "x", "?"), "", None, None, hand_over=False)
    await office.poisoned(where)


async def say(office: Office, where: ThreadRef, *texts: str) -> None:
    for text in texts:
        said = says(where, where.thread, text)
        await office.store.threads.accept(said, "", None, None, hand_over=False)


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


async def test_a_poisonous_event_is_laid_aside_and_its_thread_goes_on(office: Office) -> None:
    """One event that a bug chokes on would silence its customer for ever."""
    await say(office, ADA, "before")
    await says_poison(office, ADA)
    await say(office, ADA, "behind", "and behind that")

    await office.rounds(ATTEMPTS + 6)

    texts = await office.desk.texts(await office.desk.leg_of(ADA))
    (letter,) = await office.store.letters.latest("bot", 10)
    assert texts == ["before", "behind", "and behind that"]
    assert (letter.kind, letter.key, letter.attempts) == ("in", str(ADA), ATTEMPTS)
    assert letter.reason.startswith("a mistake of Trunkline's own: StoreError at ")
    assert (await office.store.letters.entry(letter.id))[1] == POISON
    assert office.desk.burials.buried == {"bot": 1}


async def test_until_then_it_is_tried_again_after_growing_waits(office: Office) -> None:
    """A store that is odd for a minute must not bury anything."""
    await says_poison(office, ADA)
    await office.rounds(ATTEMPTS - 1)

    assert not await office.store.letters.latest("bot", 10)
    found, wait = await office.store.lanes.due(office.store.keys.of(str(ADA)), (("bot", "in"),), 10)
    assert not found
    assert wait is not None
    assert 299 < wait <= 300


async def test_others_are_not_held_up_meanwhile(office: Office) -> None:
    await says_poison(office, ADA)
    await say(office, BEN, "hello")

    await office.rounds(1)

    assert await office.desk.texts(await office.desk.leg_of(BEN)) == ["hello"]


async def test_what_is_put_back_is_filed_when_the_mistake_is_mended(office: Office) -> None:
    """And when it is not, it is laid aside once more, with nothing lost."""
    await say(office, ADA, "one")
    lane = office.store.keys.lane("in", str(ADA))
    (good,) = await office.store.read.one("LRANGE", lane, -1, -1)
    await office.poisoned(ADA)
    await office.rounds(ATTEMPTS)
    (letter,) = await office.store.letters.latest("bot", 10)

    await office.store.letters.revive(letter.id)
    assert not await office.store.letters.latest("bot", 10)
    await put(office.store, lane, -1, b"2:" + good.partition(b":")[2])
    await office.rounds(2)

    assert await office.desk.texts(await office.desk.leg_of(ADA)) == ["one"]
    with pytest.raises(NotFound):
        await office.store.letters.revive(letter.id)


async def test_what_is_removed_is_gone(office: Office) -> None:
    await says_poison(office, ADA)
    await office.rounds(ATTEMPTS)
    (letter,) = await office.store.letters.latest("bot", 10)

    await office.store.letters.discard(letter.id)

    assert not await office.store.letters.latest("bot", 10)
    for missing in (letter.id, "bot.zz.1-0", "bot.ffff.1-0", "bot", "", "bot.00.x-0"):
        with pytest.raises(NotFound):
            await office.store.letters.discard(missing)


async def test_when_there_is_no_room_it_waits_in_its_lane(office: Office) -> None:
    """Nothing is thrown away to make room: an operator has to look."""
    await says_poison(office, ADA)
    lease = await office.store.lanes.take("bot", "in", str(ADA))
    assert lease

    found = await office.store.letters.failed(lease, "a mistake", 1, 0)

    assert (found.final, found.full) == (False, True)
    assert await office.store.read.one("LLEN", office.store.keys.lane("in", str(ADA))) == 1


async def test_a_lane_that_was_lost_meanwhile_is_left_alone(office: Office) -> None:
    """Its entry is somebody else's now, who may be doing well."""
    await says_poison(office, ADA)
    lease = await office.store.lanes.take("bot", "in", str(ADA))
    assert lease
    await make_due(office.store)
    assert await office.store.lanes.take("bot", "in", str(ADA))

    with pytest.raises(Stale):
        await office.store.letters.failed(lease, "a mistake", 1, 10)


async def test_a_lease_that_was_renewed_before_it_failed_still_counts(office: Office) -> None:
    """What fails late would otherwise be tried for ever."""
    await says_poison(office, ADA)
    lease = await office.store.lanes.take("bot", "in", str(ADA))
    assert lease
    while (await office.store.lanes.renew(lease)).token == lease.token:
        pass

    assert (await office.store.letters.failed(lease, "a mistake", 2, 10)).attempts == 1


async def test_a_task_that_fails_does_not_stop_who_is_who(office: Office) -> None:
    """There is one lane for it in the whole installation."""
    await office.store.tasks.enqueue("poison", GatherTask(leg=LegId("x-00")), {})
    lane = office.store.keys.lane("task", "who is who")
    await put(office.store, lane, -1, b"1:" + POISON)
    for where, channel in ((ADA, "telegram"), (thread("a", "email", "mail"), "email")):
        await say(office, where, f"hello by {channel}")
    await office.rounds(2)
    place = await office.store.tasks.enqueue("next", GatherTask(leg=LegId("x-00")), {})
    await office.rounds(ATTEMPTS + 1)

    assert await office.desk.joins.finished(place)
    assert [one.kind for one in await office.store.letters.latest(TASKS, 10)] == ["task"]


async def test_attachments_behind_one_that_fails_are_fetched(office: Office) -> None:
    adapter = office.desk.adapters["bot"]
    assert isinstance(adapter, MemoryAdapter)
    adapter.files = {"f1": [b"1"], "f2": [b"2"]}
    for name in ("f1", "f2"):
        body = MessageCreated(remote=name, parts=(file(name),))
        await office.store.threads.accept(event(ADA, "ada", body), "", None, None, hand_over=False)
        await office.rounds(0)
    lease = await office.store.lanes.take("bot", "in", str(ADA))
    await office.desk.dispatcher.dispatch(lease)
    lane = office.store.keys.lane("fetch", str(ADA))
    await put(office.store, lane, 0, b"1:not:a place")

    await office.rounds(ATTEMPTS + 1)

    assert adapter.fetched == ["f2"]
    assert [one.kind for one in await office.store.letters.latest("bot", 10)] == ["fetch"]


async def test_a_message_that_cannot_be_sent_at_all_ends_with_a_state(office: Office) -> None:
    """Its agent sees that it failed and why; the next one leaves."""
    await say(office, ADA, "hello")
    await office.rounds(1)
    conversation = await office.desk.conversation_of(ADA)
    office.desk.handed.clear()
    hand = Assembly(office.store, office.desk.adapters, hand_over=False)
    first = await hand.reply(conversation, "first")
    await hand.reply(conversation, "second")
    log = office.store.keys.log(first.leg)
    await put(office.store, log, first.position - 1, POISON)

    await office.rounds(ATTEMPTS + 1)

    adapter = office.desk.adapters["bot"]
    assert isinstance(adapter, MemoryAdapter)
    states = await office.store.read.one("HVALS", office.store.keys.sends(first.leg))
    assert adapter.texts("ada") == ["second"]
    assert sorted(one.partition(b"|")[0] for one in states) == sorted(
        (DeliveryState.FAILED.encode(), DeliveryState.SENT.encode())
    )
