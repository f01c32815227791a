"""A customer sends a thousand messages in a minute, and the others notice nothing."""

import json
from pathlib import Path

from core.model.content import System
from core.model.conversation import Entry
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import Bot
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway, bot_channel, discord_channel, mail_channel
from tests.rigs.stopwatch import stopwatch
from tests.rigs.waiting import eventually

SENT = 1000
BURST = 120
LATENCY_SECONDS_MAX = 1.0
"""Beside a bench on the same two cores; without any load it is some hundredths."""

FLOOD = """[channel.flood.languages]
de = "Bitte warten."
"""


async def test_a_thousand_messages_are_limited_and_told_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Nothing below the limit is lost; agents know how much is missing, also after a restart."""
    channel = bot_channel(sandbox, tmp_path) + FLOOD
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    async with (
        Gateway(tmp_path, channel) as gateway,
        api(gateway.url, gateway.token) as agent,
    ):
        mei.says("0")
        calm = [await _latency(agent, jonas, f"calm {n}") for n in range(3)]
        for n in range(1, SENT):
            mei.says(f"{n}")
        busy = [await _latency(agent, jonas, f"busy {n}") for n in range(5)]
        number = await _number(agent, "mei")
        await eventually(lambda: bool(mei.answers))
        mei.says("still?")
        await _latency(agent, jonas, "afterwards")
        await gateway.stop()
        gateway.start()
        await gateway.ready()
        entries = await agent.entries(number)
        theirs = await agent.heard(await _number(agent, "jonas"))

    heard = [text for text in _heard(entries) if text.isdecimal()]
    began, over = [line for line in _lines(entries) if line.code.startswith("flood")]
    kept = len(_heard(entries))
    assert heard[:BURST] == [str(n) for n in range(BURST)]
    assert kept < BURST + 60
    assert (began.code, over.code) == ("flood", "flood_over")
    assert int(over.text.split()[0]) == SENT + 1 - kept
    assert len(mei.answers) == 1
    assert "wait a minute" in mei.answers[0].text
    assert theirs == [f"calm {n}" for n in range(3)] + [f"busy {n}" for n in range(5)] + [
        "afterwards"
    ]
    assert max(busy[1:]) < LATENCY_SECONDS_MAX, f"{calm} without, {busy} beside the flood"


async def test_one_member_floods_a_group(sandbox: Sandbox, tmp_path: Path) -> None:
    """The others in it are heard, and nothing is said where they would read it."""
    group = sandbox.phone.create_group("Harbour", ["mei", "jonas"])
    channel = bot_channel(sandbox, tmp_path) + "[channel.flood]\ninbound_burst_max = 20\n"
    async with (
        Gateway(tmp_path, channel) as gateway,
        api(gateway.url, gateway.token) as agent,
    ):
        for n in range(100):
            sandbox.phone.say("mei", Saying(text=f"{n}", chat_id=group.id))
        for n in range(5):
            sandbox.phone.say("jonas", Saying(text=f"j{n}", chat_id=group.id))

        async def is_told() -> bool:
            found = await agent.all_conversations()
            lines = [line for one in found for line in _lines(await agent.entries(one.number))]
            return [line.code for line in lines] == ["flood"]

        await eventually(is_told)
        await eventually(lambda: _hears(agent, "jonas", [f"j{n}" for n in range(5)]))
        mei = await agent.heard(await _number(agent, "mei"))
        assert mei[:20] == [f"{n}" for n in range(20)]
        assert len(mei) < 40
        assert not [one for one in group.messages.values() if isinstance(one.sender, Bot)]


async def test_a_flood_of_mails_is_limited_whatever_their_dates_say(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Each mail is a thread of its own, and its sender dates it."""
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    limit = "[channel.flood]\ninbound_per_minute_max = 6\ninbound_burst_max = 20\n"
    async with (
        Gateway(tmp_path, mail_channel(sandbox, tmp_path) + limit) as gateway,
        api(gateway.url, gateway.token) as agent,
    ):
        for n in range(80):
            mei.writes(f"{n}", subject=f"Subject {n}")
        jonas.writes("and me?", subject="Parcel")

        async def is_told() -> bool:
            return any("wait a minute" in mail["text"] for mail in mei.mails)

        async def heard() -> list[int]:
            found = await agent.all_conversations()
            texts = [text for one in found for text in await agent.heard(one.number)]
            return sorted(int(text) for text in texts if text.isdecimal())

        async def all_below_the_limit_are_heard() -> bool:
            return (await heard())[:20] == list(range(20))

        await eventually(is_told)
        await eventually(lambda: _hears(agent, "jonas", ["and me?"]))
        await eventually(all_below_the_limit_are_heard)
        assert len(await heard()) < 30
        assert len([mail for mail in mei.mails if "wait a minute" in mail["text"]]) == 1


