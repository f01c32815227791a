"""Frames that are broken in every way, through the whole adapter: each costs itself and no more."""

import asyncio
import gc
import json
import logging
import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as profile
from typing_extensions import override

from adapters.discord.adapter import open_adapter
from core.model.content import Text
from core.model.event import Inbound, MessageCreated
from sandbox.server import Sandbox
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.discord.line_rig import channel, settings
from tests.rigs.discord import people
from tests.rigs.waiting import eventually
from tests.unit.adapters.discord.test_mutations import mutated, spoilt

SEED = 20261122
MANY = os.environ.get("CHAOS") == "1" or profile().max_examples >= 5000
COUNT = 20_000 if MANY else 1_000
AT_ONCE = 100
QUESTION = "still there?"
NUMBERS: list[Any] = [None, None, None, 0, -1, 10**12, 2**70, 1.5, "7", [], {}]
OPS: list[Any] = [1, 1, 11, 11, 10, 6, 77, -3, 2**70, "0", None, 1.5, []]
PARTINGS = [
    '{"op": 7, "d": null}',
    '{"op": 9, "d": false}',
    '{"op": 9, "d": true}',
    '{"op": 9, "d": {"9": []}}',
    '{"op": 0, "t": "TYPING_START", "s": AHEAD, "d": {}}',
    '{"op": 0, "t": "READY", "s": null, "d": {}}',
    '{"op": 0, "t": "GUILD_CREATE", "s": null, "d": {"id": "GUILD", "unavailable": 1.5}}',
    '{"op": 0, "t": "GUILD_CREATE", "s": null, "d": {"id": "GUILD", "channels": [{"id": 7}]}}',
    '{"op": 0, "t": "GUILD_DELETE", "s": null, "d": {"id": "GUILD"}}',
    '{"op": 0, "t": "GUILD_DELETE", "s": null, "d": {"id": "GUILD", "unavailable": true}}',
]
"""What ends a connection, or a session, or takes away what is known."""


@dataclass
class Listening(Inbox):
    """Keeps our questions, in the order in which they first came, and nothing else."""

    questions: dict[str, str] = field(default_factory=dict)

    @override
    async def __call__(self, inbound: Inbound) -> None:
        parts = inbound.body.parts if isinstance(inbound.body, MessageCreated) else ()
        for part in parts:
            if isinstance(part, Text) and part.text.startswith(QUESTION):
                self.questions.setdefault(inbound.dedup, part.text)


@pytest.mark.timeout(1800)
async def test_no_frame_costs_more_than_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One poisoned frame would end the client, or hide what customers say behind it."""
    chance, trouble, inbox = random.Random(SEED), list[dict[str, Any]](), Listening()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: trouble.append(context))
    sent, questions = 0, [f"{QUESTION} {number}" for number in range(COUNT // AT_ONCE)]

    async with Sandbox() as sandbox:
        gateway, lent = sandbox.discord_gateway, Lent(tmp_path)
        async with open_adapter(settings(sandbox), lent.surroundings) as adapter:
            running = asyncio.create_task(adapter.run(inbox))
            for question in questions:
                await eventually(lambda: any(line.session for line in gateway.lines))
                sent += sum(bool(gateway.send(_frame(chance, sandbox))) for _ in range(AT_ONCE))
                if chance.random() < 0.3:
                    gateway.send(_parting(chance, sandbox))
                sandbox.discord.say("mei", question, "support")
                await eventually(
                    lambda: question in inbox.questions.values() or running.done(),  # noqa: B023
                    timeout_seconds=60,
                )
                assert not running.done()
            running.cancel()
            await asyncio.wait([running])
    gc.collect()  # a task whose failure nobody saw is told of when it is thrown away

    assert sent == COUNT
    assert len(lent.quarantine.payloads) > COUNT // 2
    assert list(inbox.questions.values()) == questions
    assert trouble == []
    assert [one.getMessage() for one in caplog.records if _is_a_mistake(one)] == []


def _frame(chance: random.Random, sandbox: Sandbox) -> str:
    """What a gateway would have to be mad to send; half of it of where we really are."""
    name, data = mutated(chance)
    kind = json.dumps(chance.choice([name] * 20 + [None, "", 7, "NEWS", "x" * 5000]))
    number, op = json.dumps(chance.choice(NUMBERS)), "0"
    if chance.random() < 0.05:
        op = json.dumps(chance.choice(OPS))
    frame = f'{{"t": {kind}, "s": {number}, "op": {op}, "d": {data.decode(errors="replace")}}}'
    if chance.random() < 0.1:
        frame = spoilt(frame.encode(errors="surrogatepass"), chance).decode(errors="replace")
    if chance.random() < 0.5:
        for invented, real in _places(sandbox).items():
            frame = frame.replace(invented, real)
    return frame.encode(errors="replace").decode()


def _places(sandbox: Sandbox) -> dict[str, str]:
    names = ("support", "general", "questions", "team")
    invented = (people.SUPPORT, people.GENERAL, people.FORUM, people.THREAD)
    channels = [channel(sandbox, name) for name in names]
    guild = str(sandbox.discord.guild().id)
    return {people.GUILD: guild, **dict(zip(invented, channels, strict=True))}


def _parting(chance: random.Random, sandbox: Sandbox) -> str:
    session = next(iter(sandbox.discord_gateway.sessions.values()))
    ahead = str(session.seq + chance.choice([2, 500, 90_000]))
    frame = chance.choice(PARTINGS).replace("AHEAD", ahead)
    return frame.replace('"GUILD"', f'"{sandbox.discord.guild().id}"')


def _is_a_mistake(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR or "a mistake of Trunkline" in record.getMessage()
