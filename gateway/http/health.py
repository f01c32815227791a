"""Whether this process lives, and whether it can do its work."""

from litestar import Router, get
from litestar.response import Response

from gateway.desk import Health
from gateway.http.given import GivenDesk


@get("/livez", media_type="text/plain", include_in_schema=False)
async def alive() -> str:
    """It answers, so it lives."""
    return "alive\n"


@get("/readyz", include_in_schema=False)
async def ready(desk: GivenDesk) -> Response[Health]:
    """503 while nothing can be accepted. An inbox that is down is told, and no reason for that."""
    health = desk.health()
    return Response(health, status_code=200 if health.ready else 503)


router = Router(path="", route_handlers=[alive, ready])
