"""The adapter's way in over the sandbox, with core replaced by lists."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from adapters.discord.incoming.envelope import Reader
from adapters.discord.known import Known
from adapters.discord.line.receiving import Receiving
from adapters.discord.line.rest import open_rest
from adapters.discord.settings import DiscordSettings
from core.model.content import Text
from core.model.event import Inbound, MessageCreated
from core.model.secret import Secret
from core.ports import Deliver
from core.recent import Recent
from sandbox.server import Sandbox
from tests.contract.surroundings import Inbox, Lent, MemoryCheckpoints


def settings(sandbox: Sandbox, **changes: Any) -> DiscordSettings:
    """Settings that wait milliseconds where an operator's wait seconds. What is written in the
    channel "support" is for us.
    """
    quick: dict[str, Any] = {
        "support_channels": (channel(sandbox, "support"), channel(sandbox, "questions")),
        "back_off_seconds_min": 0.01,
        "back_off_seconds_max": 0.1,
        "identify_seconds": 0.01,
        "invalid_seconds": 0.02,
        "checkpoint_seconds": 0.05,
        "guilds_seconds": 5.0,
        "request_timeout_seconds": 5.0,
    }
    return DiscordSettings(
        token=Secret(sandbox.discord_token),
        route_to=sandbox.discord_route,
        authority=sandbox.discord_authority,
        **(quick | changes),
    )


def channel(sandbox: Sandbox, name: str) -> str:
    """The id of a channel of the first guild."""
    guild = sandbox.discord.guild()
    return next(str(one.id) for one in guild.channels.values() if one.name == name)


@dataclass
class Asked:
    """Stands where the community's answers are: notes what it is asked."""

    kinds: list[str] = field(default_factory=list)

    def wants(self, kind: str, data: bytes) -> bool:
        return kind == "INTERACTION_CREATE"

    async def take(self, kind: str, data: bytes, deliver: Deliver) -> None:
        self.kinds.append(kind)


@dataclass
class StoppingInbox(Inbox):
    """Like a process that is killed: behind `stops_at` events nothing is stored, or noted, any
    more. 0: it lives.
    """

    stops_at: int = 0

    @property
    def dead(self) -> bool:
        return bool(self.stops_at) and len(self.events) >= self.stops_at

    @override
    async def __call__(self, inbound: Inbound) -> None:
        if self.dead:
            await asyncio.Event().wait()
        await super().__call__(inbound)


@dataclass
class Mortal(MemoryCheckpoints):
    """Checkpoints of a process that can be killed."""

    inbox: StoppingInbox = field(default_factory=StoppingInbox)

    @override
    async def save(self, name: str, value: str) -> None:
        if not self.inbox.dead:
            await super().save(name, value)


@dataclass
class Line:
    """One inbox' way in, and what came of it. It can be ended and begun again, as a gateway is."""

    sandbox: Sandbox
    lent: Lent
    options: DiscordSettings
    inbox: StoppingInbox = field(default_factory=StoppingInbox)
    asked: Asked = field(default_factory=Asked)

    def __post_init__(self) -> None:
        self.lent.checkpoints = Mortal(self.lent.checkpoints.values, self.inbox)

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator["asyncio.Task[None]"]:
        """The gateway receives while the block runs, a new process each time."""
        async with open_rest(self.options, self.lent.surroundings.remark) as rest:
            told = Recent[str, bool](1000)
            reader = Reader(
                account="support",
                known=Known(),
                support_channels=frozenset(self.options.support_channels),
                listen=self.options.listen,
                told=told,
            )
            receiving = Receiving(
                rest, self.options, self.lent.surroundings, reader, told, self.asked
            )
            task = asyncio.create_task(receiving.run(self.inbox))
            try:
                yield task
            finally:
                task.cancel()
                await asyncio.wait([task])

    @property
    def texts(self) -> list[str]:
        """What was said, in the order in which it was stored, whatever came twice only once."""
        seen = {
            (str(event.thread), event.dedup): event.body
            for event in self.inbox.events
            if isinstance(event.body, MessageCreated)
        }
        return [
            part.text for body in seen.values() for part in body.parts if isinstance(part, Text)
        ]

    @property
    def connected(self) -> bool:
        return any(line.session for line in self.sandbox.discord_gateway.lines)
