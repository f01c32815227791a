"""Linking people and merging conversations can be undone exactly (law 6), whatever came between."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from hypothesis import HealthCheck, example, given, settings

from core.model.ids import identity_id
from core.store.people import LEGS_MAX
from tests.rigs.assembly import Assembly, fresh_store
from tests.rigs.events import actor, says, thread
from tests.rigs.histories import (
    EVERYBODY_WRITES,
    THREADS,
    Deed,
    Wish,
    histories,
    histories_of_splits,
    player_on,
    without_undone,
)
from tests.rigs.redis_server import RedisServer

FEWER = settings(
    max_examples=max(60, settings().max_examples // 8),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
AND_ON: list[Wish] = [*EVERYBODY_WRITES, *(Wish("reply", n) for n in range(len(THREADS)))]

LINKED_BY_TWO_WAYS = [
    Wish("write", 0), Wish("write", 2), Wish("write", 3),
    Wish("link", 0, 1), Wish("link", 1, 2), Wish("seal", 3), Wish("link", 0, 2),
    Wish("unlink", 1, 2),
]  # fmt: skip
"""The sealed leg was with the others by the link that was undone, not by the one that stands."""

MERGED_THOUGH_JOINED = [
    Wish("write", 0), Wish("write", 1), Wish("merge", 0, 1), Wish("unmerge", 0, 0),
]  # fmt: skip
"""Both legs are with one person: without the merge they would be one conversation too."""

LINKED_THEN_MERGED = [
    Wish("write", 0), Wish("write", 2), Wish("link", 0, 1), Wish("merge", 0, 2),
    Wish("unmerge", 0, 0),
]  # fmt: skip


@FEWER
@example(history=LINKED_BY_TWO_WAYS)
@example(history=MERGED_THOUGH_JOINED)
@example(history=LINKED_THEN_MERGED)
@given(history=histories)
def test_what_was_undone_might_as_well_never_have_been(
    server: RedisServer, history: list[Wish]
) -> None:
    """An agent who linked two strangers by mistake has done no lasting harm to either."""
    asyncio.run(_compare(server.url, history))


@settings(FEWER, max_examples=max(25, settings().max_examples // 20))
@given(history=histories_of_splits)
def test_a_split_that_was_undone_might_as_well_never_have_been(
    server: RedisServer, history: list[Wish]
) -> None:
    """What came while two conversations were apart would stay with one of them."""
    asyncio.run(_compare(server.url, history))


async def _compare(url: str, history: Sequence[Wish]) -> None:
    async with fresh_store(url, partitions=2) as store:
        player = player_on(store)
        for wish in history:
            await player.wish(wish)
        deeds = list(player.deeds)
        outcome = await player.outcome()
        for wish in AND_ON:
            await player.wish(wish)
        later = await player.outcome()
        afterwards = player.deeds[len(deeds) :]

    async with fresh_store(url, partitions=2) as store:
        plain = player_on(store)
        await _play(plain.do, without_undone(deeds))
        assert await plain.outcome() == outcome
        await _play(plain.do, afterwards)
        assert await plain.outcome() == later


async def _play(do: Callable[[Deed], Awaitable[None]], deeds: Sequence[Deed]) -> None:
    for deed in deeds:
        await do(deed)


async def test_a_link_is_undone_on_legs_of_long_ago(line: Assembly) -> None:
    """Whoever writes mails has a leg for each: the old ones must not stay with a stranger."""
    first = {who: thread(f"first/{who}", "email", "mail") for who in ("ada", "bo")}
    ada, bo = (identity_id("email", "mail", who) for who in first)
    for who, where in first.items():
        await line.dispatcher.accept(says(where, who, "hello"))
        await line.settle()
    await line.joins.link("link", ada, bo, "agent:robin", "the same, they say")
    await line.settle()
    for who, where in first.items():
        for _ in range(LEGS_MAX + 1):
            leg = line.store.keys.leg_id(line.new_id(), where)
            identity = identity_id("email", "mail", who)
            await line.store.people.identify(identity, where, actor(who), leg, private=True)

    await line.joins.unlink("unlink", ada, bo, "agent:robin", "they are not")
    await line.settle()

    for where in first.values():
        assert len((await line.conversation_of(where)).legs) == 1
