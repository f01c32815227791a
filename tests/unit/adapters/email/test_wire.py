"""What a mail server says is understood the same, however it is cut into packets."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.line.answers import (
    Facts,
    bodies_of,
    facts_of,
    folder_for,
    folder_of,
    internal_date,
    uids_of,
)
from adapters.email.line.folders import decoded_folder, quoted_folder
from adapters.email.line.wire import LINE_BYTES_MAX, Response, Responses, Unintelligible, Wire

TRAP = b"* 1 EXISTS\r\n* FAKE\r\nA1 OK done {99}\r\n* 7 FETCH (UID 7 BODY[] NIL)\r\n((("


def said(*packets: bytes, literal_bytes_max: int = 10_000_000) -> list[Response]:
    responses = Responses(literal_bytes_max)
    return [one for packet in packets for one in responses.feed(packet)]


def fetched(uid: int, body: bytes) -> bytes:
    return b"* 1 FETCH (UID %d BODY[] {%d}\r\n%b FLAGS ())\r\n" % (uid, len(body), body)


@given(
    st.lists(st.binary(max_size=60) | st.just(TRAP), max_size=5),
    st.lists(st.integers(1, 40), min_size=1, max_size=200),
)
def test_a_literal_is_never_looked_into_however_it_comes(
    bodies: list[bytes], cuts: list[int]
) -> None:
    """A mail that quotes the protocol would end the connection, or be taken for another mail."""
    stream = b"* OK hello\r\n" + b"".join(fetched(n, body) for n, body in enumerate(bodies, 1))
    stream += b"A1 OK done\r\n"
    packets: list[bytes] = []
    while stream:
        size = cuts[len(packets) % len(cuts)]
        packets.append(stream[:size])
        stream = stream[size:]

    responses = said(*packets)

    assert responses[0] == (b"* OK hello",)
    assert responses[-1] == (b"A1 OK done",)
    parsed = bodies_of([(one[0][2:], *one[1:]) for one in responses[1:-1]])
    assert parsed == dict(enumerate(bodies, 1))


def test_fifteen_hundred_lines_in_one_packet_are_fifteen_hundred_lines() -> None:
    """The library's own reader ends the connection at the thousandth, and tells nobody."""
    packet = b"".join(b"* %d FETCH (UID %d RFC822.SIZE 9)\r\n" % (n, n) for n in range(1, 1501))

    facts = facts_of([(one[0][2:],) for one in said(packet)])

    assert facts == {uid: Facts(9) for uid in range(1, 1501)}


def test_what_nobody_asked_for_is_no_answer() -> None:
    """A server gone mad must not take the memory of all inboxes."""
    with pytest.raises(Unintelligible):
        said(b"* 1 FETCH (BODY[] {5000000000}\r\n")
    with pytest.raises(Unintelligible):
        said(b"x" * (LINE_BYTES_MAX + 1))
    with pytest.raises(Unintelligible):
        said(b"* 1 FETCH (A {60}\r\n" + b"x" * 60 + b" B {60}\r\n", literal_bytes_max=100)


class Abortable:
    """A transport that nobody is behind."""

    aborted = False

    def get_extra_info(self, _name: str) -> None:
        return None

    def write(self, _data: bytes) -> None: ...

    def abort(self) -> None:
        self.aborted = True


