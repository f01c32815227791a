"""The Bot API's objects by which a chat says what happened in it, where there is more to say."""

from adapters.telegram.objects.common import NamedUser
from adapters.telegram.objects.fields import ABSENT, Count, Id, Lost, Read, Reference, UnixTime


class Pinned(Reference, frozen=True):
    message_id: Id


class Topic(Read, frozen=True, kw_only=True):
    """A topic that was created or changed; without a name, only its picture was."""

    name: str = ""
    icon_color: Lost = ABSENT
    icon_custom_emoji_id: Lost = ABSENT
    is_name_implicit: Lost = ABSENT


class DeletionTimer(Read, frozen=True):
    message_auto_delete_time: Count = 0


class VideoChatScheduled(Read, frozen=True):
    start_date: UnixTime = 0


class VideoChatEnded(Read, frozen=True):
    duration: Count = 0


class Invited(Read, frozen=True):
    users: tuple[NamedUser, ...] = ()


class Boost(Read, frozen=True):
    boost_count: Count = 0


class NewOwner(Read, frozen=True):
    new_owner: NamedUser


class Proximity(Read, frozen=True, kw_only=True):
    traveler: NamedUser
    watcher: NamedUser
    distance: Count = 0


class Payment(Read, frozen=True, kw_only=True):
    """`total_amount` counts the smallest units of the currency."""

    currency: str = ""
    total_amount: Count = 0
    invoice_payload: Lost = ABSENT
    subscription_expiration_date: Lost = ABSENT
    is_recurring: Lost = ABSENT
    is_first_recurring: Lost = ABSENT
    shipping_option_id: Lost = ABSENT
    order_info: Lost = ABSENT
    telegram_payment_charge_id: Lost = ABSENT
    provider_payment_charge_id: Lost = ABSENT


class PollOptionChange(Read, frozen=True, kw_only=True):
    option_text: str = ""
    option_persistent_id: Lost = ABSENT
    option_text_entities: Lost = ABSENT
    poll_message: Lost = ABSENT
