"""The library's transport plug-in on aiohttp, and every way in which a call can fail.

An address of the Bot API contains the token, and so do the texts of many an exception. That is why
every failure is told here in our own words, raised outside the `except` block: no text, log line
or chained traceback holds an address.
"""

from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import msgspec
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData
from typing_extensions import override

_NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
_DESCRIPTION_LENGTH_MAX = 300
"""It becomes part of what is stored and shown: no server fills our log."""

_CHUNK_SIZE_BYTES = 64 * 1024


class NotSent(NetworkError):
    """No connection came about: nothing has left."""


class Uncertain(NetworkError):
    """The call may have been carried out, but there is no answer."""


class Unreadable(TelegramError):
    """There is an answer (`body`), but it is not the Bot API's JSON."""

    def __init__(self, body: bytes) -> None:
        super().__init__(f"Telegram's answer of {len(body)} bytes cannot be read")
        self.body = body


class Refusal(TelegramError):
    """Telegram answered no, with an HTTP status. `description` is Telegram's own, or empty."""

    def __init__(self, status: int, answer: "_Refused") -> None:
        self.description = answer.description[:_DESCRIPTION_LENGTH_MAX]
        super().__init__(f"Telegram answered {status} {self.description}".rstrip())
        self.status = status
        self.retry_after_seconds = answer.parameters.retry_after
        self.migrated_to = answer.parameters.migrate_to_chat_id


class _Parameters(msgspec.Struct, frozen=True):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Refused(msgspec.Struct, frozen=True):
    description: str = ""
    parameters: _Parameters = _Parameters()


class _Answer(msgspec.Struct, frozen=True):
    result: msgspec.Raw


_decode_answer = msgspec.json.Decoder(_Answer).decode


class AiohttpRequest(BaseRequest):
    """`post` returns the undecoded `result` (msgspec.Raw) and raises one of the failures above."""

    def __init__(
        self,
        *,
        connections_max: int,
        connect_timeout_seconds: float,
        request_timeout_seconds: float,
        answer_size_bytes_max: int,
        secret: str,
    ) -> None:
        """`secret` is kept out of what a refusal says, should a server in between echo it."""
        self._secret = secret.encode()
        self._connections_max = connections_max
        self._connect_timeout_seconds = connect_timeout_seconds
        self._request_timeout_seconds = request_timeout_seconds
        self._answer_size_bytes_max = answer_size_bytes_max
        self._session: aiohttp.ClientSession | None = None
        self._files: aiohttp.ClientSession | None = None

    @property
    @override
    def read_timeout(self) -> float:
        return self._request_timeout_seconds

    @override
    async def initialize(self) -> None:
        """Files have connections of their own: they may be slow, and other calls do not wait."""
        self._session, self._files = self._connected(), self._connected()

    @override
    async def shutdown(self) -> None:
        for session in (self._session, self._files):
            if session is not None:
                await session.close()
        self._session = self._files = None

    def _connected(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=self._connections_max)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    @staticmethod
    @override
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            return {"result": _decode_answer(payload).result}
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unreadable(payload) from None

    @override
    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """`read_timeout` bounds the whole call, uploading included; the others are settings."""
        seconds = read_timeout if isinstance(read_timeout, int | float) else self.read_timeout
        timeout = aiohttp.ClientTimeout(total=seconds, connect=self._connect_timeout_seconds)
        uploads = request_data is not None and request_data.contains_files
        session = _open(self._files if uploads else self._session)
        failure: TelegramError
        try:
            async with session.request(
                method, url, data=_form(request_data), timeout=timeout, allow_redirects=False
            ) as response:
                body = await self._read(response)
                if 200 <= response.status < 300:
                    return response.status, body
                failure = self._refusal(response.status, body)
        except _NEVER_CONNECTED as error:
            failure = NotSent(f"cannot connect to Telegram ({type(error).__name__})")
        except _BROKEN as error:
            failure = Uncertain(f"the connection to Telegram broke ({type(error).__name__})")
        raise failure

    async def download(self, url: str) -> AsyncGenerator[bytes, None]:
        """The bytes at the address, in chunks. Fails as calls do."""
        timeout = aiohttp.ClientTimeout(
            connect=self._connect_timeout_seconds, sock_read=self._request_timeout_seconds
        )
        failure: TelegramError | None = None
        try:
            async with _open(self._files).get(
                url, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status == 200:
                    async for chunk in response.content.iter_chunked(_CHUNK_SIZE_BYTES):
                        yield chunk
                else:
                    failure = self._refusal(response.status, await self._read(response))
        except _BROKEN as error:
            failure = Uncertain(f"the download from Telegram broke ({type(error).__name__})")
        if failure is not None:
            raise failure

    def _refusal(self, status: int, body: bytes) -> Refusal:
        return read_refusal(status, body.replace(self._secret, b"<token>"))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body; one that is too long is cut, and so becomes unreadable."""
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._answer_size_bytes_max:
                response.close()
                break
        return bytes(body[: self._answer_size_bytes_max])


def _open(session: aiohttp.ClientSession | None) -> aiohttp.ClientSession:
    if session is None:
        raise RuntimeError("the transport is used before initialize() or after shutdown()")
    return session


def _form(request_data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    """Files are handed over open, so that aiohttp streams them."""
    if request_data is None:
        return None
    if not request_data.contains_files:
        return request_data.json_parameters
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form


def read_refusal(status: int, body: bytes) -> Refusal:
    """The refusal in an answer's body; without a description if that is not the Bot API's."""
    try:
        return Refusal(status, msgspec.json.decode(body, type=_Refused))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refusal(status, _Refused())  # a proxy's page, usually
