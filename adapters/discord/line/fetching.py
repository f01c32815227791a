"""The bytes of what people sent, streamed from Discord's file servers.

Links of files are good for a day, so an attachment is called by the message that it came with, and
that is asked where the file is now. Nothing else than Discord's own servers is ever asked for a
file, and they are not shown the token.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import aiohttp
from yarl import URL

from adapters.discord.line.answers import Failure, Refusal, Uncertain
from adapters.discord.line.failures import change_error, refresh_error
from adapters.discord.line.rest import Rest
from adapters.discord.objects.remotes import (
    CDN_HOSTS,
    FileOf,
    LinkedFile,
    StickerFile,
    file_at,
    remote_of,
)
from adapters.discord.outgoing import changes
from adapters.discord.places import Place
from adapters.discord.settings import DiscordSettings
from core.errors import InvalidRequest, NotFound, TemporaryDeliveryError
from core.model.content import Attachment

_GONE = (403, 404, 410)
"""What the file servers answer for what has expired, and for what is deleted."""
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
_CHUNK_SIZE_BYTES = 64 * 1024


class Fetching:
    """Of one account."""

    def __init__(self, rest: Rest, settings: DiscordSettings, account: str) -> None:
        self._rest, self._settings, self._account = rest, settings, account

    async def fetched(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """All of it or an error: NotFound when Discord no longer has it, InvalidRequest when it is
        too large or not Discord's, TemporaryDeliveryError when it cannot be had just now,
        AuthenticationError.
        """
        self._check_size(attachment, attachment.size_bytes or 0)
        link, again, received = await self._located(attachment), True, 0
        while True:
            try:
                async with aclosing(self._download(link)) as chunks:
                    async for chunk in chunks:
                        received += len(chunk)
                        self._check_size(attachment, received)
                        yield chunk
                break
            except Failure as failure:
                if not (isinstance(failure, Refusal) and failure.status in _GONE):
                    what = f"the fetching of attachment {attachment.id}"
                    raise change_error(failure, self._account, what) from None
                if not again:
                    raise NotFound(f"Discord no longer has attachment {attachment.id}") from None
            again, link = False, await self._located(attachment)
        if received < (attachment.size_bytes or 0):
            raise TemporaryDeliveryError(
                f"of attachment {attachment.id} only {received} of {attachment.size_bytes} bytes"
                " came"
            )

    async def _located(self, attachment: Attachment) -> URL:
        """Where it is now."""
        match remote_of(attachment.remote):
            case FileOf() as file:
                return _link(await self._told(file, attachment), attachment.id)
            case StickerFile(name=_) as sticker:
                return _link(sticker.url, attachment.id)
            case LinkedFile(url=url):
                return _link(url, attachment.id)
            case None:
                return _link("", attachment.id)

    async def _told(self, file: FileOf, attachment: Attachment) -> str:
        """What the message that holds it says. Raises NotFound if it no longer does."""
        try:
            message = await self._rest.ask(changes.message(Place(file.channel), file.message))
        except Failure as failure:
            raise refresh_error(failure, self._account, attachment.id) from None
        found = next((text for text in _texts(message) if file_at(text) == file.file), "")
        if not found:
            raise NotFound(f"Discord no longer has attachment {attachment.id}")
        return found

    async def _download(self, link: URL) -> AsyncGenerator[bytes, None]:
        """Raises a Failure, outside of any `except`: a link is as good as the file."""
        client = await self._rest.ready()
        failure: Failure | None = None
        headers = {"User-Agent": client.http.user_agent, "Accept-Encoding": "identity"}
        timeout = aiohttp.ClientTimeout(
            connect=self._settings.connect_timeout_seconds,
            sock_read=self._settings.request_timeout_seconds,
        )
        try:
            async with (
                aiohttp.ClientSession(
                    connector=client.http.connector,
                    connector_owner=False,
                    cookie_jar=aiohttp.DummyCookieJar(),
                ) as session,
                session.get(link, headers=headers, timeout=timeout, allow_redirects=False) as got,
            ):
                if got.status == 200:
                    async for chunk in got.content.iter_chunked(_CHUNK_SIZE_BYTES):
                        yield chunk
                else:
                    failure = Refusal(got.status, told=False)
        except _BROKEN as error:
            failure = Uncertain(f"the download from Discord broke ({type(error).__name__})")
        if failure is not None:
            raise failure

    def _check_size(self, attachment: Attachment, size_bytes: int) -> None:
        limit = self._settings.download_size_bytes_max
        if size_bytes > limit:
            raise InvalidRequest(
                f"attachment {attachment.id} is larger than the {limit} bytes that are fetched"
                " from Discord"
            )


def _link(text: str, attachment: str) -> URL:
    try:
        link = URL(text, encoded=True)
        ours = (
            link.scheme == "https" and link.host in CDN_HOSTS and link.explicit_port in (None, 443)
        )
    except ValueError:
        ours, link = False, URL()
    if not ours or link.user is not None or link.password is not None:
        raise InvalidRequest(f"attachment {attachment} is not on Discord's own servers")
    return link


def _texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, wherever they are: a file is found in whatever part holds it."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
        case _:
            pass
