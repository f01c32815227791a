"""`trunkline replay`: what was received before is read once more, and nothing of it twice."""

import json
import os
import time
from pathlib import Path

import pytest

from gateway.journal import recorded
from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import DISCORD, MAIL, TELEGRAM, Gateway, channels, discord_channel
from tests.rigs.waiting import eventually

INBOXES = (TELEGRAM, MAIL, DISCORD)
NINE_DAYS_SECONDS = 9 * 86_400


@pytest.mark.timeout(120)
async def test_what_was_received_is_replayed_and_nothing_is_doubled(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """An operator tries it on a living inbox; the journal was written beside all of it."""
    settings = channels(sandbox, tmp_path) + discord_channel(sandbox, tmp_path)
    mei = Customer(sandbox, "mei")
    async with (
        Gateway(tmp_path, settings) as gateway,
        api(gateway.url, gateway.token) as agent,
    ):
        await eventually(lambda: any(line.session for line in sandbox.discord_gateway.lines))
        mei.says("by chat")
        mei.writes("by mail", subject="Parcel")
        sandbox.discord.say("mei", "by Discord")
        await _heard(agent, {"by chat", "by mail", "by Discord"})
        journal = gateway.data_dir / "journal"
        await eventually(lambda: all(list(recorded(journal / one)) for one in INBOXES))

        shown = await gateway.command("replay", "--journal", TELEGRAM, "--dry-run", "--json")
        again = [await gateway.command("replay", "--journal", one) for one in INBOXES]
        ago, old = time.time() - NINE_DAYS_SECONDS, tmp_path / "of_long_ago.json"
        update = json.loads(next(recorded(journal / TELEGRAM)).payload)
        old.write_text(json.dumps(update | {"update_id": update["update_id"] + 1000}))
        os.utime(old, (ago, ago))
        long_ago = await gateway.command("replay", "--inbox", TELEGRAM, str(old))

        (event,) = [json.loads(line) for line in shown.stdout.splitlines()]
        assert event["body"]["parts"] == [{"kind": "text", "text": "by chat"}]
        assert [one.returncode for one in (shown, *again)] == [0] * 4, again
        assert ["1 known" in one.stderr for one in again] == [True] * 3, again
        assert "1 too old" in long_ago.stderr
        assert await _texts(agent) == ["by Discord", "by chat", "by mail"]


async def test_what_is_understood_now_leaves_the_quarantine(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """After a fix it comes to its conversation; what is still not understood stays."""
    mei = Customer(sandbox, "mei")
    settings = channels(sandbox, tmp_path)
    async with (
        Gateway(tmp_path, settings) as gateway,
        api(gateway.url, gateway.token) as agent,
    ):
        mei.says("hello")
        await _heard(agent, {"hello"})
        journal = gateway.data_dir / "journal" / TELEGRAM
        await eventually(lambda: bool(list(recorded(journal))))
        (payload,) = (one.payload for one in recorded(journal))
        update = json.loads(payload)
        update["update_id"] += 1000
        update["message"] |= {"message_id": 4711, "text": "once odd"}
        aside = gateway.data_dir / "quarantine" / TELEGRAM
        aside.mkdir(parents=True)
        (aside / "1.payload").write_bytes(json.dumps(update).encode())
        (aside / "1.reason").write_text("a bug\n")
        (aside / "2.payload").write_bytes(b"no update")

        tried = await gateway.command("replay", "--quarantine", TELEGRAM, "--dry-run")
        done = await gateway.command("replay", "--quarantine", TELEGRAM)
        await _heard(agent, {"hello", "once odd"})

        assert "once odd" in tried.stdout
        assert (tried.returncode, done.returncode) == (1, 1)
        assert "1 new" in done.stderr
        assert sorted(one.name for one in aside.iterdir()) == ["2.payload"]
        usage = [await gateway.command("replay", *words) for words in ((), ("--journal", "nope"))]
        assert [one.returncode for one in usage] == [2, 2]


async def _heard(agent: Api, texts: set[str]) -> None:
    async def are_there() -> bool:
        return set(await _texts(agent)) == texts

    await eventually(are_there)


async def _texts(agent: Api) -> list[str]:
    found = await agent.all_conversations()
    return sorted([text for one in found for text in await agent.heard(one.number)])
