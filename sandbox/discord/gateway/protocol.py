"""The gateway's numbers, and how a frame is written. Pure."""

from enum import IntEnum
from typing import Final

from sandbox.payload import encode

VERSION: Final = 10
FRAME_BYTES_MAX: Final = 4096
"""Of what a client may send; a longer frame is closed with DECODE_ERROR."""


class Op(IntEnum):
    """What a frame is for."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11
    SOUNDBOARD = 31


class Close(IntEnum):
    """Why the gateway hangs up. After those in `FATAL` no client may come again as it is."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


FATAL: Final = frozenset(
    {
        Close.AUTHENTICATION_FAILED,
        Close.INVALID_SHARD,
        Close.SHARDING_REQUIRED,
        Close.INVALID_API_VERSION,
        Close.INVALID_INTENTS,
        Close.DISALLOWED_INTENTS,
    }
)
ENDS_SESSION: Final = FATAL | {Close.INVALID_SEQ, Close.SESSION_TIMED_OUT}
"""After these the session is gone too."""
REASONS: Final = {
    Close.UNKNOWN_ERROR: "Unknown error.",
    Close.UNKNOWN_OPCODE: "Unknown opcode.",
    Close.DECODE_ERROR: "Error while decoding payload.",
    Close.NOT_AUTHENTICATED: "Not authenticated.",
    Close.AUTHENTICATION_FAILED: "Authentication failed.",
    Close.ALREADY_AUTHENTICATED: "Already authenticated.",
    Close.INVALID_SEQ: "Invalid seq.",
    Close.RATE_LIMITED: "Rate limited.",
    Close.SESSION_TIMED_OUT: "Session timed out.",
    Close.INVALID_SHARD: "Invalid shard.",
    Close.SHARDING_REQUIRED: "Sharding required.",
    Close.INVALID_API_VERSION: "Invalid API version.",
    Close.INVALID_INTENTS: "Invalid intent(s).",
    Close.DISALLOWED_INTENTS: "Disallowed intent(s).",
}


class GatewayClosed(Exception):
    """The gateway hangs up on this client, with this code."""

    def __init__(self, code: Close) -> None:
        super().__init__(REASONS[code])
        self.code = code


def frame(op: Op, data: object = None, *, seq: int | None = None, kind: str | None = None) -> str:
    """A frame as the gateway sends it; `seq` and `kind` are a dispatch's own."""
    return encode({"t": kind, "s": seq, "op": int(op), "d": data})
