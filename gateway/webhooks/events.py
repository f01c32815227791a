"""What receivers can be told of: each kind of event as one documented type, or as none."""

from collections.abc import Mapping
from typing import Final, cast

from core.store.live import Kind

TYPES: Final[Mapping[str, str]] = {
    "message.received": "A customer wrote.",
    "message.written": "One of us wrote to the customer; how far it is: `message.delivery`.",
    "message.changed": "A message was edited, deleted, reacted to, or has its file now.",
    "message.delivery": "An outgoing message came further: `kind` says how far.",
    "note.written": "An agent wrote a note, which customers never see.",
    "conversation.activity": "A line that tells what happened, for agents.",
    "conversation.begun": "A leg began: a new conversation, or a part of one that goes on.",
    "conversation.status": "A leg's status was set by hand, or by who accepted an answer.",
    "conversation.triaged": "Priority, tags, assignee, spam, or the end of its snooze changed.",
    "conversation.sealed": "What the customer writes from now on begins a new conversation.",
    "conversation.joined": "A leg became part of its contact's conversation.",
    "conversation.parted": "A leg that was joined stands by itself again.",
    "conversation.merged": "An agent made two conversations one.",
    "conversation.unmerged": "That was undone.",
    "conversation.split": "An agent took legs out of a conversation; told of each on both sides.",
    "conversation.unsplit": "That was undone.",
    "contact.blocked": "Nothing more of this person is taken; told of each of their legs.",
    "contact.unblocked": "That was undone.",
    "conversation.archived": "What is over was put into the archive, where it can still be read.",
}
"""Type → what happened, for the documents. `*` stands for all of them."""

MISSED: Final = "events.missed"
"""Not to be chosen: every endpoint is told that it was not told of something."""

PING: Final = "ping"
"""Asked for by hand, to see whether an endpoint answers."""

ANY: Final = "*"

TYPE_OF: Final[Mapping[Kind, str | None]] = {
    "in": "message.received",
    "out": "message.written",
    "note": "note.written",
    "activity": "conversation.activity",
    "amended": "message.changed",
    "queued": None,  # on its way: no outcome yet
    "sending": None,
    "sent": "message.delivery",
    "delivered": "message.delivery",
    "read": "message.delivery",
    "failed": "message.delivery",
    "unknown": "message.delivery",
    "begun": "conversation.begun",
    "status": "conversation.status",
    "triaged": "conversation.triaged",
    "sealed": "conversation.sealed",
    "archived": "conversation.archived",
    "joined": "conversation.joined",
    "parted": "conversation.parted",
    "merged": "conversation.merged",
    "unmerged": "conversation.unmerged",
    "split": "conversation.split",
    "unsplit": "conversation.unsplit",
    "thawed": None,  # what it came back for is told
    "expired": None,  # nothing is left to be shown
    "gathered": None,  # bookkeeping: what it led to is told as joined
    "regrouped": None,
    "blocked": "contact.blocked",
    "unblocked": "contact.unblocked",
}
"""Kind of the live feed → type; None: nobody is told."""


def type_of(kind: str) -> str | None:
    """None: nobody is told. Raises KeyError for what is no kind."""
    return TYPE_OF[cast(Kind, kind)]


def wanted(event_type: str, events: tuple[str, ...]) -> bool:
    """Whether an endpoint that asked for these events is told of one of this type."""
    return event_type in (MISSED, PING) or ANY in events or event_type in events


def concerns(account: str, inboxes: tuple[str, ...]) -> bool:
    """Whether something on this inbox is for an endpoint of these; () = of all."""
    return not inboxes or account in inboxes
