"""Contacts, and the links that make several identities one contact."""

from urllib.parse import unquote

from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Response

from core.ids import new_ulid
from core.model.ids import IdentityId
from core.model.people import Contact
from core.view import Views
from gateway.http.given import Asked, GivenDesk, GivenToken
from gateway.http.problems import refusals
from gateway.http.references import find, is_number
from gateway.http.schema import LinkRequest, Outcome
from gateway.http.tasks import LATER, outcome
from gateway.scopes import Scope

CONTACTS = "/contacts/"


@get(CONTACTS + "{identity:path}", responses=refusals(404), opt={"scope": Scope.CONTACTS_READ})
async def read_contact(desk: GivenDesk, request: Asked, identity: FromPath[str]) -> Contact:
    """The person behind an identity, with everything they are known as."""
    return await desk.views.contact(await identity_in(desk.views, request, CONTACTS))


@post(
    "/links",
    status_code=200,
    responses={**LATER, **refusals(404, 409, 422)},
    opt={"scope": Scope.CONTACTS_WRITE},
)
async def link(
    desk: GivenDesk, token: GivenToken, data: JSONBody[LinkRequest]
) -> Response[Outcome]:
    """Declare two identities one person. Undone exactly by DELETE."""
    a, b = await identity_of(desk.views, data.a), await identity_of(desk.views, data.b)
    place = await desk.joins.link(new_ulid(), a, b, token.name, data.why)
    return await outcome(desk.joins, place)


@delete(
    "/links",
    status_code=200,
    responses={**LATER, **refusals(404, 409)},
    opt={"scope": Scope.CONTACTS_WRITE},
)
async def unlink(
    desk: GivenDesk, token: GivenToken, data: JSONBody[LinkRequest]
) -> Response[Outcome]:
    """Undo a link: everything is as if it had never been."""
    a, b = await identity_of(desk.views, data.a), await identity_of(desk.views, data.b)
    place = await desk.joins.unlink(new_ulid(), a, b, token.name, data.why)
    return await outcome(desk.joins, place)


async def identity_in(views: Views, request: Asked, before: str) -> IdentityId:
    """The identity that ends a path, behind `before`. As it was sent: what a platform calls a
    person may hold slashes, even two in a row. Raises NotFound.
    """
    sent = request.scope["raw_path"].decode("latin-1").partition("?")[0].partition(before)[2]
    return await identity_of(views, unquote(sent))


async def identity_of(views: Views, reference: str) -> IdentityId:
    """An identity by its id, or the customer of a conversation by its number."""
    if is_number(reference):
        return (await find(views, reference)).leg.author
    return IdentityId(reference)


router = Router(path="", route_handlers=[read_contact, link, unlink], tags=["people"])
