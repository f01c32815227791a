"""How far a stream is stored, whatever is done first and whenever the process dies."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.line.progress import Progress


@given(
    order=st.lists(st.integers(0, 30), min_size=1, unique=True).flatmap(st.permutations),
    under_way_max=st.integers(1, 8),
    crash=st.integers(0, 60),
)
def test_whoever_goes_on_behind_what_is_stored_misses_nothing(
    order: list[int], under_way_max: int, crash: int
) -> None:
    """A customer whose message came just before a crash would never be answered."""
    numbers = sorted(order)
    progress = Progress(-1)
    under_way: dict[int, int] = {}
    done: set[int] = set()

    for step, number in enumerate(order):
        while numbers and len(under_way) < under_way_max:
            under_way[numbers[0]] = progress.begin(numbers[0])
            numbers.pop(0)
        if step == crash:
            break
        chosen = number if number in under_way else min(under_way)
        progress.done(under_way.pop(chosen))
        done.add(chosen)

        assert {one for one in order if one <= progress.stored} <= done
        assert not under_way or progress.stored < min(under_way)

    again = {one for one in order if one > progress.stored}
    assert done | again == set(order)


def test_when_nothing_is_under_way_all_that_came_is_stored() -> None:
    """After every pause of an hour Discord would tell everything of that hour again."""
    progress = Progress(0)

    for ticket in [progress.begin(number) for number in (1, 2, 3)]:
        progress.done(ticket)

    assert progress.stored == 3


def test_the_oldest_that_waits_holds_the_position_and_nothing_else() -> None:
    """One customer whom the store refuses would be lost with a crash, or fill the memory."""
    progress = Progress(0)
    oldest = progress.begin(1)

    for number in range(2, 5000):
        progress.done(progress.begin(number))

    assert progress.stored == 0
    assert progress.under_way == 1
    progress.done(oldest)
    assert progress.stored == 4999


def test_what_is_done_twice_is_done_once() -> None:
    """An event that is answered and stored would count for its neighbour."""
    progress = Progress(0)
    first, second = progress.begin(1), progress.begin(2)

    progress.done(first)
    progress.done(first)

    assert progress.stored == 1
    progress.done(second)
    assert progress.stored == 2
