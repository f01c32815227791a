"""Calls of Discord's API with one bot's token, through the library's rate-limit buckets.

One `ask` is one request (or two, of those that HTTP lets one repeat: when the connection breaks,
aiohttp asks once more). By itself the library repeats a 5xx up to five times over half a minute,
and sleeps on a 429 while it holds back every other call. Here our callers decide that, who know
what may be asked twice, and core, which still knows when this process is lost. So each answer is
judged before the library sees it, by `raise_for_status`, which it hands on to aiohttp.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import aiohttp
import discord
import msgspec
from discord.http import Route

from adapters.discord.line.allowance import Allowance
from adapters.discord.line.answers import (
    Answer,
    Failure,
    Headroom,
    NotSent,
    Refusal,
    Uncertain,
    read_refusal,
)
from adapters.discord.line.client import BUCKET_WAIT_SECONDS_MAX, new_client
from adapters.discord.outgoing.calls import Call
from adapters.discord.settings import DiscordSettings
from core.ports import Remark
from core.recent import Recent

_log = logging.getLogger(__name__)
T = TypeVar("T")

_NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError, discord.DiscordException)
_RETRY_SECONDS: Final = 5.0
"""After a 429 that does not say how long to wait."""
_BUCKETS_MAX: Final = 500

_APPLICATION: Final = Call(method="GET", path="/oauth2/applications/@me")


class Me(msgspec.Struct, frozen=True):
    """The bot itself."""

    id: str
    username: str = ""


class Application(msgspec.Struct, frozen=True):
    """What the bot belongs to. `flags` say which intents are switched on for it, `bot_public`
    whether anybody may invite it.
    """

    id: str
    flags: int = 0
    bot_public: bool = False


class Rest:
    """Made by `open_rest`. `headroom`: of each bucket, as of its last answer."""

    def __init__(self, settings: DiscordSettings, remark: Remark) -> None:
        self._settings, self._remark = settings, remark
        self._allowance = Allowance()
        self._logging_in = asyncio.Lock()
        self._tries = 0
        self._refused: Failure | None = None
        """How often it was tried to log in, and why that last failed."""
        self._client: discord.Client | None = None
        self._asking: set[asyncio.Future[Failure]] = set()
        """Calls under way; of some the answer has been given, and a limit is waited for."""
        self._me, self._application = Me(""), Application("")
        self._silenced = False
        self.headroom = Recent[str, Headroom](_BUCKETS_MAX)

    @property
    def client(self) -> discord.Client:
        """The library's, logged in. Only after `ready`."""
        if self._client is None:
            raise RuntimeError("Discord's client is used before ready()")
        return self._client

    @property
    def me(self) -> Me:
        """Only after `ready`."""
        return self._me

    @property
    def application(self) -> Application:
        """Only after `ready`."""
        return self._application

    @property
    def wait_seconds(self) -> float:
        """For how long nothing may be asked; 0 when something may."""
        return self._allowance.wait_seconds(_now())

    async def ready(self) -> discord.Client:
        """Log in, unless that is done. Raises a Failure, and may be asked again after one.

        Whoever asks while somebody else tries has that one's failure: hundreds of calls that wait
        would try, and fail, one after another.
        """
        tried = self._tries
        if self._client is not None:
            return self._client
        async with self._logging_in:
            if self._tries == tried:
                await self._try_to_log_in()
            elif self._refused is not None:
                raise self._refused
            return self.client

    async def _try_to_log_in(self) -> None:
        """One that is broken off says nothing to those who wait: the next of them tries."""
        try:
            self._client, self._refused = await self._log_in(), None
        except Failure as failure:
            self._refused, self._tries = failure, self._tries + 1
            raise
        self._tries += 1

    async def close(self) -> None:
        for asking in tuple(self._asking):
            await _break_off(asking)
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def ask(self, call: Call, files: Sequence[Path] = ()) -> Any:
        """Perform a call; `files` are where the bytes of its uploads are. -> the answer's JSON,
        None if there is none. Raises a Failure, FileNotFoundError.
        """
        answer = await self.raw(call, files)
        return _decoded(answer) if answer else None

    async def raw(self, call: Call, files: Sequence[Path] = ()) -> bytes:
        """As `ask` does; -> the JSON as it came."""
        client = await self._entered()
        with ExitStack() as opened:
            request = _body(call)
            if files:
                handles = [opened.enter_context(path.open("rb")) for path in files]
                request = {"form": _form(call, handles)}
            return await self._requested(client, call, request)

    async def _entered(self) -> discord.Client:
        """As `ready`, for a call, of which nothing leaves before."""
        try:
            return await self.ready()
        except Uncertain as failure:
            raise NotSent(str(failure)) from failure
        except Refusal as failure:
            if failure.status < 500:
                raise
            raise NotSent(str(failure)) from failure

    async def _log_in(self) -> discord.Client:
        """A client that could not log in is of no more use: its session is made by that."""
        self._check_allowance()
        client = new_client(self._settings)
        try:
            await client.__aenter__()
            self._me = await self._static_login(client)
            application = await self._requested(client, _APPLICATION, {})
            self._application = _converted(_decoded(application), Application)
        except BaseException:
            await client.close()
            raise
        return client

    async def _static_login(self, client: discord.Client) -> Me:
        failure: Failure
        try:
            async with asyncio.timeout(self._settings.request_timeout_seconds):
                return _converted(await client.http.static_login(self._settings.token.reveal()), Me)
        except discord.LoginFailure:
            failure = Refusal(401, message="the token is refused")
        except discord.RateLimited as limited:
            seconds = limited.retry_after
            failure = Refusal(429, retry_after_seconds=seconds, everywhere=True)
        except discord.HTTPException as error:
            failure = read_refusal(error.status, error.response.headers, b"")
        except _NEVER_CONNECTED as error:
            failure = NotSent(f"cannot connect to Discord ({type(error).__name__})")
        except (*_BROKEN, ValueError, TypeError) as error:
            failure = Uncertain(f"Discord cannot be logged in to ({type(error).__name__})")
        if isinstance(failure, Refusal):
            self._heed(failure)
        raise failure

    async def _requested(
        self, client: discord.Client, call: Call, request: dict[str, Any]
    ) -> bytes:
        """Perform the call within its time; -> the answer's body. Raises a Failure.

        When a limit is used up the library gives no answer before there is room for the next call.
        That wait is left to it: who asked has the answer when it comes.
        """
        self._check_allowance()
        answer = Answer()
        asking = asyncio.ensure_future(self._through_library(client, call, request, answer))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        either: set[asyncio.Future[Any]] = {asking, answer.body}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not answer.body.done():
                await _break_off(asking)
        if answer.headroom is not None:
            self.headroom.note(answer.bucket or f"{call.method} {call.path}", answer.headroom)
        if answer.body.done():
            self._recover()
            return answer.body.result()
        raise asking.result()

    async def _through_library(
        self, client: discord.Client, call: Call, request: dict[str, Any], answer: Answer
    ) -> Failure:
        """-> why there is no answer, if there is none."""
        settings, uploads = self._settings, bool(call.uploads)
        seconds = settings.upload_timeout_seconds if uploads else settings.request_timeout_seconds
        timeout = aiohttp.ClientTimeout(total=seconds, connect=settings.connect_timeout_seconds)
        try:
            async with asyncio.timeout(seconds + 2 * BUCKET_WAIT_SECONDS_MAX):
                await client.http.request(
                    Route(call.method, call.path, **call.ids),
                    raise_for_status=answer,
                    allow_redirects=False,
                    timeout=timeout,
                    params=call.query,
                    reason=call.reason,
                    **request,
                )
        except Refusal as refusal:
            self._heed(refusal)
            return refusal
        except discord.RateLimited as limited:  # a bucket that is known to be empty for long
            return Refusal(429, retry_after_seconds=limited.retry_after)
        except _NEVER_CONNECTED as error:
            return NotSent(f"cannot connect to Discord ({type(error).__name__})")
        except (*_BROKEN, ValueError, LookupError) as error:
            return Uncertain(f"the connection to Discord broke ({type(error).__name__})")
        return Uncertain("Discord did not answer")

    def _check_allowance(self) -> None:
        """Raises Refusal while Discord must not be asked at all."""
        if seconds := self.wait_seconds:
            raise Refusal(
                429,
                message="not asked: it wants to be left alone",
                retry_after_seconds=seconds,
                everywhere=True,
            )

    def _recover(self) -> None:
        """What was said of our silence is no longer so."""
        if self._silenced:
            self._silenced = False
            self._remark("")

    def _heed(self, refusal: Refusal) -> None:
        now = _now()
        self._allowance.note_refusal(refusal.status, now, shared=refusal.shared)
        if refusal.everywhere:
            seconds = refusal.retry_after_seconds or _RETRY_SECONDS
            self._allowance.pause(seconds, now)
            _log.warning("Discord wants no call at all for %.1f s: %s", seconds, refusal)
        if shut_out := self._allowance.shut_out_seconds(now):
            self._silenced = True
            self._remark(
                f"Discord has refused so many calls that it would shut this address out: nothing is"
                f" asked for {shut_out:.0f} s. Look at the log for what it refuses, and at the"
                " bot's permissions"
            )


