"""An echo of what we sent is told from what anybody else says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.community.saying import nonce_of as of_the_bot
from adapters.discord.outgoing.nonces import nonce_of, said
from core.ids import new_ulid
from core.model.ids import MessageId

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ulids = st.builds(
    lambda first, rest: MessageId(first + rest),
    st.sampled_from("01234567"),
    st.text(DIGITS, min_size=25, max_size=25),
)


@given(ulids, st.integers(0, 4095), st.integers(0, 63))
def test_a_nonce_tells_what_it_was_made_of(message: MessageId, piece: int, form: int) -> None:
    nonce = nonce_of(message, piece, form)

    assert len(nonce) == 25
    assert said(nonce) == (message, piece, form)


@given(st.text(max_size=30) | st.text("AZaz09-_", min_size=25, max_size=25))
def test_no_other_nonce_is_taken_for_one_of_ours(nonce: str) -> None:
    found = said(nonce)

    assert found is None or nonce_of(*found) == nonce


def test_what_the_bot_says_by_itself_is_no_reply_of_an_agent() -> None:
    """Its echo would be reported as the delivery of a reply that nobody wrote."""
    assert said(of_the_bot(MessageId(new_ulid()))) is None


@pytest.mark.parametrize(("message", "piece"), [("m1", 0), ("01JB3Q0R5W8Z9X7Y6V5T4S3R2Q", 4096)])
def test_what_has_no_nonce_is_refused(message: str, piece: int) -> None:
    with pytest.raises(ValueError, match=message):
        nonce_of(MessageId(message), piece)
