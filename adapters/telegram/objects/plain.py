"""The plainest message: a text, or an answer, to the bot alone. Most updates are one.

Objects with so few fields are read in a third of the time. They hold nothing that may be lost and
refuse whatever else there is: such an update is read as a whole (`update`).
"""

from typing import Annotated, Literal

import msgspec

from adapters.telegram.objects.fields import Id, Read, UnixTime
from adapters.telegram.objects.message import Answered


class PlainUser(Read, frozen=True, kw_only=True):
    id: Id
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""


class PrivateChat(Read, frozen=True, kw_only=True):
    """The names are those of the customer, too."""

    id: Id
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    type: Literal["private"]


class PlainMessage(Read, frozen=True, kw_only=True):
    message_id: Id
    from_: PlainUser = msgspec.field(name="from")
    chat: PrivateChat
    date: UnixTime
    reply_to_message: Answered | None = None
    text: Annotated[str, msgspec.Meta(min_length=1)]


class PlainUpdate(Read, frozen=True, kw_only=True):
    update_id: Id
    message: PlainMessage
