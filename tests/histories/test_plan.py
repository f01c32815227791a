"""What a seed stands for."""

from collections import Counter
from itertools import combinations
from typing import Final

from tests.histories.plan import NOISE_SECONDS, OF_REDIS, Form, Kind, Server, plan_of

PLANS: Final = [plan_of(seed) for seed in range(1, 301)]


def test_a_seed_is_always_the_same_history() -> None:
    """Whoever wants to see again what was found."""
    assert [plan_of(one.seed) for one in PLANS] == PLANS
    assert len({one.shown() for one in PLANS}) == len(PLANS)


def test_whatever_can_go_wrong_does_so_often() -> None:
    """A fault that hardly ever comes proves nothing."""
    struck = Counter(blow.kind for one in PLANS for blow in one.blows)

    assert min(struck[kind] for kind in Kind) >= 15, struck
    for part in (Form, Server):
        assert min(Counter(getattr(one, part.__name__.lower()) for one in PLANS).values()) > 50


def test_faults_come_together() -> None:
    """What one fault does not show, two at once may."""
    pairs = {
        pair for one in PLANS for pair in combinations(sorted({blow.kind for blow in one.blows}), 2)
    }

    assert len(pairs) > 100
    assert all(2 <= len(one.blows) <= 4 for one in PLANS)


def test_everything_begins_while_people_talk() -> None:
    """A fault behind the last word strikes nobody."""
    for one in PLANS:
        assert all(0 < blow.at < NOISE_SECONDS for blow in one.blows)
        assert sum(blow.kind in OF_REDIS for blow in one.blows) <= 1
