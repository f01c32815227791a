"""What was offered can be chosen, by whatever way the channel has, and nothing else can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.capabilities import Capabilities
from core.model.content import Button, Buttons, Text
from core.rules.choices import chosen, pressed
from core.rules.degrade import plan

OFFER = (
    Text(text="Shall we send it again?"),
    Buttons(rows=((Button("Yes, please", "again"), Button("No", "refund")),)),
    Buttons(rows=((Button("Terms", url="https://x.example"), Button("Later", "later")),)),
)

labels = st.text("abc12 ", min_size=1, max_size=3)
offers = st.lists(
    st.lists(st.builds(Button, labels, st.text("xyz", max_size=2)), max_size=3).map(tuple),
    min_size=1,
    max_size=4,
).map(lambda rows: Buttons(rows=tuple(rows)))


@given(st.lists(offers, max_size=3).map(tuple))
def test_every_key_that_leaves_finds_its_button(parts: tuple[Buttons, ...]) -> None:
    """A key that named another button would make a customer's no a yes."""
    offered = [button for part in parts for row in part.rows for button in row]
    if not offered:
        return

    sent = plan((Text(text="?"), *parts), Capabilities(text_limit=0, buttons=100)).pieces

    keys = [
        button.value
        for piece in sent
        for part in piece
        if isinstance(part, Buttons)
        for row in part.rows
        for button in row
    ]
    assert [pressed(parts, key) for key in keys] == offered
    assert all(len(key.encode()) <= 4 for key in keys)


@pytest.mark.parametrize("key", ["", "b", "b4", "b99999", "b-1", "0", "x0", "b2", "b²", "again"])
def test_what_was_not_offered_cannot_be_pressed(key: str) -> None:
    """Whoever forges a key gets no further than a note."""
    assert pressed(OFFER, key) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "again"),
        (" 2. ", "refund"),
        ("no", "refund"),
        ("YES,  please", "again"),
        ("２", "refund"),
        ("٢", "refund"),
        ("٤", "later"),
    ],
)
def test_a_number_or_a_label_is_a_choice(text: str, value: str) -> None:
    """Where there are no buttons, customers type what they see."""
    found = chosen(OFFER, text)

    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "text", ["", " ", "3", "5", "0", "2 or 3", "no thanks", "Terms", "12345678901", "1.5", "again"]
)
def test_anything_else_is_what_the_customer_wrote(text: str) -> None:
    assert chosen(OFFER, text) is None


def test_an_answer_that_may_mean_two_buttons_means_none() -> None:
    """Nobody's order is cancelled by a guess."""
    sizes = (Buttons(rows=((Button("2", "two pieces"), Button("1", "one piece")),)),)
    twice = (Buttons(rows=((Button("Yes", "a"), Button("Yes", "b")),)),)

    assert chosen(sizes, "2") is None
    assert chosen(twice, "yes") is None
    assert chosen(twice, "2") == Button("Yes", "b")


def test_the_list_is_numbered_as_it_is_understood() -> None:
    """Through all buttons of a message: else "1" would be two things."""
    (piece,) = plan(OFFER, Capabilities(text_limit=0)).pieces

    (text,) = piece
    assert isinstance(text, Text)
    listed = [line.partition(". ") for line in text.text.splitlines() if ". " in line]
    assert [number for number, _, _ in listed] == ["1", "2", "3", "4"]
    for number, _, label in listed:
        assert chosen(OFFER, number) == chosen(OFFER, label)
