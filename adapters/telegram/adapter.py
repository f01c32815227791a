"""One Telegram bot as an adapter: moves bytes between the Bot API and the pure functions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final

from typing_extensions import override

from adapters.telegram.chats import REMEMBERED_MAX, Chats
from adapters.telegram.incoming.normalise import normalise
from adapters.telegram.line.api import BotApi, Me
from adapters.telegram.line.examining import diagnose
from adapters.telegram.line.fetching import fetched
from adapters.telegram.line.patience import Patience
from adapters.telegram.line.polling import Polling
from adapters.telegram.line.presses import Presses
from adapters.telegram.line.receiving import Receiving
from adapters.telegram.line.registration import CHECKPOINT, Registration
from adapters.telegram.line.sending import Sending
from adapters.telegram.line.transport import AiohttpRequest
from adapters.telegram.line.webhook import secret_token, take_call
from adapters.telegram.settings import TelegramSettings
from core.errors import StoreError
from core.ids import new_ulid
from core.model.content import Attachment
from core.ports import (
    AcceptsWebhooks,
    Deliver,
    Diagnoses,
    FetchesAttachments,
    Finding,
    HookAnswer,
    HookCall,
    Replayed,
    Replays,
    Surroundings,
)
from core.recent import Recent

USERNAME: Final = "username"
"""The checkpoint that has it."""


@asynccontextmanager
async def open_adapter(
    settings: TelegramSettings, surroundings: Surroundings
) -> AsyncIterator["TelegramAdapter"]:
    """The adapter of one account, connected for as long as the context lasts."""
    request = AiohttpRequest(
        connections_max=settings.connections_max,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        request_timeout_seconds=settings.request_timeout_seconds,
        answer_size_bytes_max=settings.poll_size_bytes_max,
        secret=settings.token.reveal(),
    )
    chats = Chats(surroundings.checkpoints)
    await chats.load()
    async with request:
        name = await surroundings.checkpoints.load(USERNAME) or ""
        me = Me(id=_id_in(settings.token.reveal()), username=name)
        yield TelegramAdapter(BotApi(settings, request), settings, surroundings, chats, me)


def _id_in(token: str) -> int:
    """A token begins with its bot's id; 0 if this one does not."""
    head = token.partition(":")[0]
    return int(head) if head.isdecimal() and len(head) <= 20 else 0


class TelegramAdapter(Sending, FetchesAttachments, AcceptsWebhooks, Replays, Diagnoses):
    """Made by `open_adapter`."""

    def __init__(
        self,
        api: BotApi,
        settings: TelegramSettings,
        surroundings: Surroundings,
        chats: Chats,
        me: Me,
    ) -> None:
        """`me`: who the bot is, as far as that is known without asking."""
        topics = Recent[str, str](REMEMBERED_MAX)
        super().__init__(api, settings, surroundings, chats, topics)
        self._me = me
        self._patience = Patience(settings, surroundings)
        self._presses = Presses(api, surroundings.account)
        self._receiving = Receiving(settings, surroundings, chats, topics, self._presses)
        self._secret = secret_token(surroundings.secret)

    @override
    async def run(self, deliver: Deliver) -> None:
        me = await self._patience.until_answered(self._api.me)
        self._receiving.begin(me)
        with suppress(StoreError):  # it is for replays only, and noted at every start
            await self._surroundings.checkpoints.save(USERNAME, me.username)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._presses.run())
                tasks.create_task(self._receive(deliver))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    @override
    async def diagnose(self) -> tuple[Finding, ...]:
        registered = await self._surroundings.checkpoints.load(CHECKPOINT)
        return await diagnose(self._api, self._settings, self._surroundings.hook_url, registered)

    async def _receive(self, deliver: Deliver) -> None:
        parts = self._api, self._settings, self._surroundings, self._patience
        registration = Registration(*parts, self._secret)
        if self._settings.mode == "webhook":
            await registration.keep()
        else:
            await Polling(*parts, registration).run(self._receiving, deliver)

    @override
    async def receive(self, call: HookCall, deliver: Deliver) -> HookAnswer:
        if self._settings.mode != "webhook":
            return HookAnswer(status=404)
        limit = self._settings.webhook_size_bytes_max
        return await take_call(call, self._secret, self._receiving, deliver, size_bytes_max=limit)

    @override
    def replay(self, payload: bytes, at: datetime) -> Replayed:
        """Where groups are heard only when they name the bot, its name has to be known: it is once
        the inbox has run.
        """
        return Replayed(
            events=normalise(payload, self._receiving.reader_for(self._me), at, new_ulid)
        )

    @override
    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """As `fetched` says."""
        limit = self._settings.download_size_bytes_max
        return fetched(self._api, attachment, self._surroundings.account, limit)
