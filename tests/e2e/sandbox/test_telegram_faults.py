"""Each fault as python-telegram-bot sees it, and what it leaves behind."""

import time
from typing import Any

import pytest
from telegram import Bot
from telegram.error import (
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire


@pytest.fixture
def chat_id(sandbox: Sandbox) -> int:
    return sandbox.phone.say("mei", "hello").chat.id


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
@pytest.mark.parametrize(
    ("fault", "error", "accepted"),
    [
        ({"kind": "rate_limit", "retry_after": 7}, RetryAfter, 0),
        ({"kind": "server_error"}, NetworkError, 0),
        ({"kind": "server_error", "html": True, "status": 502}, NetworkError, 0),
        ({"kind": "drop_before"}, NetworkError, 0),
        ({"kind": "drop_after"}, NetworkError, 1),
        ({"kind": "unauthorised"}, InvalidToken, 0),
        ({"kind": "blocked"}, Forbidden, 0),
        ({"kind": "conflict"}, Conflict, 0),
    ],
)
async def test_a_fault_fails_one_send_and_the_next_goes_through(
    wire: Wire,
    bot: Bot,
    chat_id: int,
    fault: dict[str, Any],
    error: type[TelegramError],
    accepted: int,
) -> None:
    """`accepted` is what the gateway cannot know: whether the failed send took effect."""
    await wire.post("/faults", platform="telegram", method="sendMessage", **fault)

    with pytest.raises(error):
        await bot.send_message(chat_id, "first")
    before = [entry["text"] for entry in await wire.get("/journal")]
    await bot.send_message(chat_id, "second")

    assert before == ["first"] * accepted
    assert (await wire.get("/calls"))["telegram.sendMessage"] == 2


async def test_a_slow_answer_times_out_after_the_message_was_sent(
    wire: Wire, bot: Bot, chat_id: int
) -> None:
    await wire.post(
        "/faults", platform="telegram", method="sendMessage", kind="slow_after", seconds=30
    )

    started = time.monotonic()
    with pytest.raises(TimedOut):
        await bot.send_message(chat_id, "first", read_timeout=0.2)

    assert time.monotonic() - started < 15
    assert [entry["text"] for entry in await wire.get("/journal")] == ["first"]


async def test_retry_after_is_told_in_body_and_header(
    sandbox: Sandbox, wire: Wire, chat_id: int
) -> None:
    await wire.post(
        "/faults", platform="telegram", method="sendMessage", kind="rate_limit", retry_after=9
    )

    url = f"{sandbox.telegram_base_url}{sandbox.bot_token}/sendMessage"
    async with wire.http.post(url, json={"chat_id": chat_id, "text": "x"}) as response:
        body = await response.json()

    assert (response.status, response.headers["Retry-After"]) == (429, "9")
    assert body["parameters"] == {"retry_after": 9}
    assert body["description"] == "Too Many Requests: retry after 9"


async def test_a_fault_can_wait_for_the_nth_call_and_last(
    wire: Wire, bot: Bot, chat_id: int
) -> None:
    await wire.post(
        "/faults", platform="telegram", method="sendMessage", kind="server_error", nth=2, count=2
    )

    outcomes = [await _outcome(bot, chat_id) for _ in range(4)]

    assert outcomes == ["sent", "failed", "failed", "sent"]


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
async def test_a_fault_can_hit_one_chat_only(sandbox: Sandbox, wire: Wire, bot: Bot) -> None:
    """A flooded chat must not delay the others; here is how a test makes one."""
    mei = sandbox.phone.say("mei", "hello").chat.id
    jonas = sandbox.phone.say("jonas", "hallo").chat.id
    fault = await wire.post(
        "/faults", platform="telegram", kind="rate_limit", target=str(mei), count=0
    )

    assert [await _outcome(bot, mei), await _outcome(bot, jonas)] == ["failed", "sent"]
    await wire.delete(f"/faults/{fault['id']}")
    assert await _outcome(bot, mei) == "sent"


async def test_polls_survive_dropped_connections(sandbox: Sandbox, wire: Wire, bot: Bot) -> None:
    """Updates are acknowledged by the next offset, so a lost answer loses nothing."""
    sandbox.phone.say("mei", "hello")
    await wire.post("/faults", platform="telegram", method="getUpdates", kind="drop_after")

    with pytest.raises(NetworkError):
        await bot.get_updates()

    assert [update.message.text for update in await bot.get_updates() if update.message] == [
        "hello"
    ]


async def test_an_unknown_fault_kind_is_refused_by_name(sandbox: Sandbox, wire: Wire) -> None:
    url = f"{sandbox.http_url}/control/faults"
    fields = {"platform": "telegram", "kind": "explode"}
    async with wire.http.post(url, json=fields) as response:
        body = await response.json()

    assert response.status == 400
    assert body["error"].startswith("'kind' must be one of rate_limit, server_error")


async def _outcome(bot: Bot, chat_id: int) -> str:
    try:
        await bot.send_message(chat_id, "x")
    except (NetworkError, RetryAfter):
        return "failed"
    return "sent"
