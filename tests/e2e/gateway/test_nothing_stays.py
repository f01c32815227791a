"""A gateway inside the test's own process: when something is over, nothing of it is left."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from gateway.app import Options, Running, run_gateway
from gateway.registry import Kinds
from gateway.scopes import ALL
from gateway.settings import Settings
from gateway.settings_file import load
from gateway.tokens import PER_MINUTE_MAX, Tokens
from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.environ import without_settings
from tests.rigs.gateway import (
    DISCORD,
    MAIL,
    TELEGRAM,
    Gateway,
    bot_channel,
    discord_channel,
    mail_channel,
    secret,
)
from tests.rigs.held import held
from tests.rigs.receiver import receiving
from tests.rigs.waiting import eventually

WORKERS: Final = "[webhooks]\nallow_hosts = ['127.0.0.1']\n"
SECRETS: Final = (f"{TELEGRAM}-token", "mail-password", f"{DISCORD}-token")
"""The files that hold them."""
CALLS: Final = 200
STORE_CONNECTIONS: Final = 32
"""The pool keeps what it has opened, up to so many."""
LOOKS: Final = 10
"""In which everything is seen that comes and goes, as calls do."""


@asynccontextmanager
async def inside(place: Gateway) -> AsyncIterator[None]:
    """Run it here, from its settings, until SIGTERM."""

    def settings() -> Settings:
        return load(place.settings, environ={}, kinds=Kinds()).settings

    started = asyncio.Event()
    told: Callable[[Running], None] = lambda _: started.set()  # noqa: E731
    options = Options(reload=settings)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_gateway(settings(), without_settings(), told, options))
        await started.wait()
        await eventually(lambda: _all_are(place, "running"))
        place.token = Tokens(place.data_dir).create("Kim", ALL, per_minute=PER_MINUTE_MAX)
        try:
            yield
        finally:
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def place(sandbox: Sandbox, tmp_path: Path) -> Gateway:
    channels = (bot_channel, mail_channel, discord_channel)
    return Gateway(tmp_path, WORKERS + "".join(one(sandbox, tmp_path) for one in channels))


async def test_of_a_gateway_that_was_closed_nothing_is_left(
    sandbox: Sandbox, place: Gateway
) -> None:
    """What one run leaves behind, a supervisor that starts it anew pays for; and what is left open
    may not have been written.
    """
    await _serves_a_day(sandbox, place)  # what is imported and kept for ever is there from now on
    before = held()

    await _serves_a_day(sandbox, place)

    await eventually(lambda: _nothing_more_than(before))
    assert not (place.data_dir / "owner.json").exists(), "nor an embedded server"


async def test_of_inboxes_that_were_opened_anew_or_refused_nothing_is_left(
    sandbox: Sandbox, place: Gateway, tmp_path: Path
) -> None:
    """A password that is changed every week must not cost a connection each time."""
    right = {name: (tmp_path / name).read_text().strip() for name in SECRETS}
    wrong = {name: text[:-4] + "XXXX" for name, text in right.items()}

    async def are_refused_and_let_in() -> None:
        for contents, state in (wrong, "paused"), (right, "running"):
            for name, text in contents.items():
                secret(tmp_path, name, text)
            os.kill(os.getpid(), signal.SIGHUP)
            await eventually(lambda: _all_are(place, state))  # noqa: B023 - awaited at once

    async with inside(place):
        await are_refused_and_let_in()
        before = await _settled(place, sandbox)
        for _ in range(2):
            await are_refused_and_let_in()

        await eventually(lambda: _nothing_more_than(before))


async def test_of_programs_that_came_and_went_nothing_is_left(
    sandbox: Sandbox, place: Gateway
) -> None:
    """Politely or not: two hundred calls, live feeds, and webhooks of a platform."""
    async with inside(place):
        await _come_and_go(place)
        before = await _settled(place, sandbox)
        await _come_and_go(place)

        await eventually(lambda: _nothing_more_than(before, sockets=STORE_CONNECTIONS))


async def _serves_a_day(sandbox: Sandbox, place: Gateway) -> None:
    """With everything that opens something."""
    mei = Customer(sandbox, "mei")
    async with inside(place), api(place.url, place.token) as agent, receiving() as receiver:
        body = {"url": receiver.url, "events": ["*"]}
        async with agent.http.post("/api/v1/webhooks", json=body):
            pass
        await eventually(lambda: _is_on_discord(sandbox))
        async with agent.live() as events:
            mei.says("on the phone")
            mei.sends_file("parcel.pdf", b"%PDF-1.4")
            mei.writes("by mail")
            sandbox.discord.say("mei", "on Discord")
            await anext(events)
            await eventually(lambda: _have_written(agent, 3))
            for one in await agent.all_conversations():
                await agent.settled(await agent.reply(one.number, "Yes"))
            async with agent.http.get("/api/v1/search", params={"q": "phone"}) as answer:
                assert answer.status == 200
        await eventually(lambda: len(receiver.taken) > 3)


async def _come_and_go(place: Gateway) -> None:
    bearer = {"Authorization": f"Bearer {place.token}"}

    async def call(n: int) -> None:
        """Every other one leaves without a word."""
        url = ("/api/v1/conversations", "/api/v1/live", f"/hooks/{TELEGRAM}", "/")[n % 4]
        async with aiohttp.ClientSession(place.url, headers=bearer) as http:
            method = "POST" if url.startswith("/hooks") else "GET"
            answer = await http.request(method, url, data=b"{}" if method == "POST" else None)
            if n % 2:
                answer.close()
            elif not url.endswith("live"):
                await answer.read()

    for first in range(0, CALLS, 50):
        await asyncio.gather(*(call(n) for n in range(first, first + 50)))


async def _all_are(place: Gateway, state: str) -> bool:
    try:
        _, health = await place.health()
    except aiohttp.ClientError:
        return False
    states = {one.account: one.state for one in health.inboxes}
    return states == dict.fromkeys((TELEGRAM, MAIL, DISCORD), state)


async def _settled(place: Gateway, sandbox: Sandbox) -> Counter[str]:
    """The most of each that is held, once that becomes no more and every inbox is connected: one
    that connects anew just then has less than it will have.
    """
    seen: list[Counter[str]] = []

    async def is_so() -> bool:
        seen.append(held())
        before, now = seen[-2 * LOOKS : -LOOKS], seen[-LOOKS:]
        same = len(before) == LOOKS and reduce(or_, before) == reduce(or_, now)
        return same and _is_on_discord(sandbox) and await _all_are(place, "running")

    await eventually(is_so)
    return reduce(or_, seen[-LOOKS:])


def _is_on_discord(sandbox: Sandbox) -> bool:
    """Which takes longer than anything else."""
    return any(one.session for one in sandbox.discord_gateway.lines)


def _nothing_more_than(before: Counter[str], sockets: int = 0) -> bool:
    more = held() - before - Counter({"descriptor socket:[]": sockets})
    if more:
        print("more than before:", more)  # the last line says what stayed
    return not more


async def _have_written(agent: Api, count: int) -> bool:
    return len(await agent.all_conversations()) >= count
