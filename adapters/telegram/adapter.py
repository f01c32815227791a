"""One Telegram bot as an adapter: moves bytes between the Bot API and the pure functions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from typing_extensions import override

from adapters.telegram.api import BotApi
from adapters.telegram.chats import Chats
from adapters.telegram.fetching import fetched
from adapters.telegram.polling import Polling
from adapters.telegram.sending import Sending
from adapters.telegram.settings import TelegramSettings
from adapters.telegram.transport import AiohttpRequest
from core.model.content import Attachment
from core.ports import Deliver, FetchesAttachments, Surroundings


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
    async with request:
        chats = Chats(surroundings.checkpoints)
        yield TelegramAdapter(BotApi(settings, request), settings, surroundings, chats)


class TelegramAdapter(Sending, FetchesAttachments):
    """Made by `open_adapter`."""

    @override
    async def run(self, deliver: Deliver) -> None:
        await Polling(self._api, self._settings, self._surroundings).run(deliver)

    @override
    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """As `fetched` says."""
        limit = self._settings.download_size_bytes_max
        return fetched(self._api, attachment, self._surroundings.account, limit)
