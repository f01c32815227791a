"""One message of a conversation, and what became of it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from core.model.content import Forward, Part, Span
from core.model.ids import IdentityId, MessageId


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    NOTE = "note"
    ACTIVITY = "activity"


class Audience(StrEnum):
    """Who reads what is written here, from narrow to wide."""

    PRIVATE = "private"
    GROUP = "group"
    PUBLIC = "public"


class SenderKind(StrEnum):
    CONTACT = "contact"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class Sender(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Who wrote it, as they were called then. `id` is an identity, an agent's or a bot's name."""

    kind: SenderKind
    id: str
    name: str = ""


class Quote(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What a message answers: the platform's id of it and, if only a part is quoted, that part.

    `spans` style that part as they style it in the message, where that is known.
    """

    remote: str = ""
    message: MessageId | None = None
    text: str = ""
    spans: tuple[Span, ...] = ()


class Revision(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """An earlier form of an edited message."""

    parts: tuple[Part, ...]
    until: datetime


class Reaction(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """`by` is what the platform calls the person, or `agent:<name>` for one of us."""

    by: str
    emoji: str
    at: datetime


class ChangeKind(StrEnum):
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"


class Change(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What an agent does to a message that is on the platform already: `message`, at `position` of
    the same leg. An edit's new content is in the parts of the entry that carries the change;
    `emoji` is the reaction from now on, empty for none.
    """

    kind: ChangeKind
    message: MessageId
    position: int
    emoji: str = ""


class Message(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One logical message; `refs` are the platform's messages it consists of (splits, albums).

    `album`: the platform's id of the group of files that it is. Its refs and parts then belong
    together one by one. `change`: this entry is no message of its own, it changes another one.
    `silent`: it arrives without a sound. `rev` counts edits, `lost` lists what the payload held and
    the model could not take (law 5).
    """

    id: MessageId
    direction: Direction
    sender: Sender
    at: datetime
    parts: tuple[Part, ...]
    refs: tuple[str, ...] = ()
    audience: Audience = Audience.PRIVATE
    album: str = ""
    answers: Quote | None = None
    forward: Forward | None = None
    change: Change | None = None
    silent: bool = False
    subject: str = ""
    language: str = ""
    rev: int = 0
    history: tuple[Revision, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    deleted_at: datetime | None = None
    received_at: datetime | None = None
    backfilled: bool = False
    resent: bool = False
    lost: tuple[str, ...] = ()
    identity: IdentityId | None = None


class DeliveryState(StrEnum):
    """Law 4: an outgoing message only ever moves forward through these; see rules.delivery."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Delivery(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """How far an outgoing message has come. `attempts` counts sends begun."""

    state: DeliveryState
    attempts: int = 0
    pieces_sent: int = 0
    at: datetime | None = None
    reason: str = ""
