"""discord.py, unmodified and with its usual caches, lives on the sandbox's Discord: over TLS, under
Discord's own names, led there by nothing but a resolver and a certificate.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import discord
import pytest

from sandbox.discord.app import File
from sandbox.discord.kinds import PRIVILEGED, Permission
from sandbox.server import Sandbox
from tests.rigs.discord_client import Client, running
from tests.rigs.waiting import eventually


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[Client]:
    sandbox.discord.grant(PRIVILEGED)
    async with running(sandbox, Client(sandbox)) as ready:
        yield ready


async def test_the_library_sees_the_guild_as_it_is(sandbox: Sandbox, client: Client) -> None:
    """Whatever the library cannot parse here, no adapter is tested against."""
    (guild,) = client.guilds

    kinds = {channel.name: type(channel) for channel in guild.channels}

    assert (guild.name, guild.me.name) == ("Acme Community", "acme-support")
    assert kinds["support"] is discord.TextChannel
    assert kinds["questions"] is discord.ForumChannel
    assert kinds["Help"] is discord.CategoryChannel
    assert {member.name for member in guild.members} >= {"mei.tan", "jonas.keller", "acme-support"}
    assert guild.stickers[0].name == "thumbs"


async def test_what_people_write_arrives_with_everything_in_it(
    sandbox: Sandbox, client: Client
) -> None:
    """Files, stickers, answers, forwards, polls and voice would be other things in production."""
    app = sandbox.discord
    asked = app.say("mei", "where is it?", "support")
    app.say("jonas", "here", "support", reply_to=asked, files=[File(name="a.txt", content=b"abc")])
    app.say("mei", "", "general", sticker="thumbs")
    app.forward("mei", asked, "general")
    app.poll("mei", "When?", ["now", "later"], "general")
    app.voice("mei", b"OggS" + bytes(60))

    heard: list[discord.Message] = [(await client.next("message"))[0] for _ in range(6)]

    first, answer, sticker, forward, poll, voice = heard
    assert isinstance(first.author, discord.Member)
    assert answer.reference is not None
    assert answer.reference.message_id == asked.id
    assert await answer.attachments[0].read() == b"abc"
    assert sticker.stickers[0].name == "thumbs"
    assert forward.message_snapshots[0].content == "where is it?"
    assert poll.poll is not None
    assert [one.text for one in poll.poll.answers] == ["now", "later"]
    assert isinstance(voice.channel, discord.DMChannel)
    assert voice.flags.voice
    assert voice.attachments[0].duration == 2.5


async def test_changes_reactions_and_votes_arrive(sandbox: Sandbox, client: Client) -> None:
    """A customer's correction or thanks would be lost."""
    app = sandbox.discord
    message = app.say("mei", "teh parcel", "support")
    app.edit("mei", message, "the parcel")
    app.react("noor", message, "🎫")
    app.unreact("noor", message, "🎫")
    app.delete("mei", message)
    poll = app.poll("mei", "When?", ["now", "later"], "general")
    app.vote("jonas", poll, 2)

    before, after = await client.next("message_edit")
    (added,) = await client.next("raw_reaction_add")
    (removed,) = await client.next("raw_reaction_remove")
    (gone,) = await client.next("message_delete")
    (vote,) = await client.next("raw_poll_vote_add")

    assert (before.content, after.content) == ("teh parcel", "the parcel")
    assert (str(added.emoji), added.member.name) == ("🎫", "noor.haddad")
    assert str(removed.emoji) == "🎫"
    assert gone.id == message.id
    assert vote.answer_id == 2


async def test_threads_and_posts_open_and_close(sandbox: Sandbox, client: Client) -> None:
    """Questions in threads and forums would never reach support."""
    app = sandbox.discord
    question = app.say("mei", "how?", "support")
    under = app.open_thread("mei", "How?", under=question)
    app.say("jonas", "like this", under)
    post = app.forum_post("jonas", "Invoice", "Where is mine?", tags=["billing"])
    app.archive("jonas", post.channel)
    private = app.open_thread("mei", "Between us", "support", private=True)
    app.add_to_thread("mei", private, str(app.bot().id))

    (thread,) = await client.next("thread_create")
    (opened,) = await client.next("thread_create")
    await client.next("thread_update")
    (joined,) = await client.next("thread_join")

    assert (thread.id, thread.parent.name) == (question.id, "support")
    assert isinstance(opened.parent, discord.ForumChannel)
    assert [tag.name for tag in opened.applied_tags] == ["billing"]
    assert joined.is_private()
    assert joined.me is not None


