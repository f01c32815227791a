"""What the gateway's close codes mean, and what an operator can do about the final ones. Pure.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
"""

from typing import Final

from core.errors import AuthenticationError, ConfigurationError

RATE_LIMITED: Final = 4008
_SESSION_IS_OVER: Final = frozenset({4007, 4009})
_UNAUTHENTICATED: Final = 4004
_FINAL: Final = {
    4010: "shard_ids names a shard that there is not: each must be less than shards",
    4011: "the bot is in too many guilds for one connection: raise shards",
    4012: "Discord no longer speaks this version of its gateway: update Trunkline",
    4013: "Discord does not know an intent that was asked for: update Trunkline",
}
_PRIVILEGED: Final = (
    "Discord does not let the bot read what is written in guilds: switch on the Message Content "
    "Intent under Privileged Gateway Intents, on the Bot page of the developer portal; or set "
    'listen to "none" and give no support_channels and no keywords'
)


def raise_if_final(code: int | None, account: str) -> None:
    """Raises AuthenticationError, ConfigurationError."""
    if code == _UNAUTHENTICATED:
        raise AuthenticationError(
            f"Discord's gateway refuses the token of inbox {account} (4004): reset it on the Bot "
            "page of the developer portal, and set the new one"
        )
    remedy = _PRIVILEGED if code == 4014 else _FINAL.get(code or 0)
    if remedy:
        raise ConfigurationError(f"inbox {account}: {remedy} (close code {code})")


def ends_session(code: int | None) -> bool:
    """Whether there is nothing left to go on with: the number was wrong, or the time is over."""
    return code in _SESSION_IS_OVER
