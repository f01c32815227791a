"""What `trunkline doctor` makes of the machine."""

import resource

import pytest

from gateway.finding import State
from gateway.machine import answer_to, disk, files, skew

GIB = 1024**3


@pytest.mark.parametrize(
    ("free_bytes", "state"), [(10 * GIB, State.OK), (GIB, State.WORSE), (GIB // 8, State.BROKEN)]
)
def test_a_disk_that_fills_up_is_told_before_it_is_full(free_bytes: int, state: State) -> None:
    """When it is full nothing is accepted any more."""
    assert disk(free_bytes).state is state


@pytest.mark.parametrize(
    ("allowed", "state"),
    [
        (resource.RLIM_INFINITY, State.OK),
        (65_536, State.OK),
        (1024, State.WORSE),
        (256, State.BROKEN),
    ],
)
def test_too_few_files_are_told(allowed: int, state: State) -> None:
    """A thousand listeners are a thousand files."""
    assert files(allowed).state is state


@pytest.mark.parametrize(
    ("seconds", "state"), [(0.1, State.OK), (-30.0, State.WORSE), (3600.0, State.BROKEN)]
)
def test_a_clock_that_is_wrong_is_told(seconds: float, state: State) -> None:
    """Signatures are refused, and messages stand in the wrong order."""
    assert skew("redis", seconds, "Redis'").state is state


def test_only_this_installation_answers_a_nonce() -> None:
    """Another gateway behind the same name would look like ours."""
    assert answer_to(b"ours", "1") != answer_to(b"theirs", "1")
    assert answer_to(b"ours", "1") != answer_to(b"ours", "2")
