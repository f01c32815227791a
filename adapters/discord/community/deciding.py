"""What follows from an interaction: something to say at once, a form to show, or a job to do. Pure.

Here rights are decided, on everything that is asked anew: also when a form comes back or a button
is pressed that only somebody with rights could have seen.
"""

from typing import Any, Final

import msgspec

from adapters.discord.community import words
from adapters.discord.community.answers import Answer
from adapters.discord.community.asking import Asked, CommandKind, Context, Kind
from adapters.discord.community.commands import NOTE_MAX, SUBJECT_MAX, Name
from adapters.discord.community.custom_ids import Act, CustomIds, Signed
from adapters.discord.community.forms import (
    HandOver,
    Intake,
    hand_form,
    read_hand,
    read_support,
    support_form,
)
from adapters.discord.community.rights import asked_by_manager
from adapters.discord.places import Place
from adapters.discord.settings import DiscordSettings
from core.errors import InvalidRequest

_GROUP_DIRECT: Final = 3
"""Discord's kind of a private channel of several people, in which a bot can only be asked."""


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A message in public, and who asked something by it."""

    place: Place
    message: str
    asker: str = ""


# --- what there is to do


class Begin(msgspec.Struct, frozen=True):
    """A private conversation of who asked, with their form as its first message."""

    intake: Intake


class TellStatus(msgspec.Struct, frozen=True):
    """Of a conversation by its `number`; empty: of all that the person has."""

    number: str
    by_manager: bool


class TellCode(msgspec.Struct, frozen=True):
    pass


class Redeem(msgspec.Struct, frozen=True):
    code: str


class WriteTo(msgspec.Struct, frozen=True, kw_only=True):
    """Open a private conversation with a member. `note` is for agents alone."""

    member: str
    subject: str
    note: str


class Open(msgspec.Struct, frozen=True):
    """Make this message, as it came, the beginning of a conversation in public."""

    message: msgspec.Raw
    by_manager: bool


class Hand(msgspec.Struct, frozen=True):
    """Give a message to support."""

    about: Reference
    why: HandOver


class GoOn(msgspec.Struct, frozen=True):
    """Continue in private what was begun in public."""

    about: Reference


class TellStatusOf(msgspec.Struct, frozen=True):
    about: Reference


class Solve(msgspec.Struct, frozen=True):
    about: Reference
    by_manager: bool


class Pressed(msgspec.Struct, frozen=True):
    """A button or a menu of an agent's message: what was chosen is an event like others."""


Job = (
    Begin
    | TellStatus
    | TellCode
    | Redeem
    | WriteTo
    | Open
    | Hand
    | GoOn
    | TellStatusOf
    | Solve
    | Pressed
)


# --- or at once


class Say(msgspec.Struct, frozen=True):
    answer: Answer


class Show(msgspec.Struct, frozen=True):
    form: dict[str, Any]


class Acknowledge(msgspec.Struct, frozen=True):
    """Nothing is to be said: Discord asks whether we are there, or what one might be typing."""

    kind: int


Step = Job | Say | Show | Acknowledge


def decide(asked: Asked, settings: DiscordSettings, custom_ids: CustomIds) -> Step:
    if asked.type in (Kind.PING, Kind.AUTOCOMPLETE):
        return Acknowledge(asked.type)
    if asked.channel.type == _GROUP_DIRECT or asked.context == Context.PRIVATE_CHANNEL:
        return _say(words.NOT_HERE)
    if settings.guilds and asked.guild_id and asked.guild_id not in settings.guilds:
        return _say(words.NOT_THIS_GUILD)
    if asked.type == Kind.COMMAND:
        return _command(asked, settings, custom_ids)
    if asked.type == Kind.COMPONENT:
        return _press(asked, settings, custom_ids)
    if asked.type == Kind.FORM:
        return _form(asked, settings, custom_ids)
    return _say(words.NOT_KNOWN)


