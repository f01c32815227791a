"""Codes by which people prove who they are elsewhere: read as they are typed, never by mistake."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.content import Choice, Part, Span, Style, Text
from core.model.ids import MessageId
from core.model.message import Direction, Message, Sender, SenderKind
from core.rules.codes import CHANCE, fingerprint, parse, said, written
from core.rules.numbers import ALPHABET

chances = st.integers(0, CHANCE - 1)


def message(*parts: Part) -> Message:
    sender = Sender(kind=SenderKind.CONTACT, id="telegram:bot:ada")
    at = datetime(2026, 3, 4)  # noqa: DTZ001 - when it was is not looked at
    return Message(id=MessageId("m"), direction=Direction.IN, sender=sender, at=at, parts=parts)


@given(chances)
def test_a_code_is_read_however_it_is_typed(chance: int) -> None:
    """People type what they read on another screen, on a telephone."""
    code = written(chance)

    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')}\n"):
        assert parse(typed) == code
        assert parse(said(message(Text(text=typed)))) == code


@given(chances, st.integers(2, 15), st.sampled_from(ALPHABET))
def test_one_wrong_character_makes_it_no_code(chance: int, at: int, wrong: str) -> None:
    """A slip must not cost one of three tries as if somebody had guessed."""
    code = written(chance)
    typed = code[:at] + wrong + code[at + 1 :]

    assert code[at] in (wrong, "-") or parse(typed) is None


@given(chances, chances)
def test_two_codes_are_kept_apart(one: int, other: int) -> None:
    assert (written(one) == written(other)) is (one == other)
    assert (fingerprint(written(one)) == fingerprint(written(other))) is (one == other)


def test_there_are_more_codes_than_anybody_can_try() -> None:
    assert CHANCE >= 2**40


@pytest.mark.parametrize(
    "parts",
    [
        (Text(text="Hello, my code is L-0000-0000-0000"),),
        (Text(text="L-0000-0000-0000 and more"),),
        (Text(text="L"),),
        (Text(text=""),),
        (Text(text="T-7KQ4-M"),),
        (Choice(value="L-0000-0000-0000"),),
        (Text(text="L-0000-0000-0000"), Text(text="L-0000-0000-0000")),
    ],
)
def test_what_says_something_else_is_no_code(parts: tuple[Part, ...]) -> None:
    """An agent would not see that somebody has asked something."""
    assert said(message(*parts)) == ""


def test_the_mail_that_is_quoted_below_is_not_part_of_it() -> None:
    """A mail program adds the mail that is answered, and a signature."""
    code, quoted = written(7), "\n> Where is the code?"
    text = Text(text=code + quoted, spans=(Span(len(code), len(quoted), Style.QUOTED_REPLY),))

    assert parse(said(message(text))) == code
