"""The store goes away or is full: nothing is acknowledged meanwhile, nothing lost or doubled."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis

from core.model.message import DeliveryState
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.gateway import MAIL, TELEGRAM, Gateway, channels
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
async def gateway(sandbox: Sandbox, tmp_path: Path, server: RedisServer) -> AsyncIterator[Gateway]:
    settings = channels(sandbox, tmp_path)
    async with Gateway(tmp_path, settings, redis_url=server.url) as running:
        yield running


async def test_while_redis_is_away_nothing_is_acknowledged_and_nothing_lost(
    gateway: Gateway, agent: Api, sandbox: Sandbox, server: RedisServer
) -> None:
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    mei.says("1")
    jonas.writes("Before", subject="Parcel")
    chat = await number_on_the_phone(agent)

    server.kill()
    mei.says("2")
    mei.says("3")
    jonas.writes("Meanwhile", subject="Parcel")
    await eventually(lambda: is_ready(gateway, False))
    refused = await status_of_reply(agent, chat)
    unacknowledged = len(sandbox.world.telegram.bots[0].updates)
    server.start()
    await eventually(lambda: is_ready(gateway, True))
    mei.says("4")

    await eventually(lambda: heard(agent, chat, ["1", "2", "3", "4"]))
    await eventually(lambda: not sandbox.world.telegram.bots[0].updates)
    assert (refused, unacknowledged) == (503, 2)
    sent = await agent.settled(await agent.reply(chat, "All there"))
    assert sent.delivery is not None
    assert sent.delivery.state is DeliveryState.SENT
    assert mei.read_on_phone == ["All there"]
    await eventually(lambda: mails_heard(agent, ["Before", "Meanwhile"]))


async def test_while_redis_is_full_nothing_is_acknowledged_and_what_was_begun_is_finished(
    gateway: Gateway, agent: Api, sandbox: Sandbox, server: RedisServer
) -> None:
    mei = Customer(sandbox, "mei")
    mei.says("1")
    await eventually(lambda: has_open(agent, 1))
    [chat] = [one.number for one in await agent.conversations()]
    slow = Fault("telegram", "sendMessage", Kind.SLOW_AFTER, seconds=1.0)
    sandbox.world.faults.add(slow)

    in_hand = await agent.reply(chat, "On its way while it fills up")
    await eventually(lambda: slow.fired == 1)
    async with Redis.from_url(server.url) as redis:
        await redis.config_set("maxmemory", 1)
        mei.says("2")
        finished = await agent.settled(in_hand)
        refused = await status_of_reply(agent, chat)
        await eventually(lambda: said(gateway, "maxmemory"))
        unacknowledged = len(sandbox.world.telegram.bots[0].updates)
        await redis.config_set("maxmemory", 0)

    await eventually(lambda: heard(agent, chat, ["1", "2"]))
    await eventually(lambda: not sandbox.world.telegram.bots[0].updates)
    assert finished.delivery is not None
    assert finished.delivery.state is DeliveryState.SENT
    assert (refused, unacknowledged) == (503, 1)
    assert mei.read_on_phone == ["On its way while it fills up"]


async def number_on_the_phone(agent: Api) -> str:
    """Once both channels were heard."""
    await eventually(lambda: has_open(agent, 2))
    found = {one.legs[0].thread.account: one.number for one in await agent.conversations()}
    return found[TELEGRAM]


async def has_open(agent: Api, count: int) -> bool:
    return len(await agent.conversations()) == count


async def heard(agent: Api, number: str, texts: list[str]) -> bool:
    return await agent.heard(number) == texts


async def mails_heard(agent: Api, texts: list[str]) -> bool:
    """Each begins a conversation of its own: none answers another one."""
    found = [one for one in await agent.all_conversations() if one.legs[0].thread.account == MAIL]
    heard = [text.strip() for one in found for text in await agent.heard(one.number)]
    return sorted(heard) == texts


async def is_ready(gateway: Gateway, fact: bool) -> bool:
    return (await gateway.health())[1].ready is fact


async def status_of_reply(agent: Api, number: str) -> int:
    """What an agent is answered whose reply cannot be taken."""
    with pytest.raises(aiohttp.ClientResponseError) as refusal:
        await agent.reply(number, "Not now")
    return refusal.value.status


def said(gateway: Gateway, words: str) -> bool:
    return words in gateway.log.read_text()