def _command(asked: Asked, settings: DiscordSettings, custom_ids: CustomIds) -> Step:
    by_manager = asked_by_manager(asked, settings.community)
    kinds = {Name.OPEN: CommandKind.MESSAGE, Name.HAND: CommandKind.MESSAGE}
    known = {one.value: one for one in Name}
    name = known.get(asked.data.name)
    if name is None or kinds.get(name, CommandKind.SLASH) != asked.data.type:
        return _say(words.NOT_KNOWN)
    match name:
        case Name.SUPPORT:
            shown = custom_ids.write(Act.SUPPORT, person=asked.person.id)
            return Show(support_form(shown, settings.community.topics))
        case Name.STATUS:
            return TellStatus(asked.option("number")[:_ASKED_MAX], by_manager)
        case Name.LINK:
            code = asked.option("code")[:_ASKED_MAX]
            return Redeem(code) if code else TellCode()
        case Name.TICKET:
            return _ticket(asked) if by_manager else _say(words.ONLY_MANAGERS)
        case Name.OPEN:
            return _open(asked, by_manager)
        case Name.HAND:
            if not by_manager:
                return _say(words.ONLY_MANAGERS)
            if not asked.guild_id or not (target := asked.data.target_id):
                return _say(words.NOT_HERE)
            channel = asked.place.channel
            signed = custom_ids.write(Act.HAND, channel, target, person=asked.person.id)
            return Show(hand_form(signed))


_ASKED_MAX: Final = 100


def _ticket(asked: Asked) -> Step:
    member, subject = asked.option("member"), asked.option("subject")[:SUBJECT_MAX]
    known = asked.data.resolved.users.get(member)
    if not asked.guild_id or not known or not subject:
        return _say(words.NOT_HERE)
    if member not in asked.data.resolved.members:
        return _say(words.NOT_A_MEMBER)
    if known.bot:
        return _say(words.NOT_TO_BOTS)
    return WriteTo(member=known.id, subject=subject, note=asked.option("note")[:NOTE_MAX])


def _open(asked: Asked, by_manager: bool) -> Step:
    message = asked.data.resolved.messages.get(asked.data.target_id or "")
    if not asked.guild_id or message is None:
        return _say(words.NOT_HERE)
    author = _author(message)
    if author is None:
        return _say(words.NOT_TO_BOTS)
    if author != asked.person.id and not by_manager:
        return _say(words.ONLY_OWN)
    return Open(message, by_manager)


def _press(asked: Asked, settings: DiscordSettings, custom_ids: CustomIds) -> Step:
    custom_id = asked.data.custom_id
    if not custom_ids.is_ours(custom_id):
        return Pressed()
    signed = custom_ids.read(custom_id, asked.person.id)
    match signed:
        case Signed(Act.CONTINUE | Act.STATUS | Act.SOLVED as act, (channel, message, asker)):
            place = Place(channel, asked.guild_id or "")
            about = Reference(place=place, message=message, asker=asker)
            if not asked.guild_id:
                return _say(words.NOT_KNOWN)
            by_manager = _manages(asked, channel, settings)
            if asker != asked.person.id and (act is Act.CONTINUE or not by_manager):
                return _say(words.ONLY_ASKER)
            if act is Act.CONTINUE:
                return GoOn(about)
            return TellStatusOf(about) if act is Act.STATUS else Solve(about, by_manager)
        case _:
            return _say(words.NOT_KNOWN)


def _form(asked: Asked, settings: DiscordSettings, custom_ids: CustomIds) -> Step:
    try:
        match custom_ids.read(asked.data.custom_id, asked.person.id):
            case Signed(Act.SUPPORT, ()):
                return Begin(read_support(asked, settings.community.topics))
            case Signed(Act.HAND, (channel, message)) if asked.guild_id:
                if not _manages(asked, channel, settings):
                    return _say(words.ONLY_MANAGERS)
                about = Reference(place=Place(channel, asked.guild_id), message=message)
                return Hand(about, read_hand(asked))
            case _:
                return _say(words.NOT_KNOWN)
    except InvalidRequest as error:
        return _say(str(error))


def _manages(asked: Asked, channel: str, settings: DiscordSettings) -> bool:
    """Discord tells of the rights in the channel where somebody asks, and of no other."""
    return asked.channel_id == channel and asked_by_manager(asked, settings.community)


def _say(text: str) -> Say:
    return Say(Answer(text=text))


class _Author(msgspec.Struct, frozen=True):
    id: str
    bot: bool = False


class _Written(msgspec.Struct, frozen=True):
    author: _Author
    webhook_id: str | None = None


def _author(message: msgspec.Raw) -> str | None:
    """None: no person wrote it."""
    try:
        read = msgspec.json.decode(message, type=_Written)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return None if read.author.bot or read.webhook_id else read.author.id
