"""The sandbox's Discord, driven by discord.py as it is, over TLS and under Discord's own names."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO

import aiohttp
import discord
import pytest
from discord import app_commands
from typing_extensions import override

from sandbox.discord.app import File
from sandbox.discord.kinds import PRIVILEGED
from sandbox.server import Sandbox
from tests.rigs.discord_client import Client, connector_to, running
from tests.rigs.discord_rest import Rest
from tests.rigs.waiting import PATIENCE_SECONDS, eventually


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[Client]:
    sandbox.discord.grant(PRIVILEGED)
    async with running(sandbox, Client(sandbox)) as client:
        yield client


@pytest.fixture
def support(client: Client) -> discord.TextChannel:
    found = discord.utils.get(client.guilds[0].channels, name="support")
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_message_can_be_sent_edited_reacted_to_pinned_and_deleted(
    sandbox: Sandbox, client: Client, support: discord.TextChannel
) -> None:
    """The whole life of a reply."""
    question = sandbox.discord.say("mei", "Where is my parcel?", "support")
    sent = await support.send(
        "Soon", reference=discord.MessageReference(message_id=question.id, channel_id=support.id)
    )
    await sent.edit(content="Tomorrow")
    await sent.add_reaction("👍")
    fetched = await support.fetch_message(sent.id)

    (echo,) = await client.next("message")
    assert echo.content == "Where is my parcel?"
    assert fetched.content == "Tomorrow"
    assert fetched.edited_at is not None
    assert isinstance(fetched.reference.resolved, discord.Message) if fetched.reference else False
    assert [(one.emoji, one.count, one.me) for one in fetched.reactions] == [("👍", 1, True)]
    await sent.delete()
    with pytest.raises(discord.NotFound) as gone:
        await support.fetch_message(sent.id)
    assert gone.value.code == 10008


async def test_a_nonce_makes_a_second_send_find_the_first(
    sandbox: Sandbox, support: discord.TextChannel
) -> None:
    """A reply whose answer was lost would come twice."""
    first = await support.send("once", nonce="trunkline-1")
    second = await support.send("once", nonce="trunkline-1")
    other = await support.send("once", nonce="trunkline-2")

    assert first.id == second.id != other.id
    assert sandbox.discord.texts("mei", "support") == ["once", "once"]
    await first.delete()
    with pytest.raises(discord.NotFound):
        await support.send("once", nonce="trunkline-1")


async def test_history_can_be_read_from_any_message_on(
    sandbox: Sandbox, support: discord.TextChannel
) -> None:
    """What was missed while a session was lost would be read with gaps."""
    said = [sandbox.discord.say("mei", str(number), "support") for number in range(120)]
    middle = discord.Object(said[50].id)

    after = [one.content async for one in support.history(limit=None, after=middle)]
    before = [one.content async for one in support.history(limit=10, before=middle)]
    around = [one.content async for one in support.history(limit=5, around=middle)]

    assert after == [str(number) for number in range(51, 120)]
    assert before == [str(number) for number in range(49, 39, -1)]
    assert sorted(around) == ["48", "49", "50", "51", "52"]


async def test_files_go_up_and_come_down_again(
    sandbox: Sandbox, support: discord.TextChannel
) -> None:
    """An attachment that is not the same at the other end is worth nothing."""
    content = bytes(range(256)) * 400
    file = discord.File(__file__, filename="notes.py", description="A test")
    sent = await support.send(files=[file])
    kept = await sent.add_files(discord.File(BytesIO(content), filename="all.bin"))

    assert [one.filename for one in kept.attachments] == ["notes.py", "all.bin"]
    assert kept.attachments[0].description == "A test"
    assert await kept.attachments[1].read() == content
    left = await kept.remove_attachments(kept.attachments[0])
    assert [one.filename for one in left.attachments] == ["all.bin"]
    (seen,) = sandbox.discord.seen("mei", "support")
    assert [one.content for one in seen.attachments] == [content]


async def test_the_address_of_a_file_expires_and_can_be_renewed() -> None:
    """A file that is fetched too late, or by whoever guesses, must not be had."""
    clock = [1_800_000_000.0]
    async with (
        Sandbox(now=lambda: clock[0]) as sandbox,
        aiohttp.ClientSession(connector=connector_to(sandbox)) as http,
    ):
        headers = {"Authorization": f"Bot {sandbox.discord_token}"}
        said = sandbox.discord.say(
            "mei", "see", "support", files=[File(name="a.txt", content=b"words")]
        )
        path = f"https://discord.com/api/v10/channels/{said.channel.id}/messages/{said.id}"
        async with http.get(path, headers=headers) as answer:
            url = (await answer.json())["attachments"][0]["url"]

        fresh = await _fetched(http, url)
        forged = await _fetched(http, url.replace("&hm=", "&hm=0"))
        clock[0] += 86_401
        late = await _fetched(http, url)
        renew = "https://discord.com/api/v10/attachments/refresh-urls"
        async with http.post(renew, json={"attachment_urls": [url]}, headers=headers) as answer:
            renewed = (await answer.json())["refreshed_urls"][0]["refreshed"]

        assert fresh == (200, b"words")
        assert (forged[0], late[0]) == (404, 404)
        assert await _fetched(http, renewed) == (200, b"words")


@pytest.mark.parametrize(("name", "begins"), [("thumbs", b"\x89PNG"), ("wave", b"GIF89a")])
async def test_the_picture_of_a_sticker_can_be_fetched(
    sandbox: Sandbox, client: Client, name: str, begins: bytes
) -> None:
    """A sticker is all that some customers answer."""
    sandbox.discord.say("mei", "", "support", sticker=name)
    (message,) = await client.next("message")

    assert (await message.stickers[0].read()).startswith(begins)


async def test_threads_and_posts_can_be_opened_left_and_put_away(
    sandbox: Sandbox, client: Client, support: discord.TextChannel
) -> None:
    """Each question of a forum is a conversation of its own."""
    question = sandbox.discord.say("mei", "It is broken", "support")
    message = await support.fetch_message(question.id)
    thread = await message.create_thread(name="broken")
    await thread.send("How?")
    forum = discord.utils.get(client.guilds[0].forums, name="questions")
    assert forum is not None
    post = await forum.create_thread(
        name="How to", content="Like this", applied_tags=[forum.available_tags[0]]
    )
    await post.thread.leave()
    await post.thread.join()
    await thread.edit(archived=True, locked=True)

    assert thread.id == question.id
    assert sandbox.discord.texts("mei", thread.id) == ["", "How?"]
    assert post.thread.applied_tags == [forum.available_tags[0]]
    assert post.message.id == post.thread.id
    assert [one.name async for one in support.archived_threads()] == ["broken"]
    assert [one.name for one in await client.guilds[0].active_threads()] == ["How to"]


async def test_a_thread_without_a_message_is_announced_in_its_channel(
    client: Client, support: discord.TextChannel
) -> None:
    """A notice by Discord that is taken for a customer's words would open a conversation."""
    thread = await support.create_thread(name="alone", type=discord.ChannelType.public_thread)
    quiet = await support.create_thread(name="quiet", type=discord.ChannelType.private_thread)

    (notice,) = await client.next("message")
    assert notice.type is discord.MessageType.thread_created
    assert (notice.content, notice.channel) == ("alone", support)
    assert notice.reference.channel_id == thread.id != quiet.id
    assert [one.id async for one in support.history()] == [notice.id]


