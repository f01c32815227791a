"""One Discord bot as an adapter: moves bytes between Discord and the pure functions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from msgspec.structs import replace
from typing_extensions import override

from adapters.discord.incoming.envelope import Reader, keywords_of
from adapters.discord.incoming.replaying import bot_of, replayed
from adapters.discord.known import Known
from adapters.discord.line.answers import Failure
from adapters.discord.line.community import Community
from adapters.discord.line.examining import Examining
from adapters.discord.line.failures import change_error
from adapters.discord.line.fetching import Fetching
from adapters.discord.line.looking import Echoes
from adapters.discord.line.patience import Patience
from adapters.discord.line.receiving import Receiving
from adapters.discord.line.rest import Rest, open_rest
from adapters.discord.line.sending import Sending
from adapters.discord.line.states import States
from adapters.discord.outgoing.nonces import said
from adapters.discord.settings import DiscordSettings
from core.ids import new_ulid
from core.model.content import Attachment
from core.model.event import DeliveryReported, Inbound
from core.ports import (
    Deliver,
    Diagnoses,
    FetchesAttachments,
    Finding,
    Replayed,
    Replays,
    Showing,
    ShowsStates,
    Surroundings,
)
from core.recent import Recent
from core.remarks import Remarks

TOLD_MAX: Final = 50_000
"""Messages in public, of late, that were for us."""
ECHOES_MAX: Final = 10_000
"""Messages of ours, of late, of which the gateway has told."""


@asynccontextmanager
async def open_adapter(
    settings: DiscordSettings, surroundings: Surroundings
) -> AsyncIterator["DiscordAdapter"]:
    """The adapter of one account, which connects when it is first asked for something."""
    remarks = Remarks(surroundings.remark)
    async with open_rest(settings, remarks.by("rest")) as rest:
        yield DiscordAdapter(rest, settings, surroundings, remarks)


class DiscordAdapter(Sending, FetchesAttachments, ShowsStates, Diagnoses, Replays):
    """Made by `open_adapter`."""

    def __init__(
        self, rest: Rest, settings: DiscordSettings, surroundings: Surroundings, remarks: Remarks
    ) -> None:
        def lent(part: str) -> Surroundings:
            return replace(surroundings, remark=remarks.by(part))

        known, told = Known(), Recent[str, bool](TOLD_MAX)
        self._echoes = Echoes(ECHOES_MAX)
        super().__init__(rest, settings, surroundings, known, self._echoes)
        self._reader = reader = _reader(settings, surroundings.account, known, told)
        self._token = settings.token.reveal()
        self._community = Community(rest, settings, lent("community"), reader, told)
        parts = reader, told, self._community
        self._receiving = Receiving(rest, settings, lent("receiving"), *parts)
        self._patience = Patience(settings, surroundings.account, remarks.by("login"))
        self._fetching = Fetching(rest, settings, surroundings.account)
        self._states = States(rest, settings, known, remarks.by("states"))
        self._examining = Examining(rest, settings)

    @override
    async def run(self, deliver: Deliver) -> None:
        """Raises ConfigurationError for what the developer portal does not allow the bot."""

        async def noting(event: Inbound) -> None:
            self._note_echo(event)
            await deliver(event)

        await self._patience.until_done(self._rest.ready)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._community.begin())
                tasks.create_task(self._receiving.run(noting))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    @override
    def replay(self, payload: bytes, at: datetime) -> Replayed:
        """What is said in a guild is for us only after what tells of that guild."""
        if not self._reader.known.bot:
            self._reader.known.bot = bot_of(self._token)
        return Replayed(events=replayed(payload, self._reader, at, new_ulid))

    @override
    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """As `Fetching.fetched` says."""
        return self._fetching.fetched(attachment)

    @override
    async def show_state(self, showing: Showing) -> None:
        try:
            await self._states.show(showing)
        except Failure as failure:
            raise change_error(failure, self._account, showing.remote) from failure

    @override
    async def diagnose(self) -> tuple[Finding, ...]:
        return await self._examining.findings()

    def _note_echo(self, event: Inbound) -> None:
        """Whoever waits for the answer to a send knows it by this as well."""
        match event.body:
            case DeliveryReported(remote=remote, message=str(message), piece=int(piece)):
                self._echoes.note((message, piece), remote)
            case _:
                pass


def _reader(
    settings: DiscordSettings, account: str, known: Known, told: Recent[str, bool]
) -> Reader:
    return Reader(
        account=account,
        known=known,
        guilds=frozenset(settings.guilds),
        support_channels=frozenset(settings.support_channels),
        listen=settings.listen,
        keywords=keywords_of(settings.keywords),
        told=told,
        ours=said,
    )
