"""The whole gateway in a storm on its line to Telegram, killed in the middle of it.

What customers say is in their conversation once and in order, what agents say arrives once or is
said to be unknown. The short form takes one seed each way, CHAOS=1 many.
"""

import asyncio
import os
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.server import Sandbox
from sandbox.telegram.settings import TelegramSettings
from tests.crash.telegram_customers import people, telegram_storm, with_buttons
from tests.crash.weather import Weather
from tests.rigs.api import api
from tests.rigs.gateway import Gateway, bot_channel

CHAOS: Final = bool(os.environ.get("CHAOS"))
SEEDS: Final = range(1, 19 if CHAOS else 2)
CALL_SECONDS: Final = 1.0
IMPATIENT: Final[dict[str, Any]] = {
    "poll_timeout_seconds": 1,
    "request_timeout_seconds": CALL_SECONDS,
    "upload_timeout_seconds": CALL_SECONDS,
    "chat_per_second": 1000,
    "chat_burst": 1000,
    "account_per_second": 1000,
    "account_burst": 1000,
}
"""Budgets are another test's matter."""
HASTY: Final = TelegramSettings(webhook_retry_seconds=0.1, webhook_retry_seconds_max=0.5)
LEASE_SECONDS: Final = 2.5
KILLED_AFTER_SECONDS: Final = 1.0


@pytest.mark.parametrize("mode", ["polling", "webhook"])
@pytest.mark.timeout(1800 if CHAOS else 180)
async def test_a_storm_costs_nothing(tmp_path: Path, mode: str) -> None:
    """Neither the customer who wrote nor the agent who answered can tell that there was one."""
    struck: Counter[str] = Counter()
    states: Counter[str] = Counter()
    async with Sandbox(telegram=HASTY) as sandbox:
        channel = bot_channel(sandbox, tmp_path, mode=mode, **IMPATIENT)
        async with (
            Gateway(tmp_path, channel, lease_seconds=LEASE_SECONDS) as gateway,
            api(gateway.url, gateway.token) as agent,
        ):
            for seed in SEEDS:
                print(f"seed {seed}, {mode}")
                storm = telegram_storm(seed, slow_seconds=1.5 * CALL_SECONDS)
                make = partial(people, sandbox, seed)
                weather = Weather(sandbox, agent, storm, make, with_buttons)
                await weather.begin()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(weather.blow())
                    await asyncio.sleep(KILLED_AFTER_SECONDS)
                    await gateway.kill()
                    gateway.start()
                    await gateway.ready()
                await weather.check()
                struck += Counter(str(strike.kind) for strike in weather.storm.struck)
                states += weather.states
    print(dict(struck), dict(states))
    assert struck
