"""A customer's questions on Discord through the whole gateway, with what goes wrong in between."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model.content import Media
from core.model.conversation import Entry
from core.model.message import DeliveryState
from sandbox.discord.app import File
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.gateway import Gateway, discord_channel
from tests.rigs.waiting import eventually

LOG = bytes(range(256)) * 400


@pytest.fixture
async def gateway(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with Gateway(tmp_path, discord_channel(sandbox, tmp_path)) as running:
        await eventually(lambda: any(line.session for line in sandbox.discord_gateway.lines))
        yield running


async def test_an_agent_answers_what_a_customer_writes(agent: Api, sandbox: Sandbox) -> None:
    """Both see the same words and the same file; what is corrected is corrected for both."""
    sandbox.discord.say("mei", "It fails", files=[File(name="app.log", content=LOG)])
    number = await _number(agent)

    said = await agent.settled(await agent.reply(number, "Which version?"))
    url = f"/api/v1/conversations/{number}/messages/{said.message.id}"
    changed = await agent.change("PATCH", url, {"text": "Which?"})

    assert changed.delivery is not None
    assert changed.delivery.state is DeliveryState.SENT
    assert sandbox.discord.texts("mei") == ["It fails", "Which?"]
    assert await agent.heard(number) == ["It fails"]
    await eventually(lambda: _has_file(agent, number))


async def test_a_killed_gateway_answers_once(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """Discord had taken the answer when the process was lost, before it heard of that."""
    sandbox.discord.say("mei", "Hello?")
    number = await _number(agent)
    slow = Fault("discord", "create_message", Kind.SLOW_AFTER, seconds=20.0)
    sandbox.world.faults.add(slow)
    await agent.reply(number, "Hello Mei")
    await eventually(lambda: len(sandbox.discord.texts("mei")) == 2)

    await gateway.kill()
    gateway.start()
    await gateway.ready()
    async with api(gateway.url, gateway.token) as again:
        (answer,) = [one for one in await again.entries(number) if one.delivery]
        after = await again.settled(answer, timeout_seconds=30.0)

    assert after.delivery is not None
    assert after.delivery.state is DeliveryState.SENT
    assert sandbox.discord.texts("mei") == ["Hello?", "Hello Mei"]


async def _number(agent: Api) -> str:
    await eventually(lambda: _begun(agent))
    (conversation,) = await agent.all_conversations()
    return conversation.number


async def _begun(agent: Api) -> bool:
    return bool(await agent.all_conversations())


async def _has_file(agent: Api, number: str) -> bool:
    """Whether the customer's file can be had here, as it was."""
    entries: list[Entry] = await agent.entries(number)
    for entry in entries:
        for part in entry.message.parts:
            if isinstance(part, Media) and part.attachment.sha256:
                return await agent.download(number, entry, part.attachment) == LOG
    return False
