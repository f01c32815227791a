"""Whose mail it is, and what is known of a mail besides its bytes."""

from datetime import datetime

import msgspec

from adapters.email.settings import Limits
from core.model.event import Origin
from core.model.ids import EventId
from core.model.message import SenderLevel


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One mailbox, as its two pure halves know it. `secret` signs our Message-IDs. `own_hosts` are
    those of this installation: no mail may lead an agent there. `plus_address`: mail to
    `name+anything@domain` comes here, too, so answers may be asked for under such an address.
    """

    name: str
    address: str
    secret: bytes
    limits: Limits = Limits()
    own_hosts: frozenset[str] = frozenset()
    plus_address: bool = False

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """How sure it is that a mail comes from the domain of its From, and in words why."""

    level: SenderLevel = SenderLevel.UNVERIFIED
    evidence: str = ""


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """How a mail came to us: what its bytes do not say.

    `event` is the id of the event that it becomes. `full_size`: how many bytes it has, if only its
    beginning was taken. `sent_by_us`: it was found in the folder of sent mail; `junk`: in that of
    junk.
    """

    event: EventId
    received_at: datetime
    full_size: int = 0
    origin: Origin = Origin.LIVE
    opinion: Opinion = Opinion()
    sent_by_us: bool = False
    junk: bool = False
