"""Budgets as the store keeps them: what is let through, and whose turn comes when."""

import asyncio
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ports import Budget
from core.store.store import Store
from core.store.turns import HORIZON_SECONDS, Turn
from tests.rigs.assembly import fresh_store
from tests.rigs.redis_server import RedisServer

NONE: frozenset[str] = frozenset()


class Passed(NamedTuple):
    """A call that was let through between two moments of the server's clock, in seconds."""

    after: float
    before: float


budgets = st.builds(
    lambda rate, burst: Budget(name="", per_second=rate, burst=burst),
    st.sampled_from([100.0, 250.0, 400.0, 900.0]),
    st.integers(1, 6),
)


@given(chat=budgets, whole=budgets, callers=st.integers(1, 4), calls=st.integers(1, 8))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_in_no_window_more_is_let_through_than_the_budget_has(
    server: RedisServer, chat: Budget, whole: Budget, callers: int, calls: int
) -> None:
    """The one law, for a budget of one caller and for one that all share: a platform that is asked
    too often refuses everybody.
    """
    async with fresh_store(server.url) as store:
        mine = [(_named(chat, f"chat {n}"), _named(whole, "account")) for n in range(callers)]

        found = await asyncio.gather(*(_calls(store, of, calls) for of in mine))

    for passed in found:
        _keeps(chat, passed)
    _keeps(whole, sorted(one for passed in found for one in passed))


def _named(budget: Budget, name: str) -> Budget:
    return Budget(name=name, per_second=budget.per_second, burst=budget.burst)


async def _calls(store: Store, of: tuple[Budget, ...], count: int) -> list[Passed]:
    """Ask again and again, too early each time but the last: what passes, passes by the clock."""
    passed: list[Passed] = []
    booked = NONE
    while len(passed) < count:
        after = await _clock(store)
        turn = await store.turns.spend("bot", of, booked)
        if turn is None:
            passed.append(Passed(after, await _clock(store)))
            booked = NONE
        elif turn.booked:
            booked |= {turn.name}
    return passed


async def _clock(store: Store) -> float:
    seconds, microseconds = await store.redis.time()
    return float(seconds) + microseconds / 1e6


def _keeps(budget: Budget, passed: list[Passed]) -> None:
    """The scripts' clock has whole milliseconds."""
    for first, one in enumerate(passed):
        for count, other in enumerate(passed[first:], 1):
            window = other.before - one.after + 0.001
            assert count <= budget.burst + budget.per_second * window + 1e-6


async def test_those_who_wait_are_booked_one_after_another(store: Store) -> None:
    """Law 10: were all told to come back at once, each turn would cost as many calls as wait."""
    chat = Budget(name="chat", per_second=1.0, burst=2)

    turns = [await store.turns.spend("bot", (chat,), NONE) for _ in range(6)]

    assert turns[:2] == [None, None]
    waits = [turn.seconds for turn in turns if turn]
    assert waits == [pytest.approx(n, abs=0.3) for n in (1, 2, 3, 4)]


async def test_an_album_counts_as_the_messages_that_it_is(store: Store) -> None:
    """A few albums would be answered with a pause that keeps the whole group waiting."""
    chat = Budget(name="chat", per_second=1.0, burst=5)
    await store.turns.spend("bot", (chat,), NONE)

    await store.turns.owe("bot", (chat,), 9)

    turn = await store.turns.spend("bot", (chat,), NONE)
    assert turn
    assert turn.seconds == pytest.approx(6, abs=0.3)


async def test_what_waits_for_its_chat_takes_nothing_from_the_account(store: Store) -> None:
    """One flooded chat delays nobody."""
    flooded = Budget(name="flooded", per_second=0.01, burst=1)
    whole = Budget(name="account", per_second=0.01, burst=2)
    for _ in range(200):
        await store.turns.spend("bot", (flooded, whole), NONE)

    other = await store.turns.spend("bot", (whole,), NONE)

    assert other is None


async def test_a_booking_lost_with_its_process_costs_only_time(store: Store) -> None:
    chat = Budget(name="chat", per_second=200.0, burst=1)
    for _ in range(20):
        await store.turns.spend("bot", (chat,), NONE)

    last = await store.turns.spend("bot", (chat,), NONE)
    while last is not None:
        last = await store.turns.spend("bot", (chat,), frozenset({"chat"} if last.booked else ()))

    assert last is None


async def test_nobody_is_booked_farther_ahead_than_the_horizon(store: Store) -> None:
    """Law 10: bookings of processes that were lost must not add up to a week."""
    chat = Budget(name="chat", per_second=1 / 200, burst=1)

    turns = [await store.turns.spend("bot", (chat,), NONE) for _ in range(9)]

    assert [turn.booked for turn in turns if turn] == [True, True, True, *[False] * 5]
    assert turns[-1] == Turn(HORIZON_SECONDS, "chat", booked=False)


async def test_what_was_booked_before_the_platform_complained_waits_for_the_end_of_it(
    store: Store,
) -> None:
    chat = Budget(name="chat", per_second=50.0, burst=3)
    booked: list[Turn | None] = [await store.turns.spend("bot", (chat,), NONE) for _ in range(6)]
    await store.turns.withhold("bot", chat, 60.0)

    again = [
        await store.turns.spend("bot", (chat,), frozenset({"chat"})) for turn in booked if turn
    ]

    waits = [turn.seconds for turn in again if turn]
    assert len(waits) == 3
    assert all(59 < seconds <= 60.1 for seconds in waits)
    assert waits == sorted(set(waits))
