"""A storm over Discord: every fault that passes, by chance. What does not pass is no weather: a
revoked token, a message that was deleted.
"""

from typing import Any

from sandbox.errors import ActError
from sandbox.faults import CONNECTED, GATEWAY, RESUMED, Chance, Fault, Kind, Storm

STRENGTH_MAX = 5.0
FRAMES = f"{GATEWAY}*"


def discord_storm(
    seed: int,
    strength: float = 1.0,
    slow_seconds: float = 0.2,
    *,
    malformed: bool = True,
    lost: bool = False,
    hangs: bool = False,
) -> Storm:
    """Strikes the gateway and REST until it is calmed.

    `strength` multiplies how likely everything is; `slow_seconds` is how long slow answers and late
    frames take. `malformed` frames come in place of whole ones, which only a resume brings; `lost`
    ends sessions, so that only the history tells what was said; `hangs` are connections that fall
    silent, which cost the client its whole patience.
    """
    if not 0 < strength <= STRENGTH_MAX:
        raise ActError(f"'strength' must be more than 0, at most {STRENGTH_MAX:g}")
    chances = [*_connections(), *_frames(slow_seconds), *_requests(slow_seconds)]
    if malformed:
        chances += _malformed()
    if lost:
        chances += [_chance(FRAMES, Kind.LOST, 0.01), _chance(RESUMED, Kind.LOST, 0.1)]
    if hangs:
        chances.append(_chance(FRAMES, Kind.HANG, 0.01))
    return Storm(seed, [Chance(one.fault, min(one.probability * strength, 1)) for one in chances])


def _connections() -> list[Chance]:
    return [
        _chance(CONNECTED, Kind.DROP_BEFORE, 0.05),
        _chance(CONNECTED, Kind.RESET, 0.02, seconds=0.0),
        _chance(CONNECTED, Kind.SERVER_ERROR, 0.03, status=503),
        _chance(RESUMED, Kind.DUPLICATE, 0.2),
        _chance(FRAMES, Kind.DROP_BEFORE, 0.01),
        _chance(FRAMES, Kind.DROP_AFTER, 0.01),
        _chance(FRAMES, Kind.RESET, 0.01, seconds=0.0),
        _chance(FRAMES, Kind.CLOSE, 0.01, code=4000),
        _chance(FRAMES, Kind.CLOSE, 0.005, code=1001),
        _chance(FRAMES, Kind.RECONNECT, 0.01),
        _chance(FRAMES, Kind.INVALID_SESSION, 0.01, resumable=True),
    ]


def _frames(slow: float) -> list[Chance]:
    return [
        _chance(FRAMES, Kind.DUPLICATE, 0.03),
        _chance(FRAMES, Kind.SLOW_AFTER, 0.03, seconds=slow),
        _chance(FRAMES, Kind.UNKNOWN_OP, 0.01),
        _chance(FRAMES, Kind.UNKNOWN_EVENT, 0.01),
    ]


def _malformed() -> list[Chance]:
    return [
        _chance(FRAMES, Kind.GARBLED, 0.01),
        _chance(FRAMES, Kind.MISSING, 0.01),
        _chance(FRAMES, Kind.MISSING, 0.005, key="d.id"),
        _chance(FRAMES, Kind.WRONG_TYPE, 0.005),
        _chance(FRAMES, Kind.WRONG_TYPE, 0.005, key="op"),
        _chance(FRAMES, Kind.DAMAGED, 0.005),
    ]


def _requests(slow: float) -> list[Chance]:
    return [
        _chance("*", Kind.RATE_LIMIT, 0.03, retry_after=1),
        _chance("*", Kind.SERVER_ERROR, 0.03, status=502),
        _chance("*", Kind.SERVER_ERROR, 0.02, status=503, html=True),
        _chance("*", Kind.DROP_BEFORE, 0.02),
        _chance("*", Kind.DROP_AFTER, 0.02),
        _chance("*", Kind.RESET, 0.01, seconds=0.0),
        _chance("*", Kind.CUT, 0.01),
        _chance("*", Kind.SLOW_AFTER, 0.03, seconds=slow),
    ]


def _chance(method: str, kind: Kind, probability: float, **more: Any) -> Chance:
    return Chance(Fault("discord", method, kind, **more), probability)
