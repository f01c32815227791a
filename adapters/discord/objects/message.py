"""Discord's message: every field it has, and what becomes of each.

In the order in which the gateway sends them.
"""

import msgspec

from adapters.discord.objects.attachment import Attachment, StickerItem
from adapters.discord.objects.components import Component
from adapters.discord.objects.embed import Embed
from adapters.discord.objects.fields import (
    ABSENT,
    Copy,
    Count,
    Flags,
    Later,
    Lost,
    Read,
    Reference,
    Snowflake,
    Time,
)
from adapters.discord.objects.people import Mentioned
from adapters.discord.objects.poll import Poll

DEFAULT, REPLY = 0, 19
ANSWER, FORWARD = 0, 1
"""The types of a reference; the first also tells what a happening is about."""


class MessageReference(Read, frozen=True, kw_only=True):
    type: int = 0
    message_id: Snowflake | None = None
    channel_id: Snowflake | None = None
    guild_id: Snowflake | None = None
    fail_if_not_exists: Copy = ABSENT
    """What whoever sent it asked of Discord."""


class Answered(Reference, frozen=True, kw_only=True):
    """The message that is answered: it was told when it came."""

    id: Snowflake
    type: int = DEFAULT
    content: str = ""
    author: Mentioned | None = None
    mentions: tuple[Mentioned, ...] = ()


_NOTHING = msgspec.Raw(b"[]")


class Cards(Read, frozen=True):
    """The embeds of a message."""

    embeds: tuple[Embed, ...] = ()


class Snapshotted(Read, frozen=True, kw_only=True):
    """A message as it was when it was forwarded, without who wrote it."""

    type: Lost = None
    timestamp: Time | None = None
    edited_timestamp: Lost = None
    mentions: tuple[Mentioned, ...] = ()
    mention_roles: Copy = ABSENT
    """They stand in the text."""
    flags: Flags = 0
    embeds: tuple[Embed, ...] = ()
    content: str = ""
    components: tuple[Component, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    sticker_items: tuple[StickerItem, ...] = ()
    stickers: Copy = ABSENT
    """The former form of `sticker_items`."""


class Snapshot(Read, frozen=True, kw_only=True):
    message: Snapshotted


class Call(Read, frozen=True, kw_only=True):
    ended_timestamp: Time | None = None
    participants: tuple[Snowflake, ...] = ()


class RoleSubscription(Read, frozen=True, kw_only=True):
    role_subscription_listing_id: Lost = None
    tier_name: str = ""
    total_months_subscribed: Count = 0
    is_renewal: Lost = None


class Product(Read, frozen=True, kw_only=True):
    listing_id: Lost = None
    product_name: str = ""


class Purchase(Read, frozen=True, kw_only=True):
    type: Lost = None
    guild_product_purchase: Product = Product()


class Message(Read, frozen=True, kw_only=True):
    """What nearly all have comes first, in the order of the wire."""

    type: int = DEFAULT
    tts: Lost = None
    timestamp: Time
    referenced_message: Answered | None = None
    position: Copy = ABSENT
    """Which one it is in its thread: its id says so more exactly."""
    pinned: Lost = None
    nonce: str | int | None = None
    message_reference: MessageReference = MessageReference()
    mentions: tuple[Mentioned, ...] = ()
    mention_roles: tuple[Snowflake, ...] = ()
    mention_everyone: Lost = None
    member: Later = ABSENT
    id: Snowflake
    flags: Flags = 0
    embeds: Later = _NOTHING
    """What Discord made of the links in the words of a person; a machine's are its own."""
    edited_timestamp: Time | None = None
    content: str = ""
    components: tuple[Component, ...] = ()
    channel_type: int | None = None
    channel_id: Snowflake
    author: Later
    """Who somebody is, as a `member`, too, their messages repeat word for word: it is read once."""
    attachments: tuple[Attachment, ...] = ()
    guild_id: Snowflake | None = None
    sticker_items: tuple[StickerItem, ...] = ()
    stickers: Copy = ABSENT
    """The former form of `sticker_items`."""
    poll: Poll | None = None
    message_snapshots: tuple[Snapshot, ...] = ()
    webhook_id: Snowflake | None = None
    application_id: Lost = None
    application: Lost = None
    activity: Lost = None
    interaction: Copy = ABSENT
    """The former form of `interaction_metadata`."""
    interaction_metadata: Lost = None
    call: Call | None = None
    thread: Copy = ABSENT
    """The thread that was begun from it: told by an event of its own."""
    mention_channels: Copy = ABSENT
    """They stand in the text."""
    reactions: Lost = None
    role_subscription_data: RoleSubscription | None = None
    purchase_notification: Purchase | None = None
    resolved: Copy = ABSENT
    """Who and what the options of a command name: they stand in the text."""
    shared_client_theme: Lost = None
    lobby_member: Lost = None
    changelog_id: Lost = None
    soundboard_sounds: Lost = None
    hit: Copy = ABSENT
    """Of a search: that it was found."""
    loggable: Lost = None


class _SketchedResults(Reference, frozen=True):
    is_finalized: bool = False


class _SketchedPoll(Reference, frozen=True):
    results: _SketchedResults | None = None


class Sketch(Reference, frozen=True, kw_only=True):
    """What shows of a MESSAGE_UPDATE whether its author changed anything, or a poll has ended.

    One that shows the page behind a link holds hardly anything else.
    """

    edited_timestamp: Time | None = None
    poll: _SketchedPoll | None = None

    @property
    def says_more(self) -> bool:
        results = self.poll.results if self.poll else None
        return self.edited_timestamp is not None or (results is not None and results.is_finalized)
