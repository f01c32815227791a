"""Lanes: ready, leased, postponed and idle are one number; whoever is late is refused."""

import pytest

from core.errors import Stale
from core.store.lanes import Lease
from core.store.store import Store
from tests.rigs.assembly import Assembly, make_due
from tests.rigs.events import says, thread

ADA = thread("ada")
KEY = str(ADA)
SETS = (("bot", "in"),)


@pytest.fixture
async def lease(line: Assembly) -> Lease:
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    return line.handed.popleft()


async def test_a_leased_lane_is_not_due_until_the_lease_ends(store: Store, lease: Lease) -> None:
    found, wait_seconds = await store.lanes.due(store.keys.of(KEY), SETS, 10)

    assert found == []
    assert wait_seconds is not None
    assert 0 < wait_seconds <= store.lanes.lease_ms / 1000 + 0.002, "scores are rounded up"
    assert await store.lanes.take("bot", "in", KEY) is None


async def test_when_a_lease_ends_the_next_holder_has_a_greater_token(
    store: Store, lease: Lease
) -> None:
    await make_due(store)

    taken = await store.lanes.take("bot", "in", KEY)

    assert taken is not None
    assert float(taken.token) > float(lease.token)
    assert taken.entries == lease.entries


async def test_only_one_of_many_takes_a_lane(store: Store, lease: Lease) -> None:
    await store.lanes.postpone(lease, 0)

    first, second = [await store.lanes.take("bot", "in", KEY) for _ in range(2)]

    assert first is not None
    assert second is None


async def test_takes_issued_together_see_one_another(store: Store, lease: Lease) -> None:
    """Writes to the index are collected; an operation of the same call must see them."""
    await store.lanes.postpone(lease, 0)

    takes = [store.lanes.take("bot", "in", KEY) for _ in range(3)]
    taken = [await take for take in takes]

    assert len([one for one in taken if one]) == 1


async def test_a_renewed_lease_goes_on_and_the_old_token_does_not(
    store: Store, lease: Lease
) -> None:
    renewed = await store.lanes.renew(lease)

    assert float(renewed.token) > float(lease.token)
    with pytest.raises(Stale):
        await store.lanes.done(lease, 1)
    assert await store.lanes.done(renewed, 1) is None


async def test_a_late_holder_is_refused_everywhere(store: Store, lease: Lease) -> None:
    await make_due(store)
    assert await store.lanes.take("bot", "in", KEY)

    for late in (
        store.lanes.renew(lease),
        store.lanes.postpone(lease, 1.0),
        store.lanes.done(lease, 1),
    ):
        with pytest.raises(Stale):
            await late


async def test_a_postponed_lane_waits_its_time(store: Store, lease: Lease) -> None:
    await store.lanes.postpone(lease, 60.0)

    found, wait_seconds = await store.lanes.due(store.keys.of(KEY), SETS, 10)

    assert found == []
    assert wait_seconds is not None
    assert 50 < wait_seconds <= 60


async def test_acknowledging_hands_out_what_came_meanwhile(
    store: Store, line: Assembly, lease: Lease
) -> None:
    await line.dispatcher.accept(says(ADA, "ada", "second"))

    rest = await store.lanes.done(lease, 1)

    assert rest is not None
    assert [entry.seq for entry in rest.entries] == [2]
    assert await store.lanes.done(rest, 2) is None
    assert await store.redis.exists(store.keys.lane("in", KEY)) == 0


async def test_done_up_to_a_place_twice_removes_nothing_more(
    store: Store, line: Assembly, lease: Lease
) -> None:
    """Law 9: the client may run an operation again after a broken connection."""
    await line.dispatcher.accept(says(ADA, "ada", "second"))

    for _ in range(2):
        rest = await store.lanes.done(lease, 1)
        assert rest is not None
        assert [entry.seq for entry in rest.entries] == [2]


async def test_a_slow_thread_delays_no_other(store: Store, line: Assembly, lease: Lease) -> None:
    other = thread("ben")
    await line.dispatcher.accept(says(other, "ben", "hello"))

    await line.dispatcher.dispatch(line.handed.popleft())

    assert await line.texts(await line.leg_of(other)) == ["hello"]
