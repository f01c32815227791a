"""A bot's sessions: what each was told, so that it can be told again after a lost connection."""

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.discord.applications import Application
from sandbox.discord.gateway.identity import Identity
from sandbox.discord.gateway.intents import NONE, needed, shown
from sandbox.discord.gateway.protocol import Op, frame
from sandbox.payload import Json


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatch as this session was told it. `target`: the id of the channel, if it has one."""

    seq: int
    kind: str
    text: str
    target: str | None


class Carrier(Protocol):
    """A connection that brings a session's events to the client."""

    def carry(self, event: Event) -> None: ...

    def abort(self) -> None:
        """Close it without a word."""


@dataclass(slots=True, eq=False)
class Session:
    """What one shard of one bot heard. `left_at` (unix seconds) is None while it is connected."""

    id: str
    application: Application
    identity: Identity
    events: deque[Event]
    seq: int = 0
    carrier: Carrier | None = None
    left_at: float | None = None
    presence: Json = field(default_factory=dict)

    def tell(self, kind: str, data: Json) -> None:
        """Note an event, if the session's intents let it through, and pass it on."""
        bot_id = str(self.application.id)
        intent = needed(kind, data, bot_id=bot_id)
        if intent == NONE or intent in self.identity.intents:
            self.note(kind, shown(kind, data, self.identity.intents, bot_id=bot_id))

    def note(self, kind: str, data: Json) -> None:
        """Note any event under the next number, and pass it on."""
        self.seq += 1
        target = data.get("channel_id")
        text = frame(Op.DISPATCH, data, seq=self.seq, kind=kind)
        event = Event(self.seq, kind, text, target if isinstance(target, str) else None)
        self.events.append(event)
        if self.carrier is not None:
            self.carrier.carry(event)

    def after(self, seq: int) -> list[Event] | None:
        """The events with greater numbers; None when some of them are no longer kept."""
        missed = [event for event in self.events if event.seq > seq]
        return missed if len(missed) == self.seq - seq else None

    def join(self, carrier: Carrier) -> None:
        """From now on this connection brings the events; one that still did is cut."""
        if self.carrier is not None:
            self.carrier.abort()
        self.carrier, self.left_at = carrier, None

    def leave(self, carrier: Carrier, now: float) -> None:
        """The connection has ended; the session waits to be resumed, unless another has it."""
        if self.carrier is carrier:
            self.carrier, self.left_at = None, now
