"""One request to the API: who asks what, with which body and files."""

import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.discord.applications import Application
from sandbox.discord.rest.forms import Form
from sandbox.discord.rest.refusals import Refusal, too_large, unauthorized
from sandbox.payload import Json, decode

WHOLE_BYTES_MAX = 25 * 1024 * 1024
ROOM_FOR_FORM = 1024 * 1024
FILE_PART = re.compile(r"files?\[([0-9]{1,3})\]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart request."""

    name: str
    media_type: str | None
    content: bytes


@dataclass(slots=True)
class Request:
    """`application` is None where the address itself is the secret. `ids` are from the address."""

    route: str
    ids: dict[str, str]
    query: dict[str, str]
    asking: Application | None = None
    body: Any = None
    uploads: dict[int, Upload] = field(default_factory=dict)

    @property
    def application(self) -> Application:
        """Who asks; raises Refusal 401 when nobody has said who they are."""
        if self.asking is None:
            raise unauthorized()
        return self.asking

    def snowflake(self, name: str) -> int:
        """An id out of the address; raises Refusal 50035."""
        form = Form(self.ids)
        value = form.snowflake(name, required=True)
        form.check()
        return value or 0

    def form(self) -> Form:
        """The body's fields; an empty body has none."""
        return Form({} if self.body is None else self.body)

    def asked(self) -> Form:
        """The query's fields."""
        return Form(dict(self.query))


async def read_request(request: web.Request, route: str, asking: Application | None) -> Request:
    """Decode address, JSON or multipart; raises Refusal."""
    call = Request(route, dict(request.match_info), dict(request.query), asking)
    if (request.content_length or 0) > WHOLE_BYTES_MAX + ROOM_FOR_FORM:
        raise too_large()
    if request.content_type.startswith("multipart/"):
        await _read_multipart(request, call)
    elif request.can_read_body:
        call.body = _json(await request.read())
    return call


async def _read_multipart(request: web.Request, call: Request) -> None:
    """`payload_json` and `files[n]`; other fields are as if they stood in the JSON."""
    others: Json = {}
    left = WHOLE_BYTES_MAX
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise Refusal(400, 50035, "Invalid Form Body")
        content = bytes(await part.read(decode=False))
        left -= len(content)
        if left < 0:
            raise too_large()
        if number := FILE_PART.fullmatch(part.name):
            media_type = part.headers.get("Content-Type")
            call.uploads[int(number[1])] = Upload(part.filename or "file", media_type, content)
        elif part.name == "payload_json":
            call.body = _json(content)
        else:
            others[part.name] = content.decode("utf-8", "replace")
    if others:
        call.body = others | (call.body if isinstance(call.body, dict) else {})


def _json(text: bytes) -> Any:
    if not text:
        return None
    try:
        return decode(text)
    except ValueError as error:
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from error
