"""The Bot API's objects, as far as this adapter reads them.

A `Read` object names the fields that end up in the model, no more: whatever else a payload holds
is listed in `Inbound.lost` by its name (law 5; see `reading`). Numbers are bounded to what can be
stored.
"""

from typing import Annotated

import msgspec

Id = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
UnixTime = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
"""Up to the end of the year 9999, where `datetime` ends too."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An object that is read: all of its other fields are lost, and said to be."""


class Reference(msgspec.Struct, frozen=True):
    """A copy of something told elsewhere: only its id is wanted, nothing of it is lost."""


class Someone(Reference, frozen=True):
    id: Id


class User(Read, frozen=True, kw_only=True):
    id: Id
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False


class Chat(Read, frozen=True, kw_only=True):
    """In a private chat the names are those of the sender, too."""

    id: Id
    type: str
    title: str = ""
    username: str = ""
    first_name: str = ""
    last_name: str = ""


class MentionedUser(Read, frozen=True):
    id: Id


class MessageEntity(Read, frozen=True):
    """`offset` and `length` count UTF-16 units."""

    type: str
    offset: Count
    length: Count
    url: str = ""
    user: MentionedUser | None = None
    language: str = ""
    custom_emoji_id: str = ""


class PhotoSize(Read, frozen=True, kw_only=True):
    """`file_unique_id` is another name of the same bytes, of no use to a reader."""

    file_id: str
    file_unique_id: str = ""
    width: Count = 0
    height: Count = 0
    file_size: Count | None = None


class Document(Read, frozen=True, kw_only=True):
    file_id: str
    file_unique_id: str = ""
    file_name: str = ""
    mime_type: str = ""
    file_size: Count | None = None


class Answered(Reference, frozen=True):
    message_id: Id
    from_: Someone | None = msgspec.field(default=None, name="from")


class TextQuote(Read, frozen=True):
    text: str


class OriginalSender(Read, frozen=True, kw_only=True):
    id: Id
    first_name: str = ""
    last_name: str = ""


class OriginalChat(Read, frozen=True, kw_only=True):
    id: Id
    title: str = ""


class MessageOrigin(Read, frozen=True, kw_only=True):
    """Which of the fields there are depends on `type`."""

    type: str
    date: UnixTime = 0
    sender_user: OriginalSender | None = None
    sender_user_name: str = ""
    sender_chat: OriginalChat | None = None
    chat: OriginalChat | None = None
    message_id: Id | None = None
    author_signature: str = ""


class Message(Read, frozen=True, kw_only=True):
    message_id: Id
    date: UnixTime
    chat: Chat
    from_: User | None = msgspec.field(default=None, name="from")
    sender_chat: Chat | None = None
    message_thread_id: Id | None = None
    is_topic_message: bool = False
    reply_to_message: Answered | None = None
    quote: TextQuote | None = None
    forward_origin: MessageOrigin | None = None
    edit_date: UnixTime = 0
    text: str = ""
    entities: tuple[MessageEntity, ...] = ()
    photo: tuple[PhotoSize, ...] = ()
    document: Document | None = None
    caption: str = ""
    caption_entities: tuple[MessageEntity, ...] = ()
    migrate_to_chat_id: Id | None = None


class ChatMember(Read, frozen=True, kw_only=True):
    status: str
    user: Someone


class ChatMemberUpdated(Read, frozen=True, kw_only=True):
    chat: Chat
    from_: User = msgspec.field(name="from")
    date: UnixTime
    old_chat_member: ChatMember
    new_chat_member: ChatMember


class Update(Read, frozen=True, kw_only=True):
    update_id: Id
    message: Message | None = None
    edited_message: Message | None = None
    my_chat_member: ChatMemberUpdated | None = None


class UpdateId(Reference, frozen=True):
    """All that is needed to go on after an update that cannot be read."""

    update_id: Id


class Query(Reference, frozen=True):
    id: str


class Pressing(Reference, frozen=True):
    """All that is needed to answer the press of a button at once."""

    callback_query: Query | None = None


class Moved(Reference, frozen=True):
    chat: Someone
    migrate_to_chat_id: Id | None = None
    migrate_from_chat_id: Id | None = None


class Migrating(Reference, frozen=True):
    """All that is needed to know a group again under its new id."""

    message: Moved | None = None


class Whereabouts(Reference, frozen=True):
    id: Id
    type: str = ""
    title: str = ""


class Occurrence(Reference, frozen=True, kw_only=True):
    """Where and when an update of an unknown kind belongs, if it says so in a usual way."""

    chat: Whereabouts | None = None
    message: "Occurrence | None" = None
    from_: Someone | None = msgspec.field(default=None, name="from")
    user: Someone | None = None
    date: UnixTime = 0


class Thrown(Reference, frozen=True, kw_only=True):
    """What a sticker or a dice shows."""

    emoji: str = ""
    value: int | None = None
