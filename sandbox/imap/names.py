"""Folder names on the wire: modified UTF-7 (RFC 3501 section 5.1.3). Pure."""

import binascii
import re

from sandbox.imap.tokens import Bad

SHIFTED = re.compile(r"&([^-]*)-")
FOREIGN = re.compile(r"[^\x20-\x7e]+|&")


def encode_name(name: str) -> str:
    """For example "Entwürfe" as "Entw&APw-rfe"."""
    return FOREIGN.sub(lambda found: _shift(found[0]), name)


def decode_name(name: str) -> str:
    """The name as people read it; raises Bad for what is no modified UTF-7."""
    if not name.isascii():
        raise Bad("folder names are modified UTF-7")
    return SHIFTED.sub(lambda found: _unshift(found[1]), name)


def _shift(text: str) -> str:
    if text == "&":
        return "&-"
    coded = binascii.b2a_base64(text.encode("utf-16-be"), newline=False).decode()
    return f"&{coded.rstrip('=').replace('/', ',')}-"


def _unshift(coded: str) -> str:
    if not coded:
        return "&"
    padded = coded.replace(",", "/") + "=" * (-len(coded) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Bad("folder names are modified UTF-7") from error