async def test_members_roles_and_channels_change(sandbox: Sandbox, client: Client) -> None:
    """Rights would be judged by what they were at the start."""
    app = sandbox.discord
    (guild,) = client.guilds
    app.leave_guild("amara")
    app.join_guild("amara")
    app.give_role("amara", "Helpers")
    app.create_channel("returns", parent="Help")
    app.permit("returns", "@everyone", deny=Permission.SEND_MESSAGES)
    app.outage()
    app.outage(over=True)

    await client.next("member_remove")
    await client.next("member_join")
    (role,) = await client.next("guild_role_create")
    _, amara = await client.next("member_update")
    (channel,) = await client.next("guild_channel_create")
    await client.next("guild_channel_update")
    await client.next("guild_unavailable")
    await client.next("guild_available")

    assert amara.roles[-1] == role
    assert channel.category.name == "Help"
    returns = discord.utils.get(guild.text_channels, name="returns")
    assert returns is not None
    assert not returns.permissions_for(amara).send_messages


async def test_a_message_of_the_bots_own_comes_back_with_its_nonce(
    sandbox: Sandbox, client: Client
) -> None:
    """An answer whose fate is unknown could not be confirmed by its echo."""
    channel = discord.utils.get(client.get_all_channels(), name="support")
    assert isinstance(channel, discord.TextChannel)

    await channel.send("hello", nonce="n-1")
    (echo,) = await client.next("message")

    assert (echo.nonce, echo.author) == ("n-1", client.user)
    assert sandbox.discord.texts("mei", "support") == ["hello"]


async def test_after_a_lost_connection_the_library_resumes_with_what_it_missed(
    sandbox: Sandbox, client: Client
) -> None:
    """Nobody would know whether an adapter loses messages, or the emulator."""
    sandbox.discord_gateway.drop()
    sandbox.discord.say("mei", "while you were away", "support")

    (missed,) = await client.next("message")
    await client.next("resumed")

    assert missed.content == "while you were away"
    assert sandbox.world.journal.calls["discord.gateway.IDENTIFY"] == 1


@pytest.mark.parametrize("act", ["reconnect", "invalid"])
async def test_told_to_come_again_the_library_resumes(
    sandbox: Sandbox, client: Client, act: str
) -> None:
    """Discord does both to every connection sooner or later."""
    gateway = sandbox.discord_gateway
    struck = gateway.reconnect() if act == "reconnect" else gateway.invalidate(resumable=True)
    await client.next("resumed")
    sandbox.discord.say("mei", "still there?", "support")

    (message,) = await client.next("message")

    assert (struck, message.content) == (1, "still there?")


async def test_when_its_session_is_gone_the_library_begins_anew(
    sandbox: Sandbox, client: Client
) -> None:
    """What was said in between is nowhere but in the history."""
    before = set(sandbox.discord_gateway.sessions)
    sandbox.discord_gateway.lose()

    await client.next("ready")

    assert set(sandbox.discord_gateway.sessions).isdisjoint(before)
    assert sandbox.world.journal.calls["discord.gateway.RESUME"] == 1


async def test_without_its_intents_or_with_a_wrong_token_the_library_gives_up(
    sandbox: Sandbox,
) -> None:
    """An operator would see attempts without end instead of the reason."""
    without = Client(sandbox)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await without.start(sandbox.discord_token)
    await without.close()
    wrong = Client(sandbox)
    with pytest.raises(discord.LoginFailure):
        await wrong.start("abc.def.ghi")
    await wrong.close()


async def test_a_gateway_that_answers_no_heartbeat_is_left(sandbox: Sandbox) -> None:
    """A connection that is open and dead would be waited on for ever."""
    sandbox.discord.grant(PRIVILEGED)
    state = sandbox.world.discord
    state.settings = replace(state.settings, heartbeat_seconds=0.2)
    async with running(sandbox, Client(sandbox, heartbeat_timeout=0.5)) as client:
        sandbox.discord_gateway.hang()
        sandbox.discord.say("mei", "anybody?", "support")

        (message,) = await client.next("message")

    assert message.content == "anybody?"


async def test_asked_for_a_heartbeat_the_library_sends_one_at_once(
    sandbox: Sandbox, client: Client
) -> None:
    """Discord asks when it doubts a connection, and hangs up on who is silent."""
    (line,) = sandbox.discord_gateway.lines
    beats = line.beats

    sandbox.discord_gateway.ask_heartbeat()

    await eventually(lambda: line.beats == beats + 1)