@asynccontextmanager
async def open_rest(settings: DiscordSettings, remark: Remark) -> AsyncIterator[Rest]:
    """Connects when it is first asked."""
    rest = Rest(settings, remark)
    try:
        yield rest
    finally:
        await rest.close()


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _break_off(asking: asyncio.Future[Failure]) -> None:
    """It has ended when this returns."""
    if not asking.done():
        asking.cancel()
        await asyncio.wait({asking})


def _body(call: Call) -> dict[str, Any]:
    return {} if call.body is None else {"json": call.body}


def _form(call: Call, handles: Sequence[Any]) -> list[dict[str, Any]]:
    """Files are handed over open, so that aiohttp streams them."""
    words = msgspec.json.encode(call.body or {}).decode()
    fields = [{"name": "payload_json", "value": words, "content_type": "application/json"}]
    files = [
        {
            "name": f"files[{number}]",
            "value": handle,
            "filename": upload.name,
            "content_type": "application/octet-stream",
        }
        for number, (upload, handle) in enumerate(zip(call.uploads, handles, strict=True))
    ]
    return [*fields, *files]


def _decoded(answer: bytes) -> Any:
    try:
        return msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Uncertain(f"Discord's answer of {len(answer)} bytes cannot be read") from None


def _converted(value: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise Uncertain(f"Discord's answer has no {kind.__name__} in it") from None
