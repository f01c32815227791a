"""What happens, as server-sent events: ids and kinds, no content."""

import time
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from typing import Annotated, Final

import msgspec
import structlog
from litestar import Router, get
from litestar.params import FromQuery, HeaderParameter
from litestar.response import Stream

from core.errors import StoreError
from gateway.desk import Desk
from gateway.http.given import Asked, GivenDesk, GivenFeed
from gateway.http.problems import RequestRefused, refusals
from gateway.live_feed import BACKLOG_MAX, Event, Here, Reset, Told
from gateway.scopes import Scope

BEAT_SECONDS: Final = 15.0

LOOK_SECONDS: Final = BEAT_SECONDS / 2
"""How old an answer about a token may be: with each sign of life there is a new one."""

MEDIA_TYPE: Final = "text/event-stream"

LastEventId = Annotated[str, HeaderParameter(name="Last-Event-ID", max_length=40)]
log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


@get(
    "/live",
    media_type=MEDIA_TYPE,
    responses=refusals(422, 429),
    opt={"scope": Scope.CONVERSATIONS_READ},
)
async def listen(
    desk: GivenDesk,
    feed: GivenFeed,
    request: Asked,
    last: LastEventId = "",
    after: FromQuery[str] = "",
) -> Stream:
    """Events after the one with the id `Last-Event-ID` (or `after`), else from now on.

    An event `reset` says that events are missing: read again what you show, then go on.
    """
    if feed.full:
        raise RequestRefused(
            "too_many_listeners",
            "too many listen already, or the gateway is about to end: try again later",
            {"Retry-After": "5"},
        )
    told = feed.listen(last or after, BEAT_SECONDS)
    valid = _Valid(desk, request.headers["authorization"].partition(" ")[2].strip())
    return Stream(_lines(told, valid), media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


class _Valid:
    """Whether a token that was good when the stream began still is; looked up now and then."""

    def __init__(self, desk: Desk, token: str) -> None:
        self._desk, self._token = desk, token
        self._next = time.monotonic() + LOOK_SECONDS

    def __call__(self) -> bool:
        if time.monotonic() < self._next:
            return True
        self._next = time.monotonic() + LOOK_SECONDS
        return self._desk.tokens.check(self._token) is not None


async def _lines(
    told: AsyncIterator[tuple[Told, ...]], valid: Callable[[], bool]
) -> AsyncIterator[bytes]:
    try:
        async for tidings in told:
            if not valid():
                return
            yield b"".join(map(_line, tidings))
    except StoreError as error:  # the answer has begun: all that is left is to end it
        log.info("a live stream ends", reason=str(error))


@lru_cache(BACKLOG_MAX)
def _line(told: Told) -> bytes:
    """Written once for all who listen."""
    match told:
        case Event():
            return b"id: %b\ndata: %b\n\n" % (told.id.encode(), _encode(told))
        case Reset(event_id):
            return b"id: %b\nevent: reset\ndata: {}\n\n" % event_id.encode()
        case Here(event_id):  # a comment keeps the connection open; the id is where to resume
            return b": here\nid: %b\n\n" % event_id.encode()


router = Router(path="", route_handlers=[listen], tags=["live"])