async def test_a_flood_on_discord_is_limited_and_told_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """By direct message, as anybody can who shares a server with the bot."""
    limit = "[channel.flood]\ninbound_per_minute_max = 6\ninbound_burst_max = 20\n"
    async with (
        Gateway(tmp_path, discord_channel(sandbox, tmp_path) + limit) as gateway,
        api(gateway.url, gateway.token) as agent,
    ):
        await eventually(lambda: any(line.session for line in sandbox.discord_gateway.lines))
        for n in range(80):
            sandbox.discord.say("mei", f"{n}")
        sandbox.discord.say("jonas", "and me?")

        def told() -> list[str]:
            return [one for one in sandbox.discord.texts("mei") if "wait a minute" in one]

        await eventually(lambda: bool(told()))
        await eventually(lambda: _hears(agent, "jonas", ["and me?"]))
        heard = await agent.heard(await _number(agent, "mei"))
        codes = [line.code for line in _lines(await agent.entries(await _number(agent, "mei")))]

    assert heard[:20] == [f"{n}" for n in range(20)]
    assert len(heard) < 30
    assert (codes, len(told())) == (["flood"], 1)


async def test_an_operator_blocks_who_floods_while_the_gateway_runs(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """By a command beside it: the gateway knows it a moment later, and nothing more is kept."""
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    async with (
        Gateway(tmp_path, bot_channel(sandbox, tmp_path)) as gateway,
        api(gateway.url, gateway.token) as agent,
    ):
        await _latency(agent, mei, "hello")
        number = await _number(agent, "mei")
        blocked = await gateway.command("block", number, "--why", "insults")

        async def is_known() -> bool:
            async with agent.http.get("/api/v1/blocks") as answer:
                return bool((await answer.json())["blocks"])

        async def is_forgotten() -> bool:
            return not await is_known()

        await eventually(is_known)
        mei.says("more")
        await _latency(agent, jonas, "behind it")
        listed = await gateway.command("block", "--list", "--json")
        refused = await gateway.command("block")
        unblocked = await gateway.command("block", number, "--undo")
        await eventually(is_forgotten)
        await _latency(agent, mei, "sorry")

        assert (blocked.returncode, refused.returncode, unblocked.returncode) == (0, 2, 0)
        assert [one["block"]["why"] for one in json.loads(listed.stdout)] == ["insults"]
        assert await agent.heard(number) == ["hello", "sorry"]
        codes = [line.code for line in _lines(await agent.entries(number))]
        assert codes == ["blocked", "unblocked"]


async def _latency(agent: Api, customer: Customer, text: str) -> float:
    """Seconds until agents can read it."""
    customer.says(text)

    async def is_read() -> bool:
        found = await agent.all_conversations()
        names = [one.number for one in found if one.legs[0].author_name == customer.person.name]
        return bool(names) and text in await agent.heard(names[0])

    async with stopwatch() as watch:
        await eventually(is_read)
    return watch.seconds


async def _number(agent: Api, who: str) -> str:
    return (await _numbers(agent, who))[0]


async def _numbers(agent: Api, who: str) -> list[str]:
    found = await agent.all_conversations()
    return [one.number for one in found if who in one.legs[0].author_name.lower()]


async def _hears(agent: Api, who: str, texts: list[str]) -> bool:
    numbers = await _numbers(agent, who)
    return bool(numbers) and await agent.heard(numbers[0]) == texts


def _heard(entries: list[Entry]) -> list[str]:
    return [
        part.text
        for entry in entries
        if entry.message.direction == "in"
        for part in entry.message.parts
        if hasattr(part, "text")
    ]


def _lines(entries: list[Entry]) -> list[System]:
    parts = [part for entry in entries for part in entry.message.parts]
    return [part for part in parts if isinstance(part, System)]
