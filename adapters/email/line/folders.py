"""Folder names on the wire: modified UTF-7 (RFC 3501 section 5.1.3), quoted."""

import base64
import re

OUTSIDE_ASCII = re.compile(r"[^\x20-\x7e]+")
SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


def quoted_folder(name: str) -> str:
    encoded = OUTSIDE_ASCII.sub(_shifted, name.replace("&", "&-"))
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def decoded_folder(name: str) -> str:
    """The name that `quoted_folder` makes this of; as it is where it is no modified UTF-7."""
    try:
        return SHIFTED.sub(_unshifted, name)
    except ValueError:
        return name


def _unshifted(match: re.Match[str]) -> str:
    if not match[1]:
        return "&"
    letters = match[1].replace(",", "/")
    return base64.b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-16-be")


def _shifted(match: re.Match[str]) -> str:
    letters = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
    return f"&{letters.replace('/', ',')}-"
