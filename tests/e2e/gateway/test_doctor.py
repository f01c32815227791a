"""`trunkline doctor` on an installation that is well, and on one that is not."""

import asyncio
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from gateway.cli import main
from sandbox.server import Sandbox
from tests.rigs.gateway import MAIL, TELEGRAM, Gateway, channels, discord_channel


async def test_it_looks_at_redis_beside_a_running_gateway(
    sandbox: Sandbox, gateway: Gateway
) -> None:
    """An operator asks when something is wrong, which is while it runs."""
    found = await _asked(gateway.settings, "--json")

    rows: list[dict[str, Any]] = json.loads(found.stdout)
    assert found.exit_code == 0, rows
    seen = {(row["of"], row["subject"]): row["state"] for row in rows}
    assert [name for name in seen if name[0] != "machine"] == [
        ("web", "public_url"),
        ("web", "clock"),
        *(("redis", subject) for subject in ("answers", "persistence", "eviction", "memory")),
        ("redis", "clock"),
        *(("tg", subject) for subject in ("login", "updates", "waiting updates", "privacy mode")),
        *(("mail", subject) for subject in ("IMAP login", "folder", "IDLE", "SMTP login")),
        *(("mail", subject) for subject in ("SPF", "DMARC", "DKIM")),
    ]
    assert seen["web", "public_url"] == seen["tg", "updates"] == seen["mail", "IDLE"] == "ok"


async def test_a_look_can_be_at_one_thing_alone(sandbox: Sandbox, gateway: Gateway) -> None:
    """Whoever mends a mailbox looks at it again and again."""
    mailbox = await _asked(gateway.settings, "--only", "mail", "--json")
    nothing = await _asked(gateway.settings, "--only", "nobody")

    assert {row["of"] for row in json.loads(mailbox.stdout)} == {"mail"}
    assert nothing.exit_code == 2
    assert "there is no nobody to look at" in nothing.stderr


async def test_what_is_wrong_with_a_bot_and_a_mailbox_is_told_with_its_remedy(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Each of these has cost an operator an evening."""
    settings = channels(sandbox, tmp_path).replace('"Sent"', '"Sent"\nfolders = ["Nowhere"]')
    away = Gateway(tmp_path, settings)
    (tmp_path / f"{MAIL}-password").write_text("wrong")
    (tmp_path / f"{TELEGRAM}-token").write_text("1:refused-by-the-tests-aaaaaaaaaaaaaaaaaaaa")

    found = await _asked(away.settings)

    assert found.exit_code == 1
    assert "✗ tg       login: Telegram refuses the token" in found.stdout
    assert "→ get the current one from @BotFather" in found.stdout
    assert "✗ mail     SMTP login: " in found.stdout
    assert "✗ web      public_url: " in found.stdout
    assert "→ start the gateway, and lead /hooks/" in found.stdout


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
    assert "✓ dc       login: the bot is acme-support" in well.stdout
    assert unwell.exit_code == 1
    assert "✗ dc       message content: " in unwell.stdout


async def test_a_store_that_is_away_is_told_with_its_remedy(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The table comes all the same, and its exit code stops a deployment."""
    away = Gateway(tmp_path, channels(sandbox, tmp_path), redis_url="redis://127.0.0.1:1/0")

    found = await _asked(away.settings)

    assert found.exit_code == 1
    assert "✗ redis    answers: Redis cannot be reached" in found.stdout
    assert "→ start it, or correct redis.url" in found.stdout
    assert "- tg       telegram: not looked at" in found.stdout


async def _asked(settings: Path, *options: str) -> Result:
    arguments = ["--config", str(settings), "doctor", *options]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)
