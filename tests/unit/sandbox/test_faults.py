"""Which call goes wrong, counted from when the fault was added."""

import pytest

from sandbox.faults import Fault, Faults, Kind


@pytest.mark.parametrize(
    ("nth", "count", "fired"),
    [(1, 1, [1]), (3, 1, [3]), (2, 2, [2, 3]), (2, 0, [2, 3, 4, 5])],
)
def test_a_fault_fires_on_the_calls_it_names(nth: int, count: int, fired: list[int]) -> None:
    faults = Faults()
    faults.add(Fault("telegram", "sendMessage", Kind.DROP_AFTER, nth=nth, count=count))

    due = [call for call in range(1, 6) if faults.take("telegram", "sendmessage")]

    assert due == fired


def test_other_platforms_methods_and_targets_are_not_counted() -> None:
    faults = Faults()
    fault = faults.add(Fault("telegram", "sendMessage", Kind.BLOCKED, target="7"))

    others = [
        faults.take("smtp", "sendMessage", "7"),
        faults.take("telegram", "getMe", "7"),
        faults.take("telegram", "sendMessage", "8"),
        faults.take("telegram", "sendMessage"),
    ]

    assert others == [None] * 4
    assert faults.take("telegram", "sendMessage", "7") is fault


def test_of_two_due_faults_the_first_wins_and_both_have_counted() -> None:
    faults = Faults()
    first = faults.add(Fault("telegram", "*", Kind.BLOCKED))
    second = faults.add(Fault("telegram", "*", Kind.RATE_LIMIT, nth=2))

    taken = [faults.take("telegram", "getMe") for _ in range(3)]

    assert taken == [first, second, None]


def test_faults_can_be_cleared_one_by_one_or_all() -> None:
    faults = Faults()
    one = faults.add(Fault("imap", "*", Kind.DROP_BEFORE, count=0))
    faults.add(Fault("smtp", "*", Kind.DROP_BEFORE, count=0))

    faults.clear(one.id)
    left = [fault.platform for fault in faults.all()]
    faults.clear()

    assert left == ["smtp"]
    assert faults.all() == []
