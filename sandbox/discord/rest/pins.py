"""Pinned messages, and messages that are published to other guilds."""

from sandbox.discord.happenings import change, pin, unpin
from sandbox.discord.kinds import ChannelKind, MessageFlag, Permission
from sandbox.discord.messages import Message
from sandbox.discord.rest.places import named_channel, named_message, require, require_open
from sandbox.discord.rest.refusals import Refusal
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState
from sandbox.discord.wire import moment_or_none
from sandbox.discord.wire_messages import message_json
from sandbox.payload import Json

PINS_MAX = 250


def list_pins(state: DiscordState, call: Request) -> Json:
    """Pinned messages, those pinned last first."""
    found = _pinned(state, call)
    shown = [message_json(one, state.links, call.application.user) for one in found]
    items = [
        {"pinned_at": moment_or_none(one.pinned_at), "message": message}
        for one, message in zip(found, shown, strict=True)
    ]
    return {"items": items, "has_more": False}


def list_pins_as_before(state: DiscordState, call: Request) -> list[Json]:
    """The same at the address it had before."""
    found = _pinned(state, call)
    return [message_json(one, state.links, call.application.user) for one in found]


def _pinned(state: DiscordState, call: Request) -> list[Message]:
    channel = named_channel(state, call, Permission.READ_MESSAGE_HISTORY)
    found = [one for one in channel.messages.values() if one.pinned_at is not None]
    return sorted(found, key=lambda message: message.pinned_at or 0.0, reverse=True)


def create_pin(state: DiscordState, call: Request) -> None:
    """Pin a message."""
    message = named_message(state, call, Permission.PIN_MESSAGES)
    require_open(message.channel)
    if message.pinned_at is not None:
        return
    if sum(one.pinned_at is not None for one in message.channel.messages.values()) >= PINS_MAX:
        raise Refusal(400, 30003, f"Maximum number of pins reached for the channel ({PINS_MAX})")
    pin(state, message, call.application.user)


def delete_pin(state: DiscordState, call: Request) -> None:
    """Unpin a message."""
    message = named_message(state, call, Permission.PIN_MESSAGES)
    require_open(message.channel)
    unpin(state, message)


def crosspost_message(state: DiscordState, call: Request) -> Json:
    """Publish a message of an announcement channel to those who follow it."""
    message = named_message(state, call)
    if message.channel.kind is not ChannelKind.ANNOUNCEMENT:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    if message.flags & MessageFlag.CROSSPOSTED:
        raise Refusal(400, 40033, "This message has already been crossposted")
    own = message.author is call.application.user
    needed = Permission.SEND_MESSAGES if own else Permission.MANAGE_MESSAGES
    require(state, message.channel, call.application, needed)
    message.flags |= MessageFlag.CROSSPOSTED
    change(state, message, edited=False)
    return message_json(message, state.links, call.application.user)
