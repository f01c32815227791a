"""What a platform tells us: one envelope, one tagged body."""

from datetime import datetime
from enum import StrEnum

import msgspec

from core.model.content import Forward, Part
from core.model.ids import EventId, MessageId, ThreadRef
from core.model.message import (
    Audience,
    Automatic,
    DeliveryState,
    Protection,
    Quote,
    Recipient,
    SenderLevel,
)


class Origin(StrEnum):
    LIVE = "live"
    BACKFILL = "backfill"
    REPLAY = "replay"
    ECHO = "echo"


class ActorKind(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    OURSELVES = "ourselves"
    BOT = "bot"
    PLATFORM = "platform"


class Actor(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Who did it, as the platform describes them. `remote` is their stable id on this account,
    `level` how sure it is that they are who they say, `evidence` in words what that rests on.
    """

    kind: ActorKind
    remote: str
    name: str = ""
    handle: str = ""
    language: str = ""
    level: SenderLevel = SenderLevel.VERIFIED
    evidence: str = ""


class _Body(
    msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag_field="kind"
):
    """What happened; `kind` tells them apart on the wire."""


class MessageCreated(_Body, frozen=True, tag="message_created"):
    remote: str
    parts: tuple[Part, ...]
    answers: Quote | None = None
    forward: Forward | None = None
    subject: str = ""
    recipients: tuple[Recipient, ...] = ()
    """Who else it is addressed to, besides us."""
    automatic: Automatic = Automatic.NO
    protection: Protection = Protection.NONE
    refs: tuple[str, ...] = ()
    """Further platform messages that this one consists of; `remote` is the first."""
    album: str = ""
    """The platform's id of the album that this file is part of. Each file comes as an event of its
    own, is visible at once, and joins the message that the album's first file began.
    """


class MessageEdited(_Body, frozen=True, tag="message_edited"):
    remote: str
    parts: tuple[Part, ...]
    rev: int = 0


class MessageDeleted(_Body, frozen=True, tag="message_deleted"):
    remote: str


class ReactionsTold(StrEnum):
    """What a platform says of reactions: all that somebody has left, or what has changed."""

    EXACTLY = "exactly"
    ADDED = "added"
    REMOVED = "removed"
    CLEARED = "cleared"


class Reacted(_Body, frozen=True, tag="reacted"):
    """The actor's reactions to a message are now exactly `emojis`, or have become more or fewer by
    these. `cleared`: those with `emojis` are gone, whoever made them, or all if it names none.
    """

    remote: str
    emojis: tuple[str, ...]
    told: ReactionsTold = ReactionsTold.EXACTLY


class Read(_Body, frozen=True, tag="read"):
    """Everything up to and including `remote` was read."""

    remote: str


class DeliveryReported(_Body, frozen=True, tag="delivery_reported"):
    """What became of a message of ours. State SENDING: whoever has it is still trying.

    `message`: what we call it, where the adapter can tell, and `piece` which of its pieces this is.
    `recipient`: the one whom it is about, where that is not the person of the thread.
    """

    remote: str
    state: DeliveryState
    reason: str = ""
    recipient: str = ""
    message: MessageId | None = None
    piece: int | None = None


class Typing(_Body, frozen=True, tag="typing"):
    """The actor is writing. Takes no claim and touches no disk."""


class ActionInvoked(_Body, frozen=True, tag="action_invoked"):
    """A button, a quick reply or a command. `on` is the message that offered it."""

    value: str
    label: str = ""
    on: str = ""


class MemberChanged(_Body, frozen=True, tag="member_changed"):
    member: str
    change: str


class AccountStatus(_Body, frozen=True, tag="account_status"):
    """The platform speaks about the thread or account itself: bot blocked, chat migrated, gap in
    history.
    """

    code: str
    text: str = ""


class Settled(_Body, frozen=True, tag="settled"):
    """It is answered without us: somebody of a community has, and who asked, or who looks after the
    community, has accepted that. The actor is who accepted it. `question` and `answer` are the
    platform's ids of the customer's message and of what answers it, `text` says in words whose it
    is and where.
    """

    question: str
    answer: str
    text: str


class Opened(_Body, frozen=True, tag="opened"):
    """We have opened the customer's private thread from our side: its leg begins, if none goes on
    there. `text` says in words what for. `idle`: nothing waits there for an agent.
    """

    text: str
    idle: bool = False


class Unknown(_Body, frozen=True, tag="unknown"):
    """An event of a kind that the adapter does not know. Kept by its name; the payload is in the
    journal.
    """

    platform_kind: str


Body = (
    MessageCreated
    | MessageEdited
    | MessageDeleted
    | Reacted
    | Read
    | DeliveryReported
    | Typing
    | ActionInvoked
    | MemberChanged
    | AccountStatus
    | Settled
    | Opened
    | Unknown
)


class Inbound(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One event as an adapter hands it to core.

    `dedup` is unique within the thread and the same for every redelivery of the event. `customer`
    is whose private thread it is when the actor is somebody else: staff who answered there by
    another way than ours. `audience` says who reads the thread. `context` is what the adapter will
    want back when it answers in this thread: short, opaque to everyone else, the newest one wins.
    `exchange` names what this thread is a part of together with others of the account: a mail that
    several people answer has a thread for each of them. Empty: it stands alone. `claims` is the
    number of a conversation that it names. Neither proves anything: anybody can cite anything.
    `lost` names what the payload held and the model could not take. `raw` points into the journal
    of raw payloads (may have expired).
    """

    id: EventId
    thread: ThreadRef
    dedup: str
    actor: Actor
    body: Body
    occurred_at: datetime
    received_at: datetime
    customer: Actor | None = None
    audience: Audience = Audience.PRIVATE
    origin: Origin = Origin.LIVE
    title: str = ""
    context: dict[str, str] = {}
    exchange: str = ""
    claims: str = ""
    lost: tuple[str, ...] = ()
    raw: str = ""
