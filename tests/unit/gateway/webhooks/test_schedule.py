"""When a delivery is tried again: soon at first, for days, and never all at once."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.webhooks.model import Outcome
from gateway.webhooks.schedule import DOWN_AFTER, WELL, Policy, Standing, Verdict, after_failure

DAY_MS = 86_400_000
POLICY = Policy(give_up_seconds=3 * 86_400, disable_seconds=5 * 86_400)
BROKEN = Outcome(ok=False, status=500, error="it answered 500")


def judged(
    outcome: Outcome = BROKEN,
    *,
    attempts: int = 1,
    first_ms: int = 1000,
    standing: Standing = WELL,
    now_ms: int = 1000,
    chance: float = 0.5,
) -> Verdict:
    return after_failure(
        outcome,
        attempts=attempts,
        first_ms=first_ms,
        standing=standing,
        policy=POLICY,
        now_ms=now_ms,
        chance=chance,
    )


def test_waits_grow_and_end_after_days() -> None:
    """A receiver that is repaired after a weekend would have lost the weekend."""
    now_ms, attempts, waits = 0, 1, []
    while due := judged(attempts=attempts, first_ms=1, now_ms=max(now_ms, 1)).due_ms:
        waits.append((due - max(now_ms, 1)) / 1000)
        now_ms, attempts = due, attempts + 1

    assert waits[:9] == [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800]
    assert 3 * DAY_MS <= now_ms < 3.5 * DAY_MS


@given(st.floats(0, 1), st.integers(1, 30))
def test_chance_keeps_them_apart_within_bounds(chance: float, attempts: int) -> None:
    """Ten thousand conversations would knock in the same second."""
    usual = judged(attempts=attempts).due_ms - 1000
    found = judged(attempts=attempts, chance=chance).due_ms - 1000

    assert 0.79 * usual <= found <= 1.21 * usual


def test_one_failure_holds_up_nobody_else() -> None:
    """An event that a receiver chokes on would stop all others."""
    assert judged().standing == Standing(failures=1, since_ms=1000)


def test_a_receiver_that_is_down_gets_one_attempt_at_a_time() -> None:
    """One that is restarted under load would be knocked over by everything that waited."""
    standing, now_ms = WELL, 1000
    for _ in range(DOWN_AFTER + 9):
        standing = judged(standing=standing, now_ms=now_ms).standing
        now_ms = max(now_ms, standing.retry_ms)

    assert standing.is_down
    last = judged(standing=standing, now_ms=now_ms)
    assert last.standing.retry_ms - now_ms == 600_000  # found again ten minutes later at most


def test_failures_of_one_moment_count_once() -> None:
    """Eight conversations that fail together would look like an hour of failures."""
    down = judged(standing=Standing(failures=DOWN_AFTER - 1, since_ms=1)).standing
    together = down
    for _ in range(8):
        together = judged(standing=together, now_ms=1001).standing

    assert together == down


def test_what_the_receiver_asks_for_is_obeyed() -> None:
    """One that limits its callers would block us."""
    asked = judged(Outcome(ok=False, status=429, error="429", retry_after_seconds=90))

    assert asked.due_ms == 91_000
    assert asked.standing.retry_ms == 91_000
    forever = judged(Outcome(ok=False, status=503, error="503", retry_after_seconds=1e9))
    assert forever.standing.retry_ms == 1000 + DAY_MS


def test_gone_and_days_of_nothing_disable_it_with_a_reason() -> None:
    """An operator would wonder why a receiver hears nothing."""
    gone = judged(Outcome(ok=False, status=410, error="it answered 410", gone=True))
    assert "410 Gone" in gone.disable
    failing = Standing(failures=9, since_ms=1000)
    assert not judged(standing=failing, now_ms=5 * DAY_MS).disable
    late = judged(standing=failing, now_ms=5 * DAY_MS + 1000)
    assert late.disable == "nothing has arrived for 5 days; the last attempt: it answered 500"
