"""From a mail that was received before to what it says. Pure."""

from collections.abc import Callable

import msgspec

from core.errors import MalformedPayload

BLOB = "blob:"


class Reference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is recorded of a mail: its bytes are in the blob store, `blob:<sha256>`."""

    mail: str
    junk: bool = False
    sent: bool = False


write_reference: Callable[[Reference], bytes] = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(Reference).decode


def read_reference(payload: bytes) -> Reference | None:
    """None: it is a mail itself. Raises MalformedPayload."""
    if not payload.startswith(b'{"mail":'):
        return None
    try:
        found = _read(payload)
    except msgspec.MsgspecError as error:
        raise MalformedPayload(f"not a reference to a mail ({type(error).__name__})") from None
    return found
