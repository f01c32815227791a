"""Mail as it was sent: its HTML form, cleaned when it came, and the frame in which it is shown."""

import asyncio
import base64
import hashlib
import re
from typing import Final

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Response

from core.errors import NotFound
from core.model.content import Text
from gateway.http.attachments import entry_at
from gateway.http.given import GivenDesk
from gateway.http.problems import refusals
from gateway.scopes import Scope

ALONE: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""Should it ever be opened by itself: words and their dress, nothing else."""

FRAMED: Final = (
    "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "script-src {script}; style-src 'unsafe-inline'; img-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self' {ancestors}"
)
_SCRIPT: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def frame_policy(page: bytes, frame_ancestors: str) -> str:
    """The frame has no origin, no network, and one script, ours, known by its hash. What a letter
    could smuggle in would run nothing, reach nobody and know nothing.
    """
    digests = (hashlib.sha256(found).digest() for found in _SCRIPT.findall(page))
    script = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in digests)
    ancestors = "" if frame_ancestors == "'none'" else frame_ancestors
    return FRAMED.format(script=script, ancestors=ancestors).strip()


@get(
    "/conversations/{ref:str}/messages/{leg:str}/{position:int}/html/{digest:str}",
    media_type="text/html",
    responses=refusals(404),
    opt={"scope": Scope.CONVERSATIONS_READ},
)
async def read_html(
    desk: GivenDesk,
    ref: FromPath[str],
    leg: FromPath[str],
    position: FromPath[int],
    digest: FromPath[str],
) -> Response[bytes]:
    """The HTML form that a text of this message names in `html`. It runs nothing and loads nothing;
    `cid:ID` stands for the attachment ID of the same message.
    """
    _, entry = await entry_at(desk, ref, leg, position)
    texts = (part for part in entry.message.parts if isinstance(part, Text))
    if not any(part.html == digest for part in texts):
        raise NotFound(f"message {position} on leg {leg} has no HTML form {digest[:80]}")
    form = await asyncio.to_thread(desk.blobs.path(digest).read_bytes)
    return Response(form, headers={"Content-Security-Policy": ALONE})


router = Router(path="", route_handlers=[read_html], tags=["attachments"])
