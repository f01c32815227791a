"""Law 4: an outgoing message only ever moves forward."""

import pytest

from core.model.message import DeliveryState as State
from core.rules.delivery import ADVANCES, BACK_OFF_SECONDS, back_off

FINAL = {State.READ, State.FAILED}


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_row(state: State) -> None:
    assert state in ADVANCES
    assert (ADVANCES[state] == ()) is (state in FINAL)


def test_only_a_send_that_did_not_leave_is_queued_again() -> None:
    assert {state for state in State if State.QUEUED in ADVANCES[state]} == {State.SENDING}


def test_what_may_have_left_is_never_sent_again_by_itself() -> None:
    """`unknown` is settled by proof."""
    assert State.SENDING not in ADVANCES[State.UNKNOWN]
    assert State.QUEUED not in ADVANCES[State.UNKNOWN]


def test_proof_of_arrival_counts_from_every_state_before_it() -> None:
    for state in (State.QUEUED, State.SENDING, State.SENT, State.UNKNOWN):
        assert {State.DELIVERED, State.READ} <= set(ADVANCES[state])


def test_there_is_no_way_back_from_sent() -> None:
    """Whatever is reported in whatever order, no chain of advances leads to an earlier state."""
    later, frontier = set[State](), {State.SENT}
    while frontier:
        later |= frontier
        frontier = {to for state in frontier for to in ADVANCES[state]} - later

    assert later.isdisjoint({State.QUEUED, State.SENDING, State.UNKNOWN})


def test_waits_grow_up_to_ten_minutes() -> None:
    waits = [back_off(attempts, None) for attempts in range(1, 20)]

    assert waits == sorted(waits)
    assert waits[0] == 1.0
    assert waits[-1] == max(BACK_OFF_SECONDS) == 600.0


def test_the_platforms_own_word_counts_if_it_is_longer() -> None:
    assert back_off(1, 90.0) == 90.0
    assert back_off(5, 2.0) == back_off(5, None)
    assert back_off(0, None) == BACK_OFF_SECONDS[0]
