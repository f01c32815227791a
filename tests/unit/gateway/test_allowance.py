"""Token buckets: a burst, then as many a minute as were allowed, each key by itself."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.allowance import Allowances


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_granted_then_one_for_each_that_time_brings() -> None:
    clock = Clock()
    allowances = Allowances[str](10, clock)

    burst = [allowances.draw("a", 3) for _ in range(4)]
    clock.now += 20
    later = [allowances.draw("a", 3).granted for _ in range(2)]

    assert [one.granted for one in burst] == [True, True, True, False]
    assert [one.left for one in burst] == [2, 1, 0, 0]
    assert burst[3].wait_seconds == 20
    assert later == [True, False]


def test_one_who_asks_too_often_costs_no_other_anything() -> None:
    allowances = Allowances[str](10, Clock())
    for _ in range(50):
        allowances.draw("greedy", 5)

    assert allowances.draw("modest", 5).left == 4


def test_looking_takes_nothing() -> None:
    allowances = Allowances[str](10, Clock())
    allowances.draw("a", 2)

    assert [allowances.look("a", 2).left for _ in range(5)] == [1] * 5


def test_what_is_left_is_told_to_programs() -> None:
    drawn = Allowances[str](10, Clock()).draw("a", 60)

    assert drawn.headers == {
        "RateLimit-Policy": '"minute";q=60;w=60',
        "RateLimit": '"minute";r=59;t=0',
    }


@given(
    st.integers(1, 1000),
    st.lists(st.floats(0, 120, allow_nan=False), min_size=1, max_size=200),
)
def test_never_more_than_a_burst_and_the_rate(per_minute: int, pauses: list[float]) -> None:
    """Whatever the rhythm, a bound is a bound."""
    clock = Clock()
    allowances = Allowances[str](10, clock)
    began, granted = clock.now, 0

    for pause in pauses:
        clock.now += pause
        granted += allowances.draw("a", per_minute).granted

    assert granted <= per_minute + (clock.now - began) * per_minute / 60 + 1e-6
