"""A real server for the store's tests, emptied for each of them.

With FREEZING=1 everything is archived whenever a test has settled its work: whatever comes next has
to bring it back. What a test expects stays the same.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Final

import pytest

from core.store.store import Store
from tests.rigs.assembly import Assembly, fresh_store
from tests.rigs.freezing import ColdAssembly, Winter, winter_in
from tests.rigs.platform import ChangingAdapter, CommunityAdapter, MemoryAdapter
from tests.rigs.redis_server import RedisServer

LOOK_INTO_REDIS: Final = frozenset(
    {
        "test_the_latest_comes_first_with_its_latest_message",
        "test_what_we_said_by_ourselves_does_not_stand_before_the_question",
        "test_pages_show_everything_once",
        "test_what_a_spammer_writes_stays_among_spam",
        "test_a_filtered_list_leads_to_everything_wanted_and_nothing_else",
        "test_a_list_shows_what_was_said_and_not_what_we_say_about_it",
        "test_of_many_public_questions_the_latest_are_told_and_the_others_forgotten",
        "test_what_is_erased_is_found_no_more",
        "test_nothing_of_a_blocked_person_is_stored_on_any_of_their_lines",
        "test_a_leg_that_did_not_come_to_be_is_forgotten",
    }
)
"""Tests of views, in which nothing is that is archived, and of the keys themselves."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("FREEZING"):
        skip = pytest.mark.skip(reason="looks at what is in Redis itself")
        for item in items:
            if getattr(item, "originalname", item.name) in LOOK_INTO_REDIS:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
async def freezing(server: RedisServer) -> AsyncIterator[Winter | None]:
    """What archives everything, if that is asked for."""
    async with AsyncExitStack() as stack:
        wanted = os.environ.get("FREEZING")
        yield await stack.enter_async_context(winter_in(server.url)) if wanted else None


@pytest.fixture
async def store(server: RedisServer, freezing: Winter | None) -> AsyncIterator[Store]:
    if freezing:
        yield freezing.store
    else:
        async with fresh_store(server.url) as opened:
            yield opened


@pytest.fixture
def line(store: Store, freezing: Winter | None) -> Assembly:
    """One process with two inboxes, `bot` and `mail`."""
    adapters = {"bot": ChangingAdapter(), "mail": MemoryAdapter()}
    return ColdAssembly(freezing, adapters) if freezing else Assembly(store, adapters)


@pytest.fixture
async def winter(server: RedisServer) -> AsyncIterator[Winter]:
    """An empty installation with an archive."""
    async with winter_in(server.url) as there:
        yield there


@pytest.fixture
def town() -> CommunityAdapter:
    """A platform for the inbox `bot`, on which people are written to first."""
    return CommunityAdapter()


@pytest.fixture
def post() -> MemoryAdapter:
    """A platform for the inbox `mail`, on which nobody is."""
    return MemoryAdapter()
