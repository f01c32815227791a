"""Words as long as a text: a key that was pasted, a wall of letters."""

import time
import tracemalloc
from typing import Final

import pytest

from gateway.search.content import TEXT_LENGTH_MAX
from gateway.search.terms import terms

TEXTS: Final = 20
KEPT_BYTES_MAX: Final = 100_000
SECONDS_MAX: Final = 1.0

LETTERS: Final = pytest.mark.parametrize("letter", ["订", "ж", "e"])


@LETTERS
def test_nothing_of_them_is_remembered(letter: str) -> None:
    """One customer who sends walls of letters would take memory from everybody, for good."""
    tracemalloc.start()
    try:
        for n in range(TEXTS):
            terms(letter * 5000 + chr(ord(letter) + 1) * n)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < KEPT_BYTES_MAX


@LETTERS
def test_they_take_no_longer_than_as_many_letters_in_words(letter: str) -> None:
    """Nothing else goes on in the process meanwhile: all customers wait for this one."""
    began = time.process_time()
    found = terms(letter * TEXT_LENGTH_MAX)

    assert time.process_time() - began < SECONDS_MAX
    assert found.words
