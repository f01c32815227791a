"""kill -9 and SIGSTOP of the whole gateway at every step of its talk with a mail host.

The line is held at that very step: before it has an effect, or with the effect and no answer yet.
The short form takes some steps, CHAOS=1 all.
"""

import asyncio
import os
import signal
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from sandbox.faults import BODY
from sandbox.server import Sandbox
from tests.crash.mail_customers import people, with_files
from tests.crash.trap import Step, Trap
from tests.crash.weather import Weather
from tests.rigs.api import api
from tests.rigs.gateway import Gateway, mail_channel
from tests.rigs.waiting import eventually

CHAOS: Final = bool(os.environ.get("CHAOS"))
LEASE_SECONDS: Final = 1.0
CALL_SECONDS: Final = 3.0
STEPS: Final = (
    *(Step("imap", "SEARCH", nth) for nth in (1, 2)),
    *(Step("imap", "FETCH", nth) for nth in (1, 2, 3, 4)),
    *(Step("imap", method) for method in ("STORE", "MOVE", "IDLE")),
    *(Step("smtp", method) for method in ("connect", "EHLO", "AUTH", "MAIL", "RCPT", "354")),
    *(Step("smtp", method, nth) for method in (BODY, "DATA") for nth in (1, 2)),
    *(Step("imap", method) for method in ("connect", "CAPABILITY", "AUTHENTICATE", "LIST")),
    *(Step("imap", method) for method in ("SELECT", "APPEND", BODY)),
)
SHORT: Final = (
    (Step("imap", "FETCH", 2), True, "KILL"),
    (Step("smtp", BODY), False, "KILL"),
    (Step("smtp", "DATA"), True, "STOP"),
    (Step("imap", "APPEND"), False, "KILL"),
)
ALL: Final = tuple(
    (step, after, sort)
    for step in STEPS
    for after in (False, True)
    for sort in ("KILL", "STOP")
    if not (after and step.method == BODY)
)


@pytest.mark.timeout(3600 if CHAOS else 180)
async def test_a_gateway_lost_at_any_step_of_mail_costs_nothing(tmp_path: Path) -> None:
    """Every mail is in its conversation once, every reply arrives once or says that it may not."""
    states: Counter[str] = Counter()
    async with Sandbox() as sandbox:
        sandbox.world.mail.settings.saves_sent = False
        async with (
            Gateway(tmp_path, _channel(sandbox, tmp_path), lease_seconds=LEASE_SECONDS) as gateway,
            api(gateway.url, gateway.token) as agent,
        ):
            for seed, (step, after, sort) in enumerate(ALL if CHAOS else SHORT):
                print(f"{'after' if after else 'before'} {step}, {sort}")
                trap = Trap(step, after=after)
                make = partial(people, sandbox, seed, 1)
                weather = Weather(sandbox, agent, trap, make, with_files)
                await weather.begin()
                await _cut(sandbox)  # so that every step comes, those of connecting as well
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(weather.blow())
                    await eventually(trap.sprung.is_set)
                    await (_killed if sort == "KILL" else _stopped)(gateway)
                await weather.check()
                if sort == "STOP":  # it may have given up keeping copies for a while
                    await _killed(gateway)
                states += weather.states
    print(dict(states))


async def _cut(sandbox: Sandbox) -> None:
    url = f"{sandbox.http_url}/control/mail/cut"
    async with aiohttp.ClientSession() as http, http.post(url, json={}) as answer:
        assert answer.status == 200


async def _killed(gateway: Gateway) -> None:
    await gateway.kill()
    gateway.start()
    await gateway.ready()


async def _stopped(gateway: Gateway) -> None:
    gateway.signal(signal.SIGSTOP)
    await asyncio.sleep(LEASE_SECONDS + 0.5)
    gateway.signal(signal.SIGCONT)
    await gateway.ready()


def _channel(sandbox: Sandbox, directory: Path) -> str:
    """With everything that may be done to a mail, and to a copy of one."""
    imap: dict[str, object] = {
        "command_seconds": CALL_SECONDS,
        "idle_seconds": 1,
        "sent_folder": "auto",
        "mark_seen": True,
        "move_to": "Archive",
    }
    smtp = {"command_seconds": CALL_SECONDS, "final_dot_seconds": CALL_SECONDS}
    return mail_channel(sandbox, directory, imap=imap, smtp=smtp)
