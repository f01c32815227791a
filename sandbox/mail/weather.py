"""A storm over the mail host: every fault that passes, by chance. What does not pass is no weather:
a revoked token, a mail that was removed, a recipient who does not exist.
"""

from typing import Any

from sandbox.errors import ActError
from sandbox.faults import BODY, Chance, Fault, Kind, Storm

STRENGTH_MAX = 5.0


def mail_storm(
    seed: int, strength: float = 1.0, slow_seconds: float = 0.2, *, hangs: bool = False
) -> Storm:
    """Strikes SMTP, IMAP, the token endpoint and the name server until it is calmed.

    `strength` multiplies how likely everything is; `slow_seconds` is how long slow answers take;
    `hangs` adds connections that fall silent, which cost the other side its whole patience.
    """
    if not 0 < strength <= STRENGTH_MAX:
        raise ActError(f"'strength' must be more than 0, at most {STRENGTH_MAX:g}")
    chances = [*_smtp(slow_seconds), *_imap(slow_seconds), *_beside()]
    if hangs:
        chances += [_chance(one, "*", Kind.HANG, 0.01) for one in ("smtp", "imap")]
    return Storm(seed, [Chance(one.fault, min(one.probability * strength, 1)) for one in chances])


def _smtp(slow: float) -> list[Chance]:
    def strikes(method: str, kind: Kind, probability: float, **more: Any) -> Chance:
        return _chance("smtp", method, kind, probability, **more)

    return [
        strikes("connect", Kind.REPLY, 0.05, reply="421 4.3.2 Too many connections"),
        strikes("AUTH", Kind.REPLY, 0.03, reply="454 4.7.0 Temporary authentication failure"),
        strikes("MAIL", Kind.REPLY, 0.03, reply="451-4.3.0 One moment\n451 4.3.0 please"),
        strikes("RCPT", Kind.REPLY, 0.08, reply="450 4.2.0 Greylisted"),
        strikes("RCPT", Kind.REPLY, 0.02, reply="452 4.2.2 Mailbox full"),
        strikes("354", Kind.REPLY, 0.02, reply="421 4.3.2 Shutting down"),
        strikes(BODY, Kind.DROP_BEFORE, 0.03, after_bytes=100),
        strikes(BODY, Kind.RESET, 0.02, after_bytes=300, seconds=0.0),
        strikes("DATA", Kind.DROP_BEFORE, 0.03),
        strikes("DATA", Kind.DROP_AFTER, 0.04),
        strikes("DATA", Kind.CUT, 0.02, after_bytes=3),
        strikes("DATA", Kind.REPLY, 0.03, reply="451 4.3.0 Try again later"),
        strikes("*", Kind.REPLY, 0.01, reply="421 4.3.2 Shutting down"),
        strikes("*", Kind.DROP_BEFORE, 0.01),
        strikes("*", Kind.RESET, 0.01, seconds=0.0),
        strikes("*", Kind.TRICKLE, 0.03, seconds=slow),
        strikes("*", Kind.SLOW_AFTER, 0.02, seconds=slow),
    ]


def _imap(slow: float) -> list[Chance]:
    def strikes(method: str, kind: Kind, probability: float, **more: Any) -> Chance:
        return _chance("imap", method, kind, probability, **more)

    return [
        strikes("connect", Kind.REPLY, 0.05, reply="BYE Too many connections"),
        strikes("LOGIN", Kind.SERVER_ERROR, 0.05),
        strikes("AUTHENTICATE", Kind.SERVER_ERROR, 0.05),
        strikes("SELECT", Kind.RENUMBER, 0.05),
        strikes("FETCH", Kind.CUT, 0.08, after_bytes=150),
        strikes("FETCH", Kind.NIL, 0.02),
        strikes("FETCH", Kind.WRONG_SIZE, 0.03),
        strikes("IDLE", Kind.DEAF, 0.03),
        strikes("IDLE", Kind.DROP_AFTER, 0.1, seconds=slow),
        strikes("IDLE", Kind.CUT, 0.05, after_bytes=14),
        strikes(BODY, Kind.DROP_BEFORE, 0.05, after_bytes=100),
        strikes("*", Kind.NOISE, 0.05),
        strikes("*", Kind.REPLY, 0.02, reply="BYE Server shutting down"),
        strikes("*", Kind.SERVER_ERROR, 0.02),
        strikes("*", Kind.RATE_LIMIT, 0.02),
        strikes("*", Kind.DROP_BEFORE, 0.02),
        strikes("*", Kind.DROP_AFTER, 0.02),
        strikes("*", Kind.RESET, 0.01, seconds=0.0),
        strikes("*", Kind.TRICKLE, 0.05, seconds=slow),
        strikes("*", Kind.SLOW_AFTER, 0.02, seconds=slow),
    ]


def _beside() -> list[Chance]:
    """What mail hosts depend on."""
    return [
        _chance("oauth", "token", Kind.SERVER_ERROR, 0.1, html=True, status=503),
        _chance("oauth", "token", Kind.DROP_BEFORE, 0.05),
        _chance("oauth", "token", Kind.GARBLED, 0.05),
        _chance("dns", "*", Kind.SERVER_ERROR, 0.05),
        _chance("dns", "*", Kind.DROP_BEFORE, 0.05),
    ]


def _chance(platform: str, method: str, kind: Kind, probability: float, **more: Any) -> Chance:
    return Chance(Fault(platform, method, kind, **more), probability)
