"""Header fields from bytes that nobody tidied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.mail.headers import header_values, split_header
from sandbox.mail.mailboxes import canonical


@given(st.binary())
def test_header_and_body_together_are_the_whole(raw: bytes) -> None:
    assert b"".join(split_header(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        (b"Subject: a\r\n b\r\n\r\nSubject: body", ["a b"]),
        (b"subject:x\nSUBJECT : y\n\n", ["x", "y"]),
        (b"junk line\r\nSubject: z", ["z"]),
        (b"\r\nSubject: body only", []),
        (b" folded first\r\nSubject: \xff", ["\N{REPLACEMENT CHARACTER}"]),
    ],
)
def test_values_are_unfolded_and_found_in_any_case(raw: bytes, values: list[str]) -> None:
    assert header_values(raw, "Subject") == values


def test_a_tagged_address_is_the_same_mailbox() -> None:
    assert canonical(" Support+T-7KQ4@Acme.Example ") == "support@acme.example"
