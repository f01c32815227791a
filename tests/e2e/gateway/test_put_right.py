"""What an operator puts right while a gateway runs: what failed, was laid aside, or is missing."""

import os
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.ids import new_ulid
from core.model.event import Inbound
from core.store.store import StoreSettings, open_store
from gateway.embedded import embedded
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.events import says
from tests.rigs.gateway import TELEGRAM, Gateway, bot_channel
from tests.rigs.nursery import ROOT
from tests.rigs.waiting import eventually

WITHOUT_EXTRA = """
import sys
sys.modules["cryptography"] = None
"""


async def test_what_failed_is_found_and_sent_again(sandbox: Sandbox, tmp_path: Path) -> None:
    """The customer has let us in again: nobody would know whom to write to once more."""
    mei = Customer(sandbox, "mei")
    async with (
        Gateway(tmp_path, bot_channel(sandbox, tmp_path)) as gateway,
        api(gateway.url, gateway.token) as agent,
    ):
        mei.says("Hello")
        number = await _number(agent)
        sandbox.world.faults.add(Fault("telegram", "sendMessage", Kind.BLOCKED, count=1))
        failed = await agent.settled(await agent.reply(number, "Here it is"))
        assert failed.delivery
        assert failed.delivery.state == "failed"
        await eventually(lambda: _undelivered(agent, 1))
        (row,) = (await _get(agent, "/api/v1/deliveries?state=failed"))["rows"]
        url = f"/api/v1/conversations/{number}/messages/{failed.message.id}/retry"

        answers = []
        for _ in range(2):
            async with agent.http.post(url, headers={"Idempotency-Key": "1"}) as answer:
                answers.append(answer.status)
        sent = await agent.settled(failed)

        assert row["entry"]["message"]["id"] == failed.message.id
        assert row["entry"]["delivery"]["reason"]
        assert answers == [202, 202]
        assert sent.delivery
        assert sent.delivery.state == "sent"
        assert [one.text for one in mei.answers] == ["Here it is"]
        await eventually(lambda: _undelivered(agent, 0))

        found = await gateway.command("search", "rebuild")

        assert (found.returncode, "The gateway that runs here" in found.stderr) == (0, True)
        rows = (await _get(agent, "/api/v1/search?q=hello"))["rows"]
        assert [one["number"] for one in rows] == [number]


async def test_what_was_laid_aside_is_put_back_by_a_command(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """After a fix what a customer wrote has to come to its conversation, once."""
    mei = Customer(sandbox, "mei")
    async with (
        Gateway(tmp_path, bot_channel(sandbox, tmp_path)) as gateway,
        api(gateway.url, gateway.token) as agent,
    ):
        mei.says("first")
        number = await _number(agent)
        leg = (await agent.all_conversations())[0].legs[0]
        lost = says(leg.thread, leg.author.split(":", 2)[2], "second", remote="99991")
        await _lay_aside(gateway, lost)

        shown = await gateway.command("replay", "--dead", "--dry-run")
        assert "1 dead letters" in shown.stderr
        assert "second" in shown.stdout
        assert await agent.heard(number) == ["first"]
        done = await gateway.command("replay", "--dead", "--inbox", TELEGRAM)
        again = await gateway.command("replay", "--dead")

        assert [one.returncode for one in (shown, done, again)] == [0, 0, 0], done.stderr
        assert "there is nothing to read" in again.stderr.lower()
        await eventually(lambda: _has_heard(agent, number, ["first", "second"]))


async def test_webhooks_without_their_extra_are_refused_with_the_remedy(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As trunkline[telegram] alone leaves a machine: all else goes on, and whoever makes a webhook
    learns what to install.
    """
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_EXTRA)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    async with (
        Gateway(tmp_path, bot_channel(sandbox, tmp_path), is_executed=True) as gateway,
        aiohttp.ClientSession(
            gateway.url, headers={"Authorization": f"Bearer {gateway.token}"}
        ) as http,
    ):
        wanted = {"url": "https://crm.example/hook", "events": ["*"]}
        async with http.post("/api/v1/webhooks", json=wanted) as answer:
            told = await answer.json()

    assert answer.status == 409
    assert "webhooks need cryptography: install" in told["detail"]


async def _lay_aside(gateway: Gateway, event: Inbound) -> None:
    """As if it had failed as often as it may."""
    async with (
        embedded(gateway.data_dir, environ=os.environ) as server,
        open_store(StoreSettings(url=server.url)) as store,
    ):
        queued: Any = await store.threads.accept(event, "", None, None, hand_over=True)
        assert queued.lease, "this test holds the lane, not the gateway"
        await store.letters.failed(queued.lease, f"a mistake {new_ulid()}", 1, 10)


async def _get(agent: Api, path: str) -> Any:
    async with agent.http.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def _undelivered(agent: Api, count: int) -> bool:
    return len((await _get(agent, "/api/v1/deliveries"))["rows"]) == count


async def _has_heard(agent: Api, number: str, texts: list[str]) -> bool:
    return await agent.heard(number) == texts


async def _number(agent: Api) -> str:
    await eventually(lambda: _is_one(agent))
    return str((await agent.all_conversations())[0].number)


async def _is_one(agent: Api) -> bool:
    return len(await agent.all_conversations()) == 1
