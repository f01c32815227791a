"""One message of a conversation, and what became of it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from core.model.content import Forward, Part, Span
from core.model.ids import MessageId


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


class SenderLevel(StrEnum):
    """How sure it is that the sender is who they are shown as.

    `verified`: the platform vouches, or the mail is proven to come from the domain that it names.
    `unverified`: nobody vouches; mail can be written in anybody's name. `failed`: who could vouch
    says that it is somebody else.
    """

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FAILED = "failed"


class Sender(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Who wrote it, as they were called then. `id` is an identity, an agent's or a bot's name.
    `evidence` says in words what `level` rests on.
    """

    kind: SenderKind
    id: str
    name: str = ""
    level: SenderLevel = SenderLevel.VERIFIED
    evidence: str = ""


class RecipientRole(StrEnum):
    TO = "to"
    CC = "cc"


class Recipient(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Somebody besides us to whom a message is addressed. `address` is their remote on the account:
    who writes from there is the same person.
    """

    address: str
    name: str = ""
    role: RecipientRole = RecipientRole.TO


class Automatic(StrEnum):
    """What kind of machine wrote it or passed it on, if one did. Nothing of ours answers it by
    itself.

    `reply`: an answering machine; `absence`: an out-of-office notice; `report`: a mail system about
    a mail: these reopen nothing. `bulk`: a newsletter, a notification, but also what a person wrote
    through a list or a group address.
    """

    NO = "no"
    REPLY = "reply"
    ABSENCE = "absence"
    BULK = "bulk"
    REPORT = "report"


class Protection(StrEnum):
    """A signature or an encryption that came with it. Kept and shown, not checked."""

    NONE = "none"
    SMIME_SIGNED = "smime_signed"
    SMIME_ENCRYPTED = "smime_encrypted"
    PGP_SIGNED = "pgp_signed"
    PGP_ENCRYPTED = "pgp_encrypted"


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
    `silent`: it arrives without a sound. `recipients` are those besides us and, on its way out,
    besides the leg's author. `rev` counts edits, `lost` lists what the payload held and
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
    recipients: tuple[Recipient, ...] = ()
    automatic: Automatic = Automatic.NO
    protection: Protection = Protection.NONE
    language: str = ""
    rev: int = 0
    history: tuple[Revision, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    deleted_at: datetime | None = None
    received_at: datetime | None = None
    backfilled: bool = False
    resent: bool = False
    lost: tuple[str, ...] = ()


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
