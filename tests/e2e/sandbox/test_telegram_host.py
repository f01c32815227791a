"""What Telegram itself does: limits, flooded chats, groups that move, bots that are thrown out."""

from typing import Any

import aiohttp
import pytest

from sandbox.server import Sandbox
from sandbox.telegram.settings import FloodLimits, TelegramSettings
from tests.e2e.sandbox.rig import Wire

NOON = 1_800_000_000.0


class Clock:
    """Stands still until a test turns it."""

    now = NOON

    def __call__(self) -> float:
        return self.now


async def test_a_private_chat_takes_a_burst_and_then_one_a_second() -> None:
    clock = Clock()
    settings = TelegramSettings(flood=FloodLimits(private_burst=3))
    async with Sandbox(telegram=settings, now=clock) as sandbox, aiohttp.ClientSession() as http:
        wire = Wire(sandbox, http)
        mei = sandbox.phone.say("mei", "hello").chat.id
        jonas = sandbox.phone.say("jonas", "hallo").chat.id

        burst = [(await _send(wire, mei))[0] for _ in range(4)]
        other, _ = await _send(wire, jonas)
        status, body = await _send(wire, mei)
        clock.now += 1
        later = [(await _send(wire, mei))[0] for _ in range(2)]

    assert burst == [200, 200, 200, 429]
    assert other == 200
    assert (status, body["parameters"]) == (429, {"retry_after": 1})
    assert later == [200, 429]


async def test_a_group_takes_twenty_a_minute_and_a_bot_thirty_a_second() -> None:
    clock = Clock()
    limits = FloodLimits(private_burst=40, private_per_second=40)
    settings = TelegramSettings(flood=limits)
    async with Sandbox(telegram=settings, now=clock) as sandbox, aiohttp.ClientSession() as http:
        wire = Wire(sandbox, http)
        mei = sandbox.phone.say("mei", "hello").chat.id
        group = sandbox.phone.create_group("Club", ["mei"]).id
        in_group = [await _send(wire, group) for _ in range(21)]
        by_bot = [(await _send(wire, mei))[0] for _ in range(11)]
        clock.now += 3
        edits = [(await _edit(wire, mei, number))[0] for number in range(31)]
        action, _ = await wire.call("sendChatAction", chat_id=mei, action="typing")

    assert [status for status, _ in in_group] == [200] * 20 + [429]
    assert in_group[-1][1]["parameters"] == {"retry_after": 3}
    assert by_bot == [200] * 10 + [429]
    assert edits == [200] * 30 + [429]
    assert action == 200


async def test_limits_are_off_until_they_are_switched_on(sandbox: Sandbox, wire: Wire) -> None:
    """Every other test sends as fast as it can."""
    mei = sandbox.phone.say("mei", "hello").chat.id
    before = [(await _send(wire, mei))[0] for _ in range(40)]

    told = await wire.post("/telegram/settings", flood={"private_burst": 1})
    after = [(await _send(wire, mei))[0] for _ in range(3)]
    await wire.post("/telegram/settings")

    assert before == [200] * 40
    assert told["flood"]["group_per_minute"] == 20
    assert after[0] == 200
    assert 429 in after
    assert (await _send(wire, mei))[0] == 200


async def test_one_flooded_chat_refuses_everything_and_is_counted(
    sandbox: Sandbox, wire: Wire
) -> None:
    """A gateway that keeps knocking at a flooded door, or stops serving the others, shows here."""
    mei = sandbox.phone.say("mei", "hello").chat.id
    jonas = sandbox.phone.say("jonas", "hallo").chat.id
    await wire.post("/telegram/flood", chat_id=mei, seconds=30)

    refused = [await _send(wire, mei), await _send(wire, mei)]
    action, _ = await wire.call("sendChatAction", chat_id=mei, action="typing")
    other, _ = await _send(wire, jonas)
    await wire.post("/telegram/flood", chat_id=mei, seconds=0)
    after, _ = await _send(wire, mei)

    assert [(status, body["parameters"]) for status, body in refused] == [
        (429, {"retry_after": 30})
    ] * 2
    assert (action, other, after) == (429, 200, 200)
    counted = {one["method"]: one for one in await wire.get("/refused")}
    assert counted["sendMessage"] == {
        "platform": "telegram",
        "method": "sendMessage",
        "target": str(mei),
        "code": 429,
        "count": 2,
    }


