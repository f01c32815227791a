"""One client's connection: frames in, frames out, heartbeats, and the faults that strike it."""

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

from aiohttp import WSMessage, WSMsgType, web

from sandbox.discord.gateway.compression import Packing
from sandbox.discord.gateway.failing import Abort, Bye, Hang, Hold, Send, Step, Wait, damaged, steps
from sandbox.discord.gateway.protocol import (
    FRAME_BYTES_MAX,
    REASONS,
    Close,
    GatewayClosed,
    Op,
    frame,
)
from sandbox.discord.gateway.sessions import Event, Session
from sandbox.discord.settings import DiscordSettings
from sandbox.faults import Fault, Kind
from sandbox.feed import Signal
from sandbox.payload import decode
from sandbox.spoiling import RESET_AT_ONCE

SENDS_SECONDS = 60.0
ENDING_CODES = (1000, 1001)
"""With which a client closes when it will not resume."""
WAITING_STEPS_MAX = 50_000
"""A client that reads so much too slowly is cut."""


class Desk(Protocol):
    """Who understands what a client says, and decides what goes wrong."""

    def heard(self, line: "Line", op: Op, data: Any) -> None:
        """Act on a frame; raises GatewayClosed."""

    def strike(self, method: str, target: str | None) -> Fault | None:
        """The fault that strikes a frame, if any."""

    def closed(self, session: Session, code: int) -> None:
        """Its connection is being closed with this code."""

    def lost(self, session: Session) -> None:
        """Forget a session."""

    def surprise(self, session: Session) -> None:
        """Tell a session of something that nobody knows of yet."""


