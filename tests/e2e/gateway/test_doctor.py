"""`trunkline doctor` on an installation that is well, and on one that is not."""

import asyncio
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from gateway.cli import main
from sandbox.server import Sandbox
from tests.rigs.gateway import Gateway, channels, discord_channel


async def test_it_looks_at_redis_beside_a_running_gateway(
    sandbox: Sandbox, gateway: Gateway
) -> None:
    """An operator asks when something is wrong, which is while it runs."""
    found = await _asked(gateway.settings, "--json")

    rows: list[dict[str, Any]] = json.loads(found.stdout)
    assert found.exit_code == 0
    assert [(row["of"], row["subject"], row["state"]) for row in rows] == [
        ("redis", "answers", "ok"),
        ("redis", "persistence", "ok"),
        ("redis", "eviction", "ok"),
        ("tg", "telegram", "unseen"),
        ("mail", "email", "unseen"),
    ]


async def test_it_looks_at_a_discord_bot_while_its_inbox_runs(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """What is wrong on the platform stands beside what is wrong here."""
    settings = discord_channel(sandbox, tmp_path)
    async with Gateway(tmp_path, settings) as gateway:
        well = await _asked(gateway.settings)
        sandbox.discord.grant()
        unwell = await _asked(gateway.settings)

    assert well.exit_code == 0, well.stdout
    assert "✓ dc     login: the bot is acme-support" in well.stdout
    assert unwell.exit_code == 1
    assert "✗ dc     message content: " in unwell.stdout


async def test_a_store_that_is_away_is_told_with_its_remedy(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The table comes all the same, and its exit code stops a deployment."""
    away = Gateway(tmp_path, channels(sandbox, tmp_path), redis_url="redis://127.0.0.1:1/0")

    found = await _asked(away.settings)

    assert found.exit_code == 1
    assert "✗ redis  answers: Redis cannot be reached" in found.stdout
    assert "→ start it, or correct redis.url" in found.stdout
    assert "- tg     telegram: not looked at" in found.stdout


async def _asked(settings: Path, *options: str) -> Result:
    arguments = ["--config", str(settings), "doctor", *options]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)
