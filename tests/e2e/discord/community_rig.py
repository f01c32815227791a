"""The community's side of the adapter over the sandbox: people ask, the bot answers.

What the gateway would tell is taken from the world as it happens; Discord's API is asked over TLS
by the library, as in production. Core is a list, and a front desk that knows what it is told.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from adapters.discord.incoming.envelope import Reader
from adapters.discord.known import Known
from adapters.discord.line.community import Community
from adapters.discord.line.rest import open_rest
from adapters.discord.settings import CommunitySettings, DiscordSettings
from core.model.conversation import Status
from core.model.event import Inbound
from core.model.ids import Number, ThreadRef
from core.model.message import Audience
from core.model.secret import Secret
from core.ports import Brief
from core.recent import Recent
from sandbox.discord.app import DiscordApp
from sandbox.discord.applications import Interaction
from sandbox.discord.gateway.greeting import guild_object
from sandbox.discord.guilds import Channel
from sandbox.discord.happenings import post
from sandbox.discord.kinds import Intent
from sandbox.discord.messages import Message
from sandbox.discord.state import Event
from sandbox.server import Sandbox
from tests.e2e.telegram.rig import Core
from tests.rigs.waiting import eventually


def options_for(sandbox: Sandbox, **changes: Any) -> DiscordSettings:
    """Settings that wait milliseconds where an operator's wait seconds."""
    defaults: dict[str, Any] = {
        "back_off_seconds_min": 0.01,
        "back_off_seconds_max": 0.05,
        "request_timeout_seconds": 5.0,
    }
    return DiscordSettings(
        token=Secret(sandbox.world.discord.applications[0].token),
        route_to=sandbox.discord_route,
        authority=sandbox.discord_authority,
        **(defaults | changes),
    )


@dataclass
class Stage:
    """Where the tests act. `front_desk` of `core` says what there is already."""

    sandbox: Sandbox
    core: Core
    community: Community
    events: "asyncio.Queue[Event]" = field(default_factory=asyncio.Queue)
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    """What the community's side was handed."""

    @property
    def app(self) -> DiscordApp:
        return self.sandbox.discord

    @property
    def bot(self) -> str:
        return str(self.sandbox.world.discord.applications[0].id)

    async def answer(self, interaction: Interaction) -> str:
        """What the person is finally told, in private."""
        await eventually(lambda: interaction.original is not None)
        assert interaction.original is not None
        assert interaction.ephemeral, "others could read it"
        return interaction.original.content

    async def form(self, interaction: Interaction) -> dict[str, Any]:
        await eventually(lambda: interaction.modal is not None)
        assert interaction.modal is not None
        return interaction.modal

    async def delivered(self, count: int) -> list[Inbound]:
        await eventually(lambda: len(self.core.delivered) >= count)
        assert len(self.core.delivered) == count, self.core.delivered[count:]
        return self.core.delivered

    def thread(self, channel: Channel) -> ThreadRef:
        guild = f"{channel.guild.id}/" if channel.guild else ""
        return ThreadRef(channel="discord", account="main", thread=f"{guild}{channel.id}")

    def knows(self, message: Message, number: str = "T-0000-0", **changes: Any) -> Brief:
        """Let this message be in a conversation already."""
        known = brief(number, **changes)
        self.core.front_desk.where[self.thread(message.channel), str(message.id)] = known
        return known

    def offered(self, channel: Channel, *labels: str) -> Message:
        """A message of an agent's with buttons, called b0, b1 and so on."""
        state = self.sandbox.world.discord
        buttons = [
            {"type": 2, "style": 2, "label": label, "custom_id": f"b{number}"}
            for number, label in enumerate(labels)
        ]
        rows = [{"type": 1, "components": buttons}]
        bot = state.applications[0].user
        message = Message(state.ids.take(), channel, bot, "Well?", components=rows)
        return post(state, message)

    def spoken(self, person: str, place: Channel) -> list[str]:
        """What was said there to everybody who reads it."""
        seen = self.app.seen(person, place)
        return [one.content for one in seen if one.content and not one.ephemeral]

    def own_reactions(self, message: Message) -> list[str]:
        """Those of the bot."""
        return [
            str(emoji.name)
            for emoji, users in message.reactions.items()
            if any(str(user.id) == self.bot for user in users)
        ]


def brief(
    number: str, status: Status = Status.OPEN, audience: Audience = Audience.PUBLIC, title: str = ""
) -> Brief:
    at = datetime(2026, 5, 4, tzinfo=UTC)
    return Brief(
        number=Number(number), status=status, audience=audience, title=title, touched_at=at
    )


@asynccontextmanager
async def staged(
    sandbox: Sandbox, core: Core, options: DiscordSettings | None = None
) -> AsyncIterator[Stage]:
    options = options or options_for(sandbox)
    surroundings = core.surroundings()
    state, told = sandbox.world.discord, Recent[str, bool](1000)
    application = state.applications[0]
    known = Known(str(application.id))
    reader = Reader(account="main", known=known, guilds=frozenset(options.guilds), told=told)
    async with open_rest(options, surroundings.remark) as rest, asyncio.TaskGroup() as tasks:
        community = Community(rest, options, surroundings, reader, told)
        stage = Stage(sandbox, core, community)
        for guild in state.guilds.values():
            body = guild_object(guild, application, Intent.GUILDS)
            known.note("GUILD_CREATE", msgspec.json.encode(body))
        state.subscribe(stage.events.put_nowait)
        await community.begin()
        pump = tasks.create_task(_pump(stage, known))
        try:
            yield stage
        finally:
            pump.cancel()


async def _pump(stage: Stage, known: Known) -> None:
    """What the line does: note what is told, and hand on what is asked."""
    state = stage.sandbox.world.discord
    async with asyncio.TaskGroup() as tasks:
        while True:
            event = await stage.events.get()
            if not state.hears(state.applications[0], event):
                continue
            data = msgspec.json.encode(event.payload)
            known.note(event.name, data)
            if stage.community.wants(event.name, data):
                stage.asked.append((event.name, data))
                tasks.create_task(stage.community.take(event.name, data, stage.core.deliver))


def settings_of(**changes: Any) -> CommunitySettings:
    return CommunitySettings(**changes)
