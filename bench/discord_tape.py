"""Discord as a tape, in a process of its own: run by bench/discord_path.py.

    python -m bench.discord_tape KINDS EVENTS

It lets a bot log in, and to each connection with the gateway it tells the same events, as fast as
they are taken, packed as Discord packs them. Each message has an id of its own, and direct messages
come from as many people in turn as are told of. The last is the message `END`. Prints where it
listens and whom to trust, a line each, and ends with its standard input.
"""

import asyncio
import sys
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final

import msgspec
from aiohttp import WSMsgType, web

from sandbox.discord.edge import opened
from sandbox.discord.gateway.compression import ZstdStream
from tests.rigs.discord.events import KINDS, frame, traffic
from tests.rigs.discord.people import ADA, BOT, BUILDERS, DIRECT, GUILD, MESSAGE, bo, bot
from tests.rigs.discord.places import whole_guild

SEED: Final = 7
PEOPLE: Final = 500
"""Who write at about the same time, to a busy desk."""
BEGIN: Final = "9190000000000000000"
END: Final = "9200000000000000000"
WARM: Final = 2000
"""So many events come before the message `BEGIN`."""
_KINDS: Final = {"messages": ("MESSAGE_CREATE",), "traffic": ("MESSAGE_", "TYPING_")}
"""How the events are called. Of all traffic these are nearly all: a bot that answers questions does
not ask who is online, and what happens to a guild itself is rare.
"""
_LEFT_OUT: Final = frozenset({"unfurled_in_part"})
"""A former form, over which the library ends."""
_NUMBER: Final = 8_111_111_111
"""Stands where an event's number comes."""
_APART: Final = 1 << 22
"""Ids count milliseconds from this bit on."""

_APPLICATION: Final = {
    "id": BOT,
    "name": "Harbour",
    "description": "",
    "icon": None,
    "bot_public": False,
    "bot_require_code_grant": False,
    "owner": bo(),
    "verify_key": "",
    "flags": 0,
}


def kinds_of(name: str) -> tuple[str, ...]:
    return tuple(
        kind
        for kind in KINDS
        if BUILDERS[kind][1].startswith(_KINDS[name]) and kind not in _LEFT_OUT
    )


def tape(kinds: tuple[str, ...], count: int) -> Iterator[str]:
    """The frames behind READY and the guild, whose numbers are 1 and 2."""
    # Before BEGIN a client gets to know everybody, and finds that it has missed nothing.
    texts = {kind: frame(kind, _NUMBER).decode() for kind in kinds}
    for number, kind in enumerate([*traffic(WARM, SEED, kinds), "", *traffic(count, SEED, kinds)]):
        if not kind:
            yield frame("direct", number + 3).decode().replace(MESSAGE, BEGIN)
            continue
        person = number % PEOPLE * _APART
        yield (
            texts[kind]
            .replace(str(_NUMBER), str(number + 3))
            .replace(MESSAGE, str(int(MESSAGE) + number * _APART))
            .replace(DIRECT, str(int(DIRECT) + person))
            .replace(ADA, str(int(ADA) + person))
        )
    last = frame("direct", WARM + count + 4).decode()
    yield last.replace(MESSAGE, END)


class Tape:
    """Serves one bot's client after another."""

    def __init__(self, kinds: tuple[str, ...], count: int) -> None:
        self._kinds, self._count = kinds, count

    @property
    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v10/users/@me", self._me),
            web.get("/api/v10/oauth2/applications/@me", self._application),
            web.get("/api/v10/gateway/bot", self._gateway),
            web.get("/", self._connect),
            web.get("/api/v10/channels/{channel}/messages", self._nothing_missed),
            web.get(
                "/api/v10/channels/{channel}/{whose:.*}threads/archived/{kind}", self._no_threads
            ),
        ]

    async def _me(self, _request: web.Request) -> web.Response:
        return _answer(bot())

    async def _application(self, _request: web.Request) -> web.Response:
        return _answer(_APPLICATION)

    async def _gateway(self, _request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = "wss://gateway.discord.gg"
        return _answer({"url": url, "shards": 1, "session_start_limit": limit})

    async def _nothing_missed(self, _request: web.Request) -> web.Response:
        return _answer([])

    async def _no_threads(self, _request: web.Request) -> web.Response:
        return _answer({"threads": [], "has_more": False})

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await socket.prepare(request)
        await socket.send_str(_frame(10, {"heartbeat_interval": 41_250}))
        playing = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            said = msgspec.json.decode(message.data)
            if said["op"] == 1:
                await socket.send_str(_frame(11, None))
            elif said["op"] == 2:
                playing = asyncio.create_task(self._play(socket))
            elif said["op"] == 6:
                playing = asyncio.create_task(self._play(socket, said["d"]["seq"]))
        if playing:
            playing.cancel()
        return socket

    async def _play(self, socket: web.WebSocketResponse, behind: int = 0) -> None:
        """From the beginning, or behind an event that was heard: who is full hangs up."""
        packing = ZstdStream()
        greeting = [_frame(0, _ready(), "READY", 1), _frame(0, whole_guild(), "GUILD_CREATE", 2)]
        for text in islice(chain(greeting, tape(self._kinds, self._count)), behind, None):
            await socket.send_bytes(packing.pack(text))


def _answer(data: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(data), content_type="application/json")


def _frame(op: int, data: Any, kind: str | None = None, number: int | None = None) -> str:
    return msgspec.json.encode({"t": kind, "s": number, "op": op, "d": data}).decode()


def _ready() -> dict[str, Any]:
    return {
        "v": 10,
        "user": bot(),
        "guilds": [{"id": GUILD, "unavailable": True}],
        "session_id": "tape",
        "resume_gateway_url": "wss://gateway.discord.gg",
        "application": {"id": BOT, "flags": 0},
        "shard": [0, 1],
    }


async def main() -> None:
    one = Tape(kinds_of(sys.argv[1]), int(sys.argv[2]))
    async with opened(one.routes, "127.0.0.1", 0) as edge:
        print(f"127.0.0.1:{edge.port.number}\n{edge.authority}", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
