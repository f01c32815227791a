"""Folder names on the wire: a folder that cannot be named cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.imap.names import decode_name, encode_name
from sandbox.imap.tokens import Bad

NAMES = st.text(st.characters(exclude_categories=["Cs"]))


@given(name=NAMES)
def test_every_name_comes_back_from_the_wire(name: str) -> None:
    assert encode_name(name).isascii()
    assert decode_name(encode_name(name)) == name


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("Entwürfe", "Entw&APw-rfe"),
        ("A & B", "A &- B"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
    ],
)
def test_names_are_written_as_the_standard_does(name: str, wire: str) -> None:
    assert encode_name(name) == wire


@pytest.mark.parametrize("wire", ["Entwürfe", "&AAA!-", "&A-"])
def test_what_is_no_name_is_refused(wire: str) -> None:
    with pytest.raises(Bad):
        decode_name(wire)
