"""Conversation numbers survive being spoken and typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.rules.numbers import ALPHABET, number, parse

counts = st.integers(0, 32**4 + 32**5)


def body_of(text: str) -> str:
    return text.removeprefix("T-").rpartition("-")[0]


@given(count=counts)
def test_a_number_reads_back_as_itself(count: int) -> None:
    assert parse(number(count)) == number(count)


@given(count=counts, place=st.integers(0, 5), wrong=st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(count: int, place: int, wrong: str) -> None:
    """An agent who mistypes must not answer in somebody else's conversation."""
    right = body_of(number(count)) + number(count)[-1]
    place %= len(right)
    typed = right[:place] + wrong + right[place + 1 :]

    if typed == right:
        assert parse(f"T-{typed}") == number(count)
    else:
        with pytest.raises(InvalidRequest):
            parse(f"T-{typed}")


def test_every_wrong_character_of_some_numbers_is_found_without_exception() -> None:
    for count in (0, 1, 77_777, 32**4 - 1, 32**4, 32**4 + 5):
        right = body_of(number(count)) + number(count)[-1]
        for place in range(len(right)):
            for wrong in set(ALPHABET) - {right[place]}:
                with pytest.raises(InvalidRequest):
                    parse(f"T-{right[:place]}{wrong}{right[place + 1 :]}")


def test_nearly_every_swap_of_neighbours_is_found() -> None:
    unseen = total = 0
    for count in range(0, 32**4, 97):
        text = body_of(number(count)) + number(count)[-1]
        for place in range(len(text) - 1):
            swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
            if swapped != text:
                total += 1
                unseen += _is_valid(swapped)

    assert unseen / total < 0.01


@given(first=counts, second=counts)
def test_no_two_counts_share_a_number(first: int, second: int) -> None:
    assert (number(first) == number(second)) is (first == second)


def test_all_numbers_of_the_shortest_width_are_different() -> None:
    step = 101  # a sample; the scrambling is a bijection, so any would do
    assert len({number(n) for n in range(0, 32**4, step)}) == len(range(0, 32**4, step))


def test_a_number_grows_by_a_character_when_the_short_ones_are_used_up() -> None:
    last_short, first_long = number(32**4 - 1), number(32**4)

    assert len(body_of(last_short)) == 4
    assert len(body_of(first_long)) == 5
    assert parse(first_long.lower()) == first_long


def test_neighbours_look_unlike_one_another() -> None:
    """Two conversations of the same minute are not mistaken for one another."""
    alike = [
        sum(a == b for a, b in zip(body_of(number(n)), body_of(number(n + 1)), strict=True))
        for n in range(1000)
    ]

    assert max(alike) <= 2


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace("-", ""),
        lambda text: text.replace("-", " "),
        lambda text: text.replace("0", "O").replace("1", "l"),
        lambda text: text.replace("1", "I"),
        lambda text: f"  {text}\n",
        lambda text: text.removeprefix("T-"),
    ],
)
def test_people_may_write_it_as_they_like(change: object) -> None:
    assert callable(change)
    for count in range(0, 2000, 7):
        assert parse(change(number(count))) == number(count)


@pytest.mark.parametrize("text", ["", "T", "T-", "T-123", "T-UUUU-U", "hello", "T-7KQ4-é", "١٢٣٤٥"])
def test_what_cannot_be_a_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse(text)


@given(text=st.text(max_size=12))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        assert parse(parse(text)) == parse(text)
    except InvalidRequest:
        return


def _is_valid(text: str) -> bool:
    try:
        parse(f"T-{text}")
    except InvalidRequest:
        return False
    return True
