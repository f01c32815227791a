"""How far a question has come is to be seen on the message with which it was asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.discord.community.states import STATES
from core.model.conversation import Status
from core.model.ids import MessageId
from sandbox.server import Sandbox
from tests.e2e.discord.line_rig import channel
from tests.e2e.discord.town_rig import town
from tests.rigs.assembly import AGENT, fresh_store
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


async def test_whoever_asked_sees_it_change_and_only_the_newest_state(
    server: RedisServer, tmp_path: Path
) -> None:
    """They would ask again, and others would answer what is answered."""
    async with (
        Sandbox() as sandbox,
        fresh_store(server.url) as store,
        town(sandbox, store, tmp_path) as place,
    ):
        question = place.app.say("mei", "public: how?", channel(sandbox, "support"))
        await eventually(lambda: place.bots_reactions(question) == [STATES[Status.NEW]])
        conversation = await place.conversation_of(question)

        for status in (Status.WAITING_INTERNAL, Status.RESOLVED, Status.CLOSED):
            activity = MessageId(place.line.new_id())
            await place.line.triage.set_status(conversation, AGENT, status, activity)
        await eventually(lambda: place.bots_reactions(question) == [STATES[Status.CLOSED]])
