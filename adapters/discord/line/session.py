"""One shard's session with the gateway: begun, gone on with wherever it broke, begun anew.

Where it stands is kept in a checkpoint: the last number of which it and all before it are stored. A
gateway that was killed goes on behind it, and Discord tells the rest again.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NoReturn, Protocol

import aiohttp
import discord
import msgspec
from msgspec.structs import replace

from adapters.discord.line.closing import RATE_LIMITED, ends_session, raise_if_final
from adapters.discord.line.frames import Frame
from adapters.discord.line.identifying import GATEWAY, Identifying, is_discords
from adapters.discord.line.intake import (
    CREATED,
    INTERACTION,
    Done,
    Intake,
    nothing,
    read_event,
    whole,
)
from adapters.discord.line.marks import is_said
from adapters.discord.line.patience import Patience
from adapters.discord.line.progress import Progress
from adapters.discord.line.socket import Connecting, Ended, GatewaySocket
from adapters.discord.places import snowflake_at
from adapters.discord.settings import DiscordSettings
from core.errors import MalformedPayload
from core.ports import Checkpoints, Remark

_log = logging.getLogger(__name__)

STEADY_SECONDS: Final = 60.0
"""A connection that held for so long says that all is well."""
VAIN_MAX: Final = 5
"""So often in a row a session is gone on with and nothing comes of it; then a new one begins."""
OVERLAP_SECONDS: Final = 60
"""So much earlier than what was told last we begin to read again: clocks differ, and what is said
in several channels at once is told in any order.
"""
SKIPPED_MAX: Final = 100_000
"""A number that is so much larger than the one before is none."""


class Position(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How far a shard is stored. `session` empty: it has none. `newest` is the largest id of a
    message of which Discord had told by then, `since` what that was before this session, which
    began at the id `began`: of whatever lies between nobody has told.
    """

    session: str = ""
    url: str = GATEWAY
    sequence: int = 0
    shards: int = 1
    newest: int = 0
    since: int = 0
    began: int = 0


class CatchesUp(Protocol):
    def resume(self, shard: int, since: int, began: int) -> None:
        """A session goes on that began at the id `began`, when nothing was told since the message
        `since`.
        """
        ...

    def begin(
        self,
        shard: int,
        since: int,
        began: int,
        guilds: frozenset[str],
        done: Callable[[], None],
    ) -> None:
        """A new session has begun. What was said after the message `since` has not been told;
        `done` when all of it that can be read is stored, or on record as a gap.
        """
        ...


class _Guild(msgspec.Struct, frozen=True):
    id: str


class _Ready(msgspec.Struct, frozen=True):
    session_id: str
    resume_gateway_url: Any = None
    guilds: tuple[_Guild, ...] = ()


_ready = msgspec.json.Decoder(_Ready).decode
_BROKEN = (Ended, OSError, aiohttp.ClientError, discord.ConnectionClosed)


