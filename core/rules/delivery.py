"""How an outgoing message may advance, and how long to wait after a failure."""

from core.model.message import DeliveryState as State

ADVANCES: dict[State, tuple[State, ...]] = {
    State.QUEUED: (State.SENDING, State.SENT, State.DELIVERED, State.READ, State.FAILED),
    State.SENDING: (
        State.QUEUED,
        State.SENDING,
        State.SENT,
        State.DELIVERED,
        State.READ,
        State.FAILED,
        State.UNKNOWN,
    ),
    State.SENT: (State.DELIVERED, State.READ, State.FAILED),
    State.DELIVERED: (State.READ,),
    State.READ: (),
    State.FAILED: (),
    State.UNKNOWN: (State.SENT, State.DELIVERED, State.READ, State.FAILED),
}
"""Law 4. SENDING goes back to QUEUED only when it is certain that nothing has left; SENT may still
FAIL, because a bounce is such a report; UNKNOWN is settled by proof, never by sending again.
"""

BACK_OFF_SECONDS = (1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Waits after the first, second ... temporary failure; the last one repeats."""


def back_off(
    attempts: int,
    retry_after_seconds: float | None,
    waits_seconds: tuple[float, ...] = BACK_OFF_SECONDS,
) -> float:
    """Seconds to wait after `attempts` failures; a platform's own word counts if it is longer."""
    usual = waits_seconds[min(max(attempts, 1), len(waits_seconds)) - 1]
    return max(usual, retry_after_seconds) if retry_after_seconds is not None else usual
