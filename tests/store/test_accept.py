"""Accepting an event: claimed, durable, and where it goes, in one step."""

import pytest
from msgspec.structs import replace

from core.errors import StoreError
from core.model.conversation import Status
from core.model.ids import LegId, MessageId
from core.rules.incoming import as_message
from core.store.store import Store
from core.store.threads import Filed, Queued
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter

ADA = thread("ada")
TURNS = 3
TURN_MS = 8 * 86_400_000


async def test_the_first_event_is_queued_and_handed_over(line: Assembly) -> None:
    await line.dispatcher.accept(says(ADA, "ada", "hello"))

    assert [lease.key for lease in line.handed] == [str(ADA)]
    assert [entry.seq for entry in line.handed[0].entries] == [1]


async def test_an_event_told_twice_is_known(line: Assembly) -> None:
    """Law 2: platforms tell again whatever we did not acknowledge in time."""
    event = says(ADA, "ada", "hello")

    await line.dispatcher.accept(event)
    await line.settle()
    await line.dispatcher.accept(event)
    await line.settle()

    assert await line.texts(await line.leg_of(ADA)) == ["hello"]


async def test_a_message_of_a_known_thread_is_filed_in_the_same_step(
    store: Store, line: Assembly
) -> None:
    await _begin(line)
    before = store.commit.operations

    await line.dispatcher.accept(says(ADA, "ada", "and another thing"))

    assert store.commit.operations == before + 1
    assert await line.texts(await line.leg_of(ADA)) == ["hello", "and another thing"]
    assert not line.handed


async def test_nothing_overtakes_what_waits(store: Store, line: Assembly) -> None:
    """Law 3: the short way is only open while the long way is empty."""
    leg = await _begin(line)
    slow = Assembly(store, line.adapters, hand_over=False)
    await slow.dispatcher.accept(says(ADA, "ada", "second"))

    await line.dispatcher.accept(says(ADA, "ada", "third"))
    await line.settle()

    assert await line.texts(leg) == ["hello", "second", "third"]


@pytest.mark.parametrize("waits", [False, True], ids=["home path", "through the lane"])
async def test_a_leg_is_called_what_its_author_calls_it_now(
    store: Store, line: Assembly, waits: bool
) -> None:
    """A customer goes on under another subject: a list of old ones would mislead agents."""
    leg = await _begin(line)
    if waits:  # a worker that does not know the leg yet
        line = Assembly(store, {"bot": MemoryAdapter()})
    named = replace(says(ADA, "ada", "About the other one"), title="The other one")

    await line.dispatcher.accept(named)
    await line.settle()
    await line.dispatcher.accept(says(ADA, "ada", "Without a title"))
    await line.settle()

    assert (await line.store.legs.head(leg)).title == "The other one"


async def test_a_remembered_leg_that_was_sealed_is_not_written_to(line: Assembly) -> None:
    leg = await _begin(line)
    await line.agents.seal(await line.conversation_of(ADA), leg)

    await line.dispatcher.accept(says(ADA, "ada", "something else"))
    await line.settle()

    assert await line.texts(leg) == ["hello"]
    assert await line.texts(await line.leg_of(ADA)) == ["something else"]


async def test_a_closed_leg_is_not_written_to(line: Assembly) -> None:
    leg = await _begin(line)
    conversation = await line.conversation_of(ADA)
    await line.triage.set_status(conversation, AGENT, Status.CLOSED, MessageId("close"))

    await line.dispatcher.accept(says(ADA, "ada", "me again"))
    await line.settle()

    head = await line.store.legs.head(await line.leg_of(ADA))
    assert head.previous == leg
    assert await line.texts(head.id) == ["me again"]


@pytest.mark.parametrize(("turns_ago", "known"), [(0, True), (1, True), (2, False)])
async def test_a_claim_counts_in_its_turn_and_the_next(
    store: Store, line: Assembly, turns_ago: int, known: bool
) -> None:
    """Claims move to the key of an earlier turn here, as if time had passed."""
    event = says(ADA, "ada", "hello")
    await line.dispatcher.accept(event)
    await line.settle()
    seen = store.keys.seen(str(ADA))
    seconds, _ = await store.redis.time()
    now = seconds * 1000 // TURN_MS
    await store.redis.rename(seen[now % TURNS], seen[(now - turns_ago) % TURNS])
    await store.redis.hset(store.keys.thread(str(ADA)), "turn", str(now - turns_ago))

    message = as_message(event)
    answer = await store.threads.accept(event, "", message, None, hand_over=False)

    assert (answer == Filed(0)) is known
    assert isinstance(answer, Queued) is not known


async def test_claims_of_the_turn_before_are_found_when_a_turn_has_begun(
    store: Store, line: Assembly
) -> None:
    """A platform that tells again after midnight of the eighth day is not answered twice."""
    event = says(ADA, "ada", "hello")
    await line.dispatcher.accept(event)
    await line.settle()
    seen, head = store.keys.seen(str(ADA)), store.keys.thread(str(ADA))
    seconds, _ = await store.redis.time()
    now = seconds * 1000 // TURN_MS
    await store.redis.rename(seen[now % TURNS], seen[(now - 1) % TURNS])
    await store.redis.hset(head, "turn", str(now - 1))

    for text in ("the first of this turn", "the second"):
        await line.dispatcher.accept(says(ADA, "ada", text))
    answer = await store.threads.accept(event, "", as_message(event), None, hand_over=False)

    assert answer == Filed(0)
    assert await store.redis.ttl(seen[now % TURNS]) > 0


async def test_nothing_overtakes_what_waits_in_a_lane_that_was_seen_empty(
    store: Store, line: Assembly
) -> None:
    """Law 3: what was true of the lane once is not believed for ever."""
    leg = await _begin(line)
    await line.dispatcher.accept(says(ADA, "ada", "second"))
    slow = Assembly(store, line.adapters, hand_over=False)
    await slow.dispatcher.accept(says(ADA, "ada", "third"))

    await line.dispatcher.accept(says(ADA, "ada", "fourth"))
    await line.settle()
    await line.dispatcher.accept(says(ADA, "ada", "fifth"))
    await line.settle()

    assert await line.texts(leg) == ["hello", "second", "third", "fourth", "fifth"]


async def test_what_could_not_be_stored_may_come_again(store: Store, line: Assembly) -> None:
    """Law 1: a claim without its message would lose the message for good."""
    leg = await _begin(line)
    event, log = says(ADA, "ada", "once more"), store.keys.log(leg)
    await store.redis.rename(log, "{*}kept")
    await store.redis.set(log, "damaged")
    with pytest.raises(StoreError):
        await line.dispatcher.accept(event)
    await store.redis.rename("{*}kept", log)

    await line.dispatcher.accept(event)

    assert await line.texts(leg) == ["hello", "once more"]
    assert all([await store.redis.ttl(key) != -1 for key in store.keys.seen(str(ADA))])


async def test_events_wait_when_nobody_takes_them_over(store: Store) -> None:
    alone = Assembly(store, {"bot": MemoryAdapter()}, hand_over=False)
    await alone.dispatcher.accept(says(ADA, "ada", "hello"))

    due, _ = await store.lanes.due(store.keys.of(str(ADA)), (("bot", "in"),), 10)

    assert due == [("bot", "in", str(ADA))]
    assert not alone.handed


async def _begin(line: Assembly) -> LegId:
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    return await line.leg_of(ADA)
