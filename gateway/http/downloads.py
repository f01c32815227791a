"""Files as answers: streamed, whole or in part, to be saved and never to be shown as a page."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from litestar.response import Stream

from gateway.http.uploads import file_name

CHUNK_BYTES: Final = 256 * 1024
_RANGE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})")


async def download_of(path: Path, name: str, wanted: str = "") -> Stream:
    """The file as an answer. `wanted` is a Range header: one range of it is understood (RFC 9110
    section 14), of several the whole is sent.
    """
    size_bytes = (await asyncio.to_thread(path.stat)).st_size
    part = byte_range(wanted, size_bytes)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name(name), safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Accept-Ranges": "bytes",
    }
    if part is None:
        headers["Content-Length"] = str(size_bytes)
        return _stream(_read(path, 0, size_bytes), 200, headers)
    if not part:
        headers |= {"Content-Range": f"bytes */{size_bytes}", "Content-Length": "0"}
        return _stream(_read(path, 0, 0), 416, headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size_bytes}"
    headers["Content-Length"] = str(len(part))
    return _stream(_read(path, part.start, len(part)), 206, headers)


def byte_range(wanted: str, size_bytes: int) -> range | None:
    """Which bytes a Range header asks for: None = all of them, empty = none that there are."""
    found = _RANGE.fullmatch(wanted.strip())
    if not found or not (found["first"] or found["last"]):
        return None
    if not found["first"]:
        return range(max(0, size_bytes - int(found["last"])), size_bytes)
    first, last = int(found["first"]), int(found["last"] or size_bytes)
    return None if last < first else range(first, min(last + 1, size_bytes))


def _stream(chunks: AsyncIterator[bytes], status: int, headers: dict[str, str]) -> Stream:
    media_type = "application/octet-stream"
    return Stream(chunks, status_code=status, media_type=media_type, headers=headers)


async def _read(path: Path, start: int, count: int) -> AsyncIterator[bytes]:
    # Opened here and not in a thread: whoever goes away meanwhile would leave it open.
    with path.open("rb") as file:
        file.seek(start)
        while count > 0 and (chunk := await asyncio.to_thread(file.read, min(count, CHUNK_BYTES))):
            count -= len(chunk)
            yield chunk
