"""What is found, as it is told. Answers leave out what has its default."""

from datetime import datetime

import msgspec

from core.model.ids import IdentityId, LegId, MessageId
from core.model.message import Direction
from gateway.search.snippets import Snippet


class _Hit(
    msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag_field="kind"
):
    """Something that was found; `kind` tells what on the wire."""


class MessageHit(_Hit, frozen=True, tag="message"):
    """`leg` and `position` say where it stands, `conversation` and `number` in which."""

    conversation: str
    number: str
    status: str
    leg: LegId
    position: int
    id: MessageId
    at: datetime
    direction: Direction
    account: str
    snippet: Snippet
    sender: str = ""


class PersonHit(_Hit, frozen=True, tag="person"):
    """`conversation`, `number`, `status` and `touched_at` are those of their latest one."""

    identity: IdentityId
    channel: str
    account: str
    name: str = ""
    handle: str = ""
    conversation: str = ""
    number: str = ""
    status: str = ""
    touched_at: datetime | None = None


class ConversationHit(_Hit, frozen=True, tag="conversation"):
    """`author` is whose first leg it is."""

    id: str
    number: str
    status: str
    touched_at: datetime
    account: str
    author: IdentityId
    author_name: str = ""
    title: str = ""
    assignee: str = ""
    tags: tuple[str, ...] = ()


class Results(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Newest first; what was asked for by its own name comes before. `next` is the cursor of the
    page behind this one; a page with a cursor may have fewer rows than asked for, even none: that
    far was looked. `indexed_until`: what happened later is not found yet. `building`: the part of
    all conversations, from 0 to 1, that is found while the first index is made.
    """

    rows: tuple[MessageHit | PersonHit | ConversationHit, ...]
    next: str = ""
    indexed_until: datetime | None = None
    building: float | None = None
