"""Two readers of one mail: the one that checks its signature, and the one that shows its author."""

import time
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.email.incoming.senders import author_of
from adapters.email.incoming.signatures import Validity, aligned_signatures, checked
from adapters.email.mime.parse import parse
from tests.rigs.signing import DOMAIN, MAIL, published, signed

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
PIECES = (
    *(b"From: boss@kunde.example", b"From : boss@kunde.example", b"Sender: boss@kunde.example"),
    *(b"X-Note: a", b"no header at all", b"From boss@kunde.example", b"FROM:boss@kunde.example"),
    *(b"\r\n", b"\n", b"\r", b"\r\r", b"\n\r", b"\r\n\r\n", b" ", b"\t", b"\x00", b"\x0b", b"\x0c"),
    *("\x85\u2028".encode(), b"\xef\xbb\xbf", b"=?utf-8?q?", b"?=", b":", b","),
)


@given(st.lists(st.sampled_from(PIECES), max_size=8), st.lists(st.sampled_from(PIECES), max_size=8))
def test_a_valid_signature_vouches_for_the_author_who_is_shown(
    above: list[bytes], between: list[bytes]
) -> None:
    """Whatever is put around a genuine mail: somebody else may not appear under its signature."""
    whole = signed(MAIL)
    raw = b"".join((*above, whole.removesuffix(MAIL), *between, MAIL))
    message = parse(raw)
    author = author_of(message)

    for signature in () if author.doubt else aligned_signatures(message, DOMAIN, NOW):
        validity, _ = checked(raw, signature, published())
        assert validity is not Validity.VALID or author.address == "ines@kunde.example"


def test_a_megabyte_of_blanks_is_read_in_no_time() -> None:
    """Whoever has a domain could stop the gateway with it: the library's expression holds the whole
    process for hours.
    """
    raw = signed(MAIL) + b" " * 1_000_000 + b"x\r\n"
    [signature] = aligned_signatures(parse(raw), DOMAIN, NOW)
    begun = time.process_time()

    validity, _ = checked(raw, signature, published())

    assert validity is Validity.BROKEN
    assert time.process_time() - begun < 1


@settings(max_examples=40)
@given(st.lists(st.sampled_from((b" ", b"\t", b"\r\n", b"\n", b"\r", b"x", b"\x0b")), max_size=12))
def test_blanks_count_for_nothing_where_the_signature_says_so(added: list[bytes]) -> None:
    """Reading them ourselves may change no verdict: the library's own is the same."""
    body = b"".join(added)
    raw = signed(MAIL + body)
    [signature] = aligned_signatures(parse(raw), DOMAIN, NOW)

    assert signature.relaxed
    assert checked(raw, signature, published())[0] is Validity.VALID
    unprepared = signature._replace(relaxed=False)
    for other in (raw.replace(b"Please send", b"Please  send \t"), raw + b"y", raw + b" \r\n"):
        theirs = checked(other, unprepared, published())
        assert checked(other, signature, published()) == theirs


def test_the_genuine_mail_is_valid() -> None:
    """Else the law above would hold for nothing."""
    raw = signed(MAIL)
    [signature] = aligned_signatures(parse(raw), DOMAIN, NOW)

    assert checked(raw, signature, published())[0] is Validity.VALID
