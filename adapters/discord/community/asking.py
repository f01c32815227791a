"""What somebody asks of the bot by a command, a menu, a button or a form: an interaction, read.

What is read here decides and is answered; it is not what is kept. A message in it is kept as it
came, for the one reader of messages there is (`incoming`).
"""

from enum import IntEnum
from typing import Annotated, Final

import msgspec

from adapters.discord.places import Place, is_snowflake
from core.errors import MalformedPayload

Snowflake = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,20}$")]


class Kind(IntEnum):
    """Discord's types of interactions that this bot can be sent."""

    PING = 1
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    FORM = 5


class Context(IntEnum):
    """Where somebody asks. In a private channel the bot is asked among others, and is no member."""

    GUILD = 0
    DIRECT = 1
    PRIVATE_CHANNEL = 2


class CommandKind(IntEnum):
    """What a command hangs on: what is typed after a slash, or the menu of a message."""

    SLASH = 1
    MESSAGE = 3


class User(msgspec.Struct, frozen=True, kw_only=True):
    id: Snowflake
    username: str = ""
    global_name: str | None = None
    bot: bool = False


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """`permissions`: in the channel of the interaction, all rules of Discord applied by itself."""

    user: User | None = None
    nick: str | None = None
    roles: tuple[str, ...] = ()
    permissions: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,40}$")] = "0"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    value: str | int | float | bool | None = None


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a form that was sent: a label or a row around one that has a value or values."""

    custom_id: str = ""
    value: str | None = None
    values: tuple[str, ...] = ()
    component: "Component | None" = None
    components: tuple["Component", ...] = ()


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """What the ids of an interaction stand for."""

    users: dict[str, User] = {}
    members: dict[str, msgspec.Raw] = {}
    """Those of the users who are in the guild where it was asked: anybody's id can be typed."""
    messages: dict[str, msgspec.Raw] = {}


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """The channel of an interaction. `type` as Discord numbers kinds of channels."""

    type: int = 0


class Data(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""
    type: int = 0
    options: tuple[Option, ...] = ()
    target_id: Snowflake | None = None
    resolved: Resolved = Resolved()
    custom_id: str = ""
    components: tuple[Component, ...] = ()


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """With what an interaction can be answered, even if the rest of it makes no sense."""

    id: Snowflake
    application_id: Snowflake
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One interaction. Everything but `data` is Discord's own word; in that is what
    a client sent, which may be forged.
    """

    id: Snowflake
    application_id: Snowflake
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    type: int
    data: Data = Data()
    guild_id: Snowflake | None = None
    channel_id: Snowflake | None = None
    channel: Where = Where()
    context: int | None = None
    member: Member | None = None
    user: User | None = None

    @property
    def person(self) -> User:
        found = self.user or (self.member.user if self.member else None)
        if not found:
            raise MalformedPayload("an interaction without a person")
        return found

    @property
    def name(self) -> str:
        """What the person is called where they asked."""
        nick = self.member.nick if self.member else ""
        return nick or self.person.global_name or self.person.username

    @property
    def place(self) -> Place:
        return Place(self.channel_id or "", self.guild_id or "")

    @property
    def key(self) -> str:
        """The same however often Discord tells of it."""
        return f"i{self.id}"

    def option(self, name: str) -> str:
        """What was given to a command; empty if nothing was."""
        found = next((one.value for one in self.data.options if one.name == name), None)
        return "" if found is None else str(found).strip()


def read(payload: bytes | msgspec.Raw) -> Asked:
    """Raises MalformedPayload."""
    try:
        asked = _ASKED.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPayload(f"no interaction: {type(error).__name__}") from None
    ids = (asked.id, asked.channel_id, asked.guild_id, asked.person.id)
    if not all(is_snowflake(one) for one in ids if one is not None) or not asked.channel_id:
        raise MalformedPayload("an interaction with ids that cannot be")
    return asked


def reply_to(payload: bytes | msgspec.Raw) -> Reply | None:
    """How to answer what could not be read, if that much of it can be."""
    try:
        return _REPLY.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


_ASKED: Final = msgspec.json.Decoder(Asked)
_REPLY: Final = msgspec.json.Decoder(Reply)
