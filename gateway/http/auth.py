"""Who may ask, for what, and in which form."""

from collections.abc import Iterable
from typing import Any, Final

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from gateway.desk import Desk
from gateway.http.problems import RequestRefused
from gateway.scopes import Scope
from gateway.tokens import TokenInfo

API: Final = "/api/v1"
DESCRIPTION: Final = f"{API}/openapi.json"
JSON: Final = "application/json"
CHALLENGE: Final = 'Bearer realm="trunkline"'
_Connection = ASGIConnection[Any, Any, Any, Any]


def require_token(connection: _Connection, _handler: BaseRouteHandler) -> None:
    """A guard: the token becomes `request.auth`. Raises RequestRefused.

    A header and nothing else: a browser adds it to no request by itself, so no other site can make
    one in an agent's name.
    """
    desk: Desk = connection.app.state.desk
    scheme, _, text = connection.headers.get("authorization", "").partition(" ")
    info = desk.tokens.check(text.strip()) if scheme.lower() == "bearer" else None
    if info is None:
        raise RequestRefused(
            "unauthorized",
            "the request has no valid token: it is missing, wrong, revoked or expired",
            {"WWW-Authenticate": CHALLENGE},
        )
    connection.scope["auth"] = info


def require_scope(connection: _Connection, handler: BaseRouteHandler) -> None:
    """A guard behind `require_token`: the token is good for what the route says. Raises
    RequestRefused, also of a route that says nothing.
    """
    scope, token = handler.opt.get("scope"), connection.scope["auth"]
    if not isinstance(scope, Scope) or not isinstance(token, TokenInfo) or not token.may(scope):
        raise RequestRefused(
            "missing_scope",
            f"the token lacks the scope {scope}",
            {"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'},
        )


def check_scopes(app: Litestar) -> None:
    """Refuse to serve a route that does not say who may use it. Raises RuntimeError."""
    for path, handler in api_handlers(app):
        if not isinstance(handler.opt.get("scope"), Scope):
            raise RuntimeError(f'{path}: say opt={{"scope": Scope.…}} ({handler})')
        if 401 not in (getattr(handler, "responses", None) or {}):
            raise RuntimeError(f"{path}: say responses=refusals(…) ({handler})")


def api_handlers(app: Litestar) -> Iterable[tuple[str, BaseRouteHandler]]:
    """Every route of the API with its handlers, except its description, which anybody may read."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or route.path.startswith(DESCRIPTION):
            continue
        if route.path.startswith(f"{API}/"):
            for handler in route.route_handlers:
                if handler.http_methods != {"OPTIONS"}:
                    yield route.path, handler


def require_json(connection: _Connection, handler: BaseRouteHandler) -> None:
    """A guard: what changes something says so in JSON, except where a handler opts out."""
    if connection.scope.get("method") in ("GET", "HEAD") or handler.opt.get("raw_body"):
        return
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise RequestRefused("unsupported_media_type", f"send the request as {JSON}")
