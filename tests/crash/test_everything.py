"""The whole gateway with all it can do switched on at once, and killed all the while.

Customers on three channels, one who floods and one who is blocked; agents who do whatever they can;
an archiver that archives at once what is done; search, webhooks to a receiver that is away half of
the time, listeners who come back; backups; kill -9 of processes and of Redis; SIGHUP. It takes more
than a minute, so it runs with CHAOS=1 only: in one process, and in one for each role.
"""

import os
import random
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.discord.settings import DiscordSettings
from sandbox.server import Sandbox
from tests.crash.installation import parts, whole
from tests.crash.turmoil import Turmoil
from tests.rigs.gateway import Gateway, bot_channel, discord_channel, mail_channel
from tests.rigs.waiting import eventually

CHAOS: Final = bool(os.environ.get("CHAOS"))
SEEDS: Final = (1,)
FORMS: Final = {"whole": whole, "parts": parts}
CALL_SECONDS: Final = 2.0
UNHURRIED: Final[dict[str, Any]] = {"account_per_second": 1000, "account_burst": 1000}
"""Budgets are another test's matter."""
PATIENT: Final = DiscordSettings(heartbeat_seconds=1.0, patience=60.0)

SETTINGS: Final = """
[archive]
closed_days = 0.000001
resolved_days = 0.000001
[limits]
inbound_burst_max = 150
[webhooks]
allow_hosts = ["127.0.0.1"]
timeout_seconds = 1.0
"""


@pytest.mark.skipif(not CHAOS, reason="more than a minute: make chaos runs it")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.timeout(900)
async def test_a_storm_over_everything_costs_nothing(tmp_path: Path, form: str, seed: int) -> None:
    """Nobody who wrote, answered, listened, searched or kept a backup can tell that one was."""
    print(f"seed {seed}, {form}")
    async with Sandbox(seed=seed) as sandbox:
        sandbox.world.discord.settings = PATIENT
        async with FORMS[form](tmp_path, SETTINGS + _channels(sandbox, tmp_path)) as place:
            await eventually(lambda: any(one.session for one in sandbox.discord_gateway.lines))
            turmoil = Turmoil(sandbox, place, random.Random(seed))
            kept = await turmoil.blow(seed)
        again = tmp_path / "restored"
        again.mkdir()
        await turmoil.check_restored(Gateway(again, SETTINGS + _channels(sandbox, again)), kept)


def _channels(sandbox: Sandbox, directory: Path) -> str:
    guild = sandbox.discord.guild().channels.values()
    ours = [str(one.id) for one in guild if one.name in ("support", "questions")]
    timeouts: dict[str, Any] = {
        "request_timeout_seconds": CALL_SECONDS,
        "upload_timeout_seconds": CALL_SECONDS,
    }
    bot = bot_channel(
        sandbox,
        directory,
        poll_timeout_seconds=1,
        chat_per_second=1000,
        chat_burst=1000,
        **timeouts,
        **UNHURRIED,
    )
    welcome = '[channel.acknowledge]\ntext = "We have it"\n'
    mail = mail_channel(
        sandbox, directory, imap={"idle_seconds": 1, "command_seconds": CALL_SECONDS}
    )
    discord = discord_channel(
        sandbox,
        directory,
        support_channels=ours,
        silence_seconds_max=3.0,
        invalid_seconds=0.1,
        checkpoint_seconds=0.2,
        channel_per_second=1000,
        channel_burst=1000,
        **timeouts,
        **UNHURRIED,
    )
    return bot + welcome + mail + welcome + discord
