"""The Bot API's objects that many others hold: people, chats, entities, files."""

from adapters.telegram.objects.fields import ABSENT, Copy, Count, Id, Lost, Read


class _Account(Read, frozen=True, kw_only=True):
    """What updates say of an account besides whose it is; what a bot can do they never say."""

    is_premium: Lost = ABSENT
    added_to_attachment_menu: Lost = ABSENT


class User(_Account, frozen=True, kw_only=True):
    id: Id
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""


class NamedUser(_Account, frozen=True, kw_only=True):
    """Somebody who is spoken of, by id and name."""

    id: Id
    first_name: str = ""
    last_name: str = ""
    username: Lost = ABSENT
    language_code: Lost = ABSENT
    is_bot: Lost = ABSENT


class MentionedUser(_Account, frozen=True):
    """Somebody of whom only the id has a place."""

    id: Id
    first_name: Lost = ABSENT
    last_name: Lost = ABSENT
    username: Lost = ABSENT
    language_code: Lost = ABSENT
    is_bot: Lost = ABSENT


class _Place(Read, frozen=True, kw_only=True):
    is_forum: Lost = ABSENT
    is_direct_messages: Lost = ABSENT
    all_members_are_administrators: Lost = ABSENT
    accepted_gift_types: Lost = ABSENT


class Chat(_Place, frozen=True, kw_only=True):
    """In a private chat the names are those of the customer, too."""

    id: Id
    title: str = ""
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    type: str


class NamedChat(_Place, frozen=True, kw_only=True):
    """A chat that is spoken of, by id and name."""

    id: Id
    title: str = ""
    first_name: str = ""
    last_name: str = ""
    username: Lost = ABSENT
    type: Lost = ABSENT


class SpeakingChat(_Place, frozen=True, kw_only=True):
    """A chat in whose name something is said."""

    id: Id
    title: str = ""
    username: str = ""
    type: Lost = ABSENT
    first_name: Lost = ABSENT
    last_name: Lost = ABSENT


class PlainEntity(Read, frozen=True):
    """`offset` and `length` count UTF-16 units."""

    type: str
    offset: Count
    length: Count
    url: str = ""
    language: str = ""
    custom_emoji_id: str = ""


class MessageEntity(PlainEntity, frozen=True):
    user: MentionedUser | None = None
    unix_time: Lost = ABSENT
    date_time_format: Lost = ABSENT


class PhotoSize(Read, frozen=True, kw_only=True):
    """`file_unique_id` is another name of the same bytes, of no use to a reader."""

    file_id: str
    file_unique_id: Copy = ABSENT
    width: Count = 0
    height: Count = 0
    file_size: Count | None = None


class File(Read, frozen=True, kw_only=True):
    """Any file but a photo; which of the fields there are depends on its kind.

    Telegram makes the thumbnail (`thumb` is its former name) and the qualities from the file.
    """

    file_id: str
    file_unique_id: Copy = ABSENT
    file_name: str = ""
    mime_type: str = ""
    file_size: Count | None = None
    width: Count = 0
    height: Count = 0
    length: Count = 0
    duration: Count = 0
    emoji: str = ""
    title: str = ""
    performer: str = ""
    is_animated: bool = False
    is_video: bool = False
    thumbnail: Copy = ABSENT
    thumb: Copy = ABSENT
    qualities: Copy = ABSENT
    cover: Lost = ABSENT
    start_timestamp: Lost = ABSENT
    type: Lost = ABSENT
    set_name: Lost = ABSENT
    custom_emoji_id: Lost = ABSENT
    mask_position: Lost = ABSENT
    needs_repainting: Lost = ABSENT
    premium_animation: Lost = ABSENT


class LivePhoto(File, frozen=True, kw_only=True):
    """A picture that moves for a moment: the film is the file."""

    photo: tuple[PhotoSize, ...] = ()
