"""Conversations: listed, read, and moved through their life."""

from typing import Annotated, Final, Literal

from litestar import Router, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Response
from msgspec.structs import replace

from core.model.conversation import Conversation, Priority, Status
from core.model.message import Audience
from core.rules.listing import Filter
from core.view import LOOKED_THROUGH_MAX, PAGE_MAX, Inbox, Page, Row
from gateway.desk import Desk
from gateway.http.etags import IfNoneMatch, etag, is_named
from gateway.http.given import GivenDesk, GivenToken
from gateway.http.once import Key
from gateway.http.problems import refusals
from gateway.http.references import find
from gateway.http.schema import MergeRequest, Outcome, SealRequest, SplitRequest, UnsplitRequest
from gateway.http.tasks import LATER, once
from gateway.scopes import Scope
from gateway.shown import shown

UNCHANGED: Final = ResponseSpec(None, description="Nothing has changed.")

Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
Place = Annotated[
    str, QueryParameter(pattern=r"^(\d.{0,99})?$", description="`next` of the page before.")
]
Cursor = Annotated[str, QueryParameter(max_length=8000, description="`before` of the page after.")]


@get("/conversations", responses=refusals(422), opt={"scope": Scope.CONVERSATIONS_READ})
async def list_conversations(
    desk: GivenDesk,
    view: FromQuery[Literal["open", "pending", "spam", "closed"]] = "open",
    after: Place = "",
    limit: Limit = 50,
    status: FromQuery[Status | None] = None,
    priority: FromQuery[Priority | None] = None,
    assignee: FromQuery[str | None] = None,
    unassigned: FromQuery[bool] = False,
    tag: FromQuery[str | None] = None,
    inbox: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
    audience: FromQuery[Audience | None] = None,
) -> Inbox:
    """A view of the inbox, touched last first: of it what is all that is stated. `inbox`, `channel`
    and `audience` are those of any leg. What has just been closed is listed a moment later. A page
    may have fewer rows than `limit`, even none, while `next` leads on.
    """
    wanted = Filter(
        status=status,
        priority=priority,
        assignee=assignee,
        unassigned=unassigned,
        tag=tag.casefold() if tag else None,
        inbox=inbox,
        channel=channel,
        audience=audience,
    )
    if view == "closed":
        found = await _closed(desk, after, limit, wanted)
    else:
        found = await desk.views.inbox(view, after, limit, wanted)
    rows = tuple(replace(row, conversation=shown(row.conversation)) for row in found.rows)
    return replace(found, rows=rows)


async def _closed(desk: Desk, after: str, limit: int, wanted: Filter) -> Inbox:
    """No store's view lists these: the search index does. Of those that are not wanted as many are
    looked at as in other views.
    """
    rows: list[Row] = []
    looked_at = 0
    while looked_at < LOOKED_THROUGH_MAX:
        listed = await desk.search.listed("closed", after, limit - len(rows))
        rows += await desk.views.rows(listed.ids, wanted)
        after, looked_at = listed.next, looked_at + len(listed.ids)
        if not after or len(rows) == limit:
            break
    return Inbox(rows=tuple(rows), next=after)


@get(
    "/conversations/{ref:str}",
    responses={304: UNCHANGED, **refusals(404)},
    opt={"scope": Scope.CONVERSATIONS_READ},
)
async def read_conversation(
    desk: GivenDesk, ref: FromPath[str], known: IfNoneMatch = ""
) -> Response[Conversation | None]:
    """With its ETag, which changes with everything that is said or done in it."""
    conversation = await desk.views.conversation(ref)
    if known and is_named(etag(conversation), known):
        return Response(None, status_code=304, headers={"ETag": etag(conversation)})
    return Response(shown(conversation), headers={"ETag": etag(conversation)})


@get(
    "/conversations/{ref:str}/messages",
    responses=refusals(404, 422),
    opt={"scope": Scope.CONVERSATIONS_READ},
)
async def read_messages(
    desk: GivenDesk, ref: FromPath[str], before: Cursor = "", limit: Limit = 50
) -> Page:
    """The latest messages of all legs before a cursor, oldest first, in the order of arrival."""
    return await desk.views.messages(await desk.views.conversation(ref), before, limit)


