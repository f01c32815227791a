"""Where platforms call by themselves: `/hooks/<inbox>`. Each adapter checks who does.

Anybody on the internet may knock here, so nothing is read or held that was not asked for, and
whatever happens is answered.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import parse_qsl

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from core.errors import TrunklineError
from core.ports import AcceptsWebhooks, HookAnswer, HookCall
from core.pressure import NoTurn
from gateway.desk import Desk
from gateway.machine import HANDSHAKE, answer_to

PREFIX: Final = "/hooks/"

BODY_SECONDS: Final = 10.0
"""From the first to the last byte of a body."""

CALL_SECONDS: Final = 30.0
"""The whole of a call: storing may take its time, too."""

CALLS_MAX: Final = 256
"""Calls in hand at a time, of all inboxes together. Under pressure most of them wait, unread."""

TURN_SECONDS: Final = 5.0
"""A call that has waited so long for its turn had better come again."""

NONCE_LENGTH_MAX: Final = 64

log = structlog.get_logger()


class _Late(Exception):
    """The body did not come in time."""


class _Gone(Exception):
    """The caller has hung up: there is nobody to answer."""


def with_hooks(app: ASGIApp, desk: Desk) -> ASGIApp:
    """The same application, and before it the platforms' way in: raw, as bodies are streamed and
    every inbox answers in its platform's manner.
    """
    hooks = _Hooks(desk)

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["path"].startswith(PREFIX):
            await hooks.serve(scope, receive, send)
        else:
            await app(scope, receive, send)

    return route


class _Hooks:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._pressure = desk, desk.pressure
        self._turns = desk.pressure.gate(CALLS_MAX)

    async def serve(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        account = scope["path"].removeprefix(PREFIX)
        try:
            if scope["path"] == HANDSHAKE:
                answer = self._handshake(scope)
            else:
                answer = await self._answer(account, scope, receive)
        except _Gone:
            return
        await _send(answer, send)

    def _handshake(self, scope: HTTPScope) -> HookAnswer:
        """Whoever sends a nonce learns that this is the gateway that they mean, if they know it."""
        nonce = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("nonce", "")
        if not nonce or len(nonce) > NONCE_LENGTH_MAX:
            return HookAnswer(status=404)
        return HookAnswer(status=200, body=answer_to(self._desk.secret, nonce).encode())

    async def _answer(self, account: str, scope: HTTPScope, receive: Receive) -> HookAnswer:
        health = self._desk.health()
        if account not in {inbox.account for inbox in health.inboxes}:
            return HookAnswer(status=404)
        adapter = self._desk.here.get(account)
        if adapter is not None and not isinstance(adapter, AcceptsWebhooks):
            return HookAnswer(status=404)
        if adapter is None or not health.ready:
            return self._again()
        try:
            async with (
                self._turns.entered(account, TURN_SECONDS, CALLS_MAX),
                asyncio.timeout(CALL_SECONDS),
            ):
                return await adapter.receive(_call(scope, receive), self._desk.deliver)
        except NoTurn:
            self._pressure.shed["call"] += 1
            return self._again()
        except _Late:
            return HookAnswer(status=408)
        except (TimeoutError, TrunklineError) as error:
            log.warning("a call was not taken", account=account, reason=str(error) or "too slow")
            return self._again()
        except _Gone:
            raise
        except Exception as error:  # whatever an adapter does wrong, the caller gets an answer
            log.exception("a call failed", account=account, kind=type(error).__name__)
            return HookAnswer(status=500)

    def _again(self) -> HookAnswer:
        """The platform keeps what it has to tell."""
        seconds = self._pressure.again_seconds()
        return HookAnswer(status=503, headers={"retry-after": str(seconds)})


def _call(scope: HTTPScope, receive: Receive) -> HookCall:
    return HookCall(
        method=scope["method"],
        headers={
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        },
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"))),
        body=_body(receive),
    )


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """Only as fast as it is asked for: the server holds back what nobody has read."""
    end = asyncio.get_running_loop().time() + BODY_SECONDS
    more = True
    while more:
        try:
            async with asyncio.timeout_at(end):
                message = await receive()
        except TimeoutError:
            raise _Late from None
        if message["type"] != "http.request":
            raise _Gone
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _send(answer: HookAnswer, send: Send) -> None:
    headers = {"content-length": str(len(answer.body)), **answer.headers}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
