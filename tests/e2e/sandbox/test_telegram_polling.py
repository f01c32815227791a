"""Receiving updates: the long poll, acknowledging, and who may poll."""

import asyncio
import time
from typing import Any

from telegram import Bot

from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire
from tests.rigs.waiting import PATIENCE_SECONDS


async def test_a_waiting_poll_wakes_when_somebody_writes(sandbox: Sandbox, bot: Bot) -> None:
    """The demo has to feel live: no update waits for the poll's timeout."""
    polling = asyncio.create_task(bot.get_updates(timeout=30))
    await _until_polling(sandbox)

    started = time.monotonic()
    sandbox.phone.say("mei", "hello")
    (update,) = await polling

    assert time.monotonic() - started < 15
    assert update.message is not None
    assert update.message.text == "hello"


async def test_updates_stay_until_a_higher_offset_acknowledges_them(
    sandbox: Sandbox, wire: Wire
) -> None:
    """A gateway that dies before it stored an update gets it again."""
    sandbox.phone.say("mei", "one")
    sandbox.phone.say("mei", "two")

    first = await wire.result("getUpdates")
    again = await wire.result("getUpdates", limit=1)
    rest = await wire.result("getUpdates", offset=first[0]["update_id"] + 1)
    none = await wire.result("getUpdates", offset=first[1]["update_id"] + 1)

    assert _texts(first) == ["one", "two"]
    assert _texts(again) == ["one"]
    assert _texts(rest) == ["two"]
    assert none == []


async def test_a_negative_offset_keeps_only_the_end(sandbox: Sandbox, wire: Wire) -> None:
    for text in ("one", "two", "three"):
        sandbox.phone.say("mei", text)

    assert _texts(await wire.result("getUpdates", offset=-1)) == ["three"]


async def test_of_two_pollers_the_older_gets_409(sandbox: Sandbox, wire: Wire) -> None:
    """Two gateways with one token must notice it; Telegram ends the poll that was there first."""
    older = asyncio.create_task(wire.call("getUpdates", timeout=30))
    await _until_polling(sandbox)

    newer = asyncio.create_task(wire.call("getUpdates", timeout=30))
    status, body = await older
    sandbox.phone.say("mei", "hello")

    assert status == 409
    assert body == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request;"
        " make sure that only one bot instance is running",
    }
    assert (await newer)[0] == 200


async def test_a_webhook_and_polling_exclude_each_other(wire: Wire) -> None:
    await wire.result("setWebhook", url="http://127.0.0.1:9/hooks", secret_token="s3cret")

    status, body = await wire.call("getUpdates")
    info = await wire.result("getWebhookInfo")
    await wire.result("deleteWebhook")

    assert status == 409
    assert body["description"].startswith(
        "Conflict: can't use getUpdates method while webhook is active"
    )
    assert info["url"] == "http://127.0.0.1:9/hooks"
    assert await wire.result("getUpdates") == []


async def test_reactions_come_only_to_bots_that_ask_for_them(sandbox: Sandbox, wire: Wire) -> None:
    message = sandbox.phone.say("mei", "hello")
    (update,) = await wire.result("getUpdates")
    sandbox.phone.react("mei", None, message.id, "👍")
    unasked = await wire.result("getUpdates", offset=update["update_id"] + 1)

    await wire.result("getUpdates", allowed_updates=["message", "message_reaction"])
    sandbox.phone.react("mei", None, message.id, None)
    (asked,) = await wire.result("getUpdates")

    assert unasked == []
    assert asked["message_reaction"]["old_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    assert asked["message_reaction"]["new_reaction"] == []


async def test_a_revoked_token_ends_the_poll_with_401(sandbox: Sandbox, wire: Wire) -> None:
    """The operator revokes a token while the gateway runs: it has to hear of it at once."""
    polling = asyncio.create_task(wire.call("getUpdates", timeout=30))
    await _until_polling(sandbox)

    await wire.post("/telegram/revoke")

    refusal = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await polling == (401, refusal)
    assert await wire.call("getMe") == (401, refusal)


async def test_a_replaced_token_works_from_then_on(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/telegram/revoke", token="7018245630:new")

    assert (await wire.result("getMe"))["username"] == "acme_support_bot"


async def test_an_injected_update_arrives_as_it_is(wire: Wire) -> None:
    """Poison: the gateway has to set it aside and go on."""
    poison = {"message": {"message_id": "not a number", "surprise": [1, {}]}}

    made = await wire.post("/telegram/inject", update=poison)
    doubled = await wire.post("/telegram/inject", update=poison | made)

    assert doubled == made
    assert await wire.result("getUpdates") == [poison | made, poison | made]


async def test_two_bots_have_queues_of_their_own(sandbox: Sandbox, wire: Wire) -> None:
    second = await wire.post("/telegram/bots", name="Acme Billing", username="acme_billing_bot")
    await wire.post("/telegram/say", person="jonas", text="bill?", bot_id=second["bot_id"])

    url = f"{sandbox.telegram_base_url}{second['token']}/getUpdates"
    async with wire.http.post(url, data={"timeout": "1"}) as response:
        there = (await response.json())["result"]

    assert _texts(there) == ["bill?"]
    assert await wire.result("getUpdates") == []


async def _until_polling(sandbox: Sandbox) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while sandbox.world.telegram.bots[0].poll is None:  # noqa: ASYNC110  nothing to wait on
            await asyncio.sleep(0.005)


def _texts(updates: list[Any]) -> list[str]:
    return [update["message"]["text"] for update in updates]
