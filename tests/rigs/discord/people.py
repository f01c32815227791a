"""Who and where, and how an event is built: what all invented events are made of."""

from collections.abc import Callable
from typing import Any, Final

Json = dict[str, Any]

BOT: Final = "1180011223344556600"
ADA: Final = "2180011223344556601"
BO: Final = "2180011223344556602"
HOOK: Final = "3180011223344556603"
GUILD: Final = "4180011223344556604"
CATEGORY: Final = "5180011223344556605"
SUPPORT: Final = "5180011223344556606"
GENERAL: Final = "5180011223344556607"
FORUM: Final = "5180011223344556608"
THREAD: Final = "6180011223344556609"
POST: Final = "6180011223344556610"
SECRET: Final = "6180011223344556611"
DIRECT: Final = "7180011223344556612"
BOT_ROLE: Final = "8180011223344556613"
STAFF_ROLE: Final = "8180011223344556614"
MESSAGE: Final = "9180011223344556615"
EARLIER: Final = "9180011223344556001"
FILE: Final = "9180011223344556616"
OF_GUILD: Final = "9180011223344556617"
"""An emoji of the guild's own."""

AT: Final = "2026-09-21T14:13:20.123000+00:00"
LATER: Final = "2026-09-21T14:20:00.500000+00:00"


def user(remote: str, username: str, global_name: str | None = None, **more: Any) -> Json:
    """As the gateway spells somebody out."""
    return {
        "username": username,
        "public_flags": 64,
        "primary_guild": None,
        "id": remote,
        "global_name": global_name,
        "display_name_styles": None,
        "discriminator": "0",
        "collectibles": None,
        "clan": None,
        "avatar_decoration_data": None,
        "avatar": "5f1d2c3b4a5968778695a4b3c2d1e0f9",
        **more,
    }


def member(nick: str | None = None, **more: Any) -> Json:
    return {
        "roles": [STAFF_ROLE],
        "premium_since": None,
        "pending": False,
        "nick": nick,
        "mute": False,
        "joined_at": "2025-02-03T09:00:00.000000+00:00",
        "flags": 0,
        "deaf": False,
        "communication_disabled_until": None,
        "banner": None,
        "avatar": None,
        **more,
    }


def ada() -> Json:
    return user(ADA, "ada_quill", "Ada Quill")


def bo() -> Json:
    return user(BO, "bo.lind", "Bo")


def bot() -> Json:
    return user(BOT, "harbour support", None, bot=True, discriminator="4821")


def message(author: Json | None = None, **said: Any) -> Json:
    """Somebody's words in a direct message, in the order of the wire, unless `said` otherwise."""
    return {
        "type": 0,
        "tts": False,
        "timestamp": AT,
        "pinned": False,
        "nonce": "1419000000000000001",
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "id": MESSAGE,
        "flags": 0,
        "embeds": [],
        "edited_timestamp": None,
        "content": "",
        "components": [],
        "channel_type": 1,
        "channel_id": DIRECT,
        "author": author or ada(),
        "attachments": [],
        **said,
    }


def in_guild(author: Json | None = None, channel: str = SUPPORT, **said: Any) -> Json:
    """The same in a channel of the guild."""
    where = {
        "channel_type": 0,
        "channel_id": channel,
        "guild_id": GUILD,
        "member": member("Ada Q."),
    }
    return message(author, **where | said)


def mentioned(one: Json, nick: str | None = None) -> Json:
    return {**one, "member": member(nick)}


def attachment(name: str = "parcel.png", **more: Any) -> Json:
    address = f"attachments/{DIRECT}/{FILE}/{name}?ex=66f1&is=66f0&hm=0a1b2c"
    return {
        "id": FILE,
        "filename": name,
        "size": 48211,
        "url": f"https://cdn.discordapp.com/{address}",
        "proxy_url": f"https://media.discordapp.net/{address}",
        "content_type": "image/png",
        "content_scan_version": 2,
        **more,
    }


Build = Callable[[], Json]
BUILDERS: Final[dict[str, tuple[int, str, Build]]] = {}
"""Of each kind of event its weight, in thousandths of a support bot's traffic, what the gateway
calls it, and its data.
"""


def kind(weight: int, event: str = "MESSAGE_CREATE") -> Callable[[Build], Build]:
    """Register a builder under its function's name."""

    def register(build: Build) -> Build:
        BUILDERS[build.__name__] = (weight, event, build)
        return build

    return register
