"""One connection with the gateway: the library's, of which we read the frames ourselves.

The library would end the client over a frame that it cannot read, keep in memory what every event
tells, and acknowledge what is not stored yet. What it does well stays with it: it connects, beats,
keeps to the gateway's own limits and closes.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any, Final, NoReturn, Protocol, Self

import aiohttp
import discord
import msgspec
import yarl
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from typing_extensions import override

from adapters.discord.line.frames import Damaged, Frame, Illegible, Inflating, read_frame

_log = logging.getLogger(__name__)

API_VERSION: Final = 10
MISSED_BEATS: Final = 1.5
"""So many intervals without an answer to a heartbeat, and nobody is at the other end."""
CLOSE_SECONDS: Final = 3.0
_AT_ONCE: Final = 32
"""So many messages that are there already are read in one go."""
_BEAT_SECONDS_MIN: Final = 0.05
_BEAT_SECONDS_MAX: Final = 600.0


class Ear(Protocol):
    """Whoever listens to a connection. Nothing here waits."""

    @property
    def sequence(self) -> int | None:
        """Of the session: all up to here is stored."""
        ...

    def take(self, frame: Frame) -> None:
        """A dispatch."""
        ...

    def set_aside(self, payload: bytes, reason: str) -> None:
        """What cannot be read."""
        ...


class Ended(Exception):
    """The connection is over. `resume`: the session can be gone on with, as far as is known.
    `code`: what the gateway closed it with, if it did.
    """

    def __init__(self, why: str, *, resume: bool = True, code: int | None = None) -> None:
        super().__init__(why)
        self.resume, self.code = resume, code


class _Hello(msgspec.Struct, frozen=True):
    heartbeat_interval: float


class Connecting(msgspec.Struct, frozen=True, kw_only=True):
    """Where to, and as what. `session` empty: a new one begins. `sequence`: go on behind this."""

    gateway: str
    compression: str
    silence_seconds_max: float
    shard: int
    shards: int
    session: str = ""
    sequence: int | None = None


class GatewaySocket(DiscordWebSocket):
    """Made by `connect`; whoever made it closes it."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, loop: asyncio.AbstractEventLoop, ear: Ear
    ) -> None:
        super().__init__(socket, loop=loop)
        self._ear = ear
        self._heard, self._silent = loop.time(), False
        self._inflating = Inflating()

    @classmethod
    async def connect(cls, client: discord.Client, to: Connecting, ear: Ear) -> Self:
        """Connected, and a session asked for. Raises Ended, OSError, aiohttp.ClientError."""
        gateway = yarl.URL(to.gateway)
        query = {"v": str(API_VERSION), "encoding": "json"}
        if to.compression:
            query["compress"] = to.compression
        socket = await client.http.ws_connect(str(gateway.with_query(query)))
        ws = cls(socket, client.loop, ear)
        try:
            ws._become(client, gateway, to)
            await ws._begin(resume=bool(to.session))
        except BaseException:
            await ws.close()
            raise
        return ws

    def _become(self, client: discord.Client, gateway: yarl.URL, to: Connecting) -> None:
        """What the library's own `from_client` would set."""
        state = client._connection
        self.token = client.http.token
        self._connection, self.call_hooks = state, state.call_hooks
        self._max_heartbeat_timeout = to.silence_seconds_max
        self._initial_identify = True  # the library would wait 5 s; we keep to the limits ourselves
        self.gateway = gateway
        self.shard_id, self.shard_count = to.shard, to.shards
        self._rate_limiter.shard_id = to.shard
        self.session_id, self.sequence = to.session or None, to.sequence

    async def _begin(self, *, resume: bool) -> None:
        await self.poll_event()
        if self._keep_alive is None:
            raise Ended("whoever answers for the gateway does not begin with a hello")
        if resume:
            await self.resume()
        else:
            await self.identify()

    async def listen(self) -> NoReturn:
        """Hand on what comes. Raises Ended, OSError, aiohttp.ClientError."""
        watch = self.loop.create_task(self._watch())
        try:
            while True:
                for _ in range(_AT_ONCE):
                    await self.poll_event()
                await asyncio.sleep(0)  # whoever stores it has their turn, however much has come
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        """Give up a connection on which nothing comes. One look now and then instead of a time
        limit for each message, which would cost as much as understanding it.
        """
        left = seconds = self._max_heartbeat_timeout
        while left > 0:
            await asyncio.sleep(left)
            left = min(self._heard + seconds - self.loop.time(), seconds)
        self._silent = True
        await self.close()

    @override
    async def poll_event(self) -> None:
        message = await self.socket.receive()
        self._heard = self.loop.time()
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            await self.received_message(message.data)
        elif self._silent:
            raise Ended(f"nothing came for {self._max_heartbeat_timeout:.0f} s")
        elif self._close_code is not None:
            raise Ended("nobody answered our heartbeats")
        elif message.type not in (aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG):
            code = self.socket.close_code
            raise Ended(f"the gateway closed the connection, code {code}", code=code)

    @override
    async def received_message(self, msg: Any, /) -> None:
        try:
            text = self._inflating.read(msg)
        except Damaged as error:
            raise Ended(str(error)) from None
        if text is None:
            return
        try:
            frame = read_frame(text)
        except Illegible as error:
            self._ear.set_aside(text.encode() if isinstance(text, str) else text, str(error))
        else:
            if frame.op == self.DISPATCH:
                self._ear.take(frame)
            else:
                await self._heed(frame)

    @property
    def stored(self) -> int | None:
        """What a heartbeat says that we have."""
        return self._ear.sequence

    @override
    async def close(self, code: int = 4000) -> None:
        """Waits only so long for an answer. A code from 4000 on leaves the session as it is."""
        if self._keep_alive:
            self._keep_alive.stop()
            self._keep_alive = None
        self._close_code = code
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.socket.close(code=code)

    async def _heed(self, frame: Frame) -> None:
        """What the gateway says to the connection itself."""
        if frame.op == self.HELLO:
            await self._start_beating(frame)
        elif frame.op == self.HEARTBEAT_ACK:
            if self._keep_alive:
                self._keep_alive.ack()
        elif frame.op == self.HEARTBEAT:
            if self._keep_alive:
                await self.send_as_json(self._keep_alive.beat())
        elif frame.op == self.RECONNECT:
            raise Ended("the gateway asks us to connect anew")
        elif frame.op == self.INVALIDATE_SESSION:
            raise Ended("the session is over", resume=bytes(frame.d).strip() == b"true")
        else:
            _log.warning("shard %s: unknown op %d of the gateway", self.shard_id, frame.op)

    async def _start_beating(self, frame: Frame) -> None:
        if self._keep_alive is not None:
            return
        try:
            interval = msgspec.json.decode(frame.d, type=_Hello).heartbeat_interval / 1000
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return
        if _BEAT_SECONDS_MIN <= interval <= _BEAT_SECONDS_MAX:
            heart = _Heart(self, interval)
            self._keep_alive = heart
            await self.send_as_json(heart.get_payload())
            heart.start()


class _Heart(KeepAliveHandler):
    """Asks for an answer to each heartbeat. The library is content with any frame."""

    def __init__(self, ws: GatewaySocket, interval: float) -> None:
        super().__init__(ws=ws, interval=interval, shard_id=ws.shard_id)
        self.heartbeat_timeout = interval * MISSED_BEATS
        self._socket = ws

    @override
    def get_payload(self) -> dict[str, Any]:
        return {"op": self._socket.HEARTBEAT, "d": self._socket.stored}

    @override
    def ack(self) -> None:
        super().ack()
        self.tick()
