"""The plainest message: a text that somebody writes to the bot alone. Most updates are one.

Objects with so few fields are read in a third of the time. They hold nothing that may be lost and
refuse whatever else there is: such an update is read as a whole (`update`).
"""

from typing import Annotated, Literal

import msgspec

from adapters.telegram.objects.fields import Id, Read, UnixTime


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
    text: Annotated[str, msgspec.Meta(min_length=1)]


class PlainUpdate(Read, frozen=True, kw_only=True):
    update_id: Id
    message: PlainMessage