@post(
    "/conversations/{ref:str}/seal",
    status_code=200,
    responses=refusals(404),
    opt={"scope": Scope.CONVERSATIONS_WRITE},
)
async def seal(desk: GivenDesk, ref: FromPath[str], data: JSONBody[SealRequest]) -> Conversation:
    """What the customer writes on this leg from now on begins a new conversation."""
    await desk.agents.seal(await desk.views.conversation(ref), data.leg)
    return shown(await desk.views.conversation(ref))


@post(
    "/conversations/{ref:str}/merge",
    status_code=200,
    responses={**LATER, **refusals(404, 422)},
    opt={"scope": Scope.CONVERSATIONS_WRITE},
)
async def merge(
    desk: GivenDesk,
    token: GivenToken,
    ref: FromPath[str],
    data: JSONBody[MergeRequest],
    key: Key = "",
) -> Response[Outcome]:
    """Declare two conversations one piece of work. Undone by DELETE with the same references."""

    async def ask(task_id: str) -> int:
        one, other = await find(desk.views, ref), await find(desk.views, data.other)
        return await desk.joins.merge(task_id, one.leg.id, other.leg.id, token.name)

    return await once(desk.joins, token, f"merge\0{ref}\0{data.other}", key, ask)


@delete(
    "/conversations/{ref:str}/merge",
    status_code=200,
    responses={**LATER, **refusals(404, 409)},
    opt={"scope": Scope.CONVERSATIONS_WRITE},
)
async def unmerge(
    desk: GivenDesk,
    token: GivenToken,
    ref: FromPath[str],
    data: JSONBody[MergeRequest],
    key: Key = "",
) -> Response[Outcome]:
    async def ask(task_id: str) -> int:
        one, other = await find(desk.views, ref), await find(desk.views, data.other)
        return await desk.joins.unmerge(task_id, one.leg.id, other.leg.id, token.name)

    return await once(desk.joins, token, f"unmerge\0{ref}\0{data.other}", key, ask)


@post(
    "/conversations/{ref:str}/split",
    status_code=200,
    responses={**LATER, **refusals(404, 422)},
    opt={"scope": Scope.CONVERSATIONS_WRITE},
)
async def split(
    desk: GivenDesk,
    token: GivenToken,
    ref: FromPath[str],
    data: JSONBody[SplitRequest],
    key: Key = "",
) -> Response[Outcome]:
    """Take legs out of a conversation, whatever brought them there: from now on they are one of
    their own. Undone by DELETE.
    """

    async def ask(task_id: str) -> int:
        whole = await desk.views.conversation(ref)
        return await desk.joins.split(task_id, whole, data.legs, token.name)

    what = "\0".join(("split", ref, *sorted(data.legs)))
    return await once(desk.joins, token, what, key, ask)


@delete(
    "/conversations/{ref:str}/split",
    status_code=200,
    responses={**LATER, **refusals(404, 409)},
    opt={"scope": Scope.CONVERSATIONS_WRITE},
)
async def unsplit(
    desk: GivenDesk,
    token: GivenToken,
    ref: FromPath[str],
    data: JSONBody[UnsplitRequest],
    key: Key = "",
) -> Response[Outcome]:
    """Undo the splits between two conversations: everything is as if they had never been."""

    async def ask(task_id: str) -> int:
        one, other = await desk.views.conversation(ref), await desk.views.conversation(data.other)
        return await desk.joins.unsplit(task_id, one, other, token.name)

    return await once(desk.joins, token, f"unsplit\0{ref}\0{data.other}", key, ask)


def answered(conversation: Conversation) -> Response[Conversation]:
    """As it is now, with its ETag."""
    return Response(shown(conversation), headers={"ETag": etag(conversation)})


router = Router(
    path="",
    route_handlers=[
        list_conversations,
        read_conversation,
        read_messages,
        seal,
        merge,
        unmerge,
        split,
        unsplit,
    ],
    tags=["conversations"],
)
