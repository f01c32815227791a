"""Whose mail it is."""

import msgspec

from adapters.email.settings import Limits


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One mailbox, as its two pure halves know it. `secret` signs our Message-IDs."""

    name: str
    address: str
    secret: bytes
    limits: Limits = Limits()

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]
