"""What clients write on the IMAP wire, in all the ways they may write it."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.imap.dates import format_internal_date, parse_date, parse_internal_date
from sandbox.imap.fetch import parse_items, render
from sandbox.imap.sets import NumberSet
from sandbox.imap.tokens import Argument, Bad, Command, parse_command
from sandbox.mail.mailboxes import StoredMail

RAW = b"From: mei@post.example\r\nSubject: a\r\n b\r\nX-Odd: 1\r\n\r\nbody"


@pytest.mark.parametrize(
    ("pieces", "command"),
    [
        ([b"a1 NOOP"], Command("a1", "NOOP", [])),
        ([b"a login mei secret"], Command("a", "LOGIN", ["mei", "secret"])),
        ([rb'a LOGIN "m e\"i" "\\"'], Command("a", "LOGIN", [b'm e"i', b"\\"])),
        (
            [b"a LOGIN {3}", b"mei", b" {2}", b"\x00)", b""],
            Command("a", "LOGIN", [b"mei", b"\x00)"]),
        ),
        (
            [b"a UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (TO CC)]<0.9>)"],
            Command(
                "a", "FETCH", ["1:*", ["UID", "BODY.PEEK[HEADER.FIELDS (TO CC)]<0.9>"]], by_uid=True
            ),
        ),
        ([rb"a STORE 1 +FLAGS (\Seen)"], Command("a", "STORE", ["1", "+FLAGS", [r"\Seen"]])),
    ],
)
def test_commands_are_read(pieces: list[bytes], command: Command) -> None:
    assert parse_command(pieces) == command


@pytest.mark.parametrize(
    "line", [b"", b"a", b"a X (", b"a X )", b'a X "', b"a X {3}", b'"a" X', b"(a) X"]
)
def test_nonsense_is_bad(line: bytes) -> None:
    with pytest.raises(Bad):
        parse_command([line])


@given(st.binary())
def test_no_bytes_break_the_reader(line: bytes) -> None:
    try:
        parse_command([line])
    except Bad:
        return


@pytest.mark.parametrize(
    ("text", "last", "numbers"),
    [
        ("1:*", 3, [1, 2, 3]),
        ("5:*", 3, [3, 4, 5]),
        ("*", 3, [3]),
        ("*:2", 3, [2, 3]),
        ("1,4:3", 9, [1, 3, 4]),
    ],
)
def test_sequence_sets_name_numbers(text: str, last: int, numbers: list[int]) -> None:
    chosen = NumberSet(text, last)

    assert [number for number in range(1, 6) if number in chosen] == numbers


@pytest.mark.parametrize("text", ["", "0", "a", "1:2:3", "1,", "1:-2"])
def test_other_sets_are_bad(text: str) -> None:
    with pytest.raises(Bad):
        NumberSet(text, 3)


@given(st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_internal_dates_round_trip(at: datetime) -> None:
    assert parse_internal_date(format_internal_date(at)) == at.replace(microsecond=0)


def test_dates_are_english_and_checked() -> None:
    assert parse_date("7-nov-2026") == date(2026, 11, 7)
    for wrong in ("31-Feb-2026", "7-Nov", "7-Foo-2026"):
        with pytest.raises(Bad):
            parse_date(wrong)


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        ("BODY[]", b"BODY[] {%d}\r\n%b" % (len(RAW), RAW)),
        ("BODY.PEEK[TEXT]", b"BODY[TEXT] {4}\r\nbody"),
        ("BODY[]<3.4>", b"BODY[]<3> {4}\r\nm: m"),
        ("BODY[]<9999.4>", b"BODY[]<9999> {0}\r\n"),
        (
            "BODY.PEEK[HEADER.FIELDS (Subject)]",
            b"BODY[HEADER.FIELDS (SUBJECT)] {18}\r\nSubject: a\r\n b\r\n\r\n",
        ),
        (
            "BODY.PEEK[HEADER.FIELDS.NOT (From Subject)]",
            b"BODY[HEADER.FIELDS.NOT (FROM SUBJECT)] {12}\r\nX-Odd: 1\r\n\r\n",
        ),
        ("RFC822.SIZE", b"RFC822.SIZE %d" % len(RAW)),
        (["UID", "FLAGS"], rb"UID 7 FLAGS (\Seen)"),
    ],
)
def test_fetch_items_are_written(item: Argument, answer: bytes) -> None:
    mail = StoredMail(7, RAW, datetime(2026, 11, 7, tzinfo=UTC), {r"\Seen"})

    assert render(mail, parse_items(item, by_uid=False)) == answer


@pytest.mark.parametrize("item", ["ENVELOPE", "BODYSTRUCTURE", "BODY[1]", "BODY[HEADER"])
def test_what_is_not_supported_is_said(item: str) -> None:
    mail = StoredMail(7, RAW, datetime(2026, 11, 7, tzinfo=UTC))

    with pytest.raises(Bad, match="unsupported"):
        render(mail, parse_items(item, by_uid=False))


@given(raw=st.binary(max_size=300), cut=st.integers(0, 300))
def test_two_partial_fetches_make_the_whole(raw: bytes, cut: int) -> None:
    mail = StoredMail(1, raw, datetime(2026, 11, 7, tzinfo=UTC))
    parts = [f"BODY[]<0.{cut}>", f"BODY[]<{cut}.400>"]

    texts = [render(mail, parse_items(part, by_uid=False)).partition(b"\r\n")[2] for part in parts]

    assert b"".join(texts) == raw
