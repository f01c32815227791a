"""Telegram's updates through whole gateways: by webhook, by one of two, after downtime."""

import random
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from sandbox.telegram.settings import TelegramSettings
from sandbox.telegram.state import Bot
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import TELEGRAM, Gateway, secret
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

pytestmark = pytest.mark.timeout(180)  # processes start several times

STANDING_BY = "standing by"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


def bot(sandbox: Sandbox) -> Bot:
    return sandbox.world.telegram.bots[0]


def line(sandbox: Sandbox, directory: Path, *options: str) -> str:
    """The settings of one Telegram inbox."""
    directory.mkdir(exist_ok=True)
    return "\n".join(
        (
            "\n[[channel]]",
            f'id = "{TELEGRAM}"\nkind = "telegram"\napi_url = "{sandbox.http_url}"',
            f"token = {secret(directory, 'bot-token', sandbox.bot_token)}",
            "back_off_seconds_min = 0.1\nback_off_seconds_max = 0.5",
            *options,
        )
    )


@asynccontextmanager
async def gateway(
    sandbox: Sandbox, directory: Path, server: RedisServer, *options: str
) -> AsyncIterator[Gateway]:
    settings = line(sandbox, directory, *options)
    async with Gateway(directory, settings, redis_url=server.url) as running:
        yield running


async def reason(one: Gateway) -> str:
    """What the gateway tells of its Telegram inbox."""
    async with api(one.url, one.token) as agent:
        health = await agent.health()
    return next(inbox.reason for inbox in health.inboxes if inbox.account == TELEGRAM)


async def heard_by(agent: Api) -> dict[str, list[str]]:
    """What each customer has written, by the thread."""
    found = await agent.all_conversations()
    return {one.legs[0].thread.thread: await agent.heard(one.number) for one in found}


def by_webhook(one: Gateway) -> None:
    """Change the settings of a gateway that is not running."""
    one.settings.write_text(one.settings.read_text() + '\nmode = "webhook"\n')


def by_polling(one: Gateway) -> None:
    lines = one.settings.read_text().splitlines()
    kept = [text for text in lines if not text.startswith("mode")]
    one.settings.write_text("\n".join(kept) + "\n")


async def test_a_bot_is_switched_to_webhook_and_back_and_nobody_goes_unheard(
    sandbox: Sandbox, tmp_path: Path, server: RedisServer
) -> None:
    """The operator changes a setting; customers must not notice."""
    mei = Customer(sandbox, "mei")
    async with gateway(sandbox, tmp_path, server) as running, api_of(running) as agent:
        mei.says("by poll")
        await eventually(lambda: hears(agent, mei, ["by poll"]))
        assert await running.stop() == 0
        mei.says("between")
        by_webhook(running)
        running.start()
        await running.ready()
        await eventually(lambda: bot(sandbox).webhook is not None)
        mei.says("by webhook")
        await eventually(lambda: hears(agent, mei, ["by poll", "between", "by webhook"]))
        hook = bot(sandbox).webhook
        assert hook
        assert hook.url == f"{running.url}/hooks/{TELEGRAM}"
        assert await running.stop() == 0
        assert bot(sandbox).webhook is hook, "what is written meanwhile has to wait at Telegram"

        by_polling(running)
        running.start()
        await running.ready()
        mei.says("by poll again")

        said = ["by poll", "between", "by webhook", "by poll again"]
        await eventually(lambda: hears(agent, mei, said))
        assert bot(sandbox).webhook is None
        log = running.log.read_text()
        assert hook.secret_token not in log
        assert sandbox.bot_token.partition(":")[2] not in log


async def test_a_webhook_outlives_kill_9_of_the_gateway(
    sandbox: Sandbox, tmp_path: Path, server: RedisServer
) -> None:
    sandbox.world.telegram.settings = TelegramSettings(
        webhook_retry_seconds=0.1, webhook_retry_seconds_max=0.5
    )
    mei, texts = Customer(sandbox, "mei"), [f"{n}" for n in range(20)]
    async with gateway(sandbox, tmp_path, server) as running, api_of(running) as agent:
        await running.stop()
        by_webhook(running)
        running.start()
        await eventually(lambda: bot(sandbox).webhook is not None, timeout_seconds=30)

        for n, text in enumerate(texts):
            mei.says(text)
            if n == 10:
                await eventually(lambda: len(list(bot(sandbox).updates)) < 5, timeout_seconds=30)
                await running.kill()
                running.start()

        await running.ready()
        await eventually(lambda: hears(agent, mei, texts), timeout_seconds=40)
        assert not list(bot(sandbox).updates)


async def test_of_two_gateways_one_polls_and_the_other_takes_over_when_it_is_killed(
    sandbox: Sandbox, tmp_path: Path, server: RedisServer
) -> None:
    async with (
        gateway(sandbox, tmp_path / "one", server) as one,
        twin(sandbox, tmp_path / "two", server, one) as two,
        api_of(two) as agent,
    ):
        mei = Customer(sandbox, "mei")
        mei.says("both alive")
        await eventually(lambda: hears(agent, mei, ["both alive"]))
        assert STANDING_BY in await reason(two)
        assert await reason(one) == ""
        assert 409 not in {refused.code for refused in sandbox.world.journal.refused}

        await one.kill()
        mei.says("one is dead")

        said = ["both alive", "one is dead"]
        await eventually(lambda: hears(agent, mei, said))
        assert await reason(two) == ""


