"""One reader of the live stream a process, which tells everybody who listens.

A listener has a bounded queue. Whoever takes too long is told `Reset` and dropped: they look at
everything again and come back, and nobody else waits for them.
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
from core.store.live import Happened
from core.store.store import Store

WAIT_SECONDS: Final = 5.0
"""How long one read waits for something to happen; below the store's own time limit."""

PAUSE_SECONDS: Final = 1.0
"""Until a store that failed is asked again."""

BACKLOG_MAX: Final = 1000
"""Events that may wait for one listener."""

_EVENT_ID = re.compile(r"\d{1,16}-\d{1,10}")
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
    """`queue` ends with None. `since` is the feed's position when this one joined."""

    def __init__(self, since: str) -> None:
        self.since = since
        self.queue: asyncio.Queue[Told | None] = asyncio.Queue(BACKLOG_MAX + 2)

    def end(self, *last: Told) -> None:
        """Forget what waits, except for the end."""
        while not self.queue.empty():
            self.queue.get_nowait()
        for told in (*last, None):
            self.queue.put_nowait(told)


class LiveFeed:
    """Made and run by `live_feed`."""

    def __init__(self, store: Store, position: str, listeners_max: int) -> None:
        self._store, self._listeners_max = store, listeners_max
        self.position = position
        """The id of the last event that everybody was told."""
        self._listeners: set[_Listener] = set()
        self._closed = False

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    @property
    def full(self) -> bool:
        """Whether nobody more is taken: too many listen, or the gateway is about to end."""
        return self._closed or len(self._listeners) >= self._listeners_max

    def close(self) -> None:
        """End every listener's stream, at the start of a graceful shutdown."""
        self._closed = True
        for listener in self._listeners:
            listener.end()

    def listen(self, after: str, beat_seconds: float) -> AsyncIterator[Told]:
        """What happens after an event ("" = now), with a sign of life (Here) if nothing does.

        Ends when the feed is closed or the listener was too slow. Raises InvalidRequest at once,
        StoreError while it runs.
        """
        if after and not _EVENT_ID.fullmatch(after):
            raise InvalidRequest(f"{after[:40]!r} is no event id such as 1767225600000-0")
        return self._listen(after, beat_seconds)

    async def _listen(self, after: str, beat_seconds: float) -> AsyncIterator[Told]:
        with self._joined() as listener:
            here = listener.since
            if after and _order(after) < _order(here):
                async for told in self._missed(after, here):
                    yield told
            yield Here(here)
            while True:
                try:
                    async with asyncio.timeout(beat_seconds):
                        told_now = await listener.queue.get()
                except TimeoutError:
                    yield Here(here)
                    continue
                if told_now is None:
                    return
                here = told_now.id
                yield told_now

    async def run(self) -> None:
        """Read until cancelled. A store that fails is asked again; then what is lost is told."""
        interrupted = False
        while True:
            try:
                if interrupted:
                    await self._look_for_a_gap()
                happened = await self._store.live.read(self.position, WAIT_SECONDS)
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

    async def _look_for_a_gap(self) -> None:
        if not await self._store.live.holds(self.position):
            self.position = await self._store.live.last_id()
            self._tell((Reset(self.position),))

    def _tell(self, tidings: tuple[Told, ...]) -> None:
        for listener in tuple(self._listeners):
            if listener.queue.qsize() + len(tidings) > BACKLOG_MAX:
                self._listeners.discard(listener)
                listener.end(Reset(self.position))
                continue
            for told in tidings:
                listener.queue.put_nowait(told)

    @contextmanager
    def _joined(self) -> Iterator[_Listener]:
        listener = _Listener(self.position)
        if self._closed:
            listener.end()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def _missed(self, after: str, until: str) -> AsyncIterator[Told]:
        """Everything after one event up to another, or a reset when it is no longer there."""
        if not await self._store.live.holds(after):
            yield Reset(until)
            return
        while happened := await self._store.live.read(after, 0.0):
            for event in await self._placed(happened):
                if _order(event.id) > _order(until):
                    return
                yield event
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
async def live_feed(store: Store, *, listeners_max: int = 200) -> AsyncIterator[LiveFeed]:
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
