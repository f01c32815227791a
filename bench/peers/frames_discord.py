"""discord.py takes frames of the gateway: its own parsing and dispatch, to `on_message`.

See bench/peers/turns.py. The first two lines of its input are the bot's account, and the frame
that tells of the guild in which the messages are said. Its caches of messages and members are off,
as in a bot that cares for speed.
"""

import asyncio
import json
import logging
import sys
from typing import Any

import discord
from discord.gateway import DiscordWebSocket

from bench.peers.turns import Handled, run, turns


async def main() -> None:
    logging.disable(logging.CRITICAL)
    handled = Handled()
    client = discord.Client(
        intents=discord.Intents.all(),
        max_messages=None,
        member_cache_flags=discord.MemberCacheFlags.none(),
        chunk_guilds_at_startup=False,
    )

    async def on_message(_message: discord.Message) -> None:
        await handled()

    client.event(on_message)
    client.loop = asyncio.get_running_loop()
    gateway = connected(client)
    account, guild = [json.loads(sys.stdin.readline()) for _ in range(2)]
    state: Any = client._connection
    state.user = discord.ClientUser(state=state, data=account)
    await gateway.received_message(json.dumps(guild))

    async def take(payloads: list[bytes]) -> None:
        for text in payloads:
            await gateway.received_message(text.decode())
        await asyncio.sleep(0)  # the handlers are tasks

    await turns(take, handled)


def connected(client: discord.Client) -> DiscordWebSocket:
    """As `DiscordWebSocket.from_client` leaves it, but for the socket."""
    socket: Any = None
    gateway = DiscordWebSocket(socket, loop=client.loop)
    state: Any = client._connection
    gateway.shard_id = None
    gateway._discord_parsers = state.parsers
    gateway._dispatch = client.dispatch
    return gateway


if __name__ == "__main__":
    run(main)
