"""The Bot API's Message: every field it has, and what becomes of each."""

from typing import Annotated

import msgspec

from adapters.telegram.objects.common import (
    Chat,
    File,
    LivePhoto,
    MentionedUser,
    MessageEntity,
    NamedChat,
    NamedUser,
    PhotoSize,
    PlainEntity,
    SpeakingChat,
    User,
)
from adapters.telegram.objects.fields import (
    ABSENT,
    Copy,
    Empty,
    Id,
    Lost,
    Read,
    Reference,
    Someone,
    UnixTime,
)
from adapters.telegram.objects.rich import RichMessage
from adapters.telegram.objects.said import (
    ChatShared,
    Checklist,
    Contact,
    Dice,
    Game,
    GiftInfo,
    Invoice,
    Location,
    PaidMediaInfo,
    Poll,
    Story,
    UsersShared,
    Venue,
    WebAppData,
)
from adapters.telegram.objects.service import (
    Boost,
    DeletionTimer,
    Invited,
    NewOwner,
    Payment,
    Pinned,
    PollOptionChange,
    Proximity,
    Topic,
    VideoChatEnded,
    VideoChatScheduled,
)


class Answered(Reference, frozen=True, kw_only=True):
    """The message that is answered: it was told when it came."""

    message_id: Id
    from_: Someone | None = msgspec.field(default=None, name="from")
    text: str = ""
    caption: str = ""


class TextQuote(Read, frozen=True, kw_only=True):
    text: str
    entities: Lost = ABSENT
    position: Lost = ABSENT
    is_manual: Lost = ABSENT


class MessageOrigin(Read, frozen=True, kw_only=True):
    """Which of the fields there are depends on `type`, which so says nothing more."""

    type: Copy = ABSENT
    date: UnixTime = 0
    sender_user: NamedUser | None = None
    sender_user_name: str = ""
    sender_chat: NamedChat | None = None
    chat: NamedChat | None = None
    message_id: Id | None = None
    author_signature: str = ""


class ExternalReply(Read, frozen=True, kw_only=True):
    """A message of another chat that is answered. Its content comes without its words."""

    origin: MessageOrigin
    chat: NamedChat | None = None
    message_id: Id | None = None
    animation: Lost = ABSENT
    audio: Lost = ABSENT
    checklist: Lost = ABSENT
    contact: Lost = ABSENT
    dice: Lost = ABSENT
    document: Lost = ABSENT
    game: Lost = ABSENT
    giveaway: Lost = ABSENT
    giveaway_winners: Lost = ABSENT
    has_media_spoiler: Lost = ABSENT
    invoice: Lost = ABSENT
    link_preview_options: Lost = ABSENT
    live_photo: Lost = ABSENT
    location: Lost = ABSENT
    paid_media: Lost = ABSENT
    photo: Lost = ABSENT
    poll: Lost = ABSENT
    sticker: Lost = ABSENT
    story: Lost = ABSENT
    venue: Lost = ABSENT
    video: Lost = ABSENT
    video_note: Lost = ABSENT
    voice: Lost = ABSENT


class DirectTopic(Read, frozen=True, kw_only=True):
    """Of a channel's direct messages: with whom they are exchanged."""

    topic_id: Id
    user: User | None = None


class Written(Read, frozen=True, kw_only=True):
    """What most messages are: words of a person, and maybe an answer.

    Objects with so few fields are read in half the time, and what can be lost of one is found at
    a glance.
    """

    message_id: Id
    from_: User | None = msgspec.field(default=None, name="from")
    chat: Chat
    date: UnixTime
    business_connection_id: str = ""
    message_thread_id: Id | None = None
    is_topic_message: bool = False
    reply_to_message: Answered | None = None
    edit_date: UnixTime = 0
    text: str = ""
    entities: tuple[PlainEntity, ...] = ()
    is_from_offline: Lost = ABSENT
    link_preview_options: Lost = ABSENT
    sender_boost_count: Lost = ABSENT
    sender_tag: Lost = ABSENT


