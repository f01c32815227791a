"""The calls that change what is on Discord already, and the one that shows that we write. Pure."""

import re
from typing import Any, Final

from msgspec.structs import replace

from adapters.discord.outgoing.calls import CHANNEL, MESSAGE, Call
from adapters.discord.outgoing.render import content
from adapters.discord.places import Place, is_snowflake
from adapters.discord.settings import DiscordSettings
from core.errors import UnsupportedFeature
from core.model.content import Media, Poll
from core.model.outbound import Outbound

REACTION: Final = MESSAGE + "/reactions/{emoji}/@me"
TYPING: Final = CHANNEL + "/typing"

_CUSTOM = re.compile(r"<?(?:a?:)?([A-Za-z0-9_]{1,32}):([0-9]{1,20})>?")
_BARE: Final[dict[str, Any]] = {
    "content": "",
    "components": [],
    "embeds": [],
    "attachments": [],
    "flags": 0,
}
"""Whatever is not named in an edit stays: even that cards are hidden, or a picture without one."""
_NO_POLL_EDIT = "Discord lets nobody change a poll: make another one"


def edit(outbound: Outbound, place: Place, remote: str, settings: DiscordSettings) -> Call:
    """Make the message say this: its words, its buttons, its card. Files that it brought stay; the
    picture of its card goes with the card.

    Raises UnsupportedFeature.
    """
    if any(isinstance(part, Poll) for part in outbound.parts):
        raise UnsupportedFeature(_NO_POLL_EDIT)
    shown = content(outbound.parts, settings)
    body = _BARE | shown.body
    if any(isinstance(part, Media) for part in outbound.parts):
        del body["attachments"]
        return _about(place, remote, "PATCH", body)
    return replace(_about(place, remote, "PATCH", body), uploads=shown.uploads)


def deletion(place: Place, remote: str) -> Call:
    return _about(place, remote, "DELETE")


def message(place: Place, remote: str) -> Call:
    """What is there now."""
    return _about(place, remote, "GET")


def react(place: Place, remote: str, emoji: str) -> Call:
    """One more reaction of ours; that it is there already is no error."""
    return _reaction("PUT", place, remote, emoji)


def unreact(place: Place, remote: str, emoji: str) -> Call:
    return _reaction("DELETE", place, remote, emoji)


def typing(place: Place) -> Call:
    """Shown for ten seconds, or until a message comes."""
    return Call(method="POST", path=TYPING, ids={"channel_id": place.channel})


def emoji_name(emoji: str) -> str:
    """As Discord's API names it: `name:id` of a guild's own, else the character.

    The invisible character that asks for a coloured picture stays: with it Discord knows a heart,
    without it it knows other ones, and it answers for itself to both.
    """
    custom = _CUSTOM.fullmatch(emoji)
    return f"{custom[1]}:{custom[2]}" if custom else emoji


def own_reactions(message: dict[str, Any]) -> tuple[str, ...]:
    """With what the bot has reacted to a message, as Discord tells of it."""
    given = message.get("reactions")
    if not isinstance(given, list):
        return ()
    mine = (one.get("emoji") for one in given if isinstance(one, dict) and one.get("me") is True)
    return tuple(_name_of(emoji) for emoji in mine if isinstance(emoji, dict))


def _name_of(emoji: dict[str, Any]) -> str:
    name, number = str(emoji.get("name") or ""), emoji.get("id")
    return f"{name}:{number}" if number else name


def _reaction(method: str, place: Place, remote: str, emoji: str) -> Call:
    ids = _ids(place, remote) | {"emoji": emoji_name(emoji)}
    return Call(method=method, path=REACTION, ids=ids)


def _about(place: Place, remote: str, method: str, body: dict[str, Any] | None = None) -> Call:
    return Call(method=method, path=MESSAGE, ids=_ids(place, remote), body=body)


def _ids(place: Place, remote: str) -> dict[str, str]:
    if not is_snowflake(remote):
        raise UnsupportedFeature(f"{remote or 'what was never sent'} is no message on Discord")
    return {"channel_id": place.channel, "message_id": remote}