class Line:
    """Serves one WebSocket until either side leaves. What is to be sent is queued, never awaited
    by whoever sends it.
    """

    def __init__(
        self,
        desk: Desk,
        request: web.Request,
        socket: web.WebSocketResponse,
        packing: Packing,
        settings: DiscordSettings,
    ) -> None:
        self.session: Session | None = None
        self.host = request.url.host or ""
        self.beats = 0
        """Heartbeats that came."""
        self.hangs = False
        """Nothing is read or written any more."""
        self._desk = desk
        self._request = request
        self._socket = socket
        self._packing = packing
        self._settings = settings
        self._steps: deque[Step] = deque()
        self._queued = Signal()
        self._held: Hold | None = None
        self._closing = False
        self._said: deque[float] = deque(maxlen=settings.gateway_sends_max)

    @property
    def waiting(self) -> int:
        """How many steps are still to be taken."""
        return len(self._steps)

    async def run(self, refusal: Close | None) -> None:
        """Say hello, then hear and speak until the end; or refuse the client at once."""
        speaking = asyncio.create_task(self._speak())
        try:
            if refusal is not None:
                raise GatewayClosed(refusal)
            interval = round(self._settings.heartbeat_seconds * 1000)
            self.say(Op.HELLO, {"heartbeat_interval": interval, "_trace": ["sandbox"]})
            await self._hear()
        except GatewayClosed as closed:
            await self._close(closed.code)
        finally:
            speaking.cancel()
            await asyncio.wait([speaking])

    def say(self, op: Op, data: object = None) -> None:
        """Send a frame that is no event."""
        self._bring(frame(op, data), f"gateway.{op.name}", None)

    def carry(self, event: Event) -> None:
        """Send an event of the session."""
        self._bring(event.text, f"gateway.{event.kind}", event.target)

    def do(self, step: Step) -> None:
        """Take one step after those that are waiting."""
        self._steps.append(step)
        self._queued.ring()
        if len(self._steps) > WAITING_STEPS_MAX:
            self.abort()

    def replay(self, events: Sequence[Event]) -> None:
        """Send old events of the session again."""
        for event in events:
            self.carry(event)

    def abort(self, *, reset: bool = False) -> None:
        """Close the connection without a word."""
        transport = self._request.transport
        if transport is None:
            return
        if reset:
            line = transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
        transport.abort()

    def _bring(self, text: str, method: str, target: str | None) -> None:
        fault = self._desk.strike(method, target)
        for step in steps(fault, text):
            self.do(step)
        if fault is not None and self.session is not None:
            self._suffer(fault, self.session)

    def _suffer(self, fault: Fault, session: Session) -> None:
        """What a fault does to the session."""
        match fault.kind:
            case Kind.LOST:
                self._desk.lost(session)
            case Kind.INVALID_SESSION if not fault.resumable:
                self._desk.lost(session)
                self.session = None
            case Kind.UNKNOWN_EVENT:
                self._desk.surprise(session)
            case _:
                pass

    # Hearing

    async def _hear(self) -> None:
        patience = self._settings.heartbeat_seconds * self._settings.patience
        loop = asyncio.get_running_loop()
        alive_until = loop.time() + patience
        while True:
            try:
                async with asyncio.timeout_at(alive_until):
                    message = await self._socket.receive()
            except TimeoutError as error:
                if self.hangs:
                    alive_until = loop.time() + patience
                    continue
                raise GatewayClosed(Close.SESSION_TIMED_OUT) from error
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                self._left(message)
                return
            self._count_said(loop.time())
            op, data = _read(message.data)
            if op is Op.HEARTBEAT:
                alive_until = loop.time() + patience
                self.beats += 1
                self.say(Op.HEARTBEAT_ACK)
            else:
                self._desk.heard(self, op, data)

    def _left(self, message: WSMessage) -> None:
        """A client that says goodbye properly will not come again."""
        ended = message.type is WSMsgType.CLOSE and message.data in ENDING_CODES
        if ended and not self._closing and self.session is not None:
            self._desk.lost(self.session)

    def _count_said(self, now: float) -> None:
        full = len(self._said) == self._settings.gateway_sends_max
        if full and now - self._said[0] < SENDS_SECONDS:
            raise GatewayClosed(Close.RATE_LIMITED)
        self._said.append(now)

    # Speaking

    async def _speak(self) -> None:
        while not self.hangs:
            queued = self._queued.next_ring()
            if not self._steps:
                await self._wait(queued)
                continue
            try:
                await self._take(self._steps.popleft())
            except (ConnectionError, RuntimeError):
                return  # the client has left; whoever hears it notices

    async def _wait(self, queued: asyncio.Event) -> None:
        """For the next step, or until what is held must go."""
        held = self._held
        try:
            async with asyncio.timeout(held.seconds if held else None):
                await queued.wait()
        except TimeoutError:
            self._release()

    async def _take(self, step: Step) -> None:
        match step:
            case Send():
                await self._send(step)
                self._release()
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Hold():
                self._release()
                self._held = step
            case Bye(code):
                await self._close(code)
            case Abort(reset):
                self.abort(reset=reset)
            case Hang():
                self._hang()

    async def _send(self, step: Send) -> None:
        packed = self._packing.pack(step.text)
        if step.damaged:
            packed = damaged(packed)
        if isinstance(packed, str):
            await self._socket.send_str(packed)
        else:
            await self._socket.send_bytes(packed)

    def _release(self) -> None:
        if self._held is not None:
            self._steps.appendleft(Send(self._held.text))
            self._held = None

    def _hang(self) -> None:
        self.hangs = True
        if isinstance(transport := self._request.transport, asyncio.Transport):
            transport.pause_reading()

    async def _close(self, code: int) -> None:
        self._closing = True
        if self.session is not None:
            self._desk.closed(self.session, code)
        reason = REASONS[Close(code)] if code in REASONS else ""
        await self._socket.close(code=code, message=reason.encode())


def _read(data: str | bytes) -> tuple[Op, Any]:
    """What a client sent; raises GatewayClosed."""
    if len(data) > FRAME_BYTES_MAX:
        raise GatewayClosed(Close.DECODE_ERROR)
    try:
        whole = decode(data)
    except ValueError as error:
        raise GatewayClosed(Close.DECODE_ERROR) from error
    if not isinstance(whole, dict) or type(whole.get("op")) is not int:
        raise GatewayClosed(Close.DECODE_ERROR)
    try:
        return Op(whole["op"]), whole.get("d")
    except ValueError as error:
        raise GatewayClosed(Close.UNKNOWN_OPCODE) from error
