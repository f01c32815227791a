"""The adapter over the sandbox, where a community asks and the bot answers. Core is a list, and a
front desk that knows what it is told.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.discord.adapter import DiscordAdapter, open_adapter
from adapters.discord.settings import CommunitySettings, DiscordSettings
from core.model.conversation import Status
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    Body,
    Inbound,
    MessageCreated,
    Settled,
)
from core.model.ids import Number, ThreadRef
from core.model.message import Audience
from core.model.secret import Secret
from core.ports import Brief
from sandbox.discord.app import DiscordApp
from sandbox.discord.applications import Interaction
from sandbox.discord.guilds import Channel
from sandbox.discord.happenings import post
from sandbox.discord.messages import Message
from sandbox.server import Sandbox
from tests.e2e.telegram.rig import Core, receiving
from tests.rigs.waiting import eventually


def options_for(sandbox: Sandbox, **changes: Any) -> DiscordSettings:
    """Settings that wait milliseconds where an operator's wait seconds."""
    defaults: dict[str, Any] = {
        "back_off_seconds_min": 0.01,
        "back_off_seconds_max": 0.05,
        "request_timeout_seconds": 5.0,
        "identify_seconds": 0.01,
        "checkpoint_seconds": 0.05,
    }
    return DiscordSettings(
        token=Secret(sandbox.discord_token),
        route_to=sandbox.discord_route,
        authority=sandbox.discord_authority,
        **(defaults | changes),
    )


@dataclass
class Stage:
    """Where the tests act. `front_desk` of `core` says what there is already."""

    sandbox: Sandbox
    core: Core
    adapter: DiscordAdapter

    @property
    def app(self) -> DiscordApp:
        return self.sandbox.discord

    @property
    def bot(self) -> str:
        return str(self.sandbox.world.discord.applications[0].id)

    async def answer(self, interaction: Interaction) -> str:
        """What the person is finally told, in private."""
        await eventually(lambda: bool(interaction.original and interaction.original.content))
        assert interaction.original is not None
        assert interaction.ephemeral, "others could read it"
        return interaction.original.content

    async def form(self, interaction: Interaction) -> dict[str, Any]:
        await eventually(lambda: interaction.modal is not None)
        assert interaction.modal is not None
        return interaction.modal

    @property
    def told(self) -> list[Inbound]:
        """What core was told because somebody asked for it; not that threads began and such."""
        return [one for one in self.core.delivered if _asked_for(one.body)]

    async def delivered(self, count: int) -> list[Inbound]:
        await eventually(lambda: len(self.told) >= count)
        assert len(self.told) == count, self.told[count:]
        return self.told

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
    """The whole adapter runs while the block does, its commands registered, its session begun."""
    options = options or options_for(sandbox)
    async with open_adapter(options, core.surroundings()) as adapter, receiving(adapter, core):
        stage = Stage(sandbox, core, adapter)
        bot = sandbox.world.discord.applications[0]
        await eventually(
            lambda: (
                bool(bot.commands) and any(line.session for line in sandbox.discord_gateway.lines)
            )
        )
        yield stage


def _asked_for(body: Body) -> bool:
    if isinstance(body, AccountStatus):
        return body.code in ("handed_over", "opened_by_manager")
    return isinstance(body, MessageCreated | ActionInvoked | Settled)


def settings_of(**changes: Any) -> CommunitySettings:
    return CommunitySettings(**changes)
