"""One reader of the live stream a process, which tells everybody who listens.

A listener has a bounded queue. Whoever takes too long is told `Reset` and dropped: they look at
everything again and come back, and nobody else waits for them. Under pressure events gather before
they are told; of more than one read takes all are told `Reset` instead, which costs little.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import msgspec
import structlog

from core.errors import InvalidRequest, StoreError
from core.model.ids import ConversationId, LegId
from core.store.live import READ_MAX, Happened
from core.store.store import Store
from gateway.metrics.registry import LISTENERS

WAIT_SECONDS: Final = 5.0
"""How long one read waits for something to happen; below the store's own time limit."""

PAUSE_SECONDS: Final = 1.0
"""Until a store that failed is asked again."""

BACKLOG_MAX: Final = 1000
"""Events that may wait for one listener."""

_EVENT_ID = re.compile(r"\d{1,16}-\d{1,10}", re.ASCII)
log = structlog.get_logger()


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to which message of which leg; what it says now is asked for by itself.

    `position` 0: to the leg as a whole. `conversation` is "" for a leg that is gone.
    """

    id: str
    kind: str
    leg: LegId
    position: int
    conversation: ConversationId


class Reset(msgspec.Struct, frozen=True):
    """Events before `id` were missed: look at everything again, then go on from there."""

    id: str


class Here(msgspec.Struct, frozen=True):
    """Nothing was missed up to `id`, and nothing has happened since."""

    id: str


Told = Event | Reset | Here


class _Listener:
    """What one who listens has not taken yet. `heard` is the last event that waits or was taken."""

    def __init__(self, heard: str) -> None:
        self.heard = heard
        self._waiting: list[Told] = []
        self._wake = asyncio.Event()
        self._ended = False

    def tell(self, tidings: tuple[Told, ...]) -> bool:
        """False: too much waits already, and nothing was added."""
        if len(self._waiting) + len(tidings) > BACKLOG_MAX:
            return False
        self._waiting += tidings
        self.heard = tidings[-1].id
        self._wake.set()
        return True

    def end(self, *last: Told) -> None:
        """Forget what waits, except for the end."""
        self._waiting, self._ended = list(last), True
        self._wake.set()

    async def next(self) -> tuple[Told, ...]:
        """What waits, as soon as something does; () at the end."""
        await self._wake.wait()
        taken, self._waiting = tuple(self._waiting), []
        if not self._ended:
            self._wake.clear()
        return taken

    @contextmanager
    def beating(self, seconds: float) -> Iterator[None]:
        """A sign of life every so often."""
        self._beat_in(seconds)
        try:
            yield
        finally:
            self._timer.cancel()

    def _beat_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._beat, seconds)

    def _beat(self, seconds: float) -> None:
        if not self._ended:
            self.tell((Here(self.heard),))
        self._beat_in(seconds)


class LiveFeed:
    """Made and run by `live_feed`."""

    def __init__(self, store: Store, position: str, listeners_max: int) -> None:
        self._store, self._listeners_max = store, listeners_max
        self.position = position
        """The id of the last event that everybody was told."""
        self._listeners: set[_Listener] = set()
        self._streams = 0
        self._closed = False

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    @property
    def full(self) -> bool:
        """Whether nobody more is taken: there are too many streams, with those of whom was too slow
        until they have ended, or the gateway is about to end.
        """
        return self._closed or self._streams >= self._listeners_max

    def close(self) -> None:
        """End every listener's stream, at the start of a graceful shutdown."""
        self._closed = True
        for listener in self._listeners:
            listener.end()

    def listen(self, after: str, beat_seconds: float) -> AsyncIterator[tuple[Told, ...]]:
        """What happens after an event ("" = now), with a sign of life (Here) now and then: as much
        at a time as has happened since.

        Ends when the feed is closed or the listener was too slow. Raises InvalidRequest at once,
        StoreError while it runs.
        """
        if after and not _EVENT_ID.fullmatch(after):
            raise InvalidRequest(f"{after[:40]!r} is no event id such as 1767225600000-0")
        return self._listen(after, beat_seconds)

    async def _listen(self, after: str, beat_seconds: float) -> AsyncIterator[tuple[Told, ...]]:
        with self._joined() as listener:
            here = listener.heard
            if after and after != here:
                async for missed in self._missed(after, here):
                    yield missed
            yield (Here(here),)
            with listener.beating(beat_seconds):
                while tidings := await listener.next():
                    yield tidings

    async def run(self) -> None:
        """Read until cancelled. A store that fails is asked again; then what is lost is told."""
        interrupted = False
        while True:
            self._store.followed["live feed"] = self.position
            try:
                if interrupted:
                    await self._look_for_a_gap()
                happened = await self._store.live.read(self.position, WAIT_SECONDS)
                if len(happened) >= READ_MAX and self._store.live.gather_seconds:
                    await self._skip()
                    continue
                events = await self._placed(happened) if self._listeners else ()
            except StoreError as error:
                if not interrupted:
                    log.warning("the live feed waits for the store", reason=str(error))
                interrupted = True
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            interrupted = False
            if happened:
                self.position = happened[-1].id
                self._tell(events)
                await asyncio.sleep(self._store.live.gather_seconds)

    async def _look_for_a_gap(self) -> None:
        if not await self._store.live.holds(self.position):
            await self._skip()

    async def _skip(self) -> None:
        """To the end, past more than anybody can be told."""
        self.position = await self._store.live.last_id()
        self._tell((Reset(self.position),))
        await asyncio.sleep(self._store.live.gather_seconds)

    def _tell(self, tidings: tuple[Told, ...]) -> None:
        if not tidings:
            return
        for listener in tuple(self._listeners):
            if not listener.tell(tidings):
                self._listeners.discard(listener)
                listener.end(Reset(self.position))

    @contextmanager
    def _joined(self) -> Iterator[_Listener]:
        listener = _Listener(self.position)
        if self._closed:
            listener.end()
        self._listeners.add(listener)
        self._streams += 1
        LISTENERS.set(self._streams)
        try:
            yield listener
        finally:
            self._streams -= 1
            LISTENERS.set(self._streams)
            self._listeners.discard(listener)

    async def _missed(self, after: str, until: str) -> AsyncIterator[tuple[Told, ...]]:
        """Everything after one event up to another, or a reset when it is no longer there, or never
        was: a store that was restored has forgotten what some have heard of.
        """
        live = self._store.live
        if not await live.holds(after) or _order(after) > _order(await live.last_id()):
            yield (Reset(until),)
            return
        while happened := await live.read(after, 0.0):
            wanted = [one for one in happened if _order(one.id) <= _order(until)]
            if wanted:
                yield await self._placed(wanted)
            if len(wanted) < len(happened):
                return
            after = happened[-1].id

    async def _placed(self, happened: list[Happened]) -> tuple[Event, ...]:
        """The events, each with the conversation that its leg belongs to by now."""
        legs = tuple({one.leg for one in happened})
        heads = await self._store.legs.heads(legs)
        conversation = {head.id: head.conversation for head in heads if head}
        return tuple(
            Event(
                id=one.id,
                kind=one.kind,
                leg=one.leg,
                position=one.position,
                conversation=conversation.get(one.leg, ConversationId("")),
            )
            for one in happened
        )


@asynccontextmanager
async def live_feed(store: Store, *, listeners_max: int = 1000) -> AsyncIterator[LiveFeed]:
    """A feed that reads as long as the context is open. Raises StoreError."""
    feed = LiveFeed(store, await store.live.last_id(), listeners_max)
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(feed.run(), name="live feed")
        try:
            yield feed
        finally:
            feed.close()
            reading.cancel()


def _order(event_id: str) -> tuple[int, int]:
    ms, _, n = event_id.partition("-")
    return int(ms), int(n)
