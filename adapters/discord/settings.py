"""What an operator may set for one Discord bot, and where every bound of the adapter is."""

import re
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from adapters.discord.places import is_snowflake
from core.model.secret import Secret

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HOST_AND_PORT = re.compile(r"[^\s:/]+:(?P<port>[0-9]{1,5})")

TOPICS_MAX = 25
"""Choices of one menu, by Discord's rule."""

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Rate = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Snowflakes = tuple[str, ...]
"""Ids, as Discord's developer mode copies them."""


class Listen(StrEnum):
    """Which messages of a guild are for us, besides those of its support channels: none, those that
    answer or name the bot or hold a keyword, or all.
    """

    NONE = "none"
    ADDRESSED = "addressed"
    ALL = "all"


class CommunitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What people may do in a guild besides writing.

    `manager_roles` are Discord's roles whose holders are Trunkline's community managers; so is who
    may moderate messages there (`manager_permission` off: roles alone count). `hand_reaction` on a
    message hands it to support, `accept_reaction` on an answer accepts it; empty: neither does.
    """

    commands: bool = True
    manager_roles: Snowflakes = ()
    manager_permission: bool = True
    hand_reaction: str = "🎫"
    accept_reaction: str = "✅"
    topics: tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=100)], ...] = (
        "Account",
        "Payments",
        "Technical",
        "Something else",
    )
    """What `/support` lets people choose from, at most 25; empty: nothing is to be chosen."""
    promise_seconds: Seconds = 20.0
    """Who asked is told after so long that what they asked for cannot be stored yet."""
    show_states: bool = True
    """On a message that was handed over a reaction of the bot's shows how far it has come."""

    def __post_init__(self) -> None:
        if len(self.topics) > TOPICS_MAX or len(set(self.topics)) < len(self.topics):
            raise ValueError(f"topics must be at most {TOPICS_MAX} that differ from one another")


class DiscordSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One bot. `token` comes from the Bot page of Discord's developer portal.

    `guilds`: only these; empty: every guild that the bot is in. `support_channels`: there, and in
    the threads and forum posts under them, every message is for us.

    `route_to` (`host:port`) and `authority` (a file with a PEM certificate) lead every connection
    to an emulator instead, for trying things out; never set them for the real Discord.
    """

    token: Secret
    guilds: Snowflakes = ()
    support_channels: Snowflakes = ()
    listen: Listen = Listen.ADDRESSED
    keywords: tuple[str, ...] = ()
    community: CommunitySettings = CommunitySettings()

    shards: Count = 1
    shard_ids: tuple[Annotated[int, msgspec.Meta(ge=0)], ...] = ()
    """Those of the `shards` that this inbox connects; empty: all of them."""

    account_per_second: Rate = 45.0
    account_burst: Count = 5
    channel_per_second: Rate = 1.0
    channel_burst: Count = 5
    """What may be sent in the long run and, beside it, at once: see `budgets`."""

    under_way_max: Count = 1000
    """So many events may wait to be stored. What comes then is told again when there is room."""
    compression: Literal["zstd-stream", "zlib-stream", ""] = "zstd-stream"
    """What the gateway is asked for; empty: it sends plain text."""
    silence_seconds_max: Seconds = 60.0
    """A connection on which nothing comes for so long is given up and made anew."""
    identify_seconds: Seconds = 5.0
    """So long Discord wants between two sessions' beginnings, of shards that share a turn."""
    invalid_seconds: Seconds = 5.0
    """At most so long is waited after Discord has ended a session, as it wants."""
    checkpoint_seconds: Seconds = 1.0
    """How often it is noted how far all is stored. What came since comes again after a crash."""
    backfill_channels_max: Annotated[int, msgspec.Meta(ge=0)] = 1000
    backfill_messages_max: Count = 2000
    backfill_at_once: Count = 4
    """After a lost session: so many channels are read again, so much of each, so many at a time."""
    guilds_seconds: Seconds = 30.0
    """So long a new session waits to be told of its guilds before it goes on without the rest."""

    link_previews: bool = False
    """Whether Discord may add to a message pictures and words of what its addresses lead to."""
    poll_hours: Annotated[int, msgspec.Meta(ge=1, le=768)] = 168
    """So long a poll is open. Discord takes at most 32 days."""

    connect_timeout_seconds: Seconds = 10.0
    request_timeout_seconds: Seconds = 30.0
    upload_timeout_seconds: Seconds = 180.0
    back_off_seconds_min: Seconds = 1.0
    back_off_seconds_max: Seconds = 60.0
    download_size_bytes_max: Count = 500 * 1000 * 1000
    upload_size_bytes_max: Count = 10 * 1024 * 1024
    route_to: str = ""
    authority: str = ""

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token.reveal()):
            raise ValueError("token must be what the Bot page shows: three parts with dots between")
        ids = (*self.guilds, *self.support_channels, *self.community.manager_roles)
        if wrong := next((one for one in ids if not is_snowflake(one)), None):
            raise ValueError(
                f"{wrong!r} is no id of Discord: switch on its developer mode, "
                "right-click what is meant, Copy ID"
            )
        if any(one >= self.shards for one in self.shard_ids):
            raise ValueError("shard_ids count from 0: each must be less than shards")
        if any(not word.strip() for word in self.keywords):
            raise ValueError("keywords must not be empty")
        route = _HOST_AND_PORT.fullmatch(self.route_to)
        if self.route_to and not (route and 0 < int(route["port"]) < 2**16):
            raise ValueError("route_to must be host:port, like 127.0.0.1:8443")
