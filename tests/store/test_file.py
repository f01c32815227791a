"""Filing what waits: under the lease, once, and only where the thread still goes."""

import pytest
from redis import Redis

from core.errors import Stale
from core.ids import new_ulid
from core.model.content import Text
from core.model.conversation import Status
from core.model.event import MessageDeleted, MessageEdited
from core.model.ids import LegId, MessageId, Number, identity_id
from core.model.message import Audience, Message
from core.rules.incoming import as_message
from core.store.lanes import Lease
from core.store.legs import new_leg
from core.store.store import Store
from core.store.threads import NewLeg
from tests.rigs.assembly import AGENT, Assembly, make_due, text_in
from tests.rigs.events import event, says, thread
from tests.rigs.redis_server import RedisServer

ADA = thread("ada")


async def test_filing_twice_appends_once(store: Store, line: Assembly) -> None:
    """A worker that did not live to acknowledge is followed by one that files again."""
    lease, message = await _waiting(line, "hello")
    leg, head = _leg(store, "1")
    run = [(lease.entries[0].seq, message)]
    await store.threads.file(lease, "", leg, None, head, run, {}, acknowledge=False)

    await store.threads.file(lease, "", leg, leg, None, run, {}, acknowledge=True)

    assert await line.texts(leg) == ["hello"]


async def test_a_late_holder_files_nothing(store: Store, line: Assembly) -> None:
    lease, message = await _waiting(line, "hello")
    await make_due(store)
    await store.lanes.take("bot", "in", str(ADA))
    leg, head = _leg(store, "1")

    with pytest.raises(Stale):
        await store.threads.file(lease, "", leg, None, head, [(1, message)], {}, acknowledge=True)

    assert await store.threads.bound(ADA, "") is None


@pytest.mark.parametrize("how", ["sealed", "closed"])
async def test_a_leg_that_ended_meanwhile_means_deciding_again(
    store: Store, line: Assembly, how: str
) -> None:
    first, message = await _waiting(line, "hello")
    leg, head = _leg(store, "1")
    await store.threads.file(first, "", leg, None, head, [(1, message)], {}, acknowledge=True)
    lease, message = await _waiting(line, "one more")
    if how == "sealed":
        await store.threads.seal(leg)
    else:
        await line.triage.set_status(
            await line.views.conversation(leg), AGENT, Status.CLOSED, MessageId("close")
        )

    run = await store.threads.file(lease, "", leg, leg, None, [(2, message)], {}, acknowledge=True)

    assert (run.again, run.rest) == (True, lease)
    assert "one more" not in await line.texts(leg)


