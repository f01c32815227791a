"""The Bot API's Update, with everything in it that is no message."""

from typing import Annotated

import msgspec

from adapters.telegram.objects.common import Chat, MentionedUser, SpeakingChat, User
from adapters.telegram.objects.fields import (
    ABSENT,
    Copy,
    Count,
    Id,
    Lost,
    Read,
    Reference,
    Someone,
    UnixTime,
)
from adapters.telegram.objects.message import DirectTopic, Message, Written

Ids = Annotated[tuple[Id, ...], msgspec.Meta(max_length=1000)]
"""Telegram names at most 100 messages at a time."""

Rights = Annotated[dict[str, bool], msgspec.Meta(max_length=100)]


class _Membership(Read, frozen=True, kw_only=True):
    """What somebody is in a chat, and what they may do there."""

    status: str
    is_member: bool = True
    tag: Lost = ABSENT
    custom_title: Lost = ABSENT
    until_date: Lost = ABSENT
    is_anonymous: Lost = ABSENT
    can_add_web_page_previews: Lost = ABSENT
    can_be_edited: Lost = ABSENT
    can_change_info: Lost = ABSENT
    can_delete_messages: Lost = ABSENT
    can_delete_stories: Lost = ABSENT
    can_edit_messages: Lost = ABSENT
    can_edit_stories: Lost = ABSENT
    can_edit_tag: Lost = ABSENT
    can_invite_users: Lost = ABSENT
    can_manage_chat: Lost = ABSENT
    can_manage_direct_messages: Lost = ABSENT
    can_manage_tags: Lost = ABSENT
    can_manage_topics: Lost = ABSENT
    can_manage_video_chats: Lost = ABSENT
    can_manage_voice_chats: Lost = ABSENT
    can_pin_messages: Lost = ABSENT
    can_post_messages: Lost = ABSENT
    can_post_stories: Lost = ABSENT
    can_promote_members: Lost = ABSENT
    can_react_to_messages: Lost = ABSENT
    can_restrict_members: Lost = ABSENT
    can_send_audios: Lost = ABSENT
    can_send_documents: Lost = ABSENT
    can_send_media_messages: Lost = ABSENT
    can_send_messages: Lost = ABSENT
    can_send_other_messages: Lost = ABSENT
    can_send_photos: Lost = ABSENT
    can_send_polls: Lost = ABSENT
    can_send_video_notes: Lost = ABSENT
    can_send_videos: Lost = ABSENT
    can_send_voice_notes: Lost = ABSENT


class OwnMembership(_Membership, frozen=True, kw_only=True):
    """The user is the bot itself."""

    user: Copy = ABSENT


class Membership(_Membership, frozen=True, kw_only=True):
    user: MentionedUser


class FormerMembership(Reference, frozen=True, kw_only=True):
    """Told when it began."""

    status: str
    is_member: bool = True


class _MembershipChange(Read, frozen=True, kw_only=True):
    chat: Chat
    from_: User = msgspec.field(name="from")
    date: UnixTime
    old_chat_member: FormerMembership
    invite_link: Lost = ABSENT
    via_join_request: Lost = ABSENT
    via_chat_folder_invite_link: Lost = ABSENT


class OwnMembershipChange(_MembershipChange, frozen=True, kw_only=True):
    new_chat_member: OwnMembership


class MembershipChange(_MembershipChange, frozen=True, kw_only=True):
    new_chat_member: Membership


class ReactionType(Read, frozen=True, kw_only=True):
    type: str
    emoji: str = ""
    custom_emoji_id: str = ""


class ReactionCount(Read, frozen=True, kw_only=True):
    type: ReactionType
    total_count: Count = 0


class Reaction(Read, frozen=True, kw_only=True):
    """What it was before was told when it was set."""

    chat: Chat
    message_id: Id
    date: UnixTime
    user: User | None = None
    actor_chat: SpeakingChat | None = None
    old_reaction: Copy = ABSENT
    new_reaction: tuple[ReactionType, ...] = ()


class ReactionCounts(Read, frozen=True, kw_only=True):
    chat: Chat
    message_id: Id
    date: UnixTime
    reactions: tuple[ReactionCount, ...] = ()


class Button(Reference, frozen=True, kw_only=True):
    text: str = ""
    callback_data: str = ""


class Keyboard(Reference, frozen=True):
    inline_keyboard: tuple[tuple[Button, ...], ...] = ()


class Offered(Reference, frozen=True, kw_only=True):
    """The message whose button was pressed, our own: it was known before it was sent."""

    message_id: Id
    chat: Chat
    message_thread_id: Id | None = None
    is_topic_message: bool = False
    business_connection_id: str = ""
    direct_messages_topic: DirectTopic | None = None
    reply_markup: Keyboard | None = None


class CallbackQuery(Read, frozen=True, kw_only=True):
    """`id` is for the receiver, which answers at once (`reading.read_query_id`)."""

    id: Copy = ABSENT
    from_: User = msgspec.field(name="from")
    message: Offered | None = None
    inline_message_id: str = ""
    chat_instance: Lost = ABSENT
    data: str = ""
    game_short_name: str = ""


class BusinessConnection(Read, frozen=True, kw_only=True):
    id: str
    user: User
    user_chat_id: Id
    date: UnixTime
    is_enabled: bool = False
    rights: Rights = msgspec.field(default_factory=dict)
    can_reply: Copy = ABSENT


class BusinessDeletion(Read, frozen=True, kw_only=True):
    business_connection_id: str
    chat: Chat
    message_ids: Ids = ()


class Update(Read, frozen=True, kw_only=True):
    """At most one of the fields besides the id is there."""

    update_id: Id
    message: Message | None = None
    edited_message: Message | None = None
    channel_post: Message | None = None
    edited_channel_post: Message | None = None
    business_message: Message | None = None
    edited_business_message: Message | None = None
    guest_message: Message | None = None
    callback_query: CallbackQuery | None = None
    message_reaction: Reaction | None = None
    message_reaction_count: ReactionCounts | None = None
    my_chat_member: OwnMembershipChange | None = None
    chat_member: MembershipChange | None = None
    business_connection: BusinessConnection | None = None
    deleted_business_messages: BusinessDeletion | None = None
    chat_boost: Lost = ABSENT
    chat_join_request: Lost = ABSENT
    chosen_inline_result: Lost = ABSENT
    inline_query: Lost = ABSENT
    managed_bot: Lost = ABSENT
    poll: Lost = ABSENT
    poll_answer: Lost = ABSENT
    pre_checkout_query: Lost = ABSENT
    purchased_paid_media: Lost = ABSENT
    removed_chat_boost: Lost = ABSENT
    shipping_query: Lost = ABSENT


class WrittenUpdate(Read, frozen=True, kw_only=True):
    """What most updates are. It refuses what else there is: such an update is read as a whole."""

    update_id: Id
    message: Written | None = None
    edited_message: Written | None = None
    business_message: Written | None = None
    edited_business_message: Written | None = None


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
