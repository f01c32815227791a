"""A front desk in memory: it knows what a test puts there, and remembers what it was asked."""

from dataclasses import dataclass, field

from typing_extensions import override

from core.errors import NotFound, Refused, StoreUnavailable
from core.model.event import Actor
from core.model.ids import ThreadRef
from core.ports import Brief, FrontDesk, Gap


@dataclass
class MemoryFrontDesk(FrontDesk):
    """`of` has each person's conversations, `where` those of messages, `codes` those who may redeem
    a code and what they are told.
    """

    of: dict[str, tuple[Brief, ...]] = field(default_factory=dict)
    where: dict[tuple[ThreadRef, str], Brief] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    """The persons who asked for a code."""
    away: bool = False
    """The store cannot be reached: nobody is told what they have."""

    @override
    async def conversations(self, person: str) -> tuple[Brief, ...]:
        if self.away:
            raise StoreUnavailable("the store is away")
        return self.of.get(person, ())

    @override
    async def conversation(self, number: str, person: str | None = None) -> Brief:
        own = self.of.get(person, ()) if person is not None else None
        anybodys = (*(one for theirs in self.of.values() for one in theirs), *self.where.values())
        for brief in anybodys if own is None else own:
            if brief.number == number:
                return brief
        raise NotFound(f"there is no conversation {number}")

    @override
    async def about(self, thread: ThreadRef, remote: str) -> Brief | None:
        return self.where.get((thread, remote))

    @override
    async def link_code(self, person: Actor) -> str:
        self.issued.append(person.remote)
        return f"L-CODE-{len(self.issued)}"

    @override
    async def redeem(self, person: Actor, code: str) -> str:
        try:
            return self.codes[code]
        except KeyError:
            raise Refused("This code is not known, or no longer.") from None


@dataclass
class MemoryGaps:
    """What was recorded, each gap once."""

    gaps: list[Gap] = field(default_factory=list)

    async def __call__(self, gap: Gap, /) -> None:
        if gap not in self.gaps:
            self.gaps.append(gap)
