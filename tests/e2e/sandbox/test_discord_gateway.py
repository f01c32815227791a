"""The gateway of the sandbox's Discord, frame by frame, as a client without a library sees it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox.discord.kinds import PRIVILEGED, Intent
from sandbox.server import Sandbox
from tests.rigs.discord_client import Socket, gateway_socket
from tests.rigs.waiting import eventually

MESSAGES = int(Intent.GUILDS | Intent.GUILD_MESSAGES | Intent.DIRECT_MESSAGES)


@pytest.fixture
async def line(sandbox: Sandbox) -> AsyncIterator[Socket]:
    sandbox.discord.grant(PRIVILEGED)
    async with gateway_socket(sandbox) as opened:
        await opened.frame()
        yield opened


@pytest.mark.parametrize("compress", ["", "zlib-stream", "zstd-stream"])
async def test_each_way_of_packing_brings_the_same_frames(sandbox: Sandbox, compress: str) -> None:
    """Whoever writes a client against one of them would meet another in production."""
    sandbox.discord.grant(PRIVILEGED)
    async with gateway_socket(sandbox, compress) as line:
        hello = await line.frame()
        ready = await line.identify(sandbox.discord_token)
        guild = (await line.event("GUILD_CREATE"))["d"]
        for number in range(50):
            sandbox.discord.say("mei", f"Grüße {number} 🎉" * 40, "support")
        texts = [(await line.event("MESSAGE_CREATE"))["d"]["content"] for _ in range(50)]

    assert hello["d"]["heartbeat_interval"] == 41_250
    assert ready["guilds"] == [{"id": guild["id"], "unavailable": True}]
    assert {one["name"] for one in guild["channels"]} >= {"general", "support", "questions"}
    assert texts == [f"Grüße {number} 🎉" * 40 for number in range(50)]


async def test_a_resumed_session_brings_what_was_missed_and_nothing_else(
    sandbox: Sandbox, line: Socket
) -> None:
    """A gateway that reconnects would lose or double what customers wrote meanwhile."""
    ready = await line.identify(sandbox.discord_token)
    sandbox.discord.say("mei", "first")
    first = await line.event("MESSAGE_CREATE")
    sandbox.discord_gateway.drop()
    sandbox.discord.say("mei", "second")
    sandbox.discord.say("mei", "third")

    async with gateway_socket(sandbox) as again:
        await again.frame()
        await again.resume(sandbox.discord_token, ready["session_id"], first["s"])
        frames = [await again.frame() for _ in range(3)]

    assert [frame["d"].get("content", frame["t"]) for frame in frames] == [
        "second",
        "third",
        "RESUMED",
    ]
    assert [frame["s"] for frame in frames] == [first["s"] + number for number in (1, 2, 3)]


async def test_a_session_that_was_given_up_cannot_be_resumed(
    sandbox: Sandbox, line: Socket
) -> None:
    """A client that closes with 1000 would rely on a replay that Discord never gives."""
    ready = await line.identify(sandbox.discord_token)
    await line.close(1000)
    await eventually(lambda: not sandbox.discord_gateway.sessions)

    async with gateway_socket(sandbox) as again:
        await again.frame()
        await again.resume(sandbox.discord_token, ready["session_id"], 1)
        invalid = await again.frame()

    assert (invalid["op"], invalid["d"]) == (9, False)


@pytest.mark.parametrize(
    "settings", [{"kept_events_max": 3}, {"session_seconds": -1.0}], ids=["far", "late"]
)
async def test_a_session_ends_when_too_much_or_too_long_was_missed(
    sandbox: Sandbox, line: Socket, settings: dict[str, Any]
) -> None:
    """An outage longer than Discord's memory would look as if nothing had been said in it."""
    state, sessions = sandbox.world.discord, sandbox.discord_gateway.sessions
    state.settings = replace(state.settings, **settings)
    ready = await line.identify(sandbox.discord_token)
    sandbox.discord_gateway.drop()
    await eventually(lambda: all(one.left_at is not None for one in sessions.values()))
    for number in range(5):
        sandbox.discord.say("mei", str(number))

    async with gateway_socket(sandbox) as again:
        await again.frame()
        await again.resume(sandbox.discord_token, ready["session_id"], 1)
        invalid = await again.frame()

    assert (invalid["op"], invalid["d"]) == (9, False)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("no json", 4002),
        ('{"op": "two"}', 4002),
        ('{"op": 1, "d": "%s"}' % ("x" * 5000), 4002),
        ('{"op": 77, "d": {}}', 4001),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "wrong", "intents": 1, "properties": {}}}', 4004),
        ('{"op": 2, "d": {"token": "%token%", "intents": -1, "properties": {}}}', 4013),
        (
            '{"op": 2, "d": {"token": "%token%", "intents": 1, "properties": {}, "shard": [2, 2]}}',
            4010,
        ),
        ('{"op": 6, "d": {"token": "wrong", "session_id": "x", "seq": 1}}', 4004),
    ],
)
async def test_the_gateway_hangs_up_on_what_it_cannot_accept(
    sandbox: Sandbox, line: Socket, said: str, code: int
) -> None:
    """A client with a fault would be told nothing, or the wrong thing."""
    await line.send(said.replace("%token%", sandbox.discord_token))

    assert await line.closed() == code


