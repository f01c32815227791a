"""What a load balancer and an agent's page ask a running gateway."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import MAIL, TELEGRAM, Gateway
from tests.rigs.waiting import eventually


async def test_a_gateway_says_how_it_is(gateway: Gateway, agent: Api) -> None:
    status, health = await gateway.health()

    assert (status, health.ready, health.store) == (200, True, "ok")
    assert {one.account: one.state for one in health.inboxes} == {
        TELEGRAM: "running",
        MAIL: "running",
    }
    async with agent.http.get("/livez") as answer:
        assert answer.status == 200


async def test_a_wrong_token_is_refused(gateway: Gateway) -> None:
    wrong = gateway.token[:-2] + "xx"
    async with api(gateway.url, wrong) as stranger:
        with pytest.raises(aiohttp.ClientResponseError, match="401"):
            await stranger.conversations()


async def test_a_token_is_made_and_revoked_while_the_gateway_runs(gateway: Gateway) -> None:
    made = await gateway.command("token", "new", "Ines")
    token = made.stdout.strip()
    async with api(gateway.url, token) as ines:
        assert await ines.conversations() == []

        revoked = await gateway.command("token", "revoke", token.split("_")[1])

        assert (made.returncode, revoked.returncode) == (0, 0), made.stderr + revoked.stderr
        with pytest.raises(aiohttp.ClientResponseError, match="401"):
            await ines.conversations()


async def test_what_happens_is_told_at_once_and_again_after_a_crash(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """A page that comes back after a crash of the gateway has missed nothing."""
    mei = Customer(sandbox, "mei")
    async with agent.live() as events:
        mei.says("Hello")
        first = await until(events, "in")
        number = first["conversation"]
        await agent.reply(number, "Hi")
        second = await until(events, "sent")
    await gateway.kill()
    mei.says("Are you there?")
    gateway.start()
    await gateway.ready()
    await eventually(lambda: has_heard(agent, number, 2))

    async with agent.live(after=second["id"]) as events:
        missed = await until(events, "in")

    assert missed["conversation"] == number
    entries = await agent.entries(number)
    assert entries[missed["position"] - 1].message.parts == entries[-1].message.parts


async def until(events: AsyncIterator[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The next event of this kind."""
    async with asyncio.timeout(10):
        async for event in events:
            if event["kind"] == kind:
                return event
    raise AssertionError(f"the stream ended before {kind}")


async def has_heard(agent: Api, number: str, count: int) -> bool:
    return len(await agent.heard(number)) == count
