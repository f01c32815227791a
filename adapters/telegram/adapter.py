"""One Telegram bot as an adapter: moves bytes between the Bot API and the pure functions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from telegram.error import TelegramError
from typing_extensions import override

from adapters.telegram.api import BotApi
from adapters.telegram.capabilities import capabilities
from adapters.telegram.failures import send_error
from adapters.telegram.fetching import fetched
from adapters.telegram.polling import Polling
from adapters.telegram.render import Call, chat_of, render
from adapters.telegram.settings import TelegramSettings
from adapters.telegram.transport import AiohttpRequest
from core.errors import NotFound, PermanentDeliveryError
from core.model.content import Attachment
from core.model.outbound import Outbound, Receipt
from core.ports import Adapter, Capabilities, Deliver, FetchesAttachments, Surroundings


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
    )
    async with request:
        yield TelegramAdapter(BotApi(settings, request), settings, surroundings)


class TelegramAdapter(Adapter, FetchesAttachments):
    """Made by `open_adapter`."""

    def __init__(self, api: BotApi, settings: TelegramSettings, surroundings: Surroundings) -> None:
        self._api = api
        self._settings = settings
        self._surroundings = surroundings
        self._capabilities = capabilities(settings)

    @property
    @override
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @override
    async def run(self, deliver: Deliver) -> None:
        await Polling(self._api, self._settings, self._surroundings).run(deliver)

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        call = render(outbound, link_previews=self._settings.link_previews)
        upload = self._upload(call, outbound)
        try:
            sent = await self._api.send(call, upload)
        except TelegramError as failure:
            error = send_error(failure, self._surroundings.account, outbound.key)
            raise error from failure
        chat, _ = chat_of(outbound.thread.thread)
        return Receipt(remotes=(f"{chat}:{sent.message_id}",))

    @override
    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """As `fetched` says."""
        limit = self._settings.download_size_bytes_max
        return fetched(self._api, attachment, self._surroundings.account, limit)

    def _upload(self, call: Call, outbound: Outbound) -> Path | None:
        if call.upload is None:
            return None
        try:
            return self._surroundings.blobs.path(call.upload.sha256)
        except NotFound as error:
            raise PermanentDeliveryError(
                f"{outbound.key}: its file is no longer stored here", code="file_missing"
            ) from error
