"""Files in both directions. Bytes are streamed, and nothing in them is ever shown as a page."""

from typing import Annotated, Final
from urllib.parse import unquote

from litestar import Router, get, post
from litestar.exceptions import ClientException
from litestar.params import FromPath, HeaderParameter
from litestar.response import Stream

from core.errors import NotFound
from core.keeping import keep
from core.model.content import Attachment
from core.model.conversation import Entry, Leg
from core.rules.attachments import find
from gateway.desk import Desk
from gateway.http.downloads import download_of
from gateway.http.given import Asked, GivenDesk
from gateway.http.problems import refusals
from gateway.http.uploads import file_name, uploaded
from gateway.scopes import Scope

TYPE_LENGTH_MAX: Final = 100

FileName = Annotated[
    str, HeaderParameter(name="X-Filename", max_length=2000, description="Percent-encoded UTF-8.")
]


@post(
    "/attachments", opt={"scope": Scope.MESSAGES_WRITE, "raw_body": True}, responses=refusals(413)
)
async def upload(desk: GivenDesk, request: Asked, name: FileName = "file") -> Attachment:
    """Store the body of the request as a file; a reply names it by the id of the answer."""
    kept = await keep(desk.blobs, request.stream(), desk.attachment_bytes_max)
    if kept.size_bytes == 0:
        raise ClientException(detail="the file is empty")
    declared = request.headers.get("content-type", "")[:TYPE_LENGTH_MAX]
    return uploaded(kept, file_name(unquote(name)), declared, desk.secret)


@get(
    "/conversations/{ref:str}/messages/{leg:str}/{position:int}/attachments/{attachment:str}",
    media_type="application/octet-stream",
    responses=refusals(404, 422, 502, 503),
    opt={"scope": Scope.CONVERSATIONS_READ},
)
async def download(
    desk: GivenDesk,
    ref: FromPath[str],
    leg: FromPath[str],
    position: FromPath[int],
    attachment: FromPath[str],
) -> Stream:
    """The bytes of an attachment of this message, to be saved and never to be shown as a page."""
    head, entry = await entry_at(desk, ref, leg, position)
    wanted = find(entry.message, attachment)
    if wanted is None:
        raise NotFound(f"message {position} on leg {leg} has no attachment {attachment}")
    found = await desk.fetcher.have(head.thread.account, head.id, position, wanted)
    return await download_of(desk.blobs.path(found.sha256), found.name)


async def entry_at(desk: Desk, ref: str, leg: str, position: int) -> tuple[Leg, Entry]:
    """The message at this place of the conversation. Raises NotFound."""
    conversation = await desk.views.conversation(ref)
    head = next((one for one in conversation.legs if one.id == leg), None)
    if head is None or not 1 <= position <= head.length:
        raise NotFound(f"conversation {conversation.number} has no message {position} on leg {leg}")
    return head, await desk.views.entry(head.id, position)


def routers(size_bytes_max: int) -> list[Router]:
    """An upload's body has a limit of its own."""
    return [
        Router(
            path="",
            route_handlers=[upload],
            request_max_body_size=size_bytes_max,
            tags=["attachments"],
        ),
        Router(path="", route_handlers=[download], tags=["attachments"]),
    ]
