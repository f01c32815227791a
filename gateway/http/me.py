"""Who asks: what a program shows of its own token."""

import msgspec
from litestar import Router, get

from gateway.http.given import GivenToken
from gateway.http.problems import refusals
from gateway.scopes import Scope


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is who is said to have written; it is what `assignee` takes."""

    name: str
    scopes: tuple[Scope, ...]


@get("/me", responses=refusals(), opt={"scope": Scope.CONVERSATIONS_READ})
async def read_me(token: GivenToken) -> Me:
    """Whose token this is, and what it may be used for."""
    return Me(name=token.name, scopes=tuple(one for one in Scope if token.may(one)))


router = Router(path="", route_handlers=[read_me], tags=["operation"])
