"""Contacts, and the links that make several identities one contact."""

from contextlib import suppress
from typing import Annotated, Final
from urllib.parse import unquote

import msgspec
from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Response
from msgspec.structs import replace

from core.errors import NotFound
from core.model.conversation import Conversation
from core.model.ids import IdentityId
from core.model.people import Contact
from core.view import Views
from gateway.http.admission import require
from gateway.http.given import Asked, GivenDesk, GivenToken
from gateway.http.once import Key
from gateway.http.problems import refusals
from gateway.http.references import find, is_number
from gateway.http.schema import LinkRequest, Outcome
from gateway.http.search import After, Limit, Line
from gateway.http.tasks import LATER, once
from gateway.scopes import Scope
from gateway.search.hits import PersonHit
from gateway.shown import shown

CONTACTS = "/contacts/"

CONVERSATIONS_MAX: Final = 50

Conversations = Annotated[int, QueryParameter(ge=0, le=CONVERSATIONS_MAX)]


class ContactAnswer(Contact, frozen=True, kw_only=True, omit_defaults=True):
    """`conversations`: their latest, touched last first, as many as were asked for."""

    conversations: tuple[Conversation, ...] = ()


class ContactsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`next` leads on; "" at the end."""

    contacts: tuple[Contact, ...]
    next: str


@get("/contacts", responses=refusals(422), opt={"scope": Scope.CONTACTS_READ})
async def list_contacts(
    desk: GivenDesk, line: Line, after: After = "", limit: Limit = 20
) -> ContactsAnswer:
    """People who are known by a name, a handle, an address or an id such as this. A page may have
    fewer than `limit`, as several identities may be one person.
    """
    found = await desk.search.find(line, "people", after, limit)
    contacts: dict[str, Contact] = {}
    for hit in found.rows:
        if isinstance(hit, PersonHit):
            with suppress(NotFound):  # forgotten since it was indexed
                contact = await desk.views.contact(hit.identity)
                contacts[contact.id] = contact
    return ContactsAnswer(contacts=tuple(contacts.values()), next=found.next)


@get(CONTACTS + "{identity:path}", responses=refusals(404), opt={"scope": Scope.CONTACTS_READ})
async def read_contact(
    desk: GivenDesk,
    request: Asked,
    token: GivenToken,
    identity: FromPath[str],
    conversations: Conversations = 0,
) -> ContactAnswer:
    """The person behind an identity, with everything they are known as. So many of their latest
    `conversations` take the scope conversations:read, too.
    """
    contact = await desk.views.contact(await identity_in(desk.views, request, CONTACTS))
    answer = ContactAnswer(id=contact.id, identities=contact.identities)
    if not conversations:
        return answer
    require(token, Scope.CONVERSATIONS_READ)
    found = await desk.views.conversations_of(contact, conversations)
    return replace(answer, conversations=tuple(shown(one) for one in found))


@post(
    "/links",
    status_code=200,
    responses={**LATER, **refusals(404, 409, 422)},
    opt={"scope": Scope.CONTACTS_WRITE},
)
async def link(
    desk: GivenDesk, token: GivenToken, data: JSONBody[LinkRequest], key: Key = ""
) -> Response[Outcome]:
    """Declare two identities one person. Undone exactly by DELETE."""

    async def ask(task_id: str) -> int:
        a, b = await identity_of(desk.views, data.a), await identity_of(desk.views, data.b)
        return await desk.joins.link(task_id, a, b, token.name, data.why)

    return await once(desk.joins, token, f"link\0{data.a}\0{data.b}", key, ask)


@delete(
    "/links",
    status_code=200,
    responses={**LATER, **refusals(404, 409)},
    opt={"scope": Scope.CONTACTS_WRITE},
)
async def unlink(
    desk: GivenDesk, token: GivenToken, data: JSONBody[LinkRequest], key: Key = ""
) -> Response[Outcome]:
    """Undo a link: everything is as if it had never been."""

    async def ask(task_id: str) -> int:
        a, b = await identity_of(desk.views, data.a), await identity_of(desk.views, data.b)
        return await desk.joins.unlink(task_id, a, b, token.name, data.why)

    return await once(desk.joins, token, f"unlink\0{data.a}\0{data.b}", key, ask)


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


router = Router(
    path="", route_handlers=[list_contacts, read_contact, link, unlink], tags=["people"]
)
