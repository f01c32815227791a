"""Whatever arrives, an event comes out of it that can be stored; nothing is raised."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.email.account import Account, Delivered
from adapters.email.incoming.normalise import normalise, unreadable
from core.model.codec import encode
from core.model.ids import EventId
from tests.rigs.odd_mails import ODD_MAILS

SEEDS = [odd.raw for odd in ODD_MAILS]
NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
ACCOUNT = Account(name="support", address="support@acme.example", secret=b"k" * 32)
SNIPPETS = [
    b"\r\n",
    b"=?utf-7?b?",
    b"=?",
    b"?=",
    b"--cut\n",
    b"*0*=''",
    b'"',
    b"<",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"charset=punycode;",
    b"charset=utf-16;",
    b"\x00",
]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    check(raw)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_damaged_mails_are_mails(data: st.DataObject) -> None:
    """Closer to life than noise: real mails with bytes lost, doubled and smuggled in."""
    raw = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw)))
        length = data.draw(st.integers(0, 30))
        raw[place : place + length] = data.draw(st.sampled_from(SNIPPETS) | st.binary(max_size=8))

    check(bytes(raw))


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "unicode_escape", "rot13", "hex", "x" * 999]
)
def test_codecs_that_are_no_charsets_are_not_used(charset: str) -> None:
    """Python knows them, some take quadratic time, none belongs in a mail."""
    check(
        b"From: a@b.example\nContent-Type: text/plain; charset=%s\n\n" % charset.encode()
        + b"\xe4-" * 2000
        + b"\\ud800"
    )


def check(raw: bytes) -> None:
    normalised = normalise(raw, ACCOUNT, DELIVERED)
    for event in (
        normalised.events[0],
        unreadable(raw, ACCOUNT, DELIVERED).events[0],
    ):
        assert event is not None
        encode(event)