async def test_a_group_that_has_become_a_supergroup_is_elsewhere(
    sandbox: Sandbox, wire: Wire
) -> None:
    """Whoever keeps writing to the old id talks to nobody; the answer names the new one."""
    old = await wire.post("/telegram/basic_groups", title="Club", persons=["mei", "jonas"])
    await wire.post("/telegram/say", person="mei", text="hello", chat_id=old["id"])
    new = await wire.post("/telegram/migrate", chat_id=old["id"])

    refused = [
        await wire.call("sendMessage", chat_id=old["id"], text="x"),
        await wire.call("sendChatAction", chat_id=old["id"], action="typing"),
    ]
    said = await wire.post("/telegram/say", person="jonas", text="here", chat_id=new["id"])
    sent = await wire.result("sendMessage", chat_id=new["id"], text="welcome")
    hello, leaving, arriving, here = await wire.result("getUpdates")

    assert (old["type"], new["type"], new["title"]) == ("group", "supergroup", "Club")
    assert -5_000_000_000 < old["id"] < -4_000_000_000
    assert str(new["id"]).startswith("-100")
    assert (
        refused
        == [
            (
                400,
                {
                    "ok": False,
                    "error_code": 400,
                    "description": "Bad Request: group chat was upgraded to a supergroup chat",
                    "parameters": {"migrate_to_chat_id": new["id"]},
                },
            )
        ]
        * 2
    )
    assert leaving["message"]["migrate_to_chat_id"] == new["id"]
    assert leaving["message"]["chat"]["id"] == old["id"]
    assert arriving["message"]["migrate_from_chat_id"] == old["id"]
    assert arriving["message"]["chat"]["id"] == new["id"]
    assert leaving["message"]["message_id"] > hello["message"]["message_id"]
    assert [arriving["message"]["message_id"], said["message_id"], sent["message_id"]] == [1, 2, 3]
    assert here["message"]["text"] == "here"


async def test_a_bot_that_was_thrown_out_gets_403_and_hears_nothing(
    sandbox: Sandbox, wire: Wire
) -> None:
    group = sandbox.phone.create_group("Club", ["mei"]).id
    await wire.post("/telegram/remove_bot", chat_id=group)
    await wire.post("/telegram/say", person="mei", text="are you there?", chat_id=group)

    status, body = await _send(wire, group)
    (removal,) = await wire.result("getUpdates")
    await wire.post("/telegram/remove_bot", chat_id=group, removed=False)
    back, _ = await _send(wire, group)

    assert (status, body["description"]) == (
        403,
        "Forbidden: bot was kicked from the supergroup chat",
    )
    assert removal["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert removal["my_chat_member"]["chat"]["id"] == group
    assert back == 200


async def test_a_bot_can_be_thrown_out_of_a_basic_group_too(sandbox: Sandbox, wire: Wire) -> None:
    group = sandbox.telegram_host.create_basic_group("Club", ["mei"]).id
    sandbox.telegram_host.remove_bot(group)
    sandbox.phone.say("mei", "hello")

    status, body = await _send(wire, group)

    assert (status, body["description"]) == (403, "Forbidden: bot was kicked from the group chat")


@pytest.mark.parametrize(
    ("path", "fields", "status", "words"),
    [
        ("replay", {"update_id": 7}, 404, "no update 7 among"),
        ("flood", {"chat_id": 7, "seconds": -1}, 400, "'seconds' must be 0 to 86400"),
        ("migrate", {"chat_id": -7}, 404, "no group -7"),
        ("remove_bot", {"chat_id": -7}, 404, "no group -7"),
        ("settings", {"webhook_retry_seconds": 0}, 400, "must be more than 0"),
        ("settings", {"flood": {"private_burst": 0}}, 400, "must be more than 0"),
    ],
)
async def test_what_cannot_happen_is_explained(
    sandbox: Sandbox, wire: Wire, path: str, fields: dict[str, Any], status: int, words: str
) -> None:
    url = f"{sandbox.http_url}/control/telegram/{path}"
    async with wire.http.post(url, json=fields) as response:
        body = await response.json()

    assert response.status == status
    assert words in body["error"]


async def test_a_group_moves_once_and_a_bot_is_thrown_out_once(
    sandbox: Sandbox, wire: Wire
) -> None:
    group = sandbox.telegram_host.create_basic_group("Club", ["mei"])
    sandbox.telegram_host.migrate_group(group.id)
    new = group.migrated_to
    assert new is not None
    sandbox.telegram_host.remove_bot(new.id)

    outcomes = []
    for path, chat in (("migrate", group.id), ("migrate", new.id), ("remove_bot", new.id)):
        url = f"{sandbox.http_url}/control/telegram/{path}"
        async with wire.http.post(url, json={"chat_id": chat}) as response:
            outcomes.append((response.status, (await response.json())["error"]))

    assert [status for status, _ in outcomes] == [400] * 3
    assert "no members" in outcomes[0][1]
    assert "no basic group" in outcomes[1][1]
    assert "is not in" in outcomes[2][1]


async def _send(wire: Wire, chat_id: int) -> tuple[int, Any]:
    return await wire.call("sendMessage", chat_id=chat_id, text="x")


async def _edit(wire: Wire, chat_id: int, number: int) -> tuple[int, Any]:
    return await wire.call("editMessageText", chat_id=chat_id, message_id=2, text=str(number))
