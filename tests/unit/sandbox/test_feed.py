"""The page and the long polls live from this feed: no change may be missed."""

import asyncio

from sandbox.feed import KEPT_CHANGES_MAX, Feed
from tests.rigs.waiting import PATIENCE_SECONDS


async def test_a_follower_sees_what_was_and_what_comes() -> None:
    feed = Feed()
    feed.publish("first")
    seen: list[str] = []

    async def follow() -> None:
        async for change in feed.follow(0):
            seen.append(change.kind)
            if change.kind == "last":
                return

    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        await asyncio.sleep(0)
        feed.publish("second")
        feed.publish("last")

    assert seen == ["first", "second", "last"]


def test_a_follower_that_missed_too_much_is_told_to_start_over() -> None:
    feed = Feed()
    for _ in range(KEPT_CHANGES_MAX + 2):
        feed.publish("change")

    assert [change.kind for change in feed.since(1)] == ["reset"]
    assert len(feed.since(2)) == KEPT_CHANGES_MAX


def test_a_follower_of_an_earlier_sandbox_is_told_to_start_over() -> None:
    assert [change.kind for change in Feed().since(99)] == ["reset"]
