"""The Bot API's objects that a message's content is made of, other than text and files."""

from adapters.telegram.objects.common import File, LivePhoto, MessageEntity, NamedChat, PhotoSize
from adapters.telegram.objects.fields import ABSENT, Copy, Count, Id, Lost, Read, UnixTime


class PaidMedia(Read, frozen=True, kw_only=True):
    """One of the files, or (with a size and a duration) what they look like to who has not paid."""

    type: Copy = ABSENT
    photo: tuple[PhotoSize, ...] = ()
    video: File | None = None
    live_photo: LivePhoto | None = None
    width: Lost = ABSENT
    height: Lost = ABSENT
    duration: Lost = ABSENT


class PaidMediaInfo(Read, frozen=True, kw_only=True):
    star_count: Lost = ABSENT
    paid_media: tuple[PaidMedia, ...] = ()


class Location(Read, frozen=True, kw_only=True):
    latitude: float
    longitude: float
    horizontal_accuracy: float = 0.0
    live_period: Count = 0
    heading: Lost = ABSENT
    proximity_alert_radius: Lost = ABSENT


class Venue(Read, frozen=True, kw_only=True):
    location: Location
    title: str = ""
    address: str = ""
    foursquare_id: Lost = ABSENT
    foursquare_type: Lost = ABSENT
    google_place_id: Lost = ABSENT
    google_place_type: Lost = ABSENT


class Contact(Read, frozen=True, kw_only=True):
    phone_number: str = ""
    first_name: str = ""
    last_name: str = ""
    vcard: str = ""
    user_id: Lost = ABSENT


class PollOption(Read, frozen=True, kw_only=True):
    text: str
    voter_count: Count = 0
    text_entities: Lost = ABSENT
    persistent_id: Lost = ABSENT
    media: Lost = ABSENT
    added_by_user: Lost = ABSENT
    added_by_chat: Lost = ABSENT
    addition_date: Lost = ABSENT


class Poll(Read, frozen=True, kw_only=True):
    question: str
    options: tuple[PollOption, ...] = ()
    is_closed: bool = False
    allows_multiple_answers: bool = False
    id: Lost = ABSENT
    question_entities: Lost = ABSENT
    total_voter_count: Lost = ABSENT
    is_anonymous: Lost = ABSENT
    type: Lost = ABSENT
    allows_revoting: Lost = ABSENT
    members_only: Lost = ABSENT
    country_codes: Lost = ABSENT
    correct_option_id: Lost = ABSENT
    correct_option_ids: Lost = ABSENT
    explanation: Lost = ABSENT
    explanation_entities: Lost = ABSENT
    explanation_media: Lost = ABSENT
    open_period: Lost = ABSENT
    close_date: Lost = ABSENT
    description: Lost = ABSENT
    description_entities: Lost = ABSENT
    media: Lost = ABSENT


class Dice(Read, frozen=True, kw_only=True):
    emoji: str = ""
    value: Count | None = None


class Game(Read, frozen=True, kw_only=True):
    title: str = ""
    description: Lost = ABSENT
    photo: Lost = ABSENT
    text: Lost = ABSENT
    text_entities: Lost = ABSENT
    animation: Lost = ABSENT


class Story(Read, frozen=True, kw_only=True):
    chat: NamedChat
    id: Id


class Invoice(Read, frozen=True, kw_only=True):
    title: str = ""
    description: Lost = ABSENT
    start_parameter: Lost = ABSENT
    currency: Lost = ABSENT
    total_amount: Lost = ABSENT


class ChecklistTask(Read, frozen=True, kw_only=True):
    """Done if it says when."""

    text: str
    completion_date: UnixTime = 0
    id: Lost = ABSENT
    text_entities: Lost = ABSENT
    completed_by_user: Lost = ABSENT
    completed_by_chat: Lost = ABSENT


class Checklist(Read, frozen=True, kw_only=True):
    title: str = ""
    tasks: tuple[ChecklistTask, ...] = ()
    title_entities: Lost = ABSENT
    others_can_add_tasks: Lost = ABSENT
    others_can_mark_tasks_as_done: Lost = ABSENT


class GiftInfo(Read, frozen=True, kw_only=True):
    """`text` is what the giver says with it."""

    text: str = ""
    entities: tuple[MessageEntity, ...] = ()
    gift: Lost = ABSENT
    owned_gift_id: Lost = ABSENT
    convert_star_count: Lost = ABSENT
    prepaid_upgrade_star_count: Lost = ABSENT
    is_upgrade_separate: Lost = ABSENT
    can_be_upgraded: Lost = ABSENT
    is_private: Lost = ABSENT
    unique_gift_number: Lost = ABSENT


class WebAppData(Read, frozen=True, kw_only=True):
    data: str = ""
    button_text: str = ""


class SharedUser(Read, frozen=True, kw_only=True):
    user_id: Id
    first_name: str = ""
    last_name: str = ""
    username: Lost = ABSENT
    photo: Lost = ABSENT


class UsersShared(Read, frozen=True, kw_only=True):
    users: tuple[SharedUser, ...] = ()
    user_ids: Copy = ABSENT
    request_id: Lost = ABSENT


class ChatShared(Read, frozen=True, kw_only=True):
    chat_id: Id
    title: str = ""
    request_id: Lost = ABSENT
    username: Lost = ABSENT
    photo: Lost = ABSENT
