"""Where on Discord a thread is, and what its ids tell. Pure.

A thread is the id of a Discord channel: alone for direct messages, `<guild>/<channel>` in a guild.
Discord's own threads and forum posts are channels there, each with an id of its own. Ids of
messages are unique on all of Discord, so a message's remote is its id.
"""

import re
from datetime import UTC, datetime
from typing import Final

import msgspec

CHANNEL: Final = "discord"
NOWHERE: Final = "account"
"""The thread of what belongs to no channel."""

EPOCH_MS: Final = 1_420_070_400_000
"""The first second of 2015, which ids count from."""

_SNOWFLAKE = re.compile(r"[0-9]{1,20}")


class Place(msgspec.Struct, frozen=True, gc=False):
    """`guild` is empty for direct messages."""

    channel: str
    guild: str = ""

    @property
    def thread(self) -> str:
        return f"{self.guild}/{self.channel}" if self.guild else self.channel

    @property
    def direct(self) -> bool:
        return not self.guild


def place_of(thread: str) -> Place:
    guild, _, channel = thread.rpartition("/")
    return Place(channel, guild)


def is_snowflake(text: str) -> bool:
    """Whether this can be the id of anything on Discord."""
    return _SNOWFLAKE.fullmatch(text) is not None and int(text) < 2**64


def made_at(snowflake: str | int) -> datetime:
    """When what has this id was made."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + EPOCH_MS) / 1000, UTC)


def snowflake_at(moment: datetime) -> int:
    """The smallest id that anything made at this moment can have; 0 before there were any."""
    return max(0, int(moment.timestamp() * 1000) - EPOCH_MS) << 22


def link_to(place: Place, message: str = "") -> str:
    """Where people open it in their own Discord."""
    within = f"/{message}" if message else ""
    return f"https://discord.com/channels/{place.guild or '@me'}/{place.channel}{within}"
