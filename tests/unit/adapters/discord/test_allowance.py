"""When Discord may be asked: never so often in vain that it shuts our address out."""

from adapters.discord.line.allowance import (
    PAUSE_SECONDS_MAX,
    REFUSED_MAX,
    REFUSED_SECONDS,
    Allowance,
)

NOW = 1000.0


def _refused(allowance: Allowance, count: int, status: int = 403, *, shared: bool = False) -> None:
    for _ in range(count):
        allowance.note_refusal(status, NOW, shared=shared)


def test_nothing_is_asked_before_a_pause_is_over() -> None:
    """A global limit counts for every chat: each further call is one towards a ban."""
    allowance = Allowance()

    allowance.pause(2.5, NOW)

    assert allowance.wait_seconds(NOW) == 2.5
    assert allowance.wait_seconds(NOW + 3) == 0


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    allowance = Allowance()

    allowance.pause(60, NOW)
    allowance.pause(1, NOW)

    assert allowance.wait_seconds(NOW) == 60


def test_no_word_of_discords_silences_us_for_good() -> None:
    """A nonsense header would end an inbox until somebody restarts the gateway."""
    allowance = Allowance()

    allowance.pause(10.0**12, NOW)

    assert allowance.wait_seconds(NOW) == PAUSE_SECONDS_MAX


def test_it_stops_before_discord_shuts_the_address_out() -> None:
    """Every bot of the operator's would be gone for an hour."""
    allowance = Allowance()

    _refused(allowance, REFUSED_MAX - 1)
    before = allowance.wait_seconds(NOW)
    _refused(allowance, 1, 401)

    assert before == 0
    assert allowance.wait_seconds(NOW) == REFUSED_SECONDS
    assert allowance.wait_seconds(NOW + REFUSED_SECONDS) == 0


def test_what_discord_does_not_count_is_not_counted() -> None:
    """Limits that others use up, and mistakes of ours, are no reason to stop."""
    allowance = Allowance()

    _refused(allowance, REFUSED_MAX, 429, shared=True)
    _refused(allowance, REFUSED_MAX, 400)

    assert allowance.wait_seconds(NOW) == 0
