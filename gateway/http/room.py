"""How many requests to the API are in hand: under pressure fewer, and what agents write goes first.

Who is turned away is so before a byte of their body is read, and told when to ask again.
"""

from typing import Final

from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Send
from litestar.types import Scope as Request

from core.pressure import Pressure
from gateway.http.problems import RequestRefused
from gateway.scopes import Scope

REQUESTS_MAX: Final = 256
"""Besides what agents write; under pressure fewer."""

ALL_REQUESTS_MAX: Final = 512
"""With what agents write, at any time."""


class Room:
    """Of one process. A request counts until its answer begins: how fast somebody reads, a live
    feed to its end, is not our work.
    """

    def __init__(self, pressure: Pressure) -> None:
        self._pressure = pressure
        self._in_hand = 0

    def require(self, handler: BaseRouteHandler) -> None:
        """That there is room for a request that has been counted. Raises RequestRefused."""
        replies = handler.opt.get("scope") is Scope.MESSAGES_WRITE
        if self._in_hand <= (ALL_REQUESTS_MAX if replies else self._pressure.room(REQUESTS_MAX)):
            return
        self._pressure.shed["request"] += 1
        seconds = self._pressure.again_seconds()
        raise RequestRefused(
            "overloaded",
            f"more is asked for now than can be answered: wait {seconds} s",
            {"Retry-After": str(seconds)},
        )

    def counting(self, app: ASGIApp, path: str) -> ASGIApp:
        """The same application; what it is asked below this path is counted."""

        async def counted(scope: Request, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP or not scope["path"].startswith(path):
                return await app(scope, receive, send)
            counts = 1

            async def answered(message: Message) -> None:
                nonlocal counts
                self._in_hand -= counts
                counts = 0
                await send(message)

            self._in_hand += counts
            try:
                await app(scope, receive, answered)
            finally:
                self._in_hand -= counts
            return None

        return counted