async def test_privileged_intents_must_be_switched_on_first(sandbox: Sandbox, line: Socket) -> None:
    """An operator who forgot it in the portal would wait for messages in vain."""
    sandbox.discord.grant(Intent.MESSAGE_CONTENT)

    await line.say(2, {"token": sandbox.discord_token, "intents": 1 << 1, "properties": {}})

    assert await line.closed() == 4014


@pytest.mark.parametrize(
    ("settings", "code"), [({"guilds_per_shard_max": 0}, 4011), ({"identifies_per_day": 0}, 4004)]
)
async def test_a_bot_in_too_many_guilds_or_with_too_many_starts_is_refused(
    sandbox: Sandbox, line: Socket, settings: dict[str, Any], code: int
) -> None:
    """A large operator would meet both limits for the first time in production."""
    state = sandbox.world.discord
    state.settings = replace(state.settings, **settings)

    await line.say(2, {"token": sandbox.discord_token, "intents": 1, "properties": {}})

    assert await line.closed() == code


async def test_an_old_version_of_the_api_is_refused(sandbox: Sandbox) -> None:
    """A client for an API that is gone would seem to work."""
    async with gateway_socket(sandbox, v="5") as line:
        assert await line.closed() == 4012


async def test_a_second_identify_and_a_number_never_given_end_the_connection(
    sandbox: Sandbox, line: Socket
) -> None:
    """A client that mixes its sessions up would be served as if all were well."""
    ready = await line.identify(sandbox.discord_token)
    await line.say(2, {})

    assert await line.closed() == 4005
    async with gateway_socket(sandbox) as again:
        await again.frame()
        await again.resume(sandbox.discord_token, ready["session_id"], 1_000)
        assert await again.closed() == 4007


async def test_who_says_too_much_is_cut_off(sandbox: Sandbox, line: Socket) -> None:
    """A client that asks in a loop would be banned by Discord."""
    for _ in range(121):
        await line.say(1, None)

    assert await line.closed() == 4008


async def test_who_sends_no_heartbeats_is_taken_for_dead(sandbox: Sandbox) -> None:
    """A gateway that stands still would keep a session that nobody reads."""
    state = sandbox.world.discord
    state.settings = replace(state.settings, heartbeat_seconds=0.05)
    async with gateway_socket(sandbox) as line:
        assert await line.closed() == 4009


async def test_a_second_identify_at_once_has_to_wait_where_discord_makes_it(
    sandbox: Sandbox, line: Socket
) -> None:
    """Shards that all start together would work here and nowhere else."""
    state = sandbox.world.discord
    state.settings = replace(state.settings, identify_seconds=5.0)
    await line.identify(sandbox.discord_token)
    async with gateway_socket(sandbox) as second:
        await second.frame()
        await second.say(2, {"token": sandbox.discord_token, "intents": 0, "properties": {}})
        invalid = await second.frame()

    assert (invalid["op"], invalid["d"]) == (9, False)


