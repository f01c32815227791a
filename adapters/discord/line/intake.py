"""Which way a dispatch event takes: judged, then stored, in the order of its channel.

Nothing is judged by less than has to be known of where it was said: what comes from a guild that
nobody told of waits until that is asked. Only so much may be under way; then nobody reads on.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from adapters.discord.incoming.messages import ReadMessage, read_message
from adapters.discord.line.lanes import Lanes
from adapters.discord.line.storing import Storing
from adapters.discord.line.surveying import Surveying
from adapters.discord.places import Place
from core.errors import MalformedPayload, mistake
from core.model.event import Inbound
from core.ports import Deliver, Spares

Done = Callable[[], None]
ID_LENGTH_MAX: Final = 19
_SET_ASIDE: Final = "set aside"
INTERACTION: Final = "INTERACTION_CREATE"
_ASKS: Final = frozenset({INTERACTION, "MESSAGE_REACTION_ADD"})
"""What may be asked of the bot itself."""
CREATED: Final = "MESSAGE_CREATE"
_TYPING: Final = "TYPING_START"
_GUILD_TOLD: Final = "GUILD_CREATE"
_GUILD_GONE: Final = "GUILD_DELETE"


class Answers(Protocol):
    """Who does what people ask of the bot. Waits for the store by itself."""

    def wants(self, kind: str, data: bytes) -> bool:
        """Whether this event is to be handed to `take`, too."""
        ...

    async def take(self, kind: str, data: bytes, deliver: Deliver) -> None:
        """Returns when what is asked for is on record, or comes to nothing."""
        ...


class CatchesUp(Protocol):
    """What was missed is read before what comes now."""

    def before(self, place: Place, message: int) -> None:
        """Something of this channel is about to take its way: this message, unless it is 0."""
        ...

    def guild_told(self, guild: str, data: msgspec.Raw) -> None:
        """Discord has told all of this guild, or that it cannot."""
        ...

    async def untold(self, place: Place, message: int) -> None:
        """What this channel is cannot be known, so the message may be lost."""
        ...

    def guild_gone(self, guild: str) -> None:
        """Discord tells nothing of this guild any more."""
        ...


def nothing() -> None:
    pass


class Event(msgspec.Struct, gc=False):
    """A dispatch on its way. `id` is a message's, of MESSAGE_CREATE. `mark` is the same whenever it
    comes again. `message`: what MESSAGE_CREATE tells, if it could be read.
    """

    kind: str
    data: msgspec.Raw
    guild: str
    channel: str
    id: str
    mark: str
    message: ReadMessage | None = None
    done: Done = nothing


class _Where(msgspec.Struct, frozen=True, gc=False):
    guild_id: str | None = None
    channel_id: str | None = None
    id: str | None = None


_PLACES: Final = ("GUILD_CREATE", "GUILD_DELETE", "CHANNEL_", "THREAD_")
"""Events that tell where the others are: without them nobody could read those once more."""

_where = msgspec.json.Decoder(_Where).decode


class _Both:
    def __init__(self, done: Done) -> None:
        self._done, self._left = done, 2

    def done(self) -> None:
        self._left -= 1
        if not self._left:
            self._done()


class Intake:
    """Of one account, for as long as it receives."""

    def __init__(
        self,
        storing: Storing,
        surveying: Surveying,
        answers: Answers,
        deliver: Deliver,
        tasks: asyncio.TaskGroup,
        under_way_max: int,
        spares: Spares,
    ) -> None:
        self._storing, self._surveying = storing, surveying
        self._known, self._marks = storing.reader.known, storing.marks
        self._answers, self._deliver = answers, deliver
        self._tasks, self.lanes = tasks, Lanes(tasks)
        self._spares = spares
        self.catching_up: CatchesUp | None = None
        self._asked_for: dict[str, list[Event]] = {}
        """Events of guilds that are being asked for."""
        self._under_way, self._under_way_max = 0, under_way_max
        self._room = asyncio.Event()

    @property
    def full(self) -> bool:
        return self._under_way >= self._under_way_max

    @property
    def overfull(self) -> bool:
        """Not even those who want an answer at once can be heard."""
        return self._under_way >= 2 * self._under_way_max

    async def room(self) -> None:
        """Returns when it is worth while to go on: when half of what may be under way is not."""
        while self._under_way > self._under_way_max // 2:
            self._room.clear()
            await self._room.wait()

    def take(self, event: Event, done: Done) -> None:
        """`done` is called when what it says is stored, or set aside."""
        if event.kind == _TYPING and self._spares("typing"):
            done()
            return
        self._under_way += 1
        event.done = partial(self._end, done)
        if event.kind in _ASKS and self._answers.wants(event.kind, event.data):
            self._asked(event)
        if event.kind == INTERACTION:
            event.done()
        elif event.guild in self._asked_for:
            self._asked_for[event.guild].append(event)
        elif self._surveying.wants_guild(event.guild):
            self._asked_for[event.guild] = [event]
            self._tasks.create_task(self._survey(event.guild))
        else:
            self._admit(event)

    def set_aside(self, payload: bytes, reason: str, done: Done = nothing) -> None:
        self._under_way += 1
        self.lanes.put(_SET_ASIDE, partial(self._put_aside, payload, reason, done))

    async def _put_aside(self, payload: bytes, reason: str, done: Done) -> None:
        await self._storing.set_aside(payload, reason)
        self._end(done)

    def _asked(self, event: Event) -> None:
        """Answered beside its ordered way in, it is done when both are."""
        self._under_way += 1
        both = _Both(event.done)
        event.done = both.done
        asked = replace(event, done=partial(self._end, both.done))
        self._tasks.create_task(self._answer(asked))

    def _end(self, done: Done) -> None:
        self._under_way -= 1
        self._room.set()
        done()

    # --- judged

    async def _survey(self, guild: str) -> None:
        await self._surveying.guild(guild)
        for event in self._asked_for.pop(guild):
            self._admit(event)

    def _admit(self, event: Event) -> None:
        """At once, if all is known that this needs: later, something else may be."""
        place = Place(event.channel, event.guild)
        if event.kind == _TYPING and not self.lanes.idle(event.channel):
            event.done()  # whoever waits to be heard need not be seen typing
        elif event.kind.startswith("MESSAGE_") and self._surveying.wants(place):
            self._before(event, place)
            self.lanes.put(event.channel, partial(self._ask_first, event, place))
        else:
            self._go_on(event, place)

    def _go_on(self, event: Event, place: Place) -> None:
        events = self._judge(event)
        if not events and not self._counts(event):
            event.done()
            return
        self._before(event, place)
        joins = self._storing.heed(place, event.id, events)
        self.lanes.put(event.channel or event.id, partial(self._store, event, place, events, joins))

    def _judge(self, event: Event) -> tuple[Inbound, ...]:
        """A change shows only beside what was known before it, so it is noted last."""
        events: tuple[Inbound, ...] = ()
        try:
            events = self._read(event)
            if events or event.kind.startswith(_PLACES):
                self._storing.record(recorded(event.kind, event.data, event.mark))
            self._known.note(event.kind, event.data)
            if event.kind == _GUILD_TOLD and event.id and self.catching_up:
                self.catching_up.guild_told(event.id, event.data)
        except MalformedPayload as error:
            self.set_aside(whole(event.kind, event.data), str(error))
        if event.kind == _GUILD_GONE and event.id and self.catching_up:
            self.catching_up.guild_gone(event.id)
        return events

    def _read(self, event: Event) -> tuple[Inbound, ...]:
        if event.message:
            return self._storing.read_message(event.message)
        return self._storing.read(event.kind, event.data, event.mark)

    def _counts(self, event: Event) -> bool:
        """Whether a message that is not for us moves its channel's mark. It does where others have
        been: they are not to be asked for again.
        """
        told = event.kind == CREATED and event.channel and event.id
        return bool(told) and bool(
            not event.guild or self._marks.of(event.channel) or not self.lanes.idle(event.channel)
        )

    def _before(self, event: Event, place: Place) -> None:
        if self.catching_up and place.channel:
            message = int(event.id) if event.kind == CREATED and event.id else 0
            self.catching_up.before(place, message)

    # --- stored

    async def _ask_first(self, event: Event, place: Place) -> None:
        if self._surveying.wants(place):
            await self._surveying.channel(event.channel)
            if self._surveying.wants(place) and event.id and self.catching_up:
                await self.catching_up.untold(place, int(event.id))
        events = self._judge(event)
        joins = self._storing.heed(place, event.id, events)
        await self._store(event, place, events, joins)

    async def _store(
        self, event: Event, place: Place, events: tuple[Inbound, ...], joins: bool
    ) -> None:
        await self._storing.store(events)
        if joins:
            await self._storing.join(place.channel)
        if (events and event.kind == CREATED and event.id) or self._counts(event):
            self._marks.note(place.channel, event.id, direct=place.direct)
        event.done()

    async def _answer(self, event: Event) -> None:
        """In nobody's lane: three seconds are all that Discord waits for."""
        try:
            await self._answers.take(event.kind, bytes(event.data), self._deliver)
        except Exception as error:  # noqa: BLE001 - one press must not end what hears the next
            reason = str(error) if isinstance(error, MalformedPayload) else mistake(error)
            self.set_aside(whole(event.kind, event.data), reason)
        event.done()