class Session:
    """Listens to one shard's connections, one after another. `begun` is set when a new session is,
    which is to be saved at once.
    """

    def __init__(
        self,
        shard: int,
        client: discord.Client,
        settings: DiscordSettings,
        account: str,
        remark: Remark,
        identifying: Identifying,
        patience: Patience,
        intake: Intake,
        catching_up: CatchesUp,
        begun: asyncio.Event,
    ) -> None:
        self._shard, self._client, self._settings = shard, client, settings
        self._account, self._remark = account, remark
        self._identifying = identifying
        self._patience, self._intake, self._catching_up = patience, intake, catching_up
        self._begun = begun
        self._at = Position(shards=settings.shards)
        """Of what has come, stored or not."""
        self._progress = Progress(self._at)
        self._saved: Position | None = None
        self._failures = self._vain = self._unreached = 0
        self._hole, self._lenient = 0, False
        self._leaving_out = asyncio.Event()

    # --- kept

    @property
    def _note(self) -> str:
        return f"session.{self._shard}"

    async def load(self, checkpoints: Checkpoints, newest: int) -> None:
        """`newest` counts where this shard has no note: the newest message that is known to be
        stored. Raises StoreError.
        """
        note = await checkpoints.load(self._note)
        try:
            kept = msgspec.json.decode(note or "{}", type=Position)
        except msgspec.MsgspecError:
            kept = Position()
        if kept.shards != self._settings.shards or not kept.newest:
            kept = Position(newest=kept.newest or newest, shards=self._settings.shards)
        self._at = self._saved = kept
        self._progress = Progress(kept)
        self._catching_up.resume(self._shard, kept.since, kept.began)

    async def save(self, checkpoints: Checkpoints) -> None:
        """If there is anything new. Raises StoreError."""
        stored = self._progress.stored
        if stored != self._saved:
            await checkpoints.save(self._note, msgspec.json.encode(stored).decode())
            self._saved = stored

    # --- connected, time and again

    async def run(self) -> NoReturn:
        """Raises AuthenticationError, ConfigurationError."""
        while True:
            began = _now()
            ending = await self._until_ended()
            raise_if_final(ending.code, self._account)
            if _now() - began >= STEADY_SECONDS:
                self._failures = self._vain = 0
            self._failures += 1
            if not ending.resume or ends_session(ending.code) or self._vain >= VAIN_MAX:
                self._at = Position(newest=self._at.newest, shards=self._at.shards)
                self._vain = 0
            await self._pause(ending)

    async def _until_ended(self) -> Ended:
        try:
            ws = await self._connected()
        except _BROKEN as error:
            self._unreached += 1
            return _ending(error)
        self._unreached, self._vain = 0, self._vain + 1
        self._leaving_out.clear()
        try:
            await self._listen(ws)
        except _BROKEN as error:
            return _ending(error)
        finally:
            await ws.close()

    async def _listen(self, ws: GatewaySocket) -> NoReturn:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._go_back())
                await ws.listen()
        except BaseExceptionGroup as failures:
            if (task := asyncio.current_task()) and task.cancelling():
                # A failure of the same moment has hidden that it is to end (Python < 3.13).
                raise asyncio.CancelledError from None
            raise failures.exceptions[0] from None

    async def _go_back(self) -> NoReturn:
        """Raises Ended once there is room for what was left out: Discord tells it again."""
        await self._leaving_out.wait()
        await self._intake.room()
        self._failures = 0
        raise Ended("there is room again for what was not heard")

    async def _connected(self) -> GatewaySocket:
        url = self._at.url if self._unreached < VAIN_MAX else GATEWAY
        if not self._at.session:
            url = await self._identifying.turn(self._shard)
        to = Connecting(
            gateway=url,
            compression=self._settings.compression,
            silence_seconds_max=self._settings.silence_seconds_max,
            shard=self._shard,
            shards=self._settings.shards,
            session=self._at.session,
            sequence=self._at.sequence,
        )
        async with asyncio.timeout(self._settings.connect_timeout_seconds):
            return await GatewaySocket.connect(self._client, to, self)

    async def _pause(self, ending: Ended) -> None:
        """Longer after each failure in a row, and never in step with all the others whom Discord
        sends away at the same moment.
        """
        seconds = self._patience.seconds(self._failures)
        if self._failures == 1:
            seconds *= random.random()  # noqa: S311 - no secret depends on it
        else:
            self._remark(f"no connection with Discord's gateway: {ending}")
        if not ending.resume:
            seconds = max(seconds, self._settings.invalid_seconds * random.uniform(0.2, 1))  # noqa: S311
        if ending.code == RATE_LIMITED:
            seconds = max(seconds, self._settings.back_off_seconds_max)
        _log.info("shard %d connects again in %.1f s: %s", self._shard, seconds, ending)
        await asyncio.sleep(seconds)

    # --- listening: see `socket.Ear`

    @property
    def sequence(self) -> int | None:
        stored = self._progress.stored
        return stored.sequence if stored.session == self._at.session else None

    def set_aside(self, payload: bytes, reason: str) -> None:
        if not self._leaves_out():
            self._intake.set_aside(payload, reason)

    def take(self, frame: Frame) -> None:
        kind = frame.t or ""
        if kind == "RESUMED":
            self._remark("")
        if kind == "READY" and self._at.session:
            if not frame.s or frame.s > self._at.sequence:  # else its own, told once more
                self.set_aside(whole(kind, frame.d), "a READY in the middle of a session")
            return
        if kind == "READY":
            self._begin(frame)
        elif self._leaves_out():
            self._answer_only(kind, frame)
            return
        elif kind != "RESUMED":
            self._vain = 0
        mark = f"{self._at.session}:{frame.s}"
        try:
            event = read_event(kind, frame.d, mark)
        except MalformedPayload as error:
            self._intake.set_aside(whole(kind, frame.d), str(error), self._advance(frame.s))
        else:
            newest = int(event.id) if kind == CREATED and event.id and is_said(event.id) else 0
            self._intake.take(event, self._advance(frame.s, newest))

    def _leaves_out(self) -> bool:
        """Whether there is no room for what comes. Then nothing more is taken until there is, and
        the session is gone on with behind what was taken last.
        """
        if self._intake.full:
            self._leaving_out.set()
        return self._leaving_out.is_set()

    def _answer_only(self, kind: str, frame: Frame) -> None:
        """Who asks the bot for something waits no longer than Discord lets them. That they asked is
        told again, with all else.
        """
        self._vain = 0
        if kind == INTERACTION and not self._intake.overfull:
            with suppress(MalformedPayload):  # judged when it is told again
                self._intake.take(read_event(kind, frame.d, ""), nothing)

    def _begin(self, frame: Frame) -> None:
        """Raises Ended for a beginning that cannot be read: nothing could go on with it."""
        try:
            ready = _ready(frame.d)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            self._intake.set_aside(whole("READY", frame.d), "not a READY of Discord")
            if not self._progress.stored.newest:  # what comes until the next one is missed
                self._progress = Progress(Position(newest=snowflake_at(datetime.now(UTC))))
            raise Ended("the session begins in a way that cannot be read", resume=False) from None
        self._remark("")
        url = ready.resume_gateway_url
        now = snowflake_at(datetime.now(UTC))
        newest = min(self._progress.stored.newest, now)
        self._at = Position(
            session=ready.session_id,
            url=url if isinstance(url, str) and is_discords(url) else GATEWAY,
            sequence=frame.s or 0,
            shards=self._settings.shards,
            newest=newest or now,
            since=_overlapping(newest),
            began=now,
        )
        self._hole, self._lenient = 0, False
        done = partial(self._progress.done, self._progress.begin(self._at))
        guilds = frozenset(one.id for one in ready.guilds)
        self._catching_up.begin(self._shard, self._at.since, now, guilds, done)
        self._begun.set()

    def _advance(self, number: int | None, newest: int = 0) -> Done:
        """-> what is to be called when what has this number is stored. One that is told again, or
        that can be none, says nothing of how far we are. Raises Ended, as `_check_whole` does.
        """
        at = self._at
        if number is None or not at.sequence < number <= at.sequence + SKIPPED_MAX:
            return nothing
        self._check_whole(number)
        self._at = replace(at, sequence=number, newest=max(at.newest, newest))
        return partial(self._progress.done, self._progress.begin(self._at))

    def _check_whole(self, number: int) -> None:
        """Raises Ended where a number was left out: what had it did not come, or could not be read.
        The session is gone on with before it. Where it is left out again, it is for good.
        """
        missing = self._at.sequence + 1
        if number == missing or self._lenient:
            return
        if missing == self._hole:
            self._lenient = True
            return
        self._hole = missing
        raise Ended(f"event {missing} of the session did not come")


def _overlapping(newest: int) -> int:
    """0 stays 0: there was nothing before."""
    return max(newest - (OVERLAP_SECONDS * 1000 << 22), 0)


def _ending(error: BaseException) -> Ended:
    """Without an address: it may hold more than is to be shown."""
    if isinstance(error, Ended):
        return error
    code = error.code if isinstance(error, discord.ConnectionClosed) else None
    return Ended(f"the connection broke ({type(error).__name__})", code=code)


def _now() -> float:
    return asyncio.get_running_loop().time()
