"""Ids that everybody else takes for ULIDs."""

import subprocess
import sys
import time

from ulid import ULID

from core.ids import new_ulid

FORKED = """
import os
from core.ids import new_ulid
child = os.fork()
print(f"{new_ulid()}\\n", end="", flush=True)  # in one piece, also where nothing is buffered
if child:
    os.waitpid(child, 0)
"""


def test_an_id_is_a_ulid_of_this_moment() -> None:
    """Logs and lists sort by these ids."""
    before = time.time_ns() // 1_000_000
    ids = [new_ulid() for _ in range(1000)]
    after = time.time_ns() // 1_000_000

    assert all(str(ULID.from_str(one)) == one for one in ids)
    assert all(before <= ULID.from_str(one).milliseconds <= after for one in ids)


def test_no_two_ids_are_the_same_and_each_digit_varies() -> None:
    """Half of the chance left out would go unnoticed for years."""
    ids = [new_ulid() for _ in range(1000)]

    assert len(set(ids)) == len(ids)
    assert all(len({one[place] for one in ids}) == 32 for place in range(10, 26))


def test_a_forked_process_makes_other_ids() -> None:
    """Two workers of one server would give two messages one id."""
    made = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True)

    theirs, ours = made.stdout.split()
    assert theirs[10:] != ours[10:]
