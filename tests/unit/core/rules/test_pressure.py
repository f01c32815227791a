"""How much is taken in, and that nothing swings."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.rules.pressure import (
    AGAIN_SECONDS,
    AGAIN_SECONDS_MAX,
    GROWS,
    SHARE_MIN,
    Bearing,
    Level,
    Signs,
    again_seconds,
    bearing,
    strain,
)

STRAINS = st.floats(min_value=0, max_value=100)
LEAST = Bearing(share=SHARE_MIN, level=Level.OVERLOADED)


def after(begin: Bearing, *strains: float) -> list[Bearing]:
    found = [begin]
    for one in strains:
        found.append(bearing(found[-1], one))
    return found


def test_whatever_waits_longest_is_the_strain() -> None:
    """Agents wait for the loop, customers' threads to be filed: neither makes up for the other."""
    assert strain(Signs(late_seconds=0.1, waiting=1.5), 0.05) == 2.0
    assert strain(Signs(late_seconds=0.05, waiting=1.5), 0.05) == 1.5


def test_far_too_much_is_answered_within_a_second() -> None:
    """Agents, whose replies would wait behind all that was taken in."""
    assert after(Bearing(), *5 * [10.0])[-1] == LEAST


def test_calm_comes_back_by_itself_without_a_step_back() -> None:
    """An operator who would have to do something at night."""
    found = after(LEAST, *31 * [0.0])

    assert found[-1] == Bearing()
    assert all(a.share < b.share for a, b in pairwise(found))


def test_levels_are_entered_once_on_the_way_down_and_once_on_the_way_up() -> None:
    """Whoever reads the log, and clients whose live feed would stutter."""
    found = [one.level for one in after(Bearing(), *9 * [1.0], *50 * [0.0])]

    changes = [b for a, b in pairwise(found) if a is not b]
    assert changes == [Level.BUSY, Level.OVERLOADED, Level.BUSY, Level.CALM]


def test_one_slow_look_is_no_overload() -> None:
    """Customers whose platform would be told to come again because of one slow disk access."""
    assert bearing(Bearing(), 1.0).level is Level.CALM


def test_between_easy_and_too_much_everything_stays_as_it_is() -> None:
    """A load that just fits is to be carried, without more and less by turns."""
    for share in (SHARE_MIN, 0.3, 0.9):
        assert bearing(Bearing(share=share, level=Level.BUSY), 0.7).share == share


@given(st.lists(STRAINS, max_size=200))
def test_something_is_always_taken_in_and_calm_is_only_who_takes_all(strains: list[float]) -> None:
    """Customers: a process that takes nothing would never learn that it could."""
    for before, now in pairwise(after(Bearing(), *strains)):
        assert SHARE_MIN <= now.share <= 1.0
        assert now.share - before.share <= GROWS
        assert now.level is Level.CALM or now.share < 1.0
        if now.level is Level.CALM and before.level is not Level.CALM:
            assert now.share == 1.0


@given(st.floats(SHARE_MIN, 1.0), st.floats(0, 1, exclude_max=True))
def test_who_is_turned_away_is_told_a_time_within_bounds(share: float, chance: float) -> None:
    """Platforms that come back all at once, or far too late."""
    assert AGAIN_SECONDS <= again_seconds(share, chance) <= AGAIN_SECONDS_MAX
    assert again_seconds(1.0, chance) == AGAIN_SECONDS
    assert again_seconds(SHARE_MIN, 0.0) < again_seconds(SHARE_MIN, 0.999)
