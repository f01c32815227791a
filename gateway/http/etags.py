"""Whether a conversation is still what somebody has read: its ETag, and headers that name one."""

import hashlib
from typing import Annotated, Final

from litestar.params import HeaderParameter

from core.errors import Conflict
from core.model.conversation import Conversation
from core.store.triage import STALE

DIGEST_BYTES: Final = 12
HEADER_LENGTH_MAX: Final = 1000

IfMatch = Annotated[
    str,
    HeaderParameter(
        name="If-Match",
        max_length=HEADER_LENGTH_MAX,
        description="The ETag of what was read: the request is refused as `stale` when that is not"
        " how things are any more.",
    ),
]
IfNoneMatch = Annotated[
    str,
    HeaderParameter(
        name="If-None-Match",
        max_length=HEADER_LENGTH_MAX,
        description="The ETag of what is known already: 304 as long as nothing has changed.",
    ),
]


def etag(conversation: Conversation) -> str:
    """The same as long as no leg has come, gone or changed, and nothing was said."""
    versions = (f"{leg.id} {leg.rev} {leg.length}\n" for leg in conversation.legs)
    digest = hashlib.blake2b("".join(versions).encode(), digest_size=DIGEST_BYTES)
    return f'"{digest.hexdigest()}"'


def is_named(tag: str, header: str) -> bool:
    """Whether a header's list of tags has this one; `*` is all of them."""
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in header.split(","))


def demand(conversation: Conversation, if_match: str) -> None:
    """Raises Conflict (`stale`) when somebody has read something else."""
    if if_match and not is_named(etag(conversation), if_match):
        raise Conflict(f"conversation {conversation.number} has changed", code=STALE)
