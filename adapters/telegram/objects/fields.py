"""What a field of a Bot API object is to this adapter: read, lost, or a copy.

Law 5 rests on it: whatever is neither in the model nor a copy of something that is, is named in
`Inbound.lost`. A class names all fields that its object has today, so that only what Telegram adds
tomorrow takes the slow way through `reading`. Fields are quickest found in Telegram's order, which
those that every message has are therefore in.
"""

from typing import Annotated

import msgspec

Id = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
UnixTime = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
"""Up to the end of the year 9999, where `datetime` ends too."""
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

ABSENT = msgspec.Raw()
"""The value of a `Lost` or `Copy` field that the payload does not hold."""
Lost = Annotated[msgspec.Raw, "lost"]
"""A field that the model cannot take: stepped over, and named as lost."""
Copy = Annotated[msgspec.Raw, "copy"]
"""A field that repeats, or is made from, what is told elsewhere: stepped over, nothing is lost."""


class Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An object that is read: its `Lost` fields, and those it does not name, are lost."""


class Reference(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A copy of something told elsewhere: only what is named is wanted, nothing of it is lost."""


class Empty(Read, frozen=True):
    """An object whose being there says it all."""


class Someone(Reference, frozen=True):
    id: Id
