"""Faults of the line itself: answers that break off, polls that die, updates out of order."""

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest
from telegram import Bot
from telegram.error import TelegramError

from sandbox.server import Sandbox
from tests.e2e.sandbox.receiver import receiving
from tests.e2e.sandbox.rig import Wire
from tests.rigs.waiting import eventually


@pytest.mark.parametrize("kind", ["garbled", "cut"])
async def test_a_poll_whose_answer_is_broken_loses_nothing(
    sandbox: Sandbox, wire: Wire, bot: Bot, kind: str
) -> None:
    """Nothing is acknowledged by an answer that nobody could read."""
    sandbox.phone.say("mei", "hello")
    await wire.post("/faults", platform="telegram", method="getUpdates", kind=kind)

    with pytest.raises(TelegramError):
        await bot.get_updates()
    again = await bot.get_updates()

    assert [update.message.text for update in again if update.message] == ["hello"]


async def test_half_an_answer_is_complete_http(sandbox: Sandbox, wire: Wire) -> None:
    """The reader cannot tell by the transport; only its JSON parser can."""
    sandbox.phone.say("mei", "hello")
    await wire.post("/faults", platform="telegram", method="getUpdates", kind="garbled")

    async with wire.http.post(_method(sandbox, "getUpdates")) as response:
        text = await response.text()

    assert response.status == 200
    assert text.startswith('{"ok":true,"result":[{"update_id":')
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