async def test_a_bot_without_the_intent_reads_only_what_is_meant_for_it(
    sandbox: Sandbox, line: Socket
) -> None:
    """What a bot may not read would be read in tests, and be empty in production."""
    app, bot = sandbox.discord, sandbox.discord.bot()
    await line.identify(sandbox.discord_token, intents=MESSAGES)
    app.say("mei", "not for the bot", "support")
    app.say("mei", f"for <@{bot.id}>", "support")
    app.say("mei", "in private")

    texts = [(await line.event("MESSAGE_CREATE"))["d"]["content"] for _ in range(3)]

    assert texts == ["", f"for <@{bot.id}>", "in private"]


async def test_events_come_only_with_their_intents_and_to_those_who_see_the_channel(
    sandbox: Sandbox, line: Socket
) -> None:
    """A bot would hear of reactions, or of the team's own channel, that Discord keeps from it."""
    await line.identify(sandbox.discord_token, intents=MESSAGES)
    message = sandbox.discord.say("mei", "seen", "support")
    sandbox.discord.react("mei", message, "👍")
    sandbox.discord.say("noor", "among us", "team")
    sandbox.discord.type("mei", "support")
    sandbox.discord.say("mei", "last", "support")

    await line.event("MESSAGE_CREATE")
    after = await line.frame()

    assert (after["t"], after["d"]["author"]["username"]) == ("MESSAGE_CREATE", "mei.tan")


async def test_each_shard_hears_of_its_own_guilds_and_the_first_of_direct_messages(
    sandbox: Sandbox, line: Socket
) -> None:
    """An inbox with several shards would read some customers twice, and others never."""
    guild = sandbox.world.discord.guild
    owner = (guild.id >> 22) % 2
    first, second = await line.identify(sandbox.discord_token, shard=[0, 2]), None
    async with gateway_socket(sandbox) as other:
        await other.frame()
        second = await other.identify(sandbox.discord_token, shard=[1, 2])
        sandbox.discord.say("mei", "to the guild", "support")
        sandbox.discord.say("mei", "in private")
        heard = {0: line, 1: other}
        in_guild = (await heard[owner].event("MESSAGE_CREATE"))["d"]["content"]
        in_private = (await line.event("MESSAGE_CREATE"))["d"]["content"]

    shown = [len(first["guilds"]), len(second["guilds"])]
    assert shown == [int(owner == 0), int(owner == 1)]
    assert (in_guild, in_private) == ("to the guild", "in private")


async def test_members_can_be_asked_for(sandbox: Sandbox, line: Socket) -> None:
    """A bot that looks people up would get no answer."""
    await line.identify(sandbox.discord_token)
    guild = str(sandbox.world.discord.guild.id)
    await line.say(8, {"guild_id": guild, "query": "mei", "limit": 5, "nonce": "n"})

    chunk = (await line.event("GUILD_MEMBERS_CHUNK"))["d"]

    assert [one["user"]["username"] for one in chunk["members"]] == ["mei.tan"]
    assert (chunk["nonce"], chunk["chunk_index"], chunk["chunk_count"]) == ("n", 0, 1)


async def test_the_previews_of_links_come_as_a_change_that_is_no_edit(
    sandbox: Sandbox, line: Socket
) -> None:
    """Every link a customer sends would look as if they had written it anew."""
    await line.identify(sandbox.discord_token)
    message = sandbox.discord.say("mei", "https://shop.example/parcel")
    sandbox.discord.unfurl(message, {"type": "link", "url": "https://shop.example/parcel"})

    update = (await line.event("MESSAGE_UPDATE"))["d"]

    assert update["edited_timestamp"] is None
    assert update["content"] == "https://shop.example/parcel"
    assert len(update["embeds"]) == 1


async def test_a_token_that_was_reset_ends_the_sessions_it_began(
    sandbox: Sandbox, line: Socket
) -> None:
    """Whoever stole a token would go on reading after it was changed."""
    await line.identify(sandbox.discord_token)

    sandbox.discord.revoke()
    sandbox.discord.say("mei", "secret")

    assert await line.closed() == 4004
    assert not sandbox.discord_gateway.sessions
