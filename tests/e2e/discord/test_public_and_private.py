"""Law 7 on Discord: a word that is meant for one person is never read by others there."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import settings

from sandbox.server import Sandbox
from tests.e2e.discord.town_rig import town
from tests.rigs.assembly import fresh_store
from tests.rigs.redis_server import RedisServer

STORIES: Final = max(10, settings().max_examples // 25)
"""Two hundred with the profile `fuzz`."""

DEEDS: Final = 8


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


async def test_no_private_word_is_read_by_others_on_discord(
    server: RedisServer, tmp_path: Path
) -> None:
    """A customer's address would be there for everybody, for ever."""
    async with (
        Sandbox() as sandbox,
        fresh_store(server.url) as store,
        town(sandbox, store, tmp_path) as place,
    ):
        for number in range(STORIES):
            await place.live(DEEDS, Random(number))
            assert place.leaks() == [], f"story {number}"

    assert place.told["read by others"] > STORIES
    assert place.told["an_agent_goes_on_in_private"] > STORIES / 4
    assert place.told["somebody_continues_in_private"] > STORIES / 4
    assert place.told["refused: AudienceMismatch"] > STORIES / 4