def read_event(kind: str, data: msgspec.Raw, mark: str) -> Event:
    """Raises MalformedPayload."""
    message = _message(data) if kind == CREATED else None
    try:
        where = message[0] if message else _where(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedPayload(f"not a {kind[:50]} of Discord ({type(error).__name__})") from None
    guild, channel, own = where.guild_id or "", where.channel_id or "", where.id or ""
    ids = guild + channel + own
    if (ids and not (ids.isdecimal() and ids.isascii())) or (
        len(ids) > ID_LENGTH_MAX and max(len(guild), len(channel), len(own)) > ID_LENGTH_MAX
    ):
        raise MalformedPayload(f"a {kind[:50]} with an id that can be none")
    return Event(kind, data, guild, channel, own, mark, message)


def _message(data: msgspec.Raw) -> ReadMessage | None:
    """None for what is to be set aside when its turn comes."""
    try:
        return read_message(data)
    except Exception:  # noqa: BLE001 - one event must not stop all that follow it
        return None


def recorded(kind: str, data: msgspec.Raw, mark: str) -> bytes:
    """As it is kept for a replay, with what it is known again by."""
    said = msgspec.json.encode(kind), msgspec.json.encode(mark), bytes(data)
    return b'{"op":0,"t":%b,"mark":%b,"d":%b}' % said


def whole(kind: str, data: msgspec.Raw) -> bytes:
    """As the gateway says it."""
    return b'{"op":0,"t":%b,"d":%b}' % (msgspec.json.encode(kind), bytes(data))
