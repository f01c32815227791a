"""What was said and could not be read."""

from typing import Annotated, Final

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from core.gaps import KnownGap
from gateway.http.given import GivenDesk
from gateway.http.problems import refusals
from gateway.scopes import Scope

SHOWN_MAX: Final = 500

Limit = Annotated[int, QueryParameter(ge=1, le=SHOWN_MAX)]


class GapsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Noticed last first."""

    gaps: tuple[KnownGap, ...]


@get("/gaps", responses=refusals(), opt={"scope": Scope.CHANNELS_READ})
async def list_gaps(desk: GivenDesk, limit: Limit = 50) -> GapsAnswer:
    """What was said to any inbox that is configured, and that nobody here could read."""
    accounts = [inbox.account for inbox in desk.health().inboxes]
    return GapsAnswer(gaps=await desk.gaps.latest(accounts, limit))


router = Router(path="", route_handlers=[list_gaps], tags=["channels"])
