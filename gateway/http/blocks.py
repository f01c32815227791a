"""Who is kept out, by whom and why."""

from typing import Final

import msgspec
from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody

from core.model.ids import IdentityId
from core.model.people import Block, Contact
from gateway.http.given import Asked, GivenDesk, GivenToken
from gateway.http.people import identity_in
from gateway.http.problems import refusals
from gateway.http.schema import BlockRequest
from gateway.scopes import Scope

BLOCKS: Final = "/blocks/"


class Blocked(msgspec.Struct, frozen=True, kw_only=True):
    identity: IdentityId
    block: Block


class BlocksAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Blocked last first."""

    blocks: tuple[Blocked, ...]


@get("/blocks", responses=refusals(), opt={"scope": Scope.CONTACTS_READ})
async def list_blocks(desk: GivenDesk) -> BlocksAnswer:
    """Every identity that is kept out."""
    found = sorted(desk.blocking.known.items(), key=lambda one: one[1].at, reverse=True)
    return BlocksAnswer(blocks=tuple(Blocked(identity=who, block=block) for who, block in found))


@post(
    BLOCKS + "{identity:path}",
    status_code=200,
    responses=refusals(404, 409, 422),
    opt={"scope": Scope.CONTACTS_WRITE},
)
async def block(
    desk: GivenDesk,
    token: GivenToken,
    request: Asked,
    identity: FromPath[str],
    data: JSONBody[BlockRequest],
) -> Contact:
    """Keep a person out: nothing that they do on any of these identities is stored or answered."""
    found = await identity_in(desk.views, request, BLOCKS)
    return await desk.blocking.block(found, token.name, data.why)


@delete(
    BLOCKS + "{identity:path}",
    status_code=200,
    responses=refusals(404),
    opt={"raw_body": True, "scope": Scope.CONTACTS_WRITE},
)
async def unblock(
    desk: GivenDesk, token: GivenToken, request: Asked, identity: FromPath[str]
) -> Contact:
    """Let a person in again, on all of these identities. What they did meanwhile is not there."""
    return await desk.blocking.unblock(await identity_in(desk.views, request, BLOCKS), token.name)


router = Router(path="", route_handlers=[list_blocks, block, unblock], tags=["people"])
