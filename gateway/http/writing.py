"""What agents write: replies and notes, each once for its Idempotency-Key; and that they write."""

from litestar import Router, post
from litestar.params import FromPath, JSONBody

from core.model.content import Text
from core.model.conversation import Entry
from core.model.message import Direction, Recipient, RecipientRole
from core.reply import Draft, once
from core.view import leg_of
from gateway.http.contents import reply_parts
from gateway.http.given import GivenAgent, GivenDesk, GivenPresence, GivenToken
from gateway.http.once import Key, message_id
from gateway.http.problems import refusals
from gateway.http.references import find
from gateway.http.schema import NoteRequest, ReadRequest, ReplyRequest, TypingRequest
from gateway.scopes import Scope


@post(
    "/conversations/{ref:str}/replies",
    responses=refusals(404, 409, 422),
    opt={"scope": Scope.MESSAGES_WRITE},
)
async def reply(
    desk: GivenDesk,
    token: GivenToken,
    agent: GivenAgent,
    ref: FromPath[str],
    data: JSONBody[ReplyRequest],
    key: Key = "",
) -> Entry:
    """Queue a reply. The entry's `delivery` says how far it has come."""
    found = await find(desk.views, ref)
    draft = Draft(
        id=message_id(token, found, key),
        parts=reply_parts(desk, data),
        leg=data.leg,
        answers=data.answers,
        quote=data.quote,
        audience=data.audience,
        subject=" ".join(data.subject.split()),
        recipients=tuple(Recipient(address=one, role=RecipientRole.CC) for one in data.copies),
        silent=data.silent,
    )
    if key and (before := await desk.views.written(found.conversation, draft.id)):
        return once(before, Direction.OUT, draft.parts, draft.recipients)
    return await desk.agents.reply(found.conversation, agent, draft)


@post(
    "/conversations/{ref:str}/notes",
    responses=refusals(404, 409),
    opt={"scope": Scope.CONVERSATIONS_WRITE},
)
async def note(
    desk: GivenDesk,
    token: GivenToken,
    agent: GivenAgent,
    ref: FromPath[str],
    data: JSONBody[NoteRequest],
    key: Key = "",
) -> Entry:
    """Write down what only agents see."""
    found = await find(desk.views, ref)
    note_id, parts = message_id(token, found, key), (Text(text=data.text),)
    if key and (before := await desk.views.written(found.conversation, note_id)):
        return once(before, Direction.NOTE, parts)
    return await desk.agents.note(found.conversation, agent, note_id, parts)


@post(
    "/conversations/{ref:str}/typing",
    status_code=204,
    responses=refusals(404),
    opt={"scope": Scope.MESSAGES_WRITE},
)
async def show_typing(
    desk: GivenDesk, presence: GivenPresence, ref: FromPath[str], data: JSONBody[TypingRequest]
) -> None:
    """Show the customer that somebody is writing. Nothing is kept, and a channel that has no such
    sign shows none. Under pressure nobody is shown anything.
    """
    if desk.pressure.spares("typing"):
        return
    conversation = (await find(desk.views, ref)).conversation
    if data.leg:
        await presence.typing(leg_of(conversation, data.leg))
    else:
        await presence.typing(await desk.views.last_heard(conversation))


@post(
    "/conversations/{ref:str}/read",
    status_code=204,
    responses=refusals(404),
    opt={"scope": Scope.MESSAGES_WRITE},
)
async def mark_read(
    desk: GivenDesk, presence: GivenPresence, ref: FromPath[str], data: JSONBody[ReadRequest]
) -> None:
    """Show the customer that everything up to this message of theirs was read, where the channel
    can. Nothing is kept, and under pressure nothing shown.
    """
    if desk.pressure.spares("reading"):
        return
    conversation = (await find(desk.views, ref)).conversation
    entry = await desk.views.find(conversation, data.message)
    if entry.message.direction is Direction.IN and entry.message.refs:
        await presence.read(leg_of(conversation, entry.leg), entry.message.refs[-1])


router = Router(
    path="", route_handlers=[reply, note, show_typing, mark_read], tags=["conversations"]
)
