"""Payloads that could not be understood: looked at, and removed. They hold customers' words."""

import asyncio
from typing import Annotated, Final

import msgspec
import structlog
from litestar import Router, delete, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from gateway.desk import Desk
from gateway.http.downloads import download_of
from gateway.http.given import GivenDesk, GivenToken
from gateway.http.problems import refusals
from gateway.quarantine import SetAside
from gateway.scopes import Scope

SHOWN_MAX: Final = 500

log = structlog.get_logger()

Limit = Annotated[int, QueryParameter(ge=1, le=SHOWN_MAX)]


class QuarantineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    payloads: tuple[SetAside, ...]


@get("/quarantine", responses=refusals(), opt={"scope": Scope.OPERATE})
async def list_quarantine(desk: GivenDesk, limit: Limit = 50) -> QuarantineAnswer:
    """What came to any inbox that is configured, and could not be understood."""
    found = await asyncio.to_thread(desk.quarantine.latest, _accounts(desk), limit)
    return QuarantineAnswer(payloads=tuple(found))


@get(
    "/quarantine/{payload:str}",
    media_type="application/octet-stream",
    responses=refusals(404),
    opt={"scope": Scope.OPERATE},
)
async def read_quarantined(desk: GivenDesk, payload: FromPath[str]) -> Stream:
    """The payload as it came, always as a download."""
    _, path = await asyncio.to_thread(desk.quarantine.find, _accounts(desk), payload)
    return await download_of(path, path.name)


@delete(
    "/quarantine/{payload:str}",
    status_code=200,
    responses=refusals(404),
    opt={"raw_body": True, "scope": Scope.OPERATE},
)
async def remove_quarantined(
    desk: GivenDesk, token: GivenToken, payload: FromPath[str]
) -> SetAside:
    """Remove it for good."""
    found = await asyncio.to_thread(desk.quarantine.remove, _accounts(desk), payload)
    log.warning("a quarantined payload was removed", name=found.id, by=token.name)
    return found


def _accounts(desk: Desk) -> list[str]:
    return [inbox.account for inbox in desk.health().inboxes]


router = Router(
    path="",
    route_handlers=[list_quarantine, read_quarantined, remove_quarantined],
    tags=["operation"],
)