class _Heading(Written, frozen=True, kw_only=True):
    """Who, where, when, and on what occasion."""

    sender_chat: SpeakingChat | None = None
    sender_business_bot: MentionedUser | None = None
    author_signature: str = ""
    direct_messages_topic: DirectTopic | None = None
    guest_query_id: str = ""
    external_reply: ExternalReply | None = None
    reply_to_story: Story | None = None
    quote: TextQuote | None = None
    forward_origin: MessageOrigin | None = None
    is_automatic_forward: bool = False
    media_group_id: str = ""
    # Telegram still sends what `forward_origin` replaced.
    forward_from: Copy = ABSENT
    forward_from_chat: Copy = ABSENT
    forward_from_message_id: Copy = ABSENT
    forward_signature: Copy = ABSENT
    forward_sender_name: Copy = ABSENT
    forward_date: Copy = ABSENT
    effect_id: Lost = ABSENT
    guest_bot_caller_chat: Lost = ABSENT
    guest_bot_caller_user: Lost = ABSENT
    has_media_spoiler: Lost = ABSENT
    has_protected_content: Lost = ABSENT
    is_paid_post: Lost = ABSENT
    paid_star_count: Lost = ABSENT
    reply_markup: Lost = ABSENT
    reply_to_checklist_task_id: Lost = ABSENT
    reply_to_poll_option_id: Lost = ABSENT
    show_caption_above_media: Lost = ABSENT
    suggested_post_info: Lost = ABSENT
    via_bot: Lost = ABSENT


class _Content(_Heading, frozen=True, kw_only=True):
    """What it says."""

    entities: tuple[MessageEntity, ...] = ()
    caption: str = ""
    caption_entities: tuple[MessageEntity, ...] = ()
    animation: File | None = None
    audio: File | None = None
    document: File | None = None
    live_photo: LivePhoto | None = None
    paid_media: PaidMediaInfo | None = None
    photo: tuple[PhotoSize, ...] = ()
    sticker: File | None = None
    story: Story | None = None
    video: File | None = None
    video_note: File | None = None
    voice: File | None = None
    checklist: Checklist | None = None
    contact: Contact | None = None
    dice: Dice | None = None
    game: Game | None = None
    poll: Poll | None = None
    venue: Venue | None = None
    location: Location | None = None
    invoice: Invoice | None = None
    gift: GiftInfo | None = None
    rich_message: RichMessage | None = None
    web_app_data: WebAppData | None = None
    users_shared: UsersShared | None = None
    chat_shared: ChatShared | None = None
    user_shared: Copy = ABSENT
    giveaway: Lost = ABSENT
    giveaway_winners: Lost = ABSENT
    passport_data: Lost = ABSENT
    unique_gift: Lost = ABSENT


class Message(_Content, frozen=True, kw_only=True):
    """A message, or what happened in the chat. The `_participant` fields are former names."""

    new_chat_members: Annotated[tuple[MentionedUser, ...], msgspec.Meta(max_length=1000)] = ()
    new_chat_member: Copy = ABSENT
    new_chat_participant: Copy = ABSENT
    left_chat_member: MentionedUser | None = None
    left_chat_participant: Copy = ABSENT
    migrate_to_chat_id: Id | None = None
    migrate_from_chat_id: Id | None = None
    new_chat_title: str = ""
    new_chat_photo: Lost = ABSENT
    delete_chat_photo: bool = False
    group_chat_created: bool = False
    supergroup_chat_created: bool = False
    channel_chat_created: bool = False
    pinned_message: Pinned | None = None
    message_auto_delete_timer_changed: DeletionTimer | None = None
    connected_website: str = ""
    write_access_allowed: Lost = ABSENT
    successful_payment: Payment | None = None
    refunded_payment: Payment | None = None
    boost_added: Boost | None = None
    chat_background_set: Lost = ABSENT
    chat_owner_changed: NewOwner | None = None
    chat_owner_left: Lost = ABSENT
    checklist_tasks_added: Lost = ABSENT
    checklist_tasks_done: Lost = ABSENT
    direct_message_price_changed: Lost = ABSENT
    forum_topic_created: Topic | None = None
    forum_topic_edited: Topic | None = None
    forum_topic_closed: Empty | None = None
    forum_topic_reopened: Empty | None = None
    general_forum_topic_hidden: Empty | None = None
    general_forum_topic_unhidden: Empty | None = None
    gift_upgrade_sent: Lost = ABSENT
    giveaway_completed: Lost = ABSENT
    giveaway_created: Lost = ABSENT
    managed_bot_created: Lost = ABSENT
    paid_message_price_changed: Lost = ABSENT
    poll_option_added: PollOptionChange | None = None
    poll_option_deleted: PollOptionChange | None = None
    proximity_alert_triggered: Proximity | None = None
    suggested_post_approval_failed: Lost = ABSENT
    suggested_post_approved: Lost = ABSENT
    suggested_post_declined: Lost = ABSENT
    suggested_post_paid: Lost = ABSENT
    suggested_post_refunded: Lost = ABSENT
    video_chat_scheduled: VideoChatScheduled | None = None
    video_chat_started: Empty | None = None
    video_chat_ended: VideoChatEnded | None = None
    video_chat_participants_invited: Invited | None = None
