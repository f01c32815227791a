"""What comes between a bot and its customers, through the whole gateway, and how it ends."""

import time
from collections.abc import Mapping
from pathlib import Path

from core.model.message import DeliveryState
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import TELEGRAM, Gateway, bot_channel
from tests.rigs.waiting import eventually

BACKLOG = 500
PAUSE_SECONDS = 30.0
PERSONS = ("mei", "jonas", "amara")


async def test_whoever_has_blocked_the_bot_is_named_until_they_unblock_it(
    agent: Api, sandbox: Sandbox
) -> None:
    """An agent who hears nothing would wait for an answer that cannot come."""
    mei = Customer(sandbox, "mei")
    mei.says("Hello")
    await eventually(lambda: _has(agent, 1))
    number = (await agent.all_conversations())[0].number

    sandbox.phone.block("mei")
    blocked = await agent.settled(await agent.reply(number, "Are you there?"))
    sandbox.phone.block("mei", blocked=False)
    again = await agent.settled(await agent.reply(number, "There you are"))

    assert blocked.delivery
    assert again.delivery
    assert blocked.delivery.state is DeliveryState.FAILED
    assert "blocked" in blocked.delivery.reason
    assert again.delivery.state is DeliveryState.SENT
    assert mei.read_on_phone == ["There you are"]


async def test_what_was_written_while_we_were_away_is_there_once_and_in_order(
    tmp_path: Path,
) -> None:
    """Five polls full, from three people over some hours: it comes at once, but is no flood."""
    ago = BACKLOG * PAUSE_SECONDS
    said: dict[str, list[str]] = {person: [] for person in PERSONS}
    async with Sandbox(now=lambda: time.time() - ago) as sandbox:
        for count in range(BACKLOG):
            person = PERSONS[count % len(PERSONS)]
            said[person].append(f"{person} {count}")
            sandbox.phone.say(person, said[person][-1])
            ago -= PAUSE_SECONDS

        async with (
            Gateway(tmp_path, bot_channel(sandbox, tmp_path)) as gateway,
            api(gateway.url, gateway.token) as agent,
        ):
            await _catches_up(agent, said)


async def test_a_revoked_token_pauses_its_inbox_and_no_other(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The operator is told which one; what was written for it waits."""
    other = sandbox.world.telegram.add_bot("Acme Sales", "acme_sales_bot")
    settings = bot_channel(sandbox, tmp_path)
    settings += bot_channel(sandbox, tmp_path, account="sales", token=other.token)
    async with Gateway(tmp_path, settings) as gateway, api(gateway.url, gateway.token) as agent:
        sandbox.phone.say("mei", "Hello support")
        sandbox.phone.say("mei", Saying(text="Hello sales", bot_id=other.id))
        await eventually(lambda: _has(agent, 2))
        numbers = {one.legs[0].thread.account: one.number for one in await agent.conversations()}

        sandbox.phone.bot().revoke()
        await eventually(lambda: _is(gateway, "paused"))
        waiting = await agent.reply(numbers[TELEGRAM], "Yes?")
        sent = await agent.settled(await agent.reply(numbers["sales"], "Yes?"))
        sandbox.phone.say("mei", Saying(text="Go on", bot_id=other.id))

        async def is_heard() -> bool:
            return await agent.heard(numbers["sales"]) == ["Hello sales", "Go on"]

        await eventually(is_heard)
        _, health = await gateway.health()
        held = await agent.now(waiting)
        assert sent.delivery
        assert sent.delivery.state is DeliveryState.SENT
        assert held.delivery
        assert held.delivery.state is DeliveryState.QUEUED
        assert {one.account: one.state for one in health.inboxes} == {
            TELEGRAM: "paused",
            "sales": "running",
        }
        assert sandbox.bot_token not in gateway.log.read_text()


async def _catches_up(agent: Api, said: Mapping[str, list[str]]) -> None:
    async def is_heard() -> bool:
        found = await agent.all_conversations()
        return sum(one.legs[0].length for one in found) >= BACKLOG

    await eventually(is_heard, timeout_seconds=30)
    for one in await agent.all_conversations():
        heard = await agent.heard(one.number)
        assert heard == said[heard[0].partition(" ")[0]]


async def _has(agent: Api, count: int) -> bool:
    return len(await agent.all_conversations()) == count


async def _is(gateway: Gateway, state: str) -> bool:
    return await gateway.inbox_state(TELEGRAM) == state