async def test_a_leg_that_did_not_come_to_be_is_forgotten(
    store: Store, line: Assembly, server: RedisServer
) -> None:
    """Its author would stay in Redis for good, as somebody whose leg is still to be archived."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    before = await line.leg_of(ADA)
    ids = iter([new_ulid(), new_ulid()])

    def new_id() -> str:
        """While it is decided what the leg is called, the one before leaves for the archive."""
        with Redis.from_url(server.url) as other:
            other.hdel(store.keys.thread(str(ADA)), "b:")
        return next(ids)

    await store.threads.seal(before)
    racing = Assembly(store, line.adapters, new_id=new_id)
    await racing.dispatcher.accept(says(ADA, "ada", "one more"))
    await racing.settle()

    assert next(ids, None) is None, "it was decided once"
    keys, ada = store.keys, identity_id("telegram", "bot", "ada")
    named = await store.redis.zrange(keys.legs(ada), 0, -1)
    numbered = [
        leg
        async for key in store.redis.scan_iter("{*}numbers")
        for leg in await store.redis.hvals(key)
    ]
    there = sorted(leg.encode() for leg in (before, await racing.leg_of(ADA)))
    assert sorted(named) == sorted(numbered) == there


async def test_binding_anew_needs_the_leg_that_was_decided_on(store: Store, line: Assembly) -> None:
    lease, message = await _waiting(line, "hello")
    first, head = _leg(store, "1")
    await store.threads.file(lease, "", first, None, head, [(1, message)], {}, acknowledge=True)
    lease, message = await _waiting(line, "one more")
    other, head = _leg(store, "2")

    run = await store.threads.file(
        lease, "", other, None, head, [(2, message)], {}, acknowledge=True
    )

    assert run.again
    assert await store.legs.heads([other]) == [None]


async def test_a_new_leg_seals_the_one_before(store: Store, line: Assembly) -> None:
    lease, message = await _waiting(line, "hello")
    first, head = _leg(store, "1")
    await store.threads.file(lease, "", first, None, head, [(1, message)], {}, acknowledge=True)
    lease, message = await _waiting(line, "one more")
    second, head = _leg(store, "2", previous=first)

    await store.threads.file(lease, "", second, first, head, [(2, message)], {}, acknowledge=True)

    before, after = await store.legs.heads([first, second])
    assert before is not None
    assert after is not None
    assert (before.sealed, before.next, after.previous) == (True, second, first)


async def test_a_change_is_written_only_over_what_it_was_made_from(
    store: Store, line: Assembly
) -> None:
    await line.dispatcher.accept(says(ADA, "ada", "helo", remote="m1"))
    await line.settle()
    leg = await line.leg_of(ADA)
    before = await store.legs.message(leg, 1)
    assert before is not None
    edit = MessageEdited(remote="m1", parts=(Text(text="hello"),))
    await line.dispatcher.accept(event(ADA, "ada", edit))
    lease = line.handed[0]
    await line.settle()

    with pytest.raises(Stale):
        await store.threads.amend(lease, leg, 1, before, before)

    (entry,) = await line.log(leg)
    assert text_in(entry) == "hello"
    assert [part.text for part in entry.message.history[0].parts if isinstance(part, Text)] == [
        "helo"
    ]


async def test_a_change_of_something_else_meanwhile_is_looked_at_again(
    store: Store, line: Assembly
) -> None:
    await line.dispatcher.accept(says(ADA, "ada", "hello", remote="m1"))
    await line.settle()
    leg = await line.leg_of(ADA)
    before = await store.legs.message(leg, 1)
    assert before is not None
    other = as_message(says(ADA, "ada", "something else"))
    await line.dispatcher.accept(event(ADA, "ada", MessageDeleted(remote="m1")))
    lease = line.handed.popleft()

    third = as_message(says(ADA, "ada", "a third thing"))
    assert not await store.threads.amend(lease, leg, 1, other, third)
    assert await store.threads.amend(lease, leg, 1, before, other)
    assert await store.threads.amend(lease, leg, 1, before, other), "done twice, nothing more"


async def test_an_edit_of_what_nobody_knows_is_shown_as_such(line: Assembly) -> None:
    """Law 5: dropped would be worse."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    edit = MessageEdited(remote="long ago", parts=(Text(text="I meant this"),))
    await line.dispatcher.accept(event(ADA, "ada", edit))
    await line.settle()

    _, entry = await line.log(await line.leg_of(ADA))
    assert (text_in(entry), entry.message.lost) == ("I meant this", ("original",))


async def test_an_edit_in_an_unknown_thread_begins_a_leg(line: Assembly) -> None:
    edit = MessageEdited(remote="long ago", parts=(Text(text="I meant this"),))
    await line.dispatcher.accept(event(ADA, "ada", edit))
    await line.settle()

    (entry,) = await line.log(await line.leg_of(ADA))
    assert (text_in(entry), entry.message.lost) == ("I meant this", ("original",))


async def _waiting(line: Assembly, text: str) -> tuple[Lease, Message]:
    """A message in the thread's lane, which is ours."""
    said = says(ADA, "ada", text)
    await line.dispatcher.accept(said)
    return line.handed.popleft(), as_message(said)


def _leg(store: Store, number: str, previous: LegId | None = None) -> tuple[LegId, NewLeg]:
    head = new_leg(
        thread=ADA,
        author=identity_id("telegram", "bot", "ada"),
        author_name="Ada",
        audience=Audience.PRIVATE,
        number=Number(f"T-{number}"),
        title="",
        previous=previous,
        ungathered=False,
    )
    return store.keys.leg_id(new_ulid(), ADA), head
