"""The agent's page: files that were read once, at the start."""

import hashlib
from pathlib import Path
from typing import Final

import msgspec
from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Response
from msgspec.structs import replace

from core.errors import NotFound
from gateway.http.given import Asked
from gateway.http.letters import frame_policy

STATIC: Final = Path(__file__).parent / "static"
LETTER: Final = "letter.html"
TYPES: Final = {  # Litestar adds the charset
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


class _File(msgspec.Struct, frozen=True):
    content: bytes
    media_type: str
    etag: str
    policy: str = ""


def pages(frame_ancestors: str) -> Router:
    """Only names of files that were there at the start are known: no path leads elsewhere."""
    files = {path.name: _load(path) for path in STATIC.iterdir() if path.suffix in TYPES}
    letter = files[LETTER]
    files[LETTER] = replace(letter, policy=frame_policy(letter.content, frame_ancestors))

    @get("/", include_in_schema=False)
    async def index(request: Asked) -> Response[bytes]:
        return _answer(request, files["index.html"])

    @get("/static/{name:str}", include_in_schema=False)
    async def static(request: Asked, name: FromPath[str]) -> Response[bytes]:
        if name not in files:
            raise NotFound(f"there is no file {name[:80]!r}")
        return _answer(request, files[name])

    return Router(path="", route_handlers=[index, static])


def _load(path: Path) -> _File:
    content = path.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    return _File(content, TYPES[path.suffix], etag)


def _answer(request: Asked, file: _File) -> Response[bytes]:
    """`no-cache`: browsers ask whether it has changed, so a new version is seen at once."""
    headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
    if file.policy:
        headers["Content-Security-Policy"] = file.policy
    if request.headers.get("if-none-match") == file.etag:
        return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)