async def test_all_answers_to_one_command_together_have_an_end() -> None:
    """Each mail may be as long as the longest; twenty thousand of them may not."""
    transport, wire = Abortable(), Wire(lambda _error: None, LINE_BYTES_MAX)
    wire.connection_made(transport)
    wire.data_received(b"* OK hello\r\n")
    wire.state = "SELECTED"
    fetching = asyncio.ensure_future(wire.uid("fetch", "1:9", "(BODY.PEEK[])"))
    await asyncio.sleep(0)
    mail = fetched(1, b"x" * (LINE_BYTES_MAX // 2))

    for _ in range(3):
        wire.data_received(mail)
    assert not transport.aborted
    wire.data_received(mail)
    fetching.cancel()

    assert transport.aborted


@pytest.mark.parametrize(
    "line",
    [b"* 1 FETCH (" + b"{0}\r\n" * 100_000, b"* 1 FETCH (" + b"{1}\r\nx" * 100_000],
    ids=["empty", "short"],
)
def test_an_answer_in_endless_pieces_is_none(line: bytes) -> None:
    """Each costs a little more than the last: all inboxes would stand still."""
    with pytest.raises(Unintelligible):
        said(line)


def test_quotes_without_an_end_are_read_in_one_go() -> None:
    """A megabyte of them, each looked for up to the end, would hold the process for hours."""
    began = time.process_time()

    facts_of(
        [(rb"1 FETCH (UID 3 " + rb"\"" * 500_000,), (rb'1 FETCH (UID 3 "' + rb"\"" * 500_000,)]
    )

    assert time.process_time() - began < 5


def test_numbers_that_no_server_counts_to_are_none() -> None:
    """Neither could they be stored, nor asked for."""
    long = b"9" * 5_000

    assert uids_of([(b"SEARCH 3 " + long,)]) == [3]
    assert folder_of([(b"OK [UIDVALIDITY %b]" % long,), (b"OK [UIDNEXT %b]" % long,)]) == (0, 0)
    assert facts_of([(b"1 FETCH (UID %b RFC822.SIZE 3)" % long,)]) == {}
    assert facts_of([(b"1 FETCH (UID 3 RFC822.SIZE %b)" % long,)]) == {3: Facts()}


def test_what_stands_in_quotes_names_no_mail() -> None:
    """Short bodies come quoted, and flags may be anything."""
    response = (rb'1 FETCH (BODY[] "UID 9 \"FETCH\" \\o/" UID 4 FLAGS ("UID 3"))',)

    assert bodies_of([response]) == {4: rb'UID 9 "FETCH" \o/'}


def test_a_body_that_is_not_given_is_missing() -> None:
    assert bodies_of([(b"1 FETCH (UID 4 BODY[] NIL)",)]) == {}
    assert bodies_of([(b"1 FETCH (UID 4 BODY[] {0}", b"", b")")]) == {4: b""}


def test_changes_of_flags_by_others_do_not_hide_what_was_asked() -> None:
    answers = [
        (b'3 FETCH (UID 8 RFC822.SIZE 77 INTERNALDATE "01-Feb-2026 10:00:00 +0200")',),
        (rb"3 FETCH (UID 8 FLAGS (\Seen))",),
        (rb"4 FETCH (FLAGS (\Seen))",),
        (b"2 EXPUNGE",),
    ]

    assert facts_of(answers) == {8: Facts(77, datetime(2026, 2, 1, 8, 0, tzinfo=UTC))}


def test_uids_come_in_order_whatever_else_is_said() -> None:
    answers = [(b"SEARCH 9 3",), (b"5 EXISTS",), (b"SEARCH",), (b"search 4 3",)]

    assert uids_of(answers) == [3, 4, 9]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("17-Jul-1996 02:44:25 -0700", datetime(1996, 7, 17, 9, 44, 25, tzinfo=UTC)),
        (" 1-feb-2026 00:00:00 +0000", datetime(2026, 2, 1, tzinfo=UTC)),
        ("31-Feb-2026 00:00:00 +0000", None),
        ("01-Foo-2026 00:00:00 +0000", None),
        ("01-Jan-0001 00:00:00 +1400", None),
        ("yesterday", None),
    ],
)
def test_the_moment_at_which_the_server_got_a_mail_is_read(text: str, at: datetime | None) -> None:
    assert internal_date(text) == at


@pytest.mark.parametrize(
    "listed",
    [
        (rb'LIST (\HasNoChildren \Junk) "/" "Junk E-mail"',),
        (rb'LIST (\junk) NIL "Junk E-mail"',),
        (rb'LIST (\Junk) "." {11}', b"Junk E-mail", b""),
    ],
)
def test_the_folder_for_junk_is_found_by_what_the_server_says(listed: Response) -> None:
    others = [(rb'LIST (\NotJunk) "/" "Junk"',), (rb'LIST () "/" INBOX',)]

    assert folder_for(r"\Junk", [*others, listed]) == "Junk E-mail"
    assert folder_for(r"\Sent", [*others, listed]) == ""


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_folder_names_survive_the_wire(name: str) -> None:
    """A folder found by the server's word is opened by its name."""
    quoted = quoted_folder(name)[1:-1].replace('\\"', '"').replace("\\\\", "\\")

    assert decoded_folder(quoted) == name
