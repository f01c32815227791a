"""Identifiers. Each is a string of its own type, so that the type checker keeps them apart."""

from typing import NewType, Self

import msgspec
from typing_extensions import override

ConversationId = NewType("ConversationId", str)
"""The id of a conversation: the id of its oldest leg."""

LegId = NewType("LegId", str)
"""`<ulid>-<partition>`: a leg lives in the partition of its thread, and says which that is."""

MessageId = NewType("MessageId", str)
"""A ULID; made by whoever writes the message, so that writing it twice has one effect."""

EventId = NewType("EventId", str)
IdentityId = NewType("IdentityId", str)
"""`<channel>:<account>:<remote id of the person>`: known without asking anybody."""

ContactId = NewType("ContactId", str)
"""The id of a contact: the first, in alphabetical order, of the ids of its identities."""

Number = NewType("Number", str)
"""A conversation's public reference, `T-7KQ4-M`. Never a secret."""

AttachmentId = NewType("AttachmentId", str)


class ThreadRef(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A platform's own grouping of messages: a chat, a topic, a mail thread with one correspondent.

    `channel` is the kind of platform, `account` the configured inbox, `thread` is opaque outside
    the adapter that made it. Neither channel nor account may contain a colon.
    """

    channel: str
    account: str
    thread: str

    @override
    def __str__(self) -> str:
        return f"{self.channel}:{self.account}:{self.thread}"

    @classmethod
    def parse(cls, text: str) -> Self:
        channel, account, thread = text.split(":", 2)
        return cls(channel=channel, account=account, thread=thread)


class MessageRef(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A platform's own message. `remote` is unique within the account and opaque outside the
    adapter.
    """

    thread: ThreadRef
    remote: str


def identity_id(channel: str, account: str, remote: str) -> IdentityId:
    """The identity of the person whom the platform calls `remote`."""
    return IdentityId(f"{channel}:{account}:{remote}")
