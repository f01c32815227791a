"""Which platform message says which piece of an edited message: words over words, files stay.

A text that has become short enough would be its file's caption, where it was a message of its own.
Were piece laid over piece, the file would be left over and taken back.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
from msgspec.structs import replace

from core.errors import UnsupportedFeature
from core.model.capabilities import Capabilities
from core.model.content import Media, Part, Text
from core.model.outbound import Plan
from core.rules.degrade import Link, plan


class Overlay(msgspec.Struct, frozen=True, kw_only=True):
    """`over`: for each piece of the plan, which of the old ones it replaces. `surplus` are the old
    pieces that nothing replaces; none of them is a file.
    """

    plan: Plan
    over: tuple[int, ...]
    surplus: tuple[int, ...]


def overlay(
    before: tuple[Part, ...],
    after: tuple[Part, ...],
    count: int,
    capabilities: Capabilities,
    link: Link | None,
    quote: Text | None = None,
) -> Overlay:
    """How `after` goes over `before`, which is on the platform as so many messages. Both quote
    the same part of what they answer.

    Raises InvalidRequest, UnsupportedFeature.
    """
    plans = partial(_plans, capabilities=capabilities, link=link, quote=quote)
    old = next((one for one in plans(before) if len(one.pieces) == count), None)
    if old is None:
        raise UnsupportedFeature(
            "it was sent in another form than it would be now: correct it by a reply"
        )
    ways = [
        Overlay(plan=new, over=over, surplus=tuple(n for n in range(count) if n not in over))
        for new in plans(after)
        if (over := _over(old.pieces, new.pieces)) is not None
    ]
    if ways:
        return min(ways, key=lambda way: len(way.surplus))  # platforms forbid taking old ones back
    needed = len(next(plans(after)).pieces)
    raise UnsupportedFeature(
        f"the new text takes {needed} messages, the old one has {count}: shorten it, or send the"
        " rest as a reply"
    )


def _plans(
    parts: tuple[Part, ...],
    capabilities: Capabilities,
    link: Link | None,
    quote: Text | None,
) -> Iterator[Plan]:
    """As it is sent, and with its words apart from its files."""
    yield plan(parts, capabilities, link, quote=quote)
    yield plan(parts, replace(capabilities, caption_limit=0), link, quote=quote)


def _over(
    old: Sequence[tuple[Part, ...]], new: Sequence[tuple[Part, ...]]
) -> tuple[int, ...] | None:
    """None if a piece finds no old one of its kind, or a file would be left over."""
    over: list[int] = []
    waiting = iter(range(len(old)))
    for piece in new:
        for at in waiting:
            if _files(old[at]) == _files(piece):
                over.append(at)
                break
            if _files(old[at]):
                return None
    left = any(_files(piece) for at, piece in enumerate(old) if at not in over)
    return None if left or len(over) < len(new) else tuple(over)


def _files(piece: tuple[Part, ...]) -> int:
    return sum(isinstance(part, Media) for part in piece)
