"""The bytes of what customers sent, streamed from Telegram's file server.

A message names a file by an id that stays good; where its bytes are is asked for each time, because
that is true for an hour only.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing

from telegram.error import TelegramError

from adapters.telegram.line.api import BotApi, RemoteFile
from adapters.telegram.line.failures import download_error, is_gone, resolve_error
from core.errors import InvalidRequest, NotFound, TemporaryDeliveryError
from core.model.content import Attachment


async def fetched(
    api: BotApi, attachment: Attachment, account: str, size_bytes_max: int
) -> AsyncIterator[bytes]:
    """All of it or an error: NotFound when Telegram no longer has it, InvalidRequest when it is too
    large, TemporaryDeliveryError when it cannot be had just now, AuthenticationError.
    """
    _check_size(attachment, attachment.size_bytes or 0, size_bytes_max)
    file = await _resolved(api, attachment, account)
    received, again = 0, True
    while True:
        _check_size(attachment, file.file_size or 0, size_bytes_max)
        try:
            async with aclosing(api.download(file)) as chunks:
                async for chunk in chunks:
                    received += len(chunk)
                    _check_size(attachment, received, size_bytes_max)
                    yield chunk
            break
        except TelegramError as failure:
            if not (again and is_gone(failure)):
                raise download_error(failure, account, attachment.id) from failure
        again, file = False, await _resolved(api, attachment, account)  # its place has expired
    if received < (file.file_size or 0):  # without Content-Length a cut looks like the end
        raise TemporaryDeliveryError(
            f"of attachment {attachment.id} only {received} of {file.file_size} bytes came"
        )


async def _resolved(api: BotApi, attachment: Attachment, account: str) -> RemoteFile:
    """Where the bytes are now."""
    try:
        file = await api.file(attachment.remote)
    except TelegramError as failure:
        raise resolve_error(failure, account, attachment.id) from failure
    if not file.file_path:
        raise NotFound(f"Telegram no longer has attachment {attachment.id}")
    return file


def _check_size(attachment: Attachment, size_bytes: int, size_bytes_max: int) -> None:
    if size_bytes > size_bytes_max:
        raise InvalidRequest(
            f"attachment {attachment.id} is larger than the {size_bytes_max} bytes that are"
            " fetched from Telegram"
        )
