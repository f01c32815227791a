"""The few Bot API methods that this adapter calls, each with its typed answer.

The library's `Bot` is left out: it holds the token in its repr and in some of its errors, logs
parameters, and builds objects of answers of which one number is needed.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote

import msgspec
from telegram import InputFile
from telegram.request import RequestData

# Not part of the library's public surface, but the only way to fill a RequestData.
from telegram.request._requestparameter import RequestParameter

from adapters.telegram.line.transport import AiohttpRequest, Unreadable
from adapters.telegram.objects.fields import Reference
from adapters.telegram.outgoing.calls import Call
from adapters.telegram.outgoing.media import ALBUM_METHOD
from adapters.telegram.settings import TelegramSettings

ALLOWED_UPDATES = (
    '["message","edited_message","callback_query","message_reaction","my_chat_member",'
    '"chat_member","business_connection","business_message","edited_business_message",'
    '"deleted_business_messages"]'
)
"""Named on every poll: otherwise whatever was asked for last stays in force."""

T = TypeVar("T")


class Me(msgspec.Struct, frozen=True):
    """The bot itself."""

    id: int
    username: str = ""
    can_read_all_group_messages: bool = False


class Sent(msgspec.Struct, frozen=True):
    """A message that Telegram has taken. An animation is a document, too."""

    message_id: int
    document: Reference | None = None
    animation: Reference | None = None

    @property
    def file(self) -> bool:
        """It is shown as a file, whatever it was sent as."""
        return self.document is not None and self.animation is None


class WebhookInfo(msgspec.Struct, frozen=True):
    """Where Telegram sends updates by itself, empty for nowhere, and how that goes."""

    url: str = ""
    pending_update_count: int = 0
    last_error_date: int = 0
    last_error_message: str = ""


class RemoteFile(msgspec.Struct, frozen=True):
    """Where a file can be fetched from, for about an hour."""

    file_path: str = ""
    file_size: int | None = None


class BotApi:
    """Calls with one bot's token. Raises the transport's failures."""

    def __init__(self, settings: TelegramSettings, request: AiohttpRequest) -> None:
        self._settings = settings
        self._request = request
        base = settings.api_url.rstrip("/")
        self._methods_url = f"{base}/bot{settings.token.reveal()}"
        self._files_url = f"{base}/file/bot{settings.token.reveal()}"

    async def me(self) -> Me:
        return _decoded(await self._post("getMe", []), Me)

    async def updates(self, offset: int, limit: int) -> list[msgspec.Raw]:
        """Wait for updates from `offset` on; all before it are acknowledged by asking."""
        settings = self._settings
        parameters = [
            RequestParameter("offset", offset, None),
            RequestParameter("limit", limit, None),
            RequestParameter("timeout", settings.poll_timeout_seconds, None),
            RequestParameter("allowed_updates", ALLOWED_UPDATES, None),
        ]
        timeout_seconds = settings.poll_timeout_seconds + settings.request_timeout_seconds
        answer = await self._post("getUpdates", parameters, timeout_seconds)
        return _decoded(answer, list[msgspec.Raw])

    async def webhook(self) -> WebhookInfo:
        return _decoded(await self._post("getWebhookInfo", []), WebhookInfo)

    async def set_webhook(self, url: str, secret: str, connections_max: int) -> None:
        """Updates that wait are kept."""
        parameters = [
            RequestParameter("url", url, None),
            RequestParameter("secret_token", secret, None),
            RequestParameter("max_connections", connections_max, None),
            RequestParameter("allowed_updates", ALLOWED_UPDATES, None),
        ]
        await self._post("setWebhook", parameters)

    async def delete_webhook(self) -> None:
        """Updates that wait are kept."""
        await self._post("deleteWebhook", [])

    async def send(self, call: Call, files: Sequence[Path]) -> tuple[Sent, ...]:
        """Perform a rendered call; `files` are where the bytes of its uploads are.

        -> the messages that it made: several of an album, in its order.
        """
        answer = await self._upload(call, files) if files else await self.perform(call)
        if call.method == ALBUM_METHOD:
            return _decoded(answer, tuple[Sent, ...])
        return (_decoded(answer, Sent),)

    async def perform(self, call: Call) -> bytes:
        """Perform a rendered call without files; -> its result as it came."""
        return await self._post(call.method, _parameters(call))

    async def _upload(self, call: Call, files: Sequence[Path]) -> bytes:
        parameters = _parameters(call)
        with ExitStack() as opened:
            for upload, path in zip(call.uploads, files, strict=True):
                handle = opened.enter_context(path.open("rb"))
                file = InputFile(handle, upload.name, read_file_handle=False)
                parameters.append(RequestParameter(upload.field, None, [file]))
            timeout_seconds = self._settings.upload_timeout_seconds
            return await self._post(call.method, parameters, timeout_seconds)

    async def file(self, file_id: str) -> RemoteFile:
        parameters = [RequestParameter("file_id", file_id, None)]
        return _decoded(await self._post("getFile", parameters), RemoteFile)

    def download(self, file: RemoteFile) -> AsyncGenerator[bytes, None]:
        return self._request.download(f"{self._files_url}/{quote(file.file_path)}")

    async def _post(
        self,
        method: str,
        parameters: list[RequestParameter],
        timeout_seconds: float | None = None,
    ) -> bytes:
        result = await self._request.post(
            f"{self._methods_url}/{method}",
            RequestData(parameters),
            read_timeout=timeout_seconds or self._request.read_timeout,
        )
        return bytes(cast("msgspec.Raw", result))  # see AiohttpRequest.parse_json_payload


def _parameters(call: Call) -> list[RequestParameter]:
    return [RequestParameter(name, value, None) for name, value in call.fields.items()]


def _decoded(result: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(result, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable(result) from None
