"""Whether this process lives, and whether it can do its work."""

from litestar import Router, get
from litestar.response import Response
from msgspec.structs import replace

from gateway.desk import Health
from gateway.http.given import GivenDesk
from gateway.http.problems import refusals
from gateway.scopes import Scope


@get("/livez", media_type="text/plain", include_in_schema=False)
async def alive() -> str:
    """It answers, so it lives."""
    return "alive\n"


@get("/readyz", include_in_schema=False)
async def ready(desk: GivenDesk) -> Response[Health]:
    """503 while nothing can be accepted. An inbox that is down is told, but not why: anybody may
    ask, and reasons name hosts and accounts.
    """
    health = desk.health()
    told = Health(
        ready=health.ready,
        store="ok" if health.store == "ok" else "unavailable",
        inboxes=tuple(replace(inbox, reason="") for inbox in health.inboxes),
    )
    return Response(told, status_code=200 if health.ready else 503)


@get("/health", opt={"scope": Scope.CHANNELS_READ}, responses=refusals())
async def read_health(desk: GivenDesk) -> Health:
    """How the gateway is, and what keeps an inbox from receiving."""
    return desk.health()


router = Router(path="", route_handlers=[alive, ready])
v1_router = Router(path="", route_handlers=[read_health], tags=["channels"])
