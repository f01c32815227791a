"""Asking Discord what a guild is like, where the gateway has not told.

A session that is gone on with after a restart begins without any guild, and what is said in a
channel that nobody knows cannot be judged: who reads it, whether it is for us. So whatever comes
from there waits until this is asked.
"""

import logging
from typing import Any, Final

import msgspec

from adapters.discord.known import ChannelFacts, Known
from adapters.discord.line.answers import Failure
from adapters.discord.line.patience import Patience
from adapters.discord.line.persisting import is_final
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import CHANNEL, Call
from adapters.discord.places import Place
from core.errors import MalformedPayload
from core.recent import Recent

_log = logging.getLogger(__name__)
_UNKNOWABLE_MAX: Final = 10_000
_CHANNEL_ATTEMPTS_MAX: Final = 10
_GUILD_ATTEMPTS_MAX: Final = 20
"""A quarter of an hour, while all that comes from there waits, and in the end everything else."""


class Surveying:
    """Of one account."""

    def __init__(self, rest: Rest, known: Known, patience: Patience) -> None:
        self._rest, self._known, self._patience = rest, known, patience
        self._unknowable = Recent[str, bool](_UNKNOWABLE_MAX)

    def wants(self, place: Place) -> bool:
        """Whether to ask for this channel before anything from there is judged."""
        if place.direct or not place.channel or self._known.channel(place.channel):
            return False
        return place.channel not in self._unknowable

    def wants_guild(self, guild: str) -> bool:
        return bool(guild) and self._known.guild(guild) is None and guild not in self._unknowable

    async def guild(self, guild: str) -> None:
        """Everything of it. Where Discord refuses, it stays unknown; where it gives no answer, it
        is asked again for what comes from there next. Raises AuthenticationError.
        """
        try:
            told = await self._ask("/guilds/{guild_id}", guild)
            channels = await self._ask("/guilds/{guild_id}/channels", guild)
            active = await self._ask("/guilds/{guild_id}/threads/active", guild)
            own = await self._ask("/guilds/{guild_id}/members/{user_id}", guild)
            whole = {**told, "channels": channels, "members": [own], **_threads(active)}
            self._known.note("GUILD_CREATE", msgspec.json.encode(whole))
        except Failure as failure:
            _log.warning("guild %s is not told: %s", guild, failure)
            if not is_final(failure):
                return
        except (MalformedPayload, TypeError, AttributeError, LookupError) as error:
            _log.warning("guild %s is told in a strange way: %s", guild, type(error).__name__)
        if self._known.guild(guild) is None:
            self._unknowable.note(guild, True)

    async def channel(self, channel: str) -> ChannelFacts | None:
        """One that its guild did not name, as it is now; None where Discord refuses, or gives no
        answer: then it is asked again.
        """
        call = Call(method="GET", path=CHANNEL, ids={"channel_id": channel})
        try:
            told = await self._patience.until_done(
                lambda: self._rest.raw(call), attempts_max=_CHANNEL_ATTEMPTS_MAX
            )
            self._known.note("CHANNEL_CREATE", told)
        except (Failure, MalformedPayload) as error:
            _log.warning("channel %s is not told: %s", channel, error)
            if not isinstance(error, Failure) or is_final(error):
                self._unknowable.note(channel, True)
            return None
        return self._known.channel(channel)

    async def _ask(self, path: str, guild: str) -> Any:
        ids = {"guild_id": guild, "user_id": self._known.bot}
        call = Call(method="GET", path=path, ids=ids)
        return await self._patience.until_done(
            lambda: self._rest.ask(call), attempts_max=_GUILD_ATTEMPTS_MAX
        )


def _threads(active: Any) -> dict[str, Any]:
    """As GUILD_CREATE tells them: a thread that the bot has joined says so itself."""
    own = {one["id"]: one for one in active.get("members", ()) if one.get("id")}
    threads = (
        {**one, "member": own[one["id"]]} if one["id"] in own else one for one in active["threads"]
    )
    return {"threads": list(threads)}
