"""Who is who: identities, what is known of them, and the contact as a view over them."""

from datetime import datetime
from enum import IntEnum

import msgspec

from core.model.ids import ContactId, IdentityId


class Assurance(IntEnum):
    """How far a claim can be trusted. Joins happen by themselves only on VERIFIED or more."""

    HINT = 0
    AUTHENTICATED = 1
    VERIFIED = 2
    SIGNED = 3


class Claim(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Something known about a person: `kind` email, phone, uid ... with its evidence."""

    kind: str
    value: str
    assurance: Assurance
    evidence: str
    at: datetime
    by: str = ""


class Link(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Two identities were declared to be one person. Undone exactly by removing it.

    `place`: of the task that carried it out, in the one order of all tasks on who is who.
    """

    a: IdentityId
    b: IdentityId
    by: str
    at: datetime
    evidence: str = ""
    place: int = 0


class Block(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Nothing that this person does is kept: who decided that, when and why."""

    by: str
    at: datetime
    why: str = ""


class Identity(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A person's handle on one channel account. `linked` are the identities it is directly linked
    to.
    """

    id: IdentityId
    channel: str
    account: str
    remote: str
    contact: ContactId
    name: str = ""
    handle: str = ""
    language: str = ""
    first_seen_at: datetime | None = None
    linked: tuple[IdentityId, ...] = ()
    blocked: Block | None = None


class Contact(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A person: the identities linked with one another, in order of id. Never stored,
    always derived.
    """

    id: ContactId
    identities: tuple[Identity, ...]

    @property
    def name(self) -> str:
        return next((i.name or i.handle or i.remote for i in self.identities), "")
