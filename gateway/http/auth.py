"""Who may ask, and in which form."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers import BaseRouteHandler

from gateway.desk import Desk

JSON: Final = "application/json"
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="trunkline"'}
_Connection = ASGIConnection[Any, Any, Any, Any]


def require_token(connection: _Connection, _handler: BaseRouteHandler) -> None:
    """A guard: the token becomes `request.auth`. Raises NotAuthorizedException.

    A header and nothing else: a browser adds it to no request by itself, so no other site can make
    one in an agent's name.
    """
    desk: Desk = connection.app.state.desk
    scheme, _, text = connection.headers.get("authorization", "").partition(" ")
    info = desk.tokens.check(text.strip()) if scheme.lower() == "bearer" else None
    if info is None:
        raise NotAuthorizedException(
            "send a valid token as `Authorization: Bearer tl_…`; `trunkline token new NAME` makes"
            " one",
            headers=CHALLENGE,
        )
    connection.scope["auth"] = info


def require_json(connection: _Connection, handler: BaseRouteHandler) -> None:
    """A guard: what changes something says so in JSON, except where a handler opts out."""
    if connection.scope.get("method") in ("GET", "HEAD") or handler.opt.get("raw_body"):
        return
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise HTTPException(status_code=415, detail=f"send the request as {JSON}")
