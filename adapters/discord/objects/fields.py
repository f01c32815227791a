"""What a field of one of Discord's objects is to this adapter: read, read later, lost, or a copy.

Law 5 rests on it: whatever is neither in the model nor a copy of something that is, is named in
`Inbound.lost`, of what is read later by whoever reads it; embeds of people never are, which Discord
made from their words. A class names all fields that its object has today, so that only what Discord
adds tomorrow takes the slow way through `reading`. Discord spells out what is not there (null,
false, 0, an empty list): nothing is lost by that. Fields are quickest found in the order of the
wire, which those of a message are therefore in.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec

Snowflake = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Flags = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

ABSENT = msgspec.Raw()
"""The value of a `Copy` or `Later` field that the payload does not hold."""
Lost = Annotated[Any, "lost"]
"""A field that the model cannot take: named as lost if it says anything at all."""
Copy = Annotated[msgspec.Raw, "copy"]
"""A field that repeats, or is made from, what is told elsewhere: stepped over, nothing is lost."""
Later = Annotated[msgspec.Raw, "later"]
"""A field that is read by itself, and only where it matters."""


class Read(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """An object that is read: its `Lost` fields, and those it does not name, are lost. Like all
    that JSON can say it is no part of itself, so the collector need not look for it.
    """


class Reference(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A copy of something told elsewhere: only what is named is wanted, nothing of it is lost."""
