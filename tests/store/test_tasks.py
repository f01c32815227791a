"""Work on who is who: asked for once, on record, carried out one after another."""

import asyncio

import pytest

from core.errors import Conflict, InvalidRequest, NotFound
from core.ids import new_ulid
from core.model.ids import identity_id
from core.store.store import Store, StoreSettings, open_store
from tests.rigs.assembly import Assembly, fresh_store, make_due
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer

ADA, MAIL = thread("ada"), thread("ada's", "email", "mail")
ON_CHAT = identity_id("telegram", "bot", "ada")
BY_MAIL = identity_id("email", "mail", "ada@x.example")


@pytest.fixture
async def both(line: Assembly) -> Assembly:
    """One person who wrote on both channels; nobody knows yet that it is one."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.dispatcher.accept(says(MAIL, "ada@x.example", "hello by mail"))
    await line.settle()
    return line


async def test_a_link_is_on_record_before_it_is_carried_out(store: Store, both: Assembly) -> None:
    place = await both.joins.link("t1", ON_CHAT, BY_MAIL, "agent:robin", "said so")

    assert not await both.joins.finished(place)
    records = await store.redis.xrange(store.keys.audit("who is who")) or []
    assert [record for _, record in records] == [
        {
            b"action": b"link",
            b"a": ON_CHAT.encode(),
            b"b": BY_MAIL.encode(),
            b"by": b"agent:robin",
            b"why": b"said so",
        }
    ]

    await both.settle()
    assert await both.joins.finished(place)
    contact = await both.views.contact(ON_CHAT)
    assert [one.id for one in contact.identities] == [BY_MAIL, ON_CHAT]


async def test_a_task_asked_for_twice_is_one_task(both: Assembly) -> None:
    """A caller that heard no answer asks again, and then waits for the same place."""
    first = await both.joins.link("t1", ON_CHAT, BY_MAIL, "agent:robin", "said so")

    again = await both.joins.link("t1", ON_CHAT, BY_MAIL, "agent:robin", "said so")

    assert again == first
    assert not await both.joins.finished(again)


async def test_a_worker_that_died_half_way_is_followed_by_another(
    store: Store, both: Assembly
) -> None:
    await both.joins.link("t1", ON_CHAT, BY_MAIL, "agent:robin", "said so")
    (lost,) = await both.take_due()
    await make_due(store)

    await both.settle()

    assert len((await both.conversation_of(ADA)).legs) == 2
    assert lost.kind == "task"


async def test_a_new_leg_is_gathered_with_its_contacts_open_ones(both: Assembly) -> None:
    await both.joins.link("t1", ON_CHAT, BY_MAIL, "agent:robin", "said so")
    await both.settle()
    await both.agents.seal(await both.conversation_of(ADA), await both.leg_of(ADA))

    await both.dispatcher.accept(says(ADA, "ada", "something else"))
    await both.settle()

    legs = [leg.id for leg in (await both.conversation_of(MAIL)).legs]
    assert len(legs) == 3
    assert await both.leg_of(ADA) in legs


async def test_what_makes_no_sense_is_refused_at_once(both: Assembly) -> None:
    joins, nobody = both.joins, identity_id("telegram", "bot", "nobody")
    leg = await both.leg_of(ADA)

    with pytest.raises(InvalidRequest):
        await joins.link("t1", ON_CHAT, ON_CHAT, "agent:robin", "")
    with pytest.raises(NotFound):
        await joins.link("t2", ON_CHAT, nobody, "agent:robin", "")
    with pytest.raises(Conflict):
        await joins.unlink("t3", ON_CHAT, BY_MAIL, "agent:robin", "")
    with pytest.raises(InvalidRequest):
        await joins.merge("t4", leg, leg, "agent:robin")
    with pytest.raises(Conflict):
        await joins.unmerge("t5", leg, await both.leg_of(MAIL), "agent:robin")


async def test_many_legs_are_joined_and_parted_in_few_round_trips(
    store: Store, line: Assembly
) -> None:
    """Pairs grow with the square; a task whose lease ends first would never be done."""
    for where in ("bot", "mail"):
        for n in range(24):
            await line.dispatcher.accept(says(thread(f"{n}", account=where), "ada", "hello"))
    await line.settle()
    a, b = (identity_id("telegram", one, "ada") for one in ("bot", "mail"))
    for ask in (line.joins.link, line.joins.unlink):
        before = store.commit.round_trips

        place = await ask(new_ulid(), a, b, "agent:robin", "said so")
        await line.settle()

        assert await line.joins.finished(place)
        assert store.commit.round_trips - before < 250


async def test_a_task_keeps_its_lane_for_as_long_as_it_takes(server: RedisServer) -> None:
    """Else another worker would begin it anew, and neither would ever be done."""
    settings = StoreSettings(url=server.url, lease_seconds=0.3)
    async with fresh_store(server.url), open_store(settings) as store:
        line = Assembly(store, {"bot": MemoryAdapter(), "mail": MemoryAdapter()})
        for where in ("bot", "mail"):
            for n in range(40):
                await line.dispatcher.accept(says(thread(f"{n}", account=where), "ada", "hello"))
        await line.settle()
        a, b = (identity_id("telegram", one, "ada") for one in ("bot", "mail"))
        place = await line.joins.link("t1", a, b, "agent:robin", "said so")
        (lease,) = await line.take_due()

        working = asyncio.ensure_future(line.joins.work(lease))
        while not working.done():
            assert await line.take_due() == []

        await working
        assert await line.joins.finished(place)