async def test_a_gateway_that_was_stopped_for_longer_than_its_term_stands_by_afterwards(
    sandbox: Sandbox, tmp_path: Path, server: RedisServer
) -> None:
    """A suspended machine wakes up and believes that it is still the one."""
    async with (
        gateway(sandbox, tmp_path / "one", server) as one,
        twin(sandbox, tmp_path / "two", server, one) as two,
        api_of(two) as agent,
    ):
        mei = Customer(sandbox, "mei")
        mei.says("before")
        await eventually(lambda: hears(agent, mei, ["before"]))

        one.signal(signal.SIGSTOP)
        try:
            mei.says("meanwhile")
            await eventually(lambda: hears(agent, mei, ["before", "meanwhile"]))
        finally:
            one.signal(signal.SIGCONT)

        async def stands_by() -> bool:
            return STANDING_BY in await reason(one)

        await eventually(stands_by)
        mei.says("after")
        await eventually(lambda: hears(agent, mei, ["before", "meanwhile", "after"]))


async def test_a_backlog_is_taken_in_order_though_the_gateway_is_killed_in_the_middle(
    sandbox: Sandbox, tmp_path: Path, server: RedisServer
) -> None:
    """5000 updates of 50 chats wait after a night without a gateway."""
    async with gateway(sandbox, tmp_path, server) as running, api_of(running) as agent:
        await running.stop()
        for n in range(100):
            for chat in range(50):
                sandbox.phone.inject(message(chat, n))
        running.start()
        began = time.monotonic()
        await eventually(lambda: len(list(bot(sandbox).updates)) < 3000, timeout_seconds=40)
        await running.kill()
        running.start()
        await eventually(lambda: not list(bot(sandbox).updates), timeout_seconds=50)
        print(f"5000 updates, one kill -9: {time.monotonic() - began:.1f} s")

        wanted = {str(5000 + chat): [str(n) for n in range(100)] for chat in range(50)}

        async def all_heard() -> bool:
            return await heard_by(agent) == wanted

        await eventually(all_heard, timeout_seconds=40)


async def test_a_revoked_token_pauses_the_inbox_and_a_new_one_takes_up_where_it_was(
    sandbox: Sandbox, tmp_path: Path, server: RedisServer
) -> None:
    mei = Customer(sandbox, "mei")
    async with gateway(sandbox, tmp_path, server) as running, api_of(running) as agent:
        mei.says("before")
        await eventually(lambda: hears(agent, mei, ["before"]))
        bot(sandbox).revoke(new := f"{bot(sandbox).id}:{'n' * 35}")

        async def is_paused() -> bool:
            return await running.inbox_state(TELEGRAM) == "paused"

        await eventually(is_paused)
        assert "get the current one from @BotFather" in await reason(running)
        mei.says("meanwhile")
        await running.stop()
        secret(tmp_path, "bot-token", new)
        running.start()
        await running.ready()

        await eventually(lambda: hears(agent, mei, ["before", "meanwhile"]))


@pytest.mark.parametrize("seed", range(3))
async def test_every_message_comes_once_whatever_happens_to_the_polls(
    sandbox: Sandbox, tmp_path: Path, server: RedisServer, seed: int
) -> None:
    chance = random.Random(seed)
    kinds = (Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.SERVER_ERROR, Kind.CONFLICT)
    for nth in range(2, 60, 2):
        kind, html = chance.choice(kinds), chance.random() < 0.5
        sandbox.world.faults.add(Fault("telegram", "getUpdates", kind, nth=nth, html=html))
    options = "back_off_seconds_min = 0.01", "back_off_seconds_max = 0.02", "updates_per_poll = 3"
    async with gateway(sandbox, tmp_path, server) as running, api_of(running) as agent:
        await running.stop()
        text = running.settings.read_text().partition("back_off")[0]
        running.settings.write_text(text + "\n".join(options))
        running.start()
        await running.ready()
        waiting = [message(chat, n) for n in range(20) for chat in range(3)]
        for update in waiting:
            sandbox.phone.inject(update)
            if chance.random() < 0.3:
                again = dict(update) | {"update_id": last_id(sandbox)}
                sandbox.phone.inject(again)

        wanted = {str(5000 + chat): [str(n) for n in range(20)] for chat in range(3)}

        async def all_heard() -> bool:
            return await heard_by(agent) == wanted

        await eventually(all_heard, timeout_seconds=40)
        await eventually(lambda: not list(bot(sandbox).updates))
        assert await all_heard()


def message(chat: int, number: int) -> dict[str, object]:
    person = {"id": 5000 + chat, "is_bot": False, "first_name": f"P{chat}"}
    return {
        "message": {
            "message_id": number + 1,
            "date": 1_760_000_000 + number,
            "chat": {"id": 5000 + chat, "type": "private", "first_name": f"P{chat}"},
            "from": person,
            "text": str(number),
        }
    }


def last_id(sandbox: Sandbox) -> int:
    return list(bot(sandbox).updates)[-1].update_id


@asynccontextmanager
async def api_of(running: Gateway) -> AsyncIterator[Api]:
    async with api(running.url, running.token) as agent:
        yield agent


@asynccontextmanager
async def twin(
    sandbox: Sandbox, directory: Path, server: RedisServer, other: Gateway
) -> AsyncIterator[Gateway]:
    """A second gateway on the same store, with the same key."""
    (directory / "data").mkdir(parents=True)
    shutil.copy(other.data_dir / "secret.key", directory / "data" / "secret.key")
    async with gateway(sandbox, directory, server) as running:
        yield running


async def hears(agent: Api, customer: Customer, texts: list[str]) -> bool:
    thread = str(customer.person.telegram_id)
    return (await heard_by(agent)).get(thread) == texts
