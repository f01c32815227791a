"""When a delivery is tried again, and when no more. Times are milliseconds since 1970."""

from typing import Final

import msgspec

from gateway.webhooks.model import Outcome

WAITS_SECONDS: Final = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0)
"""After the first, second ... failure of one delivery; the last one repeats."""

DOWN_AFTER: Final = 3
"""Failures one after another, with nothing that arrived between them: the receiver is down."""

DOWN_WAITS_SECONDS: Final = (5.0, 15.0, 60.0, 300.0, 600.0)
"""Between the single attempts that are made while a receiver is down; the last one repeats."""

JITTER: Final = 0.2
"""Waits are longer or shorter by up to so much, so that not all come back at once."""

RETRY_AFTER_SECONDS_MAX: Final = 86_400.0


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How long is long enough."""

    give_up_seconds: float
    disable_seconds: float
    waits_seconds: tuple[float, ...] = WAITS_SECONDS
    down_waits_seconds: tuple[float, ...] = DOWN_WAITS_SECONDS


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an endpoint is doing. Nothing is sent before `retry_ms`; `since_ms`: it fails since."""

    failures: int = 0
    since_ms: int = 0
    retry_ms: int = 0

    @property
    def is_down(self) -> bool:
        """Then it gets one attempt at a time."""
        return self.failures >= DOWN_AFTER


WELL: Final = Standing()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from an attempt that failed. `due_ms` 0: this delivery has failed for good.

    `disable`: nothing more is sent to the endpoint; why.
    """

    due_ms: int
    standing: Standing
    disable: str = ""


def after_failure(
    outcome: Outcome,
    *,
    attempts: int,
    first_ms: int,
    standing: Standing,
    policy: Policy,
    now_ms: int,
    chance: float,
) -> Verdict:
    """`attempts` and `first_ms` count this one; `chance` is from 0 to 1."""
    since = standing.since_ms or now_ms
    together = now_ms < standing.retry_ms  # with one that has been counted already
    failures = standing.failures + (0 if together else 1)
    asked = min(outcome.retry_after_seconds or 0.0, RETRY_AFTER_SECONDS_MAX)
    rest = asked
    if failures >= DOWN_AFTER and not together:
        rest = max(asked, _wait(policy.down_waits_seconds, failures - DOWN_AFTER, chance))
    own = max(asked, _wait(policy.waits_seconds, attempts - 1, chance))
    given_up = now_ms - first_ms >= policy.give_up_seconds * 1000
    return Verdict(
        due_ms=0 if given_up else now_ms + _ms(own),
        standing=Standing(
            failures=failures,
            since_ms=since,
            retry_ms=max(standing.retry_ms, now_ms + _ms(rest)) if rest else standing.retry_ms,
        ),
        disable=_disabling(outcome, since, policy, now_ms),
    )


def _disabling(outcome: Outcome, since_ms: int, policy: Policy, now_ms: int) -> str:
    if outcome.gone:
        return "the receiver answered 410 Gone: it wants no more events"
    if now_ms - since_ms < policy.disable_seconds * 1000:
        return ""
    days = policy.disable_seconds / 86_400
    return f"nothing has arrived for {days:g} days; the last attempt: {outcome.error}"


def _wait(waits: tuple[float, ...], step: int, chance: float) -> float:
    wait = waits[min(max(step, 0), len(waits) - 1)]
    return wait * (1 + JITTER * (2 * chance - 1))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
