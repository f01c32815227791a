"""What of the gateway's events is asked of the bot: for whoever receives them.

An event that is `wanted` here is handed to `take` beside its ordered way in, and counts as received
when both are done.
"""

from typing import Final

from msgspec.structs import replace

from adapters.discord.community import reacting
from adapters.discord.community.custom_ids import CustomIds
from adapters.discord.incoming.envelope import Reader
from adapters.discord.line.commands import keep_commands
from adapters.discord.line.desk import Desk
from adapters.discord.line.interactions import Interactions
from adapters.discord.line.reactions import Reactions
from adapters.discord.line.rest import Rest
from adapters.discord.places import Place
from adapters.discord.settings import DiscordSettings
from core.errors import MalformedPayload
from core.ports import Deliver, Surroundings
from core.recent import Recent
from core.remarks import Remarks

INTERACTION: Final = "INTERACTION_CREATE"
REACTION: Final = "MESSAGE_REACTION_ADD"


class Community:
    """Of one bot. `told` is the reader's: ids of messages that are for us, of late."""

    def __init__(
        self,
        rest: Rest,
        settings: DiscordSettings,
        surroundings: Surroundings,
        reader: Reader,
        told: Recent[str, bool],
    ) -> None:
        self._rest, self._settings = rest, settings
        remarks = Remarks(surroundings.remark)
        self._commands_remark = remarks.by("commands")
        surroundings = replace(surroundings, remark=remarks.by("desk"))
        custom_ids = CustomIds(surroundings.secret)
        self._desk = Desk(rest, settings, surroundings, reader, told, custom_ids)
        self._interactions = Interactions(self._desk)
        self._reactions = Reactions(self._desk)

    async def begin(self) -> None:
        """Register the commands. Once the bot is logged in; raises nothing."""
        await keep_commands(self._rest, self._settings, self._commands_remark)

    def wants(self, kind: str, data: bytes) -> bool:
        """Whether an event is to be handed to `take`, too. Quick, and waits for nothing."""
        if kind == INTERACTION:
            return True
        if kind != REACTION:
            return False
        try:
            return self._wish(data) is not None
        except MalformedPayload:
            return False

    async def take(self, kind: str, data: bytes, deliver: Deliver) -> None:
        """Returns when what is asked for is on record, or comes to nothing. An interaction is
        answered within three seconds of this call, so it should not wait for other events.
        """
        if kind == INTERACTION:
            await self._interactions.take(data, deliver)
        elif kind == REACTION:
            await self._reactions.take(data, deliver)

    async def direct(self, person: str) -> Place:
        """Where a conversation with somebody can be begun. Raises a Failure,
        DirectMessagesClosed.
        """
        return await self._desk.direct(person)

    def _wish(self, data: bytes) -> reacting.Wish | None:
        reaction = reacting.read(data)
        return reacting.wish_of(reaction, self._settings, self._desk.known.bot)