async def test_direct_messages_reach_only_who_takes_them(sandbox: Sandbox, client: Client) -> None:
    """A private answer is shown to one person, or it is known that it was not."""
    mei = await client.fetch_user(sandbox.world.discord.user("mei").id)
    sent = await mei.send("Between us")
    sandbox.discord.close_direct("mei")

    with pytest.raises(discord.Forbidden) as closed:
        await mei.send("Are you there?")

    assert closed.value.code == 50007
    assert isinstance(sent.channel, discord.DMChannel)
    assert sandbox.discord.texts("mei") == ["Between us"]
    assert sandbox.discord.texts("jonas") == []


async def test_a_command_is_answered_now_later_and_by_a_form(
    sandbox: Sandbox, client: Client
) -> None:
    """Who uses a command sees that something happens, within three seconds."""
    tree = app_commands.CommandTree(client)
    done = asyncio.Event()

    class Intake(discord.ui.Modal, title="Tell us"):
        why: discord.ui.TextInput["Intake"] = discord.ui.TextInput(label="What happened?")

        @override
        async def on_submit(self, interaction: discord.Interaction, /) -> None:
            await interaction.response.send_message(f"Thank you: {self.why}", ephemeral=True)
            done.set()

    @tree.command(description="Open a conversation")
    async def ticket(interaction: discord.Interaction, subject: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"About {subject}")
        more = await interaction.followup.send("and more", wait=True)
        await more.delete()
        await interaction.edit_original_response(content="Opened")
        done.set()

    @tree.context_menu(name="Hand to support")
    async def hand(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_modal(Intake())

    await tree.sync()
    opened = sandbox.discord.slash("mei", "ticket", {"subject": "parcel"}, "support")
    await asyncio.wait_for(done.wait(), PATIENCE_SECONDS)
    done.clear()
    said = sandbox.discord.say("mei", "Broken", "support")
    handed = sandbox.discord.message_menu("noor", "Hand to support", said)
    await eventually(lambda: handed.modal is not None)
    field = str((handed.modal or {})["components"][0]["components"][0]["custom_id"])
    submitted = sandbox.discord.submit("noor", handed, {field: "It fell"})
    await asyncio.wait_for(done.wait(), PATIENCE_SECONDS)

    assert opened.original is not None
    assert opened.original.content == "Opened"
    assert opened.original.only_for is sandbox.world.discord.user("mei")
    assert [one.deleted for one in opened.followups] == [True]
    assert submitted.original is not None
    assert submitted.original.content == "Thank you: It fell"
    assert "Opened" not in sandbox.discord.texts("jonas", "support")


async def test_an_interaction_is_answered_once_and_in_time() -> None:
    """A gateway that is too slow has to know that the person saw "This interaction failed"."""
    clock = [1_800_000_000.0]
    async with (
        Sandbox(now=lambda: clock[0]) as sandbox,
        Rest.of(sandbox) as rest,
        running(sandbox, Client(sandbox, intents=discord.Intents.none())) as client,
    ):
        tree = app_commands.CommandTree(client)
        heard: asyncio.Queue[discord.Interaction] = asyncio.Queue()

        @tree.command(description="Ask how it stands")
        async def status(interaction: discord.Interaction) -> None:
            heard.put_nowait(interaction)

        await tree.sync()
        sandbox.discord.slash("mei", "status")
        late = await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)
        clock[0] += 3.1
        with pytest.raises(discord.NotFound) as too_late:
            await late.response.send_message("Late")
        sandbox.discord.slash("mei", "status")
        good = await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)
        await good.response.send_message("Well")
        again = f"/interactions/{good.id}/{good.token}/callback"
        twice = await rest.ask("POST", again, {"type": 4, "data": {"content": "Well"}})
        clock[0] += 901
        with pytest.raises(discord.HTTPException) as over:
            await good.edit_original_response(content="Better")

    assert (too_late.value.code, twice.code, over.value.code) == (10062, 40060, 50027)


async def test_a_poll_can_be_held_and_ended(sandbox: Sandbox, support: discord.TextChannel) -> None:
    """Polls are shown to agents with what people chose."""
    poll = discord.Poll("Better?", duration=timedelta(hours=1))
    poll.add_answer(text="yes").add_answer(text="no")
    sent = await support.send(poll=poll)
    sandbox.discord.vote("mei", str(sent.id), 1)
    ended = await sent.end_poll()

    assert ended.poll is not None
    assert ended.poll.is_finalised()
    voters = [one async for one in ended.poll.answers[0].voters()]
    assert [one.name for one in voters] == [sandbox.world.discord.user("mei").username]


async def _fetched(http: aiohttp.ClientSession, url: str) -> tuple[int, bytes]:
    async with http.get(url) as answer:
        return answer.status, await answer.read()
