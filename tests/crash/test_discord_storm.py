"""The whole gateway in a storm on its line to Discord, killed in the middle of it.

What customers say is in their conversation once and in order, wherever they say it, what agents say
arrives once, and nothing private where others read. The short form takes one seed each way, CHAOS=1
many.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.discord.settings import DiscordSettings
from sandbox.discord.weather import discord_storm
from sandbox.faults import Storm
from sandbox.server import Sandbox
from tests.crash.discord_customers import (
    DiscordCustomer,
    Told,
    check_discretion,
    dressed,
    people,
)
from tests.crash.weather import Weather
from tests.rigs.api import Api, api
from tests.rigs.gateway import DISCORD, Gateway, discord_channel
from tests.rigs.waiting import eventually

CHAOS: Final = bool(os.environ.get("CHAOS"))
SEEDS: Final = range(1, 19 if CHAOS else 2)
KILLS: Final = 2 if CHAOS else 1
KILLED_AFTER_SECONDS: Final = 2.0
CALL_SECONDS: Final = 1.0
LEASE_SECONDS: Final = 2.5
READY_SECONDS: Final = 60.0
"""Until Discord lets a bot log in through all this."""
IMPATIENT: Final[dict[str, Any]] = {
    "request_timeout_seconds": CALL_SECONDS,
    "upload_timeout_seconds": CALL_SECONDS,
    "silence_seconds_max": 2.0,
    "invalid_seconds": 0.1,
    "checkpoint_seconds": 0.2,
    "channel_per_second": 1000,
    "channel_burst": 1000,
    "account_per_second": 1000,
    "account_burst": 1000,
}
"""Budgets are another test's matter."""
HASTY: Final = DiscordSettings(heartbeat_seconds=1.0, patience=60.0)
"""A slow machine is no client that has fallen silent."""
SPOILING: Final = ("missing", "wrong_type", "garbled", "damaged")


@pytest.mark.parametrize("told", Told if CHAOS else (Told.ALL, Told.MESSAGES))
@pytest.mark.timeout(3600 if CHAOS else 180)
async def test_a_storm_costs_nothing(tmp_path: Path, told: Told) -> None:
    """Neither the customer who wrote nor the agent who answered can tell that there was one."""
    struck: Counter[str] = Counter()
    states: Counter[str] = Counter()
    async with Sandbox() as sandbox:
        sandbox.world.discord.settings = HASTY
        channel = _channel(sandbox, tmp_path)
        async with (
            Gateway(tmp_path, channel, lease_seconds=LEASE_SECONDS) as gateway,
            api(gateway.url, gateway.token) as agent,
        ):
            lines = sandbox.discord_gateway.lines
            await eventually(lambda: any(line.session for line in lines))
            for seed in SEEDS:
                print(f"seed {seed}, told {told}")
                known = people(sandbox, seed, told)
                await eventually(partial(_all_known, agent, known), timeout_seconds=READY_SECONDS)
                storm = _storm(seed, told)
                again = partial(_begin_again, known)
                lost = None if told is Told.MESSAGES else partial(_lost, gateway, _lost(gateway))
                weather = Weather(
                    sandbox, agent, storm, again, dressed, changes_every=3, set_aside=lost
                )
                await weather.begin()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(weather.blow())
                    await _kill(gateway, random.Random(seed))
                await weather.check()
                check_discretion(sandbox, weather.replies)
                struck += storm.count()
                states += weather.states
                states["missed"] += weather.missed
            print(dict(struck), dict(states))
            _check_kept(gateway, struck)
            async with agent.http.get("/api/v1/gaps") as answer:
                assert bool((await answer.json())["gaps"]) == (told is Told.MESSAGES)
    assert struck


def _storm(seed: int, told: Told) -> Storm:
    spoilt, lost = told is Told.MOST, told is Told.MESSAGES
    return discord_storm(seed, malformed=spoilt, lost=lost, hangs=lost)


def _begin_again(customers: Sequence[DiscordCustomer]) -> Sequence[DiscordCustomer]:
    """Whoever has never written before cannot be found in a session that was lost."""
    for one in customers:
        one.begin()
    return customers


async def _all_known(agent: Api, customers: Sequence[DiscordCustomer]) -> bool:
    names = {one.legs[0].author_name for one in await agent.all_conversations()}
    return {one.person.name for one in customers} <= names


async def _kill(gateway: Gateway, rng: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(rng.uniform(0.5, 1.5) * KILLED_AFTER_SECONDS)
        await gateway.kill()
        gateway.start()
        await gateway.ready()


def _lost(gateway: Gateway, before: int = 0) -> int:
    """How many messages could not be read, besides those before."""
    reasons = (gateway.data_dir / "quarantine" / DISCORD).glob("*.reason")
    return sum("message" in one.read_text().lower() for one in reasons) - before


def _check_kept(gateway: Gateway, struck: Counter[str]) -> None:
    """Only what was spoilt on purpose is set aside, and nothing went wrong that nobody foresaw."""
    spoilt = sum(count for what, count in struck.items() if what.endswith(SPOILING))
    kept = len(list((gateway.data_dir / "quarantine" / DISCORD).glob("*.payload")))
    assert kept <= spoilt, f"{kept} set aside, {spoilt} spoilt"
    log = gateway.log.read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:4000]
    assert "mistake of Trunkline" not in log


def _channel(sandbox: Sandbox, directory: Path) -> str:
    channels = sandbox.discord.guild().channels.values()
    ours = [str(one.id) for one in channels if one.name in ("support", "questions")]
    return discord_channel(sandbox, directory, support_channels=ours, **IMPATIENT)
