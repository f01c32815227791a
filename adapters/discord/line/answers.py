"""What becomes of one request: Discord's answer as it came, or a failure in our own words.

Addresses of the API can hold an interaction's token, and so do the texts of many an exception. No
failure here holds an address, a token or anybody's words.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

import aiohttp
import msgspec

_TEXT_LENGTH_MAX: Final = 300
"""It becomes part of what is stored and shown: no server fills our log."""
_FIELDS_MAX: Final = 50


class Failure(Exception):
    """A call did not succeed."""


class NotSent(Failure):
    """No connection came about: nothing has left."""


class Uncertain(Failure):
    """The call may have been carried out, but there is no answer."""


class Refusal(Failure):
    """Discord answered no: an HTTP status, and its own `code` (0: none), which says why.

    `fields`: what was wrong in the body, with dots (`embeds.0.url`), and the short word for how.
    `shared`: for a limit that others have used up. `everywhere`: no other call will fare better
    before `retry_after_seconds`. `told`: it is Discord's own JSON; else something in between has
    answered.
    """

    def __init__(
        self,
        status: int,
        *,
        code: int = 0,
        message: str = "",
        fields: Mapping[str, str] | None = None,
        retry_after_seconds: float | None = None,
        shared: bool = False,
        everywhere: bool = False,
        told: bool = True,
    ) -> None:
        words = (f"Discord answered {status}", f"(code {code})" if code else "", message)
        super().__init__(" ".join(word for word in words if word))
        self.status, self.code, self.message = status, code, message
        self.fields = fields or {}
        self.retry_after_seconds = retry_after_seconds
        self.shared, self.everywhere, self.told = shared, everywhere, told


class Headroom(msgspec.Struct, frozen=True):
    """Of one rate limit: so many calls were left, of so many."""

    remaining: int
    limit: int


class Answer:
    """Given to aiohttp to judge a response by, before anybody else has it. `body` is there as soon
    as the call has succeeded.
    """

    def __init__(self) -> None:
        self.body: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.bucket = ""
        self.headroom: Headroom | None = None

    async def __call__(self, response: aiohttp.ClientResponse) -> None:
        """Keeps the body of what succeeded. Raises Refusal."""
        body = await response.read()
        self.bucket = response.headers.get("X-RateLimit-Bucket", "")
        self.headroom = _headroom(response.headers)
        if not 200 <= response.status < 300:
            raise read_refusal(response.status, response.headers, body)
        self.body.set_result(body)


class _Told(msgspec.Struct, frozen=True):
    message: str = ""
    code: int = 0
    retry_after: float | None = None
    everywhere: bool = msgspec.field(default=False, name="global")
    errors: Any = None


def read_refusal(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """The refusal in an answer. A 429 that is not Discord's JSON is said by what stands before all
    of Discord, about our address: it counts for every call.
    """
    try:
        told = msgspec.json.decode(body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        seconds = _seconds(headers.get("Retry-After"))
        return Refusal(status, retry_after_seconds=seconds, everywhere=status == 429, told=False)
    seconds = told.retry_after if told.retry_after is not None else None
    return Refusal(
        status,
        code=told.code,
        message=told.message[:_TEXT_LENGTH_MAX],
        fields=dict(_fields(told.errors)),
        retry_after_seconds=_seconds(seconds) or _seconds(headers.get("Retry-After")),
        shared=headers.get("X-RateLimit-Scope") == "shared",
        everywhere=status == 429
        and (told.everywhere or headers.get("X-RateLimit-Scope") == "global"),
    )


def _seconds(value: float | str | None) -> float | None:
    try:
        seconds = float(value or 0)
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None


def _headroom(headers: Mapping[str, str]) -> Headroom | None:
    remaining = headers.get("X-RateLimit-Remaining", "")
    limit = headers.get("X-RateLimit-Limit", "")
    return Headroom(int(remaining), int(limit)) if (remaining + limit).isdecimal() else None


def _fields(errors: Any) -> Iterator[tuple[str, str]]:
    """Discord nests them like the body: {"embeds": {"0": {"url": {"_errors": [{"code": ..}]}}}}."""
    waiting: list[tuple[str, Any]] = [("", errors)]
    for _ in range(_FIELDS_MAX):
        if not waiting:
            return
        name, inner = waiting.pop()
        if not isinstance(inner, dict):
            continue
        for key, value in inner.items():
            if key == "_errors" and isinstance(value, list):
                codes = (str(one.get("code", "")) for one in value if isinstance(one, dict))
                yield name, next(codes, "")
            else:
                waiting.append((f"{name}.{key}" if name else str(key), value))
