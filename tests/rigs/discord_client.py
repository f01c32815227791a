"""discord.py as anybody would use it, and a bare WebSocket, both led to the sandbox's Discord."""

import asyncio
import json
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import zstandard
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from sandbox.discord.kinds import Intent
from sandbox.server import Sandbox

PATIENCE_SECONDS = 10.0
GATEWAY = "https://gateway.discord.gg/"
ALL_INTENTS = sum(Intent)
RESUMABLE = 4000
"""A client that closes with 1000 gives its session up."""


class LeadTo(AbstractResolver):
    """Every name is this port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    @override
    async def close(self) -> None:
        pass


def connector_to(sandbox: Sandbox) -> aiohttp.TCPConnector:
    """Leads Discord's own names to the sandbox, and trusts its authority."""
    trust = ssl.create_default_context(cafile=str(sandbox.discord_authority))
    return aiohttp.TCPConnector(resolver=LeadTo(sandbox.discord_port), ssl=trust)


class Client(discord.Client):
    """Nothing of the library is changed; it does not wait before it begins a second session."""

    def __init__(self, sandbox: Sandbox, **options: Any) -> None:
        options.setdefault("intents", discord.Intents.all())
        connector = connector_to(sandbox)
        super().__init__(connector=connector, guild_ready_timeout=0.05, **options)
        self.heard: asyncio.Queue[tuple[str, tuple[Any, ...]]] = asyncio.Queue()

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        pass

    @override
    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        super().dispatch(event, *args, **kwargs)
        self.heard.put_nowait((event, args))

    async def next(self, event: str) -> tuple[Any, ...]:
        """What the next event of this name brings; those before it are passed over."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                name, args = await self.heard.get()
                if name == event:
                    return args


@asynccontextmanager
async def running(sandbox: Sandbox, client: Client) -> AsyncIterator[Client]:
    """A client that is connected and has seen its guilds."""
    task = asyncio.create_task(client.start(sandbox.discord_token))
    try:
        await client.next("ready")
        yield client
    finally:
        await client.close()
        await asyncio.wait([task])


class Socket:
    """One gateway connection without a library: every frame as it is."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse, read: Callable[[bytes], str]) -> None:
        self._line = line
        self._read = read

    async def frame(self) -> Any:
        """The next frame; ConnectionError with the code when the gateway has hung up."""
        message = await self._line.receive(PATIENCE_SECONDS)
        if message.type is aiohttp.WSMsgType.TEXT:
            return json.loads(message.data)
        if message.type is aiohttp.WSMsgType.BINARY:
            return json.loads(self._read(message.data))
        raise ConnectionError(self._line.close_code)

    async def event(self, kind: str) -> Any:
        """The next event of this kind, as a whole frame; others are passed over."""
        while True:
            frame = await self.frame()
            if frame["t"] == kind:
                return frame

    async def closed(self) -> int | None:
        """The code with which the gateway hangs up, whatever it says before."""
        while True:
            try:
                await self.frame()
            except ConnectionError as end:
                code: int | None = end.args[0]
                return code

    async def say(self, op: int, data: Any) -> None:
        await self._line.send_json({"op": op, "d": data})

    async def send(self, text: str) -> None:
        await self._line.send_str(text)

    async def close(self, code: int) -> None:
        await self._line.close(code=code)

    async def identify(self, token: str, **more: Any) -> Any:
        """Begin a session; what READY brings."""
        fields = {"token": token, "intents": ALL_INTENTS, "properties": {"os": "linux"}, **more}
        await self.say(2, fields)
        return (await self.event("READY"))["d"]

    async def resume(self, token: str, session_id: str, seq: int) -> None:
        await self.say(6, {"token": token, "session_id": session_id, "seq": seq})


@asynccontextmanager
async def gateway_socket(
    sandbox: Sandbox, compress: str = "", **query: str
) -> AsyncIterator[Socket]:
    """A bare connection, before the gateway has said anything."""
    asked = {"v": "10", "encoding": "json", **query}
    if compress:
        asked["compress"] = compress
    async with (
        aiohttp.ClientSession(connector=connector_to(sandbox)) as session,
        session.ws_connect(GATEWAY, params=asked, max_msg_size=0) as line,
    ):
        try:
            yield Socket(line, _unpacking(compress))
        finally:
            await line.close(code=RESUMABLE)


def _unpacking(compress: str) -> Callable[[bytes], str]:
    if compress == "zlib-stream":
        inflate = zlib.decompressobj()
        return lambda packed: inflate.decompress(packed).decode()
    if compress == "zstd-stream":
        unpack = zstandard.ZstdDecompressor().decompressobj()
        return lambda packed: unpack.decompress(packed).decode()
    return lambda packed: packed.decode()
