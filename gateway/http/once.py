"""Idempotency-Key: a request that may be made again, and counts once."""

import hashlib
from typing import Annotated, Final

from litestar.params import HeaderParameter
from ulid import ULID

from core.ids import new_ulid
from core.model.ids import MessageId
from gateway.http.references import Found
from gateway.tokens import TokenInfo

KEY_LENGTH_MAX: Final = 200

Key = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        max_length=KEY_LENGTH_MAX,
        description="The same request again under the same key has no second effect.",
    ),
]


def message_id(token: TokenInfo, found: Found, key: str) -> MessageId:
    """The same for every attempt, also when conversations were joined between two of them."""
    return made_id(token, found.leg.id, key)


def made_id(token: TokenInfo, what: str, key: str) -> MessageId:
    """The same for every attempt at `what` under this key."""
    if not key:
        return MessageId(new_ulid())
    digest = hashlib.sha256("\0".join((token.id, what, key)).encode()).digest()
    return MessageId(str(ULID.from_bytes(digest[:16])))
