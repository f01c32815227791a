"""Folder names on the wire: modified UTF-7 (RFC 3501 section 5.1.3), quoted."""

import base64
import re

OUTSIDE_ASCII = re.compile(r"[^\x20-\x7e]+")


def quoted_folder(name: str) -> str:
    encoded = OUTSIDE_ASCII.sub(_shifted, name.replace("&", "&-"))
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shifted(match: re.Match[str]) -> str:
    letters = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
    return f"&{letters.replace('/', ',')}-"
