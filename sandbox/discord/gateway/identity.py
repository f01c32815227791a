"""Who a client says it is, and whether it may come in. Pure."""

from dataclasses import dataclass
from typing import Any

from sandbox.discord.applications import Application
from sandbox.discord.gateway.protocol import Close, GatewayClosed
from sandbox.discord.kinds import PRIVILEGED, Intent
from sandbox.payload import Json

NO_INTENTS = Intent(0)
KNOWN_INTENTS = sum(Intent)


@dataclass(frozen=True, slots=True)
class Identity:
    """What an identify declares: a shard hears of a part of the guilds."""

    token: str
    intents: Intent
    shard_id: int = 0
    shard_count: int = 1
    sharded: bool = False

    def covers(self, guild_id: int) -> bool:
        """True when this shard hears of the guild."""
        return (guild_id >> 22) % self.shard_count == self.shard_id

    @property
    def covers_direct(self) -> bool:
        """True when this shard hears of direct messages."""
        return self.shard_id == 0


def read_identity(data: Any) -> Identity:
    """The fields of an identify; raises GatewayClosed for one that Discord would not read."""
    fields = read_object(data)
    token, intents = fields.get("token"), fields.get("intents")
    if not isinstance(token, str) or not isinstance(fields.get("properties"), dict):
        raise GatewayClosed(Close.DECODE_ERROR)
    if type(intents) is not int or intents < 0 or intents & ~KNOWN_INTENTS:
        raise GatewayClosed(Close.INVALID_INTENTS)
    shard_id, shard_count = _shard(fields.get("shard"))
    return Identity(bare_token(token), Intent(intents), shard_id, shard_count, "shard" in fields)


def admit(identity: Identity, application: Application, guilds: int, guilds_max: int) -> None:
    """Raises GatewayClosed unless a bot that is in so many guilds may connect like this."""
    if identity.intents & PRIVILEGED & ~application.granted:
        raise GatewayClosed(Close.DISALLOWED_INTENTS)
    if guilds > guilds_max * identity.shard_count:
        raise GatewayClosed(Close.SHARDING_REQUIRED)


def read_object(data: Any) -> Json:
    """What has to be an object; raises GatewayClosed."""
    if not isinstance(data, dict):
        raise GatewayClosed(Close.DECODE_ERROR)
    return data


def bare_token(token: str) -> str:
    """Clients write it with the word "Bot" before it, or without."""
    return token.removeprefix("Bot ").strip()


def _shard(value: Any) -> tuple[int, int]:
    match value:
        case None:
            return 0, 1
        case [int(number), int(count)] if 0 <= number < count:
            return number, count
        case _:
            raise GatewayClosed(Close.INVALID_SHARD)
