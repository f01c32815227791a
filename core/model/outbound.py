"""What an adapter is asked to send, and what it answers."""

from datetime import datetime

import msgspec

from core.model.content import Part, Text
from core.model.ids import ConversationId, MessageId, Number, ThreadRef
from core.model.message import Recipient, Sender


class Outbound(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One platform message on its way out: a piece of a message, planned for the channel.

    `piece` of `pieces`, counted from 0. `key` is the same for every attempt to send this piece:
    the idempotency key where the platform takes one. `context` is the newest Inbound.context of
    the thread. `answers` is the platform's id of the message that this one replies to, if any.
    `quote` is the part of that one which is quoted, where the channel `quotes`; None: all of it.
    `subject` is the agent's own, `title` what the thread was about when the leg began.
    `silent`: let it arrive without a sound. `recipients`: who gets a copy besides the person of the
    thread, where the channel `copies`.
    `at`: when it was written, before which there was no attempt. `attempted`: an earlier attempt
    may have left (only where Capabilities.resend allows another).
    """

    thread: ThreadRef
    message: MessageId
    parts: tuple[Part, ...]
    sender: Sender
    conversation: ConversationId
    number: Number
    piece: int = 0
    pieces: int = 1
    answers: str = ""
    quote: Text | None = None
    subject: str = ""
    title: str = ""
    context: dict[str, str] = {}
    silent: bool = False
    recipients: tuple[Recipient, ...] = ()
    at: datetime | None = None
    attempted: bool = False

    @property
    def key(self) -> str:
        return f"{self.message}.{self.piece}"


class Receipt(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """The platform has taken it. `remotes` are the ids it gave, usually one (an album has
    several). `notes`, in words for the agent: what the customer sees in another form because the
    platform would take it in no other.
    """

    remotes: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How a message travels on a channel: its pieces, and in words for the agent what is shown
    differently.
    """

    pieces: tuple[tuple[Part, ...], ...]
    fallbacks: tuple[str, ...] = ()
