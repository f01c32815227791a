"""Resident memory of one Discord inbox over a great many events of its gateway.

    python -m bench.discord_memory [events]

Discord is a process of its own, which tells as fast as it is read; the inbox is another, with the
whole way in: socket, session, order, marks. Core is a counter. What is measured is the inbox'
resident memory after each tenth of the events.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import psutil

from adapters.discord.incoming.envelope import Reader
from adapters.discord.known import Known
from adapters.discord.line.receiving import Receiving
from adapters.discord.line.rest import open_rest
from adapters.discord.settings import DiscordSettings
from core.model.event import Inbound
from core.model.secret import Secret
from core.ports import Deliver
from core.recent import Recent
from sandbox.server import Sandbox
from tests.contract.surroundings import Lent
from tests.rigs.waiting import eventually

EVENTS = 1_000_000
CHANNELS = 500
PEOPLE = 20_000
BATCH = 2000
MEBIBYTE = 1024 * 1024
Payload = dict[str, object]


class Nobody:
    """Asks nothing of the bot."""

    def wants(self, kind: str, data: bytes) -> bool:
        return False

    async def take(self, kind: str, data: bytes, deliver: Deliver) -> None:
        raise NotImplementedError


async def tell(events: int) -> None:
    """Be Discord: say where to connect, then tell of so many events."""
    async with Sandbox() as sandbox:
        guild = sandbox.discord.guild()
        rooms = [sandbox.discord.create_channel(f"room {n}") for n in range(CHANNELS)]
        told = {
            "route": sandbox.discord_route,
            "authority": sandbox.discord_authority,
            "token": sandbox.discord_token,
            "support": [str(one.id) for one in rooms],
        }
        print(msgspec.json.encode(told).decode(), flush=True)
        await eventually(lambda: bool(sandbox.discord_gateway.sessions))
        (session,) = sandbox.discord_gateway.sessions.values()
        ids, told_of = count(sandbox.world.discord.ids.take()), 0
        while told_of < events:
            for _ in range(min(BATCH, events - told_of)):
                told_of += 1
                room, writer = rooms[told_of % CHANNELS], told_of * 7919 % PEOPLE
                session.note(*_event(told_of, next(ids), str(room.id), str(guild.id), writer))
            (line,) = sandbox.discord_gateway.lines
            await eventually(lambda: line.waiting <= BATCH, timeout_seconds=600)  # noqa: B023
            await asyncio.sleep(0)
        await asyncio.Event().wait()


def _event(number: int, own: int, room: str, guild: str, writer: int) -> tuple[str, Payload]:
    """Mostly messages; of every ten one is changed, one reacted to, one deleted."""
    where = {"channel_id": room, "guild_id": guild}
    match number % 10:
        case 7:
            emoji = {"id": None, "name": "👍"}
            kind = {"message_id": str(own), "user_id": str(writer + 1), "emoji": emoji, "type": 0}
            return "MESSAGE_REACTION_ADD", {**kind, **where, "burst": False}
        case 8:
            return "MESSAGE_DELETE", {"id": str(own), **where}
        case 9:
            return "MESSAGE_UPDATE", {**_message(own, writer), **where, "edited_timestamp": _WHEN}
        case _:
            return "MESSAGE_CREATE", {**_message(own, writer), **where}


_WHEN = "2026-09-21T14:13:20.123000+00:00"


def _message(own: int, writer: int) -> Payload:
    author = {"id": str(writer + 1), "username": f"person{writer}", "discriminator": "0"}
    return {
        "id": str(own),
        "type": 0,
        "content": f"My parcel {own} has **not** arrived, what can I do about it?",
        "author": {**author, "global_name": f"Person {writer}", "avatar": None},
        "timestamp": _WHEN,
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "flags": 0,
        "components": [],
    }


async def hear(events: int, told: dict[str, Any], directory: Path) -> None:
    """Be the inbox: take all of them, and say how large that made this process."""
    options = DiscordSettings(
        token=Secret(told["token"]),
        support_channels=tuple(told["support"]),
        route_to=told["route"],
        authority=told["authority"],
    )
    lent, heard, process = Lent(directory), 0, psutil.Process()
    began = time.monotonic()

    async def deliver(_: Inbound) -> None:
        nonlocal heard
        heard += 1
        if heard % (events // 10) == 0:
            resident = process.memory_info().rss / MEBIBYTE
            rate = heard / (time.monotonic() - began)
            print(f"{heard:>9} events  {resident:7.1f} MiB  {rate:7.0f}/s", flush=True)
        if heard >= events:
            receiving.cancel()

    async with open_rest(options, lent.surroundings.remark) as rest:
        memory = Recent[str, bool](50_000)
        support = frozenset(options.support_channels)
        reader = Reader(account="a", known=Known(), support_channels=support, told=memory)
        way_in = Receiving(rest, options, lent.surroundings, reader, memory, Nobody())
        receiving = asyncio.create_task(way_in.run(deliver))
        await asyncio.wait([receiving])
    if not receiving.cancelled():
        receiving.result()


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    if sys.argv[2:] == ["tell"]:
        asyncio.run(tell(events))
        return
    command = [sys.executable, "-m", "bench.discord_memory", str(events), "tell"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as discord:
        try:
            line = discord.stdout.readline() if discord.stdout else b""
            with tempfile.TemporaryDirectory() as directory:
                asyncio.run(hear(events, msgspec.json.decode(line), Path(directory)))
        finally:
            discord.kill()


if __name__ == "__main__":
    main()
