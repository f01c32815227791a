"""What stands on Discord for a community: the commands, and the state on a message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from adapters.discord.community.commands import Name
from adapters.discord.community.states import STATES
from adapters.discord.known import Known
from adapters.discord.line.commands import differing, keep_commands
from adapters.discord.line.rest import open_rest
from adapters.discord.line.states import States
from core.model.conversation import Status
from core.model.ids import Number, ThreadRef
from core.ports import Showing
from sandbox.discord.gateway.greeting import guild_object
from sandbox.discord.guilds import Channel, Emoji, Overwrite
from sandbox.discord.happenings import react
from sandbox.discord.kinds import CommandKind, Intent, Permission
from sandbox.discord.messages import Message
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.e2e.discord.community_rig import options_for, settings_of


async def kept(sandbox: Sandbox, **changes: Any) -> list[str]:
    """Start once with these settings; -> what operators were told."""
    remarks: list[str] = []
    options = options_for(sandbox, **changes)
    async with open_rest(options, remarks.append) as rest:
        await keep_commands(rest, options, remarks.append)
        if not remarks:
            assert await differing(rest, options) == ()
    return remarks


def registered(sandbox: Sandbox) -> dict[str, str]:
    """Where each command is: the guild's name, empty for everywhere."""
    commands = sandbox.world.discord.applications[0].commands.values()
    return {one.name: one.guild.name if one.guild else "" for one in commands}


def writes(sandbox: Sandbox) -> int:
    """How often commands were registered."""
    calls = sandbox.world.journal.calls
    return sum(count for name, count in calls.items() if ".bulk_set_" in name)


async def test_commands_are_registered_once_and_then_left_alone() -> None:
    """Nobody would have any, or each start would use up what Discord allows a day."""
    async with Sandbox() as sandbox:
        before = writes(sandbox)
        await kept(sandbox)
        first = writes(sandbox) - before
        await kept(sandbox)

        assert registered(sandbox) == dict.fromkeys(Name, "")
        assert first == 1
        assert writes(sandbox) - before == 1


async def test_where_some_guilds_are_served_no_command_is_offered_twice() -> None:
    """A person would see each command once for the guild and once for everywhere."""
    async with Sandbox() as sandbox:
        guild = sandbox.discord.guild()
        await kept(sandbox, guilds=(str(guild.id),))
        in_guild = {one.name for _, one in sandbox.discord.commands("noor", "general")}
        direct = {one.name for _, one in sandbox.discord.commands("noor")}

        assert in_guild == set(Name)
        assert direct == {Name.SUPPORT, Name.STATUS, Name.LINK}
        assert len(registered(sandbox)) == len(Name)


async def test_switched_off_ours_go_and_others_stay() -> None:
    """Other software of the operator's with the same bot would lose its commands."""
    async with Sandbox() as sandbox:
        await kept(sandbox)
        bot = sandbox.world.discord.applications[0]
        other = {"name": "play", "type": 1, "description": "Music"}
        known = next(iter(bot.commands.values()))
        bot.commands[77] = type(known)(77, 1, CommandKind.CHAT_INPUT, "play", other)

        await kept(sandbox, community=settings_of(manager_roles=("7",)))
        changed = registered(sandbox)
        await kept(sandbox, community=settings_of(commands=False))

        assert changed == dict.fromkeys((*Name, "play"), "")
        assert registered(sandbox) == {"play": ""}


async def test_commands_that_cannot_be_registered_are_told_of_and_stop_nothing() -> None:
    """Customers could not write for the sake of a menu."""
    async with Sandbox() as sandbox:
        sandbox.world.faults.add(Fault("discord", "*", Kind.BLOCKED, nth=3, count=1))

        (remark,) = await kept(sandbox)

        assert "commands cannot be registered" in remark


# --- states


@asynccontextmanager
async def shown(sandbox: Sandbox, *, known: bool = True) -> AsyncIterator["Shows"]:
    options, remarks = options_for(sandbox), list[str]()
    knowledge = Known(str(sandbox.world.discord.applications[0].id))
    if known:
        bot = sandbox.world.discord.applications[0]
        body = guild_object(sandbox.discord.guild(), bot, Intent.GUILDS)
        knowledge.note("GUILD_CREATE", msgspec.json.encode(body))
    async with open_rest(options, remarks.append) as rest:
        yield Shows(sandbox, States(rest, options, knowledge, remarks.append), remarks)


@dataclass
class Shows:
    sandbox: Sandbox
    states: States
    remarks: list[str]

    async def __call__(
        self, message: Message, status: Status, within: Channel | None = None
    ) -> list[str]:
        """Show it; -> the bot's reactions after that."""
        channel = within or message.channel
        thread = f"{channel.guild.id if channel.guild else ''}/{channel.id}"
        showing = Showing(
            thread=ThreadRef(channel="discord", account="main", thread=thread),
            remote=str(message.id),
            number=Number("T-7KQ4-M"),
            status=status,
        )
        await self.states.show(showing)
        bot = self.sandbox.world.discord.applications[0].user
        return [str(one.name) for one, users in message.reactions.items() if bot in users]


async def test_a_message_shows_the_state_it_is_in_and_no_other() -> None:
    """Whoever reads along would not know whether anybody cares, or read two things at once."""
    async with Sandbox() as sandbox, shown(sandbox) as show:
        asked = sandbox.discord.say("mei", "Help", "general")
        sandbox.discord.react("noor", asked, "💬")
        bot = sandbox.world.discord.applications[0].user
        react(sandbox.world.discord, asked, bot, Emoji("❤️"))

        states = [set(await show(asked, one)) for one in Status]
        again = await show(asked, Status.CLOSED)

        assert states == [{"❤️", STATES[status]} for status in Status]
        assert set(again) == {"❤️", STATES[Status.CLOSED]}
        noor = sandbox.discord.user("noor")
        assert noor in asked.reactions[Emoji("💬")], "others' reactions stay"


@pytest.mark.parametrize("known", [True, False])
async def test_the_first_message_of_a_thread_is_found_where_it_is(*, known: bool) -> None:
    """The state would be shown on nothing, or on a line that nobody sees."""
    async with Sandbox() as sandbox:
        asked = sandbox.discord.say("mei", "Help", "general")
        thread = sandbox.discord.open_thread("mei", "Help", under=asked)
        post = sandbox.discord.forum_post("mei", "2FA", "How?")
        async with shown(sandbox, known=known) as show:
            assert await show(asked, Status.NEW, thread) == ["🎫"]
            assert await show(post, Status.NEW) == ["🎫"]


async def test_a_missing_right_is_told_of_once_and_a_message_that_is_gone_never() -> None:
    """An operator would be told for every message, and the work would be tried for ever."""
    async with Sandbox() as sandbox, shown(sandbox) as show:
        asked = sandbox.discord.say("mei", "Help", "general")
        gone = sandbox.discord.say("mei", "Oops", "general")
        sandbox.discord.delete("mei", gone)
        bot = sandbox.world.discord.applications[0]
        deny = Overwrite(bot.id, member=True, deny=Permission.ADD_REACTIONS)
        asked.channel.overwrites.append(deny)

        assert await show(gone, Status.NEW) == []
        assert await show(asked, Status.NEW) == []
        assert await show(asked, Status.OPEN) == []
        (remark,) = show.remarks
        assert "Add Reactions" in remark
