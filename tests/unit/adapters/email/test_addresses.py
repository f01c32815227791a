"""Addresses: who it is, in one spelling, whatever the header looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.addresses import mailboxes, normalise_address, same_organisation


@pytest.mark.parametrize(
    ("header", "address", "name"),
    [
        ("Ines <ines@kunde.example>", "ines@kunde.example", "Ines"),
        ("<INES@Kunde.Example>", "ines@kunde.example", ""),
        ("ines@kunde.example", "ines@kunde.example", ""),
        ('"Baumann, Ines" <ines@kunde.example>', "ines@kunde.example", "Baumann, Ines"),
        ('"Ines \\"I\\" B" <ines@kunde.example>', "ines@kunde.example", 'Ines "I" B'),
        ("Baumann, Ines <ines@kunde.example>", "ines@kunde.example", "Baumann, Ines"),
        ("ines@kunde.example (Ines)", "ines@kunde.example", "Ines"),
        ("Team: ines@kunde.example;", "ines@kunde.example", ""),
        ("=?utf-8?q?In=C3=A9s?= <ines@kunde.example>", "ines@kunde.example", "Inés"),
        ('"a@b.example" <eve@evil.example>', "eve@evil.example", ""),
        ("a@b.example <eve@evil.example>", "eve@evil.example", ""),
        ("Ines <ines@bücher.example>", "ines@xn--bcher-kva.example", "Ines"),
        ("Ines\t\x07 B <ines@kunde.example>", "ines@kunde.example", "Ines B"),
        ("Ines Baumann ines@kunde.example", "ines@kunde.example", "Ines Baumann"),
        ("=?utf-8?q?In=C3=A9s?= ines@kunde.example", "ines@kunde.example", "Inés"),
        ("ines@kunde.example>", "ines@kunde.example", ""),
        ("Baumann, ines@kunde.example", "ines@kunde.example", ""),
        ('"Support", ines@kunde.example', "ines@kunde.example", ""),
    ],
)
def test_a_header_names_a_person(header: str, address: str, name: str) -> None:
    [mailbox] = mailboxes(header)

    assert (mailbox.address, mailbox.name) == (address, name)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "undisclosed-recipients:;",
        "Ines",
        "@kunde.example",
        "ines@",
        "ines@kunde..example",
        "=?utf-8?q?ines=40kunde.example?=",
        "<=?utf-8?q?ines?=@kunde.example>",
        "ines@kunde.example\x00",
        "ines@[127.0.0.1]",
        f"{'x' * 201}@kunde.example",
    ],
)
def test_what_is_no_address_is_nobody(header: str) -> None:
    assert mailboxes(header) == ()


def test_several_are_kept_in_order() -> None:
    found = mailboxes('"B, A" <a@x.example>; b@x.example, C <c@x.example>')

    assert [mailbox.address for mailbox in found] == ["a@x.example", "b@x.example", "c@x.example"]


@pytest.mark.parametrize(
    "header",
    [
        "ann@x.example =?utf-8?q?=2C?= bob@x.example",
        "ann@x.example =?utf-8?b?LA==?= bob@x.example",
        "ann@x.example bob@x.example",
        "ann@x.example，bob@x.example",
        "Team, ann@x.example, bob@x.example",
    ],
)
def test_nobody_is_lost_for_a_comma_that_is_written_oddly(header: str) -> None:
    """Python's own library encodes a comma where it folds a long header: two people had no copy."""
    assert [mailbox.address for mailbox in mailboxes(header)] == ["ann@x.example", "bob@x.example"]


@given(st.text(max_size=300))
def test_every_address_is_safe_in_a_header_and_a_command(header: str) -> None:
    for mailbox in mailboxes(header):
        assert normalise_address(mailbox.address) == mailbox.address
        assert not set(mailbox.address) & set(" \r\n\t<>,;:\x00")
        assert mailbox.name.isprintable()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a@kunde.example", "b@kunde.example", True),
        ("a@kunde.example", "b@other.example", False),
        ("a@gmail.com", "b@gmail.com", False),
    ],
)
def test_an_organisation_is_a_domain_of_its_own(one: str, other: str, same: bool) -> None:
    assert same_organisation(one, other) is same
