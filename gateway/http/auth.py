"""Who may ask, for what, and in which form.

Guards are coroutine functions though none waits: others would be run by threads, and whoever writes
would wait for one of these, several times over.
"""

from collections.abc import Iterable
from typing import Any, Final

from litestar import Litestar
from litestar.connection import ASGIConnection, Request
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import Message, Scope
from typing_extensions import override

from gateway import scopes
from gateway.http.admission import Admission, require
from gateway.http.problems import RequestRefused
from gateway.http.room import Room

API: Final = "/api/v1"
DESCRIPTION: Final = f"{API}/openapi.json"
JSON: Final = "application/json"
DRAWN: Final = "drawn"
_Connection = ASGIConnection[Any, Any, Any, Any]


class JsonRequest(Request[Any, Any, Any]):
    """Whatever is no JSON is a mistake of who sent it, also text that is no UTF-8 and what is
    nested deeper than it can be read.
    """

    @override
    async def json(self) -> Any:
        try:
            return await super().json()
        except (UnicodeDecodeError, RecursionError) as error:
            raise ClientException(detail="the body is no JSON that can be read") from error


async def require_room(connection: _Connection, handler: BaseRouteHandler) -> None:
    """A guard before all others: there is room for the request. Raises RequestRefused."""
    room: Room = connection.app.state.room
    room.require(handler)


async def require_token(connection: _Connection, _handler: BaseRouteHandler) -> None:
    """A guard: the token becomes `request.auth`. Raises RequestRefused.

    A header and nothing else: a browser adds it to no request by itself, so no other site can make
    one in an agent's name.
    """
    admission: Admission = connection.app.state.admission
    header = connection.headers.get("authorization", "")
    info, drawn = admission.admit(header, connection.client.host if connection.client else "")
    connection.scope["auth"] = info
    connection.scope["state"][DRAWN] = drawn


async def require_scope(connection: _Connection, handler: BaseRouteHandler) -> None:
    """A guard behind `require_token`: the token is good for what the route says. Raises
    RequestRefused.
    """
    require(connection.scope["auth"], handler.opt.get("scope"))


async def tell_what_is_left(message: Message, scope: Scope) -> None:
    """A hook before an answer leaves: how many more requests the token may make."""
    drawn = scope.get("state", {}).get(DRAWN)
    if drawn and message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in drawn.headers.items():
            headers[name] = value


def check_scopes(app: Litestar) -> None:
    """Refuse to serve a route that does not say who may use it. Raises RuntimeError."""
    for path, handler in api_handlers(app):
        if not isinstance(handler.opt.get("scope"), scopes.Scope):
            raise RuntimeError(f'{path}: say opt={{"scope": Scope.…}} ({handler})')
        if 401 not in (handler.responses or {}):
            raise RuntimeError(f"{path}: say responses=refusals(…) ({handler})")


def api_handlers(app: Litestar) -> Iterable[tuple[str, HTTPRouteHandler]]:
    """Every route of the API with its handlers, except its description, which anybody may read."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or route.path.startswith(DESCRIPTION):
            continue
        if route.path.startswith(f"{API}/"):
            for handler in route.route_handlers:
                if handler.http_methods != {"OPTIONS"}:
                    yield route.path, handler


async def require_json(connection: _Connection, handler: BaseRouteHandler) -> None:
    """A guard: what changes something says so in JSON, except where a handler opts out."""
    if connection.scope.get("method") in ("GET", "HEAD") or handler.opt.get("raw_body"):
        return
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise RequestRefused("unsupported_media_type", f"send the request as {JSON}")
