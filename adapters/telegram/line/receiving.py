"""What becomes of an update, whichever way it came: understood or set aside, then stored.

The events of a thread are handed in one after another and those of different threads side by
side: a busy group must not hold up everybody else.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from adapters.telegram.chats import REMEMBERED_MAX, Chats
from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise
from adapters.telegram.incoming.reading import migrated, read_query_id
from adapters.telegram.line.api import Me
from adapters.telegram.line.presses import Presses
from adapters.telegram.places import place_of
from adapters.telegram.settings import TelegramSettings
from core.errors import MalformedPayload, mistake
from core.ids import new_ulid
from core.model.event import Inbound, MessageCreated
from core.ports import Deliver, Surroundings
from core.recent import Recent

_log = logging.getLogger(__name__)


class Receiving:
    """One account's way in. Nothing can be taken before `begin`."""

    def __init__(
        self,
        settings: TelegramSettings,
        surroundings: Surroundings,
        chats: Chats,
        topics: Recent[str, str],
        presses: Presses,
    ) -> None:
        self._settings, self._surroundings = settings, surroundings
        self._chats, self._topics, self._presses = chats, topics, presses
        self._albums = Recent[str, bool](REMEMBERED_MAX)
        self._reader: Reader | None = None
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def ready(self) -> bool:
        return self._reader is not None

    def begin(self, me: Me) -> None:
        """Who the bot is decides what is meant for it."""
        self._reader = self.reader_for(me)

    def reader_for(self, me: Me) -> Reader:
        return Reader(
            account=self._surroundings.account,
            bot_id=me.id,
            bot_username=me.username,
            groups=self._settings.groups,
            chats=self._chats.origins,
            topics=self._topics,
            albums=self._albums,
        )

    async def take(self, updates: Sequence[bytes], deliver: Deliver) -> None:
        """Returns when all of them are stored or set aside. Raises what `deliver` raises, and
        StoreError.
        """
        threads: dict[str, list[Inbound]] = {}
        for raw in updates:
            self._surroundings.record(raw)
            for event in await self._read(raw):
                threads.setdefault(event.thread.thread, []).append(event)
                self._note(event)
        try:
            async with asyncio.TaskGroup() as group:
                for thread, events in threads.items():
                    group.create_task(self._in_turn(thread, events, deliver))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        for raw in updates:
            if query := read_query_id(raw):
                self._presses.put(query)

    def _note(self, event: Inbound) -> None:
        """What later updates do not repeat."""
        if not isinstance(event.body, MessageCreated):
            return
        place = place_of(event.thread.thread)
        if place.topic or place.direct:
            self._topics.note(event.body.remote, place.within)
        if event.body.album:
            self._albums.note(event.body.album, True)

    async def set_aside(self, payload: bytes, reason: str) -> None:
        _log.warning("update set aside, account=%s: %s", self._surroundings.account, reason)
        await self._surroundings.quarantine(self._surroundings.account, payload, reason)

    async def _read(self, raw: bytes) -> tuple[Inbound, ...]:
        if self._reader is None:
            raise RuntimeError("updates are taken before the bot is known")
        if move := migrated(raw):
            old, new = move
            await self._chats.learn(str(old), str(new))
        events = await self._understood(raw, self._reader)
        if events and await self._chats.recognise(place_of(events[0].thread.thread).chat):
            return await self._understood(raw, self._reader)
        return events

    async def _understood(self, raw: bytes, reader: Reader) -> tuple[Inbound, ...]:
        try:
            return normalise(raw, reader, datetime.now(UTC), new_ulid)
        except MalformedPayload as error:
            await self.set_aside(raw, str(error))
        except Exception as error:  # noqa: BLE001 - one update must not stop all that follow it
            await self.set_aside(raw, mistake(error))
        return ()

    async def _in_turn(self, thread: str, events: list[Inbound], deliver: Deliver) -> None:
        """What comes for one thread at the same time is stored in the order in which it came."""
        turn = self._turns.setdefault(thread, asyncio.Lock())
        async with turn:
            for event in events:
                await deliver(event)
