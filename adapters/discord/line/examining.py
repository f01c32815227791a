"""A look at the bot on Discord: its login, what the portal allows it, its rights, its limits.

It asks and changes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec

from adapters.discord.incoming.rights import INVITED, rights, slow_mode
from adapters.discord.known import Known
from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.client import needs_content
from adapters.discord.line.commands import differing
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import Call
from adapters.discord.settings import DiscordSettings
from core.errors import MalformedPayload
from core.ports import Finding

CONTENT_FLAGS: Final = 1 << 18 | 1 << 19
"""Message content is switched on: for a bot in many guilds, or in few."""
SESSIONS_LOW: Final = 50
"""Each start of the gateway, and each session that is lost, takes one."""
GUILDS_MAX: Final = 50
"""Of so many the rights are looked at."""
HEADROOM_LOW: Final = 0.1

PORTAL: Final = "https://discord.com/developers/applications"


class _StartLimit(msgspec.Struct, frozen=True):
    total: int = 0
    remaining: int = 0


class _Gateway(msgspec.Struct, frozen=True):
    shards: int = 1
    session_start_limit: _StartLimit = _StartLimit()


class _Channel(msgspec.Struct, frozen=True):
    id: str
    rate_limit_per_user: int | None = None


class Examining:
    """Of one account."""

    def __init__(self, rest: Rest, settings: DiscordSettings) -> None:
        self._rest, self._settings = rest, settings

    async def findings(self) -> tuple[Finding, ...]:
        """Raises nothing of its own."""
        found = [await self._login()]
        if found[0].ok:
            found.append(content(self._rest.application.flags, self._settings))
            found.append(invitations(self._rest.application.bot_public, self._settings))
            for look in (self._gateway, self._guilds, self._commands):
                found.extend([one async for one in _guarded(look)])
            found.append(self._headroom())
        return tuple(found)

    async def _login(self) -> Finding:
        try:
            await self._rest.ready()
        except Refusal as refusal:
            remedy = "Discord has trouble: try again later"
            if refusal.status == 401:
                remedy = f"reset the token on the Bot page of {PORTAL}, and set token to it"
            return Finding(subject="login", ok=False, text=str(refusal), remedy=remedy)
        except Failure as failure:
            remedy = "look whether this machine reaches https://discord.com"
            return Finding(subject="login", ok=False, text=str(failure), remedy=remedy)
        me = self._rest.me
        return Finding(subject="login", ok=True, text=f"the bot is {me.username} ({me.id})")

    async def _gateway(self) -> AsyncIterator[Finding]:
        answer = await self._ask("/gateway/bot")
        gateway = msgspec.convert(answer, _Gateway)
        yield sessions(gateway.session_start_limit)
        yield shards(gateway.shards, self._settings.shards)

    async def _guilds(self) -> AsyncIterator[Finding]:
        present = {str(one["id"]) for one in await self._ask("/users/@me/guilds")}
        wanted = self._settings.guilds or sorted(present)
        for guild in wanted[:GUILDS_MAX]:
            if guild not in present:
                yield _absent(guild, self._rest.application.id)
        known = Known(self._rest.me.id)
        for guild in [one for one in wanted if one in present][:GUILDS_MAX]:
            for finding in await self._guild(known, guild):
                yield finding
        if len(wanted) > GUILDS_MAX:
            text = f"of {len(wanted)} guilds only the first {GUILDS_MAX} were looked at"
            yield Finding(subject="guilds", ok=None, text=text)
        for channel in self._settings.support_channels:
            if known.channel(channel) is None:
                yield _no_channel(channel)

    async def _guild(self, known: Known, guild: str) -> list[Finding]:
        channels = await self._survey(known, guild)
        found = list(rights(known, self._settings, guild))
        for one in channels:
            if one.id in self._settings.support_channels:
                found += slow_mode(known, one.id, one.rate_limit_per_user or 0)
        return found

    async def _survey(self, known: Known, guild: str) -> tuple[_Channel, ...]:
        """Note the guild as the gateway would tell of it; -> its channels. Raises a Failure,
        MalformedPayload.
        """
        told, channels, member = await asyncio.gather(
            self._ask("/guilds/{guild_id}", guild),
            self._ask("/guilds/{guild_id}/channels", guild),
            self._ask("/guilds/{guild_id}/members/{user_id}", guild),
        )
        whole = {**told, "channels": channels, "members": [member]}
        known.note("GUILD_CREATE", msgspec.json.encode(whole))
        return msgspec.convert(channels, tuple[_Channel, ...])

    async def _commands(self) -> AsyncIterator[Finding]:
        where = await differing(self._rest, self._settings)
        if not where:
            yield Finding(subject="commands", ok=True, text="those of this version are registered")
            return
        places = ", ".join(f"the guild {one}" if one else "every guild" for one in where)
        yield Finding(
            subject="commands",
            ok=None,
            text=f"those for {places} are not the ones of this version",
            remedy="start the gateway, which registers them, and look for its remark",
        )

    async def _ask(self, path: str, guild: str = "") -> Any:
        ids = {"guild_id": guild, "user_id": self._rest.me.id} if guild else {}
        return await self._rest.ask(Call(method="GET", path=path, ids=ids))

    def _headroom(self) -> Finding:
        """As far as the calls of this look tell."""
        if seconds := self._rest.wait_seconds:
            text = f"Discord wants to be left alone for {seconds:.0f} s"
            remedy = "wait; see whether another program uses this token or this address"
            return Finding(subject="rate limits", ok=False, text=text, remedy=remedy)
        met = self._rest.headroom.values()
        low = [one for one in met if one.remaining <= one.limit * HEADROOM_LOW]
        text = f"of {len(met)} that were met, {len(low) or 'none'} nearly used up"
        remedy = "see whether another program uses this token" if low else ""
        return Finding(subject="rate limits", ok=None if low else True, text=text, remedy=remedy)


async def _guarded(look: Callable[[], AsyncIterator[Finding]]) -> AsyncIterator[Finding]:
    """What it finds; then, if it was broken off, that it was."""
    try:
        async for one in look():
            yield one
    except (Failure, MalformedPayload, msgspec.ValidationError) as failure:
        text = str(failure) if isinstance(failure, Failure) else "Discord's answer cannot be read"
        subject = getattr(look, "__name__", "").strip("_")
        yield Finding(subject=subject, ok=None, text=f"it could not be looked at: {text}")


def content(flags: int, settings: DiscordSettings) -> Finding:
    """Whether the portal lets the bot read what people write in guilds, if it is to."""
    subject = "message content"
    if not needs_content(settings):
        text = "not needed: only what is addressed to the bot is read"
        return Finding(subject=subject, ok=True, text=text)
    if flags & CONTENT_FLAGS:
        return Finding(subject=subject, ok=True, text="the portal allows it")
    return Finding(
        subject=subject,
        ok=False,
        text="the settings need it, and the portal does not allow it: Discord ends the connection",
        remedy=f"switch on Message Content Intent on the Bot page of {PORTAL}, or set"
        ' listen = "none" without support_channels and keywords',
    )


def invitations(bot_public: bool, settings: DiscordSettings) -> Finding:
    """Who may make themselves a community manager, by inviting the bot to a guild of theirs."""
    subject = "invitations"
    if settings.guilds:
        return Finding(subject=subject, ok=True, text="only the guilds of the settings are served")
    if not bot_public:
        return Finding(subject=subject, ok=True, text="only you can invite the bot")
    return Finding(
        subject=subject,
        ok=None,
        text="anybody can invite the bot to a guild of theirs, and is a community manager there",
        remedy=f"name your guilds, or switch off Public Bot on the Bot page of {PORTAL}",
    )


def sessions(limit: _StartLimit) -> Finding:
    """How often the gateway can connect anew before Discord refuses it for a day."""
    text = f"{limit.remaining} of {limit.total} that a day has are left"
    if limit.remaining > SESSIONS_LOW:
        return Finding(subject="sessions", ok=True, text=text)
    remedy = "look in the log for why it connects so often; another program may use the token"
    ok = None if limit.remaining else False
    return Finding(subject="sessions", ok=ok, text=text, remedy=remedy)


def shards(wanted: int, set_to: int) -> Finding:
    if wanted <= set_to:
        return Finding(subject="shards", ok=True, text=f"{set_to}, Discord recommends {wanted}")
    text = f"{set_to}, and Discord recommends {wanted} for so many guilds"
    return Finding(subject="shards", ok=None, text=text, remedy=f"set shards = {wanted}")


def _absent(guild: str, application: str) -> Finding:
    return Finding(
        subject=f"guild {guild}",
        ok=False,
        text="the bot is not in it",
        remedy=f"open https://discord.com/oauth2/authorize?client_id={application}&scope=bot"
        f"+applications.commands&permissions={INVITED} and add it, or take it out of guilds",
    )


def _no_channel(channel: str) -> Finding:
    return Finding(
        subject=f"channel {channel}",
        ok=False,
        text="it is a support channel, and the bot knows no such channel",
        remedy="allow the bot View Channel there, or take it out of support_channels",
    )
