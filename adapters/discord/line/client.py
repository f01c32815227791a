"""The library's client as we use it: nothing is cached, and every connection is our own.

What it connects to and how it speaks is the library's production path in every case. An emulator is
reached by a resolver and a certificate alone (`route_to`, `authority`), which both belong to the
connector that the library is given.
"""

import socket
import ssl
from typing import Final

import aiohttp
import discord
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from adapters.discord.settings import DiscordSettings, Listen

CONNECTIONS_MAX: Final = 100
BUCKET_WAIT_SECONDS_MAX: Final = 30.0
"""How long the library may wait by itself for a rate limit that it knows of; it takes no less."""


def new_client(settings: DiscordSettings) -> discord.Client:
    """Needs a running loop. Enter it (`async with`) before it is used; leaving it closes all."""
    return discord.Client(
        intents=intents_of(settings),
        connector=new_connector(settings),
        max_messages=None,
        member_cache_flags=discord.MemberCacheFlags.none(),
        chunk_guilds_at_startup=False,
        max_ratelimit_timeout=BUCKET_WAIT_SECONDS_MAX,
        shard_count=settings.shards if settings.shards > 1 else None,
        allowed_mentions=discord.AllowedMentions.none(),
    )


def intents_of(settings: DiscordSettings) -> discord.Intents:
    """What the gateway is asked to tell. Of these, message content alone has to be switched on in
    the developer portal.
    """
    intents = discord.Intents.none()
    intents.guilds = True
    intents.guild_messages = intents.guild_reactions = True
    intents.dm_messages = intents.dm_reactions = True
    intents.guild_typing = intents.dm_typing = True
    intents.guild_polls = intents.dm_polls = True
    intents.message_content = needs_content(settings)
    return intents


def needs_content(settings: DiscordSettings) -> bool:
    """Direct messages, and those that name the bot, are shown to a bot in any case."""
    return (
        bool(settings.support_channels or settings.keywords) or settings.listen is not Listen.NONE
    )


def new_connector(settings: DiscordSettings) -> aiohttp.TCPConnector:
    if not settings.route_to:
        return aiohttp.TCPConnector(limit=CONNECTIONS_MAX)
    host, _, port = settings.route_to.rpartition(":")
    context = ssl.create_default_context(cafile=settings.authority or None)
    return aiohttp.TCPConnector(
        limit=CONNECTIONS_MAX, resolver=_LeadTo(host, int(port)), ssl=context
    )


class _LeadTo(AbstractResolver):
    """Every name is found at the same place."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._names = aiohttp.ThreadedResolver()

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(self._host, self._port, family)
        return [{**one, "hostname": host, "port": self._port} for one in found]

    @override
    async def close(self) -> None:
        await self._names.close()
