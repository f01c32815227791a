"""The roles of a gateway in processes of their own, as a big installation runs them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.model.content import Media
from core.model.message import DeliveryState
from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import END_SECONDS, MAIL, TELEGRAM, Gateway, bot_channel, channels
from tests.rigs.split import Split
from tests.rigs.waiting import eventually

ON_DEMAND = "[limits]\nattachment_fetch = false\n"
BOT, MAILBOX = f"adapter:{TELEGRAM}", f"adapter:{MAIL}"


@pytest.fixture
async def split(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Split]:
    settings = ON_DEMAND + channels(sandbox, tmp_path)
    async with Split(tmp_path, settings, "web", "worker", BOT, MAILBOX) as running:
        yield running


async def test_four_processes_are_one_gateway(split: Split, sandbox: Sandbox) -> None:
    """A message, a file, an answer, a sign of writing and a first word cross from process to
    process, and what was in the air when one is killed is there when it is back.
    """
    mei = Customer(sandbox, "mei")
    async with api(split.url, split.token) as agent:
        mei.sends_file("broken.pdf", b"%PDF-1.7 broken")
        number = await _heard(agent, 1)
        assert await _first_file(agent, number) == b"%PDF-1.7 broken"
        answer = await agent.settled(await agent.reply(number, "We look into it"))
        assert answer.delivery
        assert answer.delivery.state is DeliveryState.SENT
        await eventually(lambda: _writing_is_shown(agent, number, sandbox))

        await split.kill("worker")
        mei.says("Nobody carries this yet")
        split.start("worker")
        await _heard(agent, 2)

        await split.kill(BOT)
        late = await agent.reply(number, "Sent when the bot is back")
        assert late.delivery
        assert late.delivery.state is DeliveryState.QUEUED
        await eventually(lambda: _is_away(split))
        split.start(BOT)
        await split.ready()
        await agent.settled(late)

        await split.kill("web")
        mei.says("Nobody sees this yet")
        split.start("web")
        await split.ready()
        await _heard(agent, 3)

        first = {"inbox": MAIL, "to": mei.person.address, "text": "And by mail"}
        async with agent.http.post("/api/v1/conversations", json=first) as begun:
            assert begun.status == 201
        await eventually(lambda: mei.read_by_mail == ["And by mail"])
    assert [one.text for one in mei.answers] == ["We look into it", "Sent when the bot is back"]


async def test_an_inbox_is_taken_over_by_who_stands_by(split: Split, sandbox: Sandbox) -> None:
    """Whoever starts two expects one to go on when the other is gone; both at once would take the
    bot's updates from each other.
    """
    mei = Customer(sandbox, "mei")
    second = f"worker,{BOT}"
    split.start(second)
    log = split.log(second)
    await eventually(lambda: "standing by" in log.read_text())
    async with api(split.url, split.token) as agent:
        mei.says("One of them hears me")
        number = await _heard(agent, 1)

        await split.kill(BOT)
        mei.says("And now the other one")

        await _heard(agent, 2)
        answer = await agent.settled(await agent.reply(number, "Sent by the other one"))
        assert answer.delivery
        assert answer.delivery.state is DeliveryState.SENT
        await split.ready()
    assert [one.text for one in mei.answers] == ["Sent by the other one"]


async def test_an_inbox_that_is_called_says_so_where_nobody_listens(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """It would be registered at Telegram and hear nothing, with a state of `running`."""
    gateway = Gateway(tmp_path, bot_channel(sandbox, tmp_path, mode="webhook"))
    process = gateway.begin("up", "--only", BOT)
    try:
        await eventually(lambda: "start its process with --bind" in gateway.log.read_text())
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, END_SECONDS)


async def _heard(agent: Api, count: int) -> str:
    """The number of the one conversation, once so much was said in it."""
    found: list[str] = []

    async def is_there() -> bool:
        (*numbers,) = (one.number for one in await agent.all_conversations())
        found[:] = [one for one in numbers if len(await agent.heard(one)) >= count]
        return bool(found)

    await eventually(is_there)
    return found[0]


async def _first_file(agent: Api, number: str) -> bytes:
    entry = (await agent.entries(number))[0]
    (media,) = (part for part in entry.message.parts if isinstance(part, Media))
    return await agent.download(number, entry, media.attachment)


async def _writing_is_shown(agent: Api, number: str, sandbox: Sandbox) -> bool:
    """Said again until it is: a busy gateway shows none, and keeps nothing of it."""
    async with agent.http.post(f"/api/v1/conversations/{number}/typing", json={}) as answer:
        assert answer.status == 204
    with suppress(TimeoutError):
        await eventually(lambda: "telegram.action" in _happened(sandbox), timeout_seconds=1)
        return True
    return False


def _happened(sandbox: Sandbox) -> list[str]:
    return [change.kind for change in sandbox.world.telegram.feed.since(0)]


async def _is_away(split: Split) -> bool:
    return (await split.states()).get(TELEGRAM) == "away"
