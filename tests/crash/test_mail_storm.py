"""The whole gateway in a storm on its lines to a mail host, killed in the middle of it.

What customers write is in its conversation once and in the order of its thread. What agents write
arrives once, or says that it may have arrived twice. The short form takes one seed each way,
CHAOS=1 many.
"""

import asyncio
import os
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from sandbox.mail.weather import mail_storm
from sandbox.server import Sandbox
from tests.crash.mail_customers import people, with_files
from tests.crash.weather import Weather
from tests.rigs.api import api
from tests.rigs.gateway import Gateway, mail_channel

CHAOS: Final = bool(os.environ.get("CHAOS"))
SEEDS: Final = range(1, 7 if CHAOS else 2)
KILLS: Final = 2 if CHAOS else 1
KILLED_AFTER_SECONDS: Final = 1.0
CALL_SECONDS: Final = 1.0
LEASE_SECONDS: Final = 2.5
IMPATIENT: Final[dict[str, object]] = {"command_seconds": CALL_SECONDS}


@pytest.mark.parametrize("copies", ["host", "ours", "none"] if CHAOS else ["host", "none"])
@pytest.mark.timeout(1800 if CHAOS else 180)
async def test_a_storm_costs_nothing(tmp_path: Path, copies: str) -> None:
    """Neither the customer who wrote nor the agent who answered is told anything that is not so.
    `copies`: who keeps those of sent mail, by which a mail of unknown fate is found again.
    """
    struck: Counter[str] = Counter()
    states: Counter[str] = Counter()
    async with Sandbox() as sandbox:
        sandbox.world.mail.settings.saves_sent = copies == "host"
        async with (
            Gateway(
                tmp_path, _channel(sandbox, tmp_path, copies), lease_seconds=LEASE_SECONDS
            ) as gateway,
            api(gateway.url, gateway.token) as agent,
        ):
            for seed in SEEDS:
                print(f"seed {seed}, copies kept by {copies}")
                storm = mail_storm(seed, slow_seconds=0.2, hangs=True)
                make = partial(people, sandbox, seed)
                weather = Weather(sandbox, agent, storm, make, with_files)
                await weather.begin()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(weather.blow())
                    for _ in range(KILLS):
                        await asyncio.sleep(KILLED_AFTER_SECONDS)
                        await gateway.kill()
                        gateway.start()
                        await gateway.ready()
                storm.calm()
                await weather.check()
                struck += storm.count()
                states += weather.states
    print(dict(struck), dict(states))
    assert struck
    assert copies != "host" or not states["came twice"]


def _channel(sandbox: Sandbox, directory: Path, copies: str) -> str:
    imap = {"idle_seconds": 1, "sent_folder": "" if copies == "none" else "auto"}
    smtp = {"final_dot_seconds": CALL_SECONDS}
    text = mail_channel(sandbox, directory, imap=IMPATIENT | imap, smtp=IMPATIENT | smtp)
    nameserver = f"{sandbox.host}:{sandbox.dns_port}"
    return f'{text}\n[channel.trust]\nnameservers = ["{nameserver}"]\ndns_seconds = 0.3\n'