async def test_an_answer_that_is_cut_is_shorter_than_it_says(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/faults", platform="telegram", method="getMe", kind="cut")

    async with wire.http.post(_method(sandbox, "getMe")) as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()

    assert int(response.headers["Content-Length"]) > 50


async def test_a_long_poll_can_be_reset_by_the_other_side(sandbox: Sandbox, wire: Wire) -> None:
    """A proxy that forgets idle connections; the poller has to begin anew at once."""
    fault = {"platform": "telegram", "method": "getUpdates", "kind": "reset", "seconds": 0.1}
    await wire.post("/faults", **fault)

    started = time.monotonic()
    with pytest.raises(aiohttp.ClientOSError, match="reset by peer"):
        async with aiohttp.ClientSession() as http:
            await http.post(_method(sandbox, "getUpdates"), json={"timeout": 30})

    assert 0.1 <= time.monotonic() - started < 5


async def test_a_reset_send_took_no_effect(sandbox: Sandbox, wire: Wire) -> None:
    mei = sandbox.phone.say("mei", "hello").chat.id
    fault = {"platform": "telegram", "method": "sendMessage", "kind": "reset", "seconds": 0}
    await wire.post("/faults", **fault)

    with pytest.raises(aiohttp.ClientError):
        await wire.call("sendMessage", chat_id=mei, text="x")

    assert await wire.get("/journal") == []


async def test_a_trickling_answer_arrives_whole_and_late(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/faults", platform="telegram", method="getMe", kind="trickle", seconds=0.3)

    started = time.monotonic()
    me = await wire.result("getMe")

    assert me["is_bot"] is True
    assert time.monotonic() - started >= 0.3


async def test_a_download_can_be_missing_cut_or_slow(sandbox: Sandbox, wire: Wire) -> None:
    """The picture a customer sent must be fetched again, not stored in halves."""
    content = bytes(range(256)) * 100
    url = await _download_url(sandbox, wire, content)
    for number, kind in enumerate(("server_error", "cut", "trickle"), 1):
        fault = {"method": "download", "kind": kind, "nth": number, "status": 404, "seconds": 0.3}
        await wire.post("/faults", platform="telegram", **fault)

    async with wire.http.get(url) as missing:
        assert missing.status == 404
    async with wire.http.get(url) as cut:
        with pytest.raises(aiohttp.ClientPayloadError):
            await cut.read()
    started = time.monotonic()
    async with wire.http.get(url) as slow:
        assert await slow.read() == content
    assert time.monotonic() - started >= 0.3
    async with wire.http.get(url) as whole:
        assert await whole.read() == content


async def test_an_update_can_be_delivered_twice(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/faults", platform="telegram", method="update", kind="duplicate")

    sandbox.phone.say("mei", "once")
    sandbox.phone.say("mei", "next")
    first, second, third = await wire.result("getUpdates")

    assert first == second
    assert (first["message"]["text"], third["message"]["text"]) == ("once", "next")


async def test_an_edit_can_be_delivered_before_its_original(sandbox: Sandbox, wire: Wire) -> None:
    """The edit must not be lost because nobody knows the message yet."""
    mei = sandbox.world.person("mei").telegram_id
    await wire.post(
        "/faults", platform="telegram", method="update", kind="reorder", target=str(mei)
    )

    message = sandbox.phone.say("mei", "helo")
    sandbox.phone.say("jonas", "hallo")
    sandbox.phone.edit("mei", None, message.id, "hello")
    updates = await wire.result("getUpdates")

    assert [_what(update) for update in updates] == [
        ("message", "hallo"),
        ("edited_message", "hello"),
        ("message", "helo"),
    ]
    assert updates[1]["update_id"] < updates[2]["update_id"]


async def test_webhooks_too_get_updates_twice_and_out_of_order(
    sandbox: Sandbox, wire: Wire
) -> None:
    await wire.post("/faults", platform="telegram", method="update", kind="reorder")
    await wire.post("/faults", platform="telegram", method="update", kind="duplicate", nth=2)
    async with receiving() as receiver:
        await wire.result("setWebhook", url=receiver.url)
        message = sandbox.phone.say("mei", "helo")
        sandbox.phone.edit("mei", None, message.id, "hello")
        await eventually(lambda: len(receiver.posted) == 3)

    assert [_what(update) for update in receiver.posted] == [
        ("edited_message", "hello"),
        ("edited_message", "hello"),
        ("message", "helo"),
    ]


async def test_the_whole_platform_can_be_unreachable_for_a_while(
    sandbox: Sandbox, wire: Wire
) -> None:
    """Updates wait; connections that were open are closed, new ones refused."""
    sandbox.phone.say("mei", "before")
    polling = asyncio.create_task(wire.call("getUpdates", offset=2**40, timeout=30))
    await eventually(lambda: sandbox.world.telegram.bots[0].poll is not None)

    await wire.post("/unreachable", seconds=0.5)
    with pytest.raises(aiohttp.ClientError):
        await polling
    refused = False

    async def reachable() -> bool:
        nonlocal refused
        try:
            await wire.result("getMe")
        except aiohttp.ClientConnectorError:
            refused = True
            return False
        except aiohttp.ClientError:
            return False
        return refused

    sandbox.phone.say("mei", "meanwhile")
    await eventually(reachable)

    (update,) = await wire.result("getUpdates")
    assert update["message"]["text"] == "meanwhile"


async def test_a_backlog_of_a_long_night_comes_in_order(sandbox: Sandbox, wire: Wire) -> None:
    """A hundred at a time, as Telegram hands them out."""
    for number in range(250):
        sandbox.phone.say("mei", str(number))

    seen: list[str] = []
    sizes: list[int] = []
    offset = 0
    while updates := await wire.result("getUpdates", offset=offset):
        sizes.append(len(updates))
        seen += [update["message"]["text"] for update in updates]
        offset = updates[-1]["update_id"] + 1

    assert seen == [str(number) for number in range(250)]
    assert sizes == [100, 100, 50]


async def test_an_old_update_can_come_again_to_a_poller(sandbox: Sandbox, wire: Wire) -> None:
    """Acknowledged long ago, and here it is again: it must not become a second message."""
    sandbox.phone.say("mei", "hello")
    (update,) = await wire.result("getUpdates")
    offset = update["update_id"] + 1
    done = await wire.result("getUpdates", offset=offset)

    await wire.post("/telegram/replay", update_id=update["update_id"])
    again = await wire.result("getUpdates", offset=offset)

    assert (done, again) == ([], [update])
    assert await wire.result("getUpdates", offset=offset) == []


async def test_a_storm_can_be_repeated_and_reports_what_it_did(wire: Wire) -> None:
    """A run that failed at night is run again by its seed."""
    chances = [
        {"platform": "telegram", "method": "getMe", "kind": "server_error", "probability": 0.4},
        {"platform": "telegram", "kind": "rate_limit", "probability": 0.3},
    ]
    runs = []
    for seed in (7, 7, 8):
        await wire.delete("/faults")
        await wire.post("/storms", seed=seed, chances=chances, calls=30)
        statuses = [(await wire.call("getMe"))[0] for _ in range(40)]
        (storm,) = await wire.get("/storms")
        runs.append((statuses, storm["struck"]))

    (first, struck), second, other = runs
    assert (first, struck) == second
    assert first != other[0]
    assert {200, 429, 502} == set(first)
    assert [number for number, status in enumerate(first, 1) if status != 200] == [
        strike["call"] for strike in struck
    ]
    assert first[30:] == [200] * 10


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        (
            "/faults",
            {"platform": "smtp", "kind": "garbled"},
            "on discord, dns, oauth, telegram only",
        ),
        ("/faults", {"platform": "telegram", "kind": "nil"}, "happens on imap only"),
        ("/faults", {"platform": "imap", "kind": "nil"}, "goes with method 'FETCH' only"),
        ("/faults", {"platform": "smtp", "kind": "cut", "method": "body"}, "'body' takes"),
        ("/faults", {"platform": "telegram", "kind": "reply"}, "happens on imap, smtp only"),
        ("/faults", {"platform": "telegram", "kind": "reorder"}, "go with method 'update'"),
        (
            "/faults",
            {"platform": "telegram", "kind": "blocked", "method": "update"},
            "go with method 'update'",
        ),
        (
            "/faults",
            {"platform": "telegram", "kind": "cut", "method": "webhook"},
            "method 'webhook' takes drop_after, drop_before, slow_after",
        ),
        ("/storms", {"seed": 1, "chances": [{"platform": "pager"}]}, "'platform' must be one of"),
        (
            "/storms",
            {
                "seed": 1,
                "chances": [{"platform": "telegram", "kind": "cut", "probability": 2}],
            },
            "'probability' must be 0 to 1",
        ),
        ("/unreachable", {"seconds": 0}, "'seconds' must be more than 0"),
        ("/unreachable", {"manner": "rude"}, "'manner' must be one of refused, reset, silent"),
        ("/faults", {"platform": "dns", "kind": "hang"}, "happens on discord, imap, oauth"),
        ("/faults", {"platform": "telegram", "kind": "server_error", "status": 200}, "or 200 with"),
    ],
)
async def test_a_fault_without_effect_is_refused(
    sandbox: Sandbox, wire: Wire, path: str, fields: dict[str, Any], words: str
) -> None:
    """A test that injects nothing would pass for nothing."""
    async with wire.http.post(f"{sandbox.http_url}/control{path}", json=fields) as response:
        body = await response.json()

    assert response.status == 400
    assert words in body["error"]


def _method(sandbox: Sandbox, name: str) -> str:
    return f"{sandbox.telegram_base_url}{sandbox.bot_token}/{name}"


async def _download_url(sandbox: Sandbox, wire: Wire, content: bytes) -> str:
    sent = sandbox.phone.send_file("mei", content, "a.bin").file
    assert sent is not None
    file = await wire.result("getFile", file_id=sent.file_id)
    return f"{sandbox.telegram_file_url}{sandbox.bot_token}/{file['file_path']}"


def _what(update: dict[str, Any]) -> tuple[str, str]:
    kind = next(name for name in update if name != "update_id")
    return kind, update[kind]["text"]
