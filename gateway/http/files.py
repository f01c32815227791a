"""Files behind links that customers were sent: the only thing here that needs no token."""

from contextlib import suppress
from typing import Annotated

from litestar import get
from litestar.params import FromPath, HeaderParameter
from litestar.response import Stream

from core.errors import NotFound
from gateway.http.downloads import download_of
from gateway.http.given import GivenDesk
from gateway.http.problems import refusals

Range = Annotated[str, HeaderParameter(name="Range", max_length=200)]


@get("/files/{link:str}", responses=refusals(404), tags=["attachments"], security=[])
async def download_linked(desk: GivenDesk, link: FromPath[str], wanted: Range = "") -> Stream:
    """The file that a link leads to, while the link lasts. Whatever is wrong with it, the answer
    is the same.
    """
    found = desk.links.read(link)
    with suppress(NotFound):
        if found:
            return await download_of(desk.blobs.path(found.sha256.hex()), found.name, wanted)
    raise NotFound("there is no such file, or no longer: ask whoever sent you the link")
