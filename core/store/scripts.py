"""The Lua operations: one file each under lua/, composed into one script.

The composed script holds the tables of core.rules as Lua tables, so that a rule is stated once.
It exists twice: `ordinary`, refused by a full server, and `relief`, which runs even then, because
a server can only drain if acknowledgements get through.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from core.rules import audience, delivery, lifecycle, triage
from core.store.keys import WAKE

RELIEF: Final = frozenset(
    {
        *("amend", "announce", "begin", "bury", "done", "due", "fetched", "file", "postpone"),
        *("renew", "report", "sent", "take", "hold", "owe", "release", "spend", "wake", "withhold"),
        *("freeze", "retire", "leave", "unnumber", "unshow", "told", "discard", "disown"),
    }
)
"""Operations that finish work which was accepted before: they free about what they take, or are a
few short keys an account, each with an end.
"""

EVENTS_TOGETHER: Final = 8
"""At most, of one script call in one entry of a partition's stream."""


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    """How much is kept in the streams: events, and records (law 10)."""

    events_max: int = 100_000
    live_max: int = 100_000
    audit_max: int = 1_000_000


@lru_cache
def source(caps: Caps, *, relief: bool) -> str:
    """The whole script. The shebang makes Redis hold it to its declared keys' slot."""
    flags = " flags=allow-oom" if relief else ""
    lua = files("core.store").joinpath("lua")
    names = sorted(one.name for one in lua.iterdir() if one.name.endswith(".lua"))
    operations = [name for name in names if name not in ("prelude.lua", "main.lua")]
    bodies = (lua.joinpath(name).read_text() for name in ("prelude.lua", *operations, "main.lua"))
    return f"#!lua{flags}\n{_tables(caps)}\n" + "\n".join(bodies)


def _tables(caps: Caps) -> str:
    """The rules as Lua locals."""
    sets = {
        "MOVES": {a: dict.fromkeys(b, True) for a, b in lifecycle.MOVES.items()},
        "ADVANCES": {a: dict.fromkeys(b, True) for a, b in delivery.ADVANCES.items()},
    }
    maps: dict[str, Mapping[Any, object]] = {
        "AFTER_CUSTOMER": lifecycle.AFTER_CUSTOMER,
        "AFTER_AGENT": lifecycle.AFTER_AGENT,
        "VIEW": lifecycle.VIEW,
        "SPAM_VIEW": lifecycle.SPAM_VIEW,
        "WIDTH": audience.WIDTH,
    }
    constants = {
        "EVENT_ENTRIES_MAX": -(-caps.events_max // EVENTS_TOGETHER),
        "EVENTS_TOGETHER": EVENTS_TOGETHER,
        "LIVE_MAX": caps.live_max,
        "AUDIT_MAX": caps.audit_max,
        "TAGS_MAX": triage.TAGS_MAX,
        "WAKE": WAKE,
    }
    values = {**sets, **maps, **constants}
    return "\n".join(f"local {name} = {_lua(value)}" for name, value in values.items())


def _lua(value: object) -> str:
    match value:
        case Mapping():
            return "{" + ", ".join(f"[{_lua(k)}] = {_lua(v)}" for k, v in value.items()) + "}"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return f"'{value}'"
