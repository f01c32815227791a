"""kill -9 in the middle of telling receivers: everything comes, once per id, in order."""

import asyncio
from collections import defaultdict
from pathlib import Path

import pytest

from core.model.message import Direction
from sandbox.certificates import Authority
from sandbox.server import Sandbox
from tests.rigs.api import Api, api, words
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway, bot_channel
from tests.rigs.ports import free_port
from tests.rigs.receiver import Receiver, Told, receiving
from tests.rigs.waiting import eventually

MESSAGES = 12
PEOPLE = ("mei", "jonas")
WEBHOOKS = '[webhooks]\nallow_hosts = ["127.0.0.1"]\n'


async def test_a_killed_gateway_tells_everything_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut during an outage: the worst hour is when an integrator must lose nothing."""
    port, authority = free_port(), Authority("The receiver's")
    trusted = tmp_path / "authority.pem"
    trusted.write_text(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))  # of the gateway's process
    async with Sandbox() as sandbox:
        settings = WEBHOOKS + bot_channel(sandbox, tmp_path)
        async with Gateway(tmp_path, settings, is_executed=True) as gateway:
            secret, webhook = await _made(gateway, f"https://127.0.0.1:{port}/hook")
            _write(sandbox, 0, 4)
            await _waiting(gateway, webhook, 8)
            await gateway.kill()
            _write(sandbox, 4, 8)
            gateway.start()
            await gateway.ready()
            await _waiting(gateway, webhook, 16)
            async with receiving(port, authority.context(("127.0.0.1",))) as receiver:
                receiver.secret = secret
                await _killed_while_telling(gateway, receiver, webhook)
                _write(sandbox, 8, MESSAGES)
                await eventually(
                    lambda: len(receiver.once()) == MESSAGES * len(PEOPLE), timeout_seconds=30
                )
                assert len(receiver.told) > MESSAGES * len(PEOPLE)  # what was not noted, again
                async with api(gateway.url, gateway.token) as agent:
                    assert _by_conversation(receiver) == await _said(agent)


async def _made(gateway: Gateway, url: str) -> tuple[str, str]:
    async with api(gateway.url, gateway.token) as agent:
        body = {"url": url, "events": ["message.received"]}
        async with agent.http.post("/api/v1/webhooks", json=body) as answer:
            found = await answer.json()
    return found["secret"], found["webhook"]["id"]


def _write(sandbox: Sandbox, first: int, end: int) -> None:
    for n in range(first, end):
        for key in PEOPLE:
            Customer(sandbox, key).says(f"message {n}")


async def _waiting(gateway: Gateway, webhook: str, count: int) -> None:
    async def is_so() -> bool:
        async with (
            api(gateway.url, gateway.token) as agent,
            agent.http.get(f"/api/v1/webhooks/{webhook}") as answer,
        ):
            return bool((await answer.json()).get("waiting") == count)

    await eventually(is_so, timeout_seconds=30)


async def _killed_while_telling(gateway: Gateway, receiver: Receiver, webhook: str) -> None:
    """Killed when a receiver has taken something, before it can be noted."""
    killed = asyncio.Event()

    async def kill(told: Told) -> None:
        if len(receiver.told) == 5:
            await gateway.kill()
            killed.set()

    receiver.answer = kill
    async with (
        api(gateway.url, gateway.token) as agent,
        agent.http.post(f"/api/v1/webhooks/{webhook}/resume"),
    ):
        pass
    await eventually(killed.is_set)
    gateway.start()
    await gateway.ready()


def _by_conversation(receiver: Receiver) -> dict[str, list[str]]:
    """What was told, each id once."""
    found = defaultdict(list)
    for one in receiver.once():
        found[one.body["data"]["conversation"]["id"]].append(one.words)
    return dict(found)


async def _said(agent: Api) -> dict[str, list[str]]:
    found = {}
    for conversation in await agent.all_conversations():
        entries = await agent.entries(conversation.id)
        incoming = [one for one in entries if one.message.direction is Direction.IN]
        found[str(conversation.id)] = [words(one) for one in incoming]
    return found
