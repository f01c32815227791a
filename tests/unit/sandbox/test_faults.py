"""Which call goes wrong, counted from when the fault was added."""

import pytest

from sandbox.faults import Chance, Fault, Faults, Kind, Storm


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


def test_any_call_does_not_mean_what_telegram_does_by_itself() -> None:
    """A fault on any method must not be spent on an update that is queued."""
    faults = Faults()
    fault = faults.add(Fault("telegram", "*", Kind.DROP_AFTER))

    others = [faults.take("telegram", "update"), faults.take("telegram", "webhook")]

    assert others == [None, None]
    assert faults.take("telegram", "sendMessage") is fault


def test_what_a_storm_strikes_does_not_depend_on_other_methods() -> None:
    """Tasks run beside each other: how their calls mix differs from run to run."""
    calm, busy = _storm(), _storm()

    alone = [calm.take("telegram", "sendMessage", None) for _ in range(50)]
    mixed = []
    for number in range(50):
        for _ in range(number % 3):
            busy.take("telegram", "getUpdates", None)
        mixed.append(busy.take("telegram", "sendMessage", None))

    assert alone == mixed
    assert 5 < sum(fault is not None for fault in alone) < 45
    assert {strike.method for strike in calm.struck} == {"sendMessage"}


def test_a_storm_strikes_about_as_often_as_it_was_told() -> None:
    storm = Storm(3, [Chance(Fault("telegram", "*", Kind.CUT), 0.1)])

    struck = sum(storm.take("telegram", "getMe", None) is not None for _ in range(5000))

    assert 400 < struck < 600


def test_a_rule_comes_before_a_storm_and_both_are_cleared_together() -> None:
    faults = Faults()
    faults.storms.append(Storm(1, [Chance(Fault("telegram", "*", Kind.CUT), 1.0)]))
    rule = faults.add(Fault("telegram", "getMe", Kind.BLOCKED))

    taken = [faults.take("telegram", "getMe") for _ in range(2)]
    faults.clear()

    assert taken[0] is rule
    assert taken[1] is not None
    assert taken[1].kind is Kind.CUT
    assert faults.take("telegram", "getMe") is None


def _storm() -> Storm:
    chances = [
        Chance(Fault("telegram", "sendMessage", Kind.DROP_AFTER), 0.2),
        Chance(Fault("telegram", "sendMessage", Kind.RATE_LIMIT), 0.2),
    ]
    return Storm(5, chances)
