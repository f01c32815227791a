"""What agents do, carried out on Telegram: the sending half of the adapter."""

from pathlib import Path

from telegram.error import TelegramError
from typing_extensions import override

from adapters.telegram.api import BotApi
from adapters.telegram.capabilities import capabilities
from adapters.telegram.chats import Chats
from adapters.telegram.failures import send_error
from adapters.telegram.places import place_of, remote_of
from adapters.telegram.render import Call, render
from adapters.telegram.settings import TelegramSettings
from core.errors import NotFound, PermanentDeliveryError
from core.model.outbound import Outbound, Receipt
from core.ports import Adapter, Capabilities, Surroundings


class Sending(Adapter):
    """One bot's way out. `chats` is shared with the way in."""

    def __init__(
        self, api: BotApi, settings: TelegramSettings, surroundings: Surroundings, chats: Chats
    ) -> None:
        self._api = api
        self._settings = settings
        self._surroundings = surroundings
        self._chats = chats
        self._capabilities = capabilities(settings)

    @property
    @override
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        call = render(outbound, link_previews=self._settings.link_previews)
        upload = self._upload(call, outbound)
        try:
            sent = await self._api.send(call, upload)
        except TelegramError as failure:
            error = send_error(failure, self._surroundings.account, outbound.key)
            raise error from failure
        return Receipt(remotes=(remote_of(place_of(outbound.thread.thread).chat, sent.message_id),))

    def _upload(self, call: Call, outbound: Outbound) -> Path | None:
        if call.upload is None:
            return None
        try:
            return self._surroundings.blobs.path(call.upload.sha256)
        except NotFound as error:
            raise PermanentDeliveryError(
                f"{outbound.key}: its file is no longer stored here", code="file_missing"
            ) from error
