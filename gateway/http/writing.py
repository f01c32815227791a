"""What agents write: replies and notes, each once for its Idempotency-Key."""

import hashlib
from typing import Annotated, Final

from litestar import Router, post
from litestar.params import FromPath, HeaderParameter, JSONBody
from ulid import ULID

from core.errors import Conflict, InvalidRequest
from core.ids import new_ulid
from core.model.content import Media, Part, Span, Text
from core.model.conversation import Conversation, Entry
from core.model.ids import MessageId
from core.reply import Draft
from gateway.desk import Desk
from gateway.http.given import GivenAgent, GivenDesk, GivenToken
from gateway.http.problems import refusals
from gateway.http.references import Found, find
from gateway.http.schema import NoteRequest, ReplyRequest
from gateway.http.uploads import media_of, opened
from gateway.tokens import TokenInfo

KEY_LENGTH_MAX: Final = 200

Key = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        max_length=KEY_LENGTH_MAX,
        description="The same key again, on the same conversation, has no second effect.",
    ),
]


@post("/conversations/{ref:str}/replies", responses=refusals(404, 409, 422))
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
        id=_message_id(token, found, key),
        parts=_parts(desk, data),
        leg=data.leg,
        answers=data.answers,
        audience=data.audience,
        subject=" ".join(data.subject.split()),
    )
    if key and (before := await _written(desk, found.conversation, draft.id, draft.parts)):
        return before
    return await desk.agents.reply(found.conversation, agent, draft)


@post("/conversations/{ref:str}/notes", responses=refusals(404, 409))
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
    note_id, parts = _message_id(token, found, key), (Text(text=data.text),)
    if key and (before := await _written(desk, found.conversation, note_id, parts)):
        return before
    return await desk.agents.note(found.conversation, agent, note_id, parts)


def _message_id(token: TokenInfo, found: Found, key: str) -> MessageId:
    """The same for every attempt, also when conversations were joined between two of them."""
    if not key:
        return MessageId(new_ulid())
    digest = hashlib.sha256("\0".join((token.id, found.leg.id, key)).encode()).digest()
    return MessageId(str(ULID.from_bytes(digest[:16])))


async def _written(
    desk: Desk, conversation: Conversation, message: MessageId, parts: tuple[Part, ...]
) -> Entry | None:
    """The message, if it was written before: on whichever leg that was. Raises Conflict."""
    for leg in conversation.legs:
        position = await desk.store.legs.position_of(leg.id, message)
        if position:
            entry = await desk.views.entry(leg.id, position)
            if entry.message.parts != parts:
                raise Conflict("this Idempotency-Key was used for another message: take a new one")
            return entry
    return None


def _parts(desk: Desk, data: JSONBody[ReplyRequest]) -> tuple[Part, ...]:
    """The text first, if there is one, then the files. Raises InvalidRequest."""
    if not data.text.strip() and not data.attachments:
        raise InvalidRequest("a reply needs a text or an attachment")
    text: tuple[Part, ...] = ()
    if data.text.strip():
        _check_spans(data.text, data.spans)
        text = (Text(text=data.text, spans=data.spans),)
    files = (opened(one, desk.secret) for one in data.attachments)
    for file in (media := tuple(media_of(one) for one in files)):
        _check_stored(desk, file)
    return (*text, *media)


def _check_spans(text: str, spans: tuple[Span, ...]) -> None:
    for span in spans:
        if span.start < 0 or span.length < 1 or span.end > len(text):
            raise InvalidRequest(
                f"a span from {span.start} of length {span.length} is not within the text of"
                f" {len(text)} code points"
            )


def _check_stored(desk: Desk, file: Media) -> None:
    """Raises NotFound while there still is somebody to tell."""
    desk.blobs.path(file.attachment.sha256)


router = Router(path="", route_handlers=[reply, note], tags=["conversations"])
