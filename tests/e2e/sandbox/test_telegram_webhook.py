"""Webhooks: what is posted, in which order, how often, and what is told about failures."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.server import Sandbox
from sandbox.telegram.settings import TelegramSettings
from tests.e2e.sandbox.receiver import Receiver, answering, holding, receiving
from tests.e2e.sandbox.rig import Wire
from tests.rigs.waiting import eventually

QUICK = TelegramSettings(
    webhook_timeout_seconds=0.3, webhook_retry_seconds=0.05, webhook_retry_seconds_max=0.2
)
DAY = 24 * 3600


class Clock:
    """The time of day, which a test may turn forward."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(telegram=QUICK, now=clock) as running:
        yield running


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


async def test_an_update_is_posted_with_the_secret_and_is_then_done(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    await wire.result("setWebhook", url=receiver.url, secret_token="s3cret_-9")

    sandbox.phone.say("mei", "Where is it? 📦")
    await eventually(lambda: _pending(sandbox) == 0)

    assert receiver.texts == ["Where is it? 📦"]
    assert receiver.headers[0]["X-Telegram-Bot-Api-Secret-Token"] == "s3cret_-9"
    assert receiver.headers[0]["Content-Type"] == "application/json"
    assert isinstance(receiver.posted[0]["update_id"], int)


async def test_what_is_refused_comes_again_until_it_is_taken(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    """A gateway whose store is down answers 503 and must not lose the message."""
    receiver.answer = answering(503, 302, 404)
    await wire.result("setWebhook", url=receiver.url)

    sandbox.phone.say("mei", "hello")
    await eventually(lambda: _pending(sandbox) == 0)

    assert receiver.texts == ["hello"] * 4
    assert len({update["update_id"] for update in receiver.posted}) == 1
    info = await wire.result("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 404 Not Found"
    assert abs(info["last_error_date"] - time.time()) < 60
    assert info["pending_update_count"] == 0


async def test_an_answer_that_names_a_wait_is_obeyed(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    receiver.answer = answering(429, headers={"Retry-After": "1"})
    await wire.result("setWebhook", url=receiver.url)

    started = time.monotonic()
    sandbox.phone.say("mei", "hello")
    await eventually(lambda: _pending(sandbox) == 0)

    assert time.monotonic() - started >= 1
    assert receiver.texts == ["hello"] * 2


async def test_a_receiver_that_is_not_there_yet_gets_everything_in_order(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    """A gateway that restarts finds what was written meanwhile."""
    async with receiving() as gone:
        port = int(gone.url.split(":")[2].split("/")[0])
        await wire.result("setWebhook", url=gone.url)
    for number in range(3):
        sandbox.phone.say("mei", str(number))
    await eventually(lambda: _told(sandbox) == "Connection refused")
    info = await wire.result("getWebhookInfo")

    async with receiving(port) as back:
        await eventually(lambda: _pending(sandbox) == 0)

    assert (info["pending_update_count"], info["url"]) == (3, gone.url)
    assert back.texts == ["0", "1", "2"]


async def test_a_receiver_that_never_answers_is_asked_again(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    receiver.answer = holding(asyncio.Event())
    await wire.result("setWebhook", url=receiver.url)

    sandbox.phone.say("mei", "hello")
    await eventually(lambda: _told(sandbox) == "Read timeout expired")
    receiver.answer = answering()
    await eventually(lambda: _pending(sandbox) == 0)

    assert set(receiver.texts) == {"hello"}


async def test_a_receiver_that_hangs_up_is_asked_again(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    """A gateway that is killed in the middle of a post."""
    receiver.hangs_up = True
    await wire.result("setWebhook", url=receiver.url)

    sandbox.phone.say("mei", "hello")
    await eventually(lambda: _told(sandbox) == "Webhook connection closed")
    receiver.hangs_up = False
    await eventually(lambda: _pending(sandbox) == 0)

    assert receiver.texts[-2:] == ["hello", "hello"]


async def test_one_chat_is_delivered_in_order_and_does_not_hold_up_another(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    """Mei's message cannot be stored; Jonas must be heard, and Mei's next one must wait."""
    refused = True

    async def answer(update: dict[str, Any]) -> web.StreamResponse:
        of_mei = update["message"]["from"]["first_name"] == "Mei"
        return web.Response(status=500 if of_mei and refused else 200)

    receiver.answer = answer
    await wire.result("setWebhook", url=receiver.url)
    for text in ("m1", "m2", "m3"):
        sandbox.phone.say("mei", text)
    sandbox.phone.say("jonas", "j1")
    await eventually(lambda: receiver.texts.count("m1") > 2 and "j1" in receiver.texts)
    meanwhile = set(receiver.texts)
    refused = False
    await eventually(lambda: _pending(sandbox) == 0)

    assert meanwhile == {"m1", "j1"}
    assert [text for text in receiver.texts if text in ("m2", "m3")] == ["m2", "m3"]


async def test_no_more_posts_than_allowed_are_open_at_once(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    released = asyncio.Event()
    receiver.answer = holding(released)
    sandbox.world.telegram.settings = TelegramSettings()
    await wire.result("setWebhook", url=receiver.url, max_connections=2)
    for person in ("mei", "jonas", "amara"):
        sandbox.phone.say(person, "hello")
        sandbox.phone.say(person, "hello?")
    await eventually(lambda: receiver.open == 2)
    released.set()
    await eventually(lambda: _pending(sandbox) == 0)

    assert receiver.open_max == 2
    assert (await wire.result("getWebhookInfo"))["max_connections"] == 2


async def test_a_post_whose_answer_is_lost_comes_again(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    """The gateway has stored the message and must not count it twice."""
    await wire.post("/faults", platform="telegram", method="webhook", kind="drop_after")
    await wire.result("setWebhook", url=receiver.url)

    sandbox.phone.say("mei", "hello")
    await eventually(lambda: _pending(sandbox) == 0)

    assert receiver.texts == ["hello", "hello"]
    assert _told(sandbox) == "Webhook connection closed"
    assert (await wire.get("/calls"))["telegram.webhook"] == 2


async def test_a_new_address_gets_what_the_old_one_left(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    receiver.answer = holding(asyncio.Event())
    sandbox.world.telegram.settings = TelegramSettings()
    await wire.result("setWebhook", url=receiver.url)
    sandbox.phone.say("mei", "hello")
    await eventually(lambda: receiver.open == 1)

    async with receiving() as other:
        await wire.result("setWebhook", url=other.url)
        await eventually(lambda: _pending(sandbox) == 0)
        await eventually(lambda: receiver.open == 0)

    assert other.texts == ["hello"]


async def test_without_the_webhook_the_queue_is_polled_again(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    receiver.answer = answering(*[500] * 100)
    await wire.result("setWebhook", url=receiver.url)
    sandbox.phone.say("mei", "hello")
    await eventually(lambda: bool(receiver.posted))

    await wire.result("deleteWebhook")
    (update,) = await wire.result("getUpdates")

    assert update == receiver.posted[0]
    assert (await wire.result("getWebhookInfo"))["url"] == ""


async def test_pending_updates_can_be_dropped_with_the_change(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    sandbox.phone.say("mei", "old")
    await wire.result("setWebhook", url=receiver.url, drop_pending_updates=True)

    sandbox.phone.say("mei", "new")
    await eventually(lambda: bool(receiver.posted))

    assert receiver.texts == ["new"]


async def test_only_the_kinds_that_were_asked_for_are_posted(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    await wire.result("setWebhook", url=receiver.url, allowed_updates=["edited_message"])
    message = sandbox.phone.say("mei", "hello")
    sandbox.phone.edit("mei", None, message.id, "hello!")
    await eventually(lambda: bool(receiver.posted))

    assert [set(update) - {"update_id"} for update in receiver.posted] == [{"edited_message"}]
    assert (await wire.result("getWebhookInfo"))["allowed_updates"] == ["edited_message"]


async def test_updates_older_than_a_day_are_forgotten(
    sandbox: Sandbox, wire: Wire, clock: Clock
) -> None:
    """Who was down longer than Telegram waits must know that there is a gap."""
    sandbox.phone.say("mei", "yesterday")
    clock.ahead = DAY - 60
    kept = await wire.result("getUpdates")
    sandbox.phone.say("mei", "today")
    clock.ahead = DAY + 60

    left = await wire.result("getUpdates")

    assert len(kept) == 1
    assert [update["message"]["text"] for update in left] == ["today"]
    assert (await wire.result("getWebhookInfo"))["pending_update_count"] == 1


async def test_an_old_update_can_be_posted_again_as_it_was(
    sandbox: Sandbox, wire: Wire, receiver: Receiver
) -> None:
    await wire.result("setWebhook", url=receiver.url)
    sandbox.phone.say("mei", "hello")
    await eventually(lambda: _pending(sandbox) == 0)
    sandbox.phone.say("mei", "again")
    await eventually(lambda: _pending(sandbox) == 0)

    await wire.post("/telegram/replay", update_id=receiver.posted[0]["update_id"])
    await eventually(lambda: len(receiver.posted) == 3)

    assert receiver.texts == ["hello", "again", "hello"]
    assert receiver.posted[2] == receiver.posted[0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": "https://desk.example/hook"}, "calls loopback addresses only, not desk.example"),
        ({"url": "http://127.0.0.1.desk.example/"}, "calls loopback addresses only"),
        ({"url": "http://192.0.2.7/"}, "calls loopback addresses only"),
        ({"url": "ftp://127.0.0.1/"}, "An HTTPS URL must be provided"),
        ({"url": "nonsense"}, "An HTTPS URL must be provided"),
        ({"url": "http://[::1/"}, "Invalid URL"),
        ({"url": "http://127.0.0.1:99999/"}, "Invalid URL"),
        ({"url": "http://127.0.0.1/", "secret_token": "a b"}, "unallowed characters"),
        ({"url": "http://127.0.0.1/", "secret_token": "a\n"}, "unallowed characters"),
        ({"url": "http://127.0.0.1/", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_a_webhook_that_cannot_be_is_refused(
    wire: Wire, fields: dict[str, Any], words: str
) -> None:
    """No foreign machine hears from the sandbox, and no secret fails only when it is compared."""
    status, body = await wire.call("setWebhook", **fields)

    assert status == 400
    assert words in body["description"]
    assert (await wire.result("getWebhookInfo"))["url"] == ""


async def test_a_post_under_way_does_not_hold_up_the_end(receiver: Receiver) -> None:
    receiver.answer = holding(asyncio.Event())
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        await Wire(sandbox, session).result("setWebhook", url=receiver.url)
        sandbox.phone.say("mei", "hello")
        await eventually(lambda: receiver.open == 1)
        started = time.monotonic()

    assert time.monotonic() - started < 30
    await eventually(lambda: receiver.open == 0)


def _pending(sandbox: Sandbox) -> int:
    return len(sandbox.world.telegram.bots[0].updates)


def _told(sandbox: Sandbox) -> str:
    webhook = sandbox.world.telegram.bots[0].webhook
    assert webhook is not None
    return webhook.last_error_message
