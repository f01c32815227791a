"""What a fault makes of a frame: the steps of the connection that is to bring it. Pure."""

from dataclasses import dataclass

from sandbox.discord.gateway.protocol import Op, frame
from sandbox.faults import Fault, Kind
from sandbox.payload import decode, encode

UNKNOWN_OP = '{"t":null,"s":null,"op":77,"d":{"new":true}}'
GRACE_SECONDS = 5.0
UNKNOWN_KIND = "PARROT_LANDED"
"""An event that no client knows of yet."""


@dataclass(frozen=True, slots=True)
class Send:
    """A frame to be packed and sent; `damaged`: with some of its packed bytes changed."""

    text: str
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Everything that follows comes so much later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hold:
    """A frame that the next one overtakes; without a next one it is sent after so long."""

    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing is read or written any more, though the connection stays open."""


@dataclass(frozen=True, slots=True)
class Bye:
    """The connection is closed with this code."""

    code: int


@dataclass(frozen=True, slots=True)
class Abort:
    """The connection is gone without a word; `reset`: as "reset by peer"."""

    reset: bool = False


Step = Send | Wait | Hold | Hang | Bye | Abort


def steps(fault: Fault | None, text: str) -> list[Step]:
    """How a frame is brought."""
    whole = Send(text)
    if fault is None:
        return [whole]
    match fault.kind:
        case Kind.DUPLICATE:
            return [whole, whole]
        case Kind.REORDER:
            return [Hold(text, fault.seconds)]
        case Kind.SLOW_AFTER:
            return [Wait(fault.seconds), whole]
        case Kind.DROP_AFTER:
            return [whole, Abort()]
        case Kind.UNKNOWN_EVENT:
            return [whole]
        case Kind.UNKNOWN_OP:
            return [Send(UNKNOWN_OP), whole]
        case Kind.GARBLED | Kind.MISSING | Kind.WRONG_TYPE | Kind.DAMAGED:
            return [_spoilt(fault, text)]
        case _:
            return _instead(fault)


def _instead(fault: Fault) -> list[Step]:
    """What comes in place of the frame, which the session keeps for a resume."""
    match fault.kind:
        case Kind.DROP_BEFORE | Kind.LOST:
            return [Abort()]
        case Kind.RESET:
            return [Abort(reset=True)]
        case Kind.HANG:
            return [Hang()]
        case Kind.CLOSE:
            return [Bye(fault.code)]
        case Kind.RECONNECT:
            return reconnect()
        case Kind.INVALID_SESSION:
            return invalid(resumable=fault.resumable)
        case _:
            return []


def reconnect() -> list[Step]:
    """Op 7; a client that stays hears no more."""
    return [Send(frame(Op.RECONNECT)), Wait(GRACE_SECONDS), Abort()]


def invalid(*, resumable: bool) -> list[Step]:
    """Op 9; a client that may not resume may begin anew on the same connection."""
    said = Send(frame(Op.INVALID_SESSION, resumable))
    return [said, Wait(GRACE_SECONDS), Abort()] if resumable else [said]


def _spoilt(fault: Fault, text: str) -> Send:
    if fault.kind is Kind.GARBLED:
        return Send(text[: len(text) // 2])
    if fault.kind is Kind.DAMAGED:
        return Send(text, damaged=True)
    return Send(_altered(text, fault.key, missing=fault.kind is Kind.MISSING))


def _altered(text: str, key: str, *, missing: bool) -> str:
    """Without the value at `key` ("op", "d.author.id"), or with one of another type there.

    A key that the frame has not falls back on its data as a whole.
    """
    whole = decode(text)
    *path, last = key.split(".") if key else ["d"]
    holder = whole
    for name in path:
        holder = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(holder, dict) or last not in holder:
        holder, last = whole, "d"
    if missing:
        del holder[last]
    else:
        holder[last] = [] if isinstance(holder[last], dict) else {"of": "another type"}
    return encode(whole)


def damaged(packed: str | bytes) -> bytes:
    """The bytes with every third one in the middle turned over; text becomes bytes."""
    raw = bytearray(packed.encode() if isinstance(packed, str) else packed)
    for at in range(len(raw) // 4, max(len(raw) // 4 + 1, len(raw) - len(raw) // 4), 3):
        raw[at] ^= 0xFF
    return bytes(raw)
