"""The piece of work: a view over legs, each the stretch of one platform thread that feeds it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from core.model.ids import ConversationId, IdentityId, LegId, Number, ThreadRef
from core.model.message import Audience, Delivery, Message


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    WAITING_INTERNAL = "waiting_internal"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Leg(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A thread's stretch in a conversation, with its own log, status and audience.

    A leg lives with its thread and is never moved; `conversation` says which view it belongs to.
    `joined` names the legs that were open together with it while both were with one contact, and
    the last task (by its place) that found them so; `merged` those that an agent merged it with,
    and the last task that did. `apart` names those that splits keep from it, with each split's
    task; `split_off` are the splits that took out this one, rather than the other.
    `author` is the identity the leg serves: the customer of a private thread, one author of a
    group.
    `sealed`: nothing more is appended by the customer; `next` is the leg that the thread went on
    with. `length` is the number of log entries.
    `exchange` names what its thread is a part of together with others of the account, `claims` is
    the number of a conversation that it began with naming. `doubted`: it began with something of
    which its sender's own domain says that it is not theirs.
    `assigned_at` is when an assignee was set or taken away last. `snoozed_until`: when it is open
    again by itself; one that is snoozed without waits for the customer. `rev` counts its changes
    that are no messages: what has the same `rev` and `length` is the same. `archived`: it is done
    and kept outside of Redis, until something happens to it.
    """

    id: LegId
    thread: ThreadRef
    author: IdentityId
    audience: Audience
    number: Number
    conversation: ConversationId
    status: Status
    status_at: datetime
    created_at: datetime
    touched_at: datetime
    length: int = 0
    title: str = ""
    author_name: str = ""
    joined: dict[LegId, int] = {}
    merged: dict[LegId, int] = {}
    apart: dict[LegId, tuple[int, ...]] = {}
    split_off: tuple[int, ...] = ()
    members: tuple[LegId, ...] = ()
    sealed: bool = False
    next: LegId | None = None
    previous: LegId | None = None
    exchange: str = ""
    claims: str = ""
    doubted: bool = False
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    assignee: str = ""
    assigned_at: datetime | None = None
    snoozed_until: datetime | None = None
    spam: bool = False
    rev: int = 0
    archived: bool = False
    context: dict[str, str] = {}

    @property
    def is_first(self) -> bool:
        """Whether its conversation is called after it."""
        return self.conversation == str(self.id)


class Entry(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A message at its place: `position` counts from 1 in the leg's log."""

    leg: LegId
    position: int
    message: Message
    delivery: Delivery | None = None


class Conversation(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Legs that belong together, oldest first. Its id and number are those of the first leg.

    What it is as a piece of work follows from its legs: see core.rules.triage. `snoozed_until` is
    when the first of them is open again.
    """

    id: ConversationId
    number: Number
    status: Status
    legs: tuple[Leg, ...]
    touched_at: datetime
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    assignee: str = ""
    snoozed_until: datetime | None = None
    spam: bool = False
