"""Beginning sessions within Discord's limits, for all shards of a bot together.

So many sessions may begin a day, and whoever begins more has their token reset. Of the shards only
so many may begin one within five seconds.
https://docs.discord.com/developers/events/gateway#session-start-limit-object
"""

import asyncio
import logging
from typing import Final
from urllib.parse import urlsplit

import msgspec

from adapters.discord.line.answers import Uncertain
from adapters.discord.line.patience import Patience
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import Call
from core.ports import Remark

_log = logging.getLogger(__name__)

FEW: Final = 50
"""So many sessions are left for what an operator does by hand; with fewer we slow down."""
SLOW_SECONDS: Final = 60.0
GATEWAY: Final = "wss://gateway.discord.gg"
_ASK: Final = Call(method="GET", path="/gateway/bot")


class StartLimit(msgspec.Struct, frozen=True):
    """`reset_after` in milliseconds."""

    remaining: int
    reset_after: int
    max_concurrency: int = 1


class Gateway(msgspec.Struct, frozen=True):
    url: str
    session_start_limit: StartLimit


class Identifying:
    """Of one account."""

    def __init__(
        self, rest: Rest, patience: Patience, remark: Remark, between_seconds: float
    ) -> None:
        self._rest, self._patience, self._remark = rest, patience, remark
        self._between_seconds = between_seconds
        self._one_at_a_time = asyncio.Lock()
        self._begun: dict[int, float] = {}
        """When the last session of each of Discord's buckets began."""

    async def turn(self, shard: int) -> str:
        """Returns when this shard may begin a session; -> where. Raises AuthenticationError."""
        async with self._one_at_a_time:
            gateway = await self._patience.until_done(self._asked)
            limit = gateway.session_start_limit
            bucket = shard % max(limit.max_concurrency, 1)
            await self._wait(limit, bucket)
            self._begun[bucket] = _now()
            return gateway.url if is_discords(gateway.url) else GATEWAY

    async def _asked(self) -> Gateway:
        try:
            return msgspec.json.decode(await self._rest.raw(_ASK), type=Gateway)
        except msgspec.MsgspecError:
            raise Uncertain("Discord does not say where its gateway is") from None

    async def _wait(self, limit: StartLimit, bucket: int) -> None:
        begun = self._begun.get(bucket)
        soonest = begun + self._between_seconds - _now() if begun is not None else 0.0
        seconds = pause(limit, soonest)
        if seconds >= SLOW_SECONDS:
            self._remark(
                f"Discord lets this bot connect {limit.remaining} more times today: waiting for "
                f"{seconds:.0f} s. Look for another program that has its token"
            )
            await asyncio.sleep(seconds)
            self._remark("")
        elif seconds > 0:
            await asyncio.sleep(seconds)


def pause(limit: StartLimit, soonest_seconds: float) -> float:
    """How long to wait before a session is begun, not before `soonest_seconds`. Pure."""
    if limit.remaining <= 0:
        return max(limit.reset_after / 1000, soonest_seconds)
    return max(SLOW_SECONDS if limit.remaining <= FEW else 0.0, soonest_seconds)


def is_discords(address: str) -> bool:
    """Whether the token may be sent there."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme == "wss" and (host == "discord.gg" or host.endswith(".discord.gg"))


def _now() -> float:
    return asyncio.get_running_loop().time()
