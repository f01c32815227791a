"""Mails made to exhaust the reader: each becomes a message soon, and says what was left out."""

import base64
import struct
import time
import tracemalloc
from collections.abc import Callable

import pytest

from adapters.email.account import Account, Delivered
from adapters.email.incoming.normalise import normalise
from adapters.email.mime import calendar, tnef
from core.model.codec import encode
from core.model.content import Media, Style, Text
from core.model.event import Inbound, MessageCreated
from core.model.ids import EventId
from tests.rigs.odd_mails.files import opaque
from tests.rigs.odd_mails.writing import INES, NOW, US, file, joined, mail, mixed, part

DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
ACCOUNT = Account(name="support", address=US, secret=b"k" * 32)
SECONDS_MAX = 8.0
"""Of processor time, on a machine that is busy with other things as well."""

COPIES_MAX = 3
MEGABYTE = 1024 * 1024


def nested(levels: int) -> bytes:
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(levels)
    )
    return b"From: ines@kunde.example\nMIME-Version: 1.0\n" + opened + b"\nboom\n"


def forwarded(levels: int) -> bytes:
    return b"From: ines@kunde.example\n" + b"Content-Type: message/rfc822\n\n" * levels + b"boom\n"


def alike(levels: int) -> bytes:
    """Each level has the boundary of the last one, with a letter more."""
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=%s\n\n--%s\n" % (b"b" * n, b"b" * n)
        for n in range(1, levels)
    )
    return b"From: ines@kunde.example\n" + opened + b"\nboom\n"


def nested_alike_head(levels: int) -> bytes:
    return alike(levels).removesuffix(b"\nboom\n")


def many_parts(levels: int, prefix: bytes = b"c") -> bytes:
    """Parts in parts in parts, two hundred of each."""
    if not levels:
        return b"\nx"
    inner = many_parts(levels - 1, prefix + b"c")
    count = 200 if levels > 1 else 20
    head = b"Content-Type: multipart/mixed; boundary=" + prefix + b"\n\n"
    return head + (b"--" + prefix + b"\n" + inner + b"\n") * count + b"--" + prefix + b"--\n"


def continued(pieces: int) -> bytes:
    written = "; ".join(f"filename*{n}*=utf-8''%61" for n in range(pieces))
    return mixed(
        part("text/plain", "Hallo"),
        file("application/pdf", b"%PDF-", Content_Disposition=f"attachment; {written}"),
    )


def packed(*counts: int) -> bytes:
    """winmail.dat whose property list says that it has so many entries, of so many values."""
    properties = struct.pack("<IHHI", counts[0], 0x1003, 0x3001, counts[1])
    data = struct.pack("<IHBHHI", 0x223E9F78, 1, 1, 0x9003, 6, len(properties))
    data += properties + b"\x00\x00"
    return mixed(part("text/plain", "Hallo"), file("application/ms-tnef", data))


BOMBS: dict[str, Callable[[], bytes]] = {
    "nested": lambda: nested(10_000),
    "nested alike": lambda: alike(1_500),
    "forwarded": lambda: forwarded(100_000),
    "parts": lambda: mail(b"--cut\n\nx\n" * 100_000, Content_Type="multipart/mixed; boundary=cut"),
    "boundaries": lambda: mail(b"--cut\n" * 300_000, Content_Type="multipart/mixed; boundary=cut"),
    "nearly boundaries": lambda: mail(
        b"\n--cutx" * 300_000, Content_Type="multipart/mixed; boundary=cut"
    ),
    "nested and nearly boundaries": lambda: (
        nested_alike_head(18) + b"\n--" + b"b" * 17 + (b"\n--" + b"b" * 20) * 350_000
    ),
    "many small parts": lambda: many_parts(3),
    "boundary guessed": lambda: mail(b"--x\n" * 500_000, Content_Type="multipart/mixed"),
    "continuations": lambda: continued(5_000),
    "semicolons": lambda: mail(Content_Type="text/plain" + ";" * 60_000),
    "parameters": lambda: mail(Content_Type="text/plain" + "; a=b" * 12_000),
    "quotes": lambda: mail(Content_Type='text/plain; a="' + '\\"' * 30_000),
    "headers": lambda: b"X-A: b\n" * 150_000 + mail(),
    "one header": lambda: mail(Subject="a " * MEGABYTE),
    "folded header": lambda: mail(Subject="a" + "\n a" * 300_000),
    "returns in a header": lambda: mail(Subject="a" + "\r" * MEGABYTE + "b"),
    "headers that are none": lambda: b"From: ines@kunde.example\n" + b"x\n" * 300_000 + mail(),
    "no empty line": lambda: b"From: ines@kunde.example\n" + b"abc " * MEGABYTE,
    "encoded words": lambda: mail(Subject="=?utf-8?Q?a?= " * 5_000),
    "words without end": lambda: mail(Subject="=?utf-8?Q?" * 6_000),
    "recipients": lambda: mail(To=", ".join(f"a{n}@acme.example" for n in range(50_000))),
    "brackets": lambda: mail(From="<" * 60_000 + "ines@kunde.example"),
    "comments": lambda: mail(From="(" * 60_000 + "ines@kunde.example"),
    "quotes in a name": lambda: mail(From='"' + "\\" * 60_000 + "ines@kunde.example"),
    "at signs": lambda: mail(From="a@" * 30_000 + "kunde.example"),
    "references": lambda: mail(References="<a@b.example> " * 50_000),
    "uuencode begun": lambda: mail(b"begin 644 a\n" * 100_000),
    "uuencoded": lambda: mail(b"begin 644 a\n#86)C\n`\nend\n" * 50_000),
    "uuencode without end": lambda: mail(b"begin 644 a\n" + b"M" + b"a" * 60 + b"\n" * 10_000),
    "base64 in pieces": lambda: mail(b"YQ==" * 200_000, Content_Transfer_Encoding="base64"),
    "equals signs": lambda: mail(b"=" * MEGABYTE, Content_Transfer_Encoding="base64"),
    "quoted-printable": lambda: mail(
        b"= " * MEGABYTE, Content_Transfer_Encoding="quoted-printable"
    ),
    "flowed": lambda: mail(b"a \n" * 300_000, Content_Type="text/plain; format=flowed"),
    "flowed quotes": lambda: mail(b">" * MEGABYTE, Content_Type="text/plain; format=flowed"),
    "punycode": lambda: mail(b"\xe4-" * 50_000, Content_Type="text/plain; charset=punycode"),
    "tags": lambda: mail(b"<div>" * 200_000, Content_Type="text/html"),
    "tags closed by others": lambda: mail(b"<i></b>" * 280_000, Content_Type="text/html"),
    "tags closed in vain": lambda: mail(
        b"<span><li></span></li>" * 90_000, Content_Type="text/html"
    ),
    "tags closed in a value": lambda: mail(b"<div a='</div>'>" * 14_900, Content_Type="text/html"),
    "tags without end": lambda: mail(b"<a " * 200_000, Content_Type="text/html"),
    "attributes": lambda: mail(b"<p " + b"a=b " * 100_000 + b">", Content_Type="text/html"),
    "ampersands": lambda: mail(b"&" * MEGABYTE, Content_Type="text/html"),
    "returns": lambda: mail(b"\r" * MEGABYTE + b"\n"),
    "quotes in many headers": lambda: (b"To: " + b'\\"' * 10_000 + b"\n") * 50 + mail(),
    "blanks in an id": lambda: mail(Message_ID="a" + " " * 60_000 + "b"),
    "entities": lambda: mail(b"&amp;" * 300_000, Content_Type="text/html"),
    "meta": lambda: mail(b"<meta " * 100_000, Content_Type="text/html"),
    "calendar": lambda: mail(b"BEGIN:VEVENT\n" * 100_000, Content_Type="text/calendar"),
    "calendar parameters": lambda: mail(
        b"BEGIN:VEVENT\nDTSTART" + b';A="' * 60_000, Content_Type="text/calendar"
    ),
    "calendar folded": lambda: mail(
        b"BEGIN:VEVENT\nSUMMARY:a" + b"\n a" * 80_000, Content_Type="text/calendar"
    ),
    "winmail properties": lambda: packed(0xFFFFFFFF, 1),
    "winmail values": lambda: packed(1, 0xFFFFFFFF),
    "signed within signed": lambda: signed(200),
    "octets within octets": lambda: mail(
        base64.encodebytes(
            b"0\x80"
            + bytes.fromhex("06092a864886f70d010702")
            + b"\xa0\x800\x80"
            + bytes.fromhex("06092a864886f70d010701")
            + b"\xa0\x80"
            + b"\x24\x80" * 100_000
        ),
        Content_Type="application/pkcs7-mime",
        Content_Transfer_Encoding="base64",
    ),
}


def signed(levels: int) -> bytes:
    inner = b"Content-Type: text/plain\n\nHallo\n"
    for _ in range(levels):
        inner = (
            b"Content-Type: application/pkcs7-mime; smime-type=signed-data\n"
            b"Content-Transfer-Encoding: binary\n\n" + opaque(inner)
        )
    return b"From: ines@kunde.example\n" + inner


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_mail_made_to_exhaust_is_read_in_little_time(bomb: str) -> None:
    """One such mail would hold up everybody else's."""
    raw = BOMBS[bomb]()
    began = time.process_time()

    event = read(raw)

    assert time.process_time() - began <= SECONDS_MAX
    assert len(encode(event)) <= 3 * MEGABYTE


@pytest.mark.parametrize("bomb", ["nested", "forwarded"])
def test_what_is_nested_too_deep_is_attached_unopened(bomb: str) -> None:
    """What it holds can still be had, by somebody who wants it."""
    event = read(BOMBS[bomb]())

    assert event.actor.remote == INES
    assert len(files(event)) == 1


def test_parts_beyond_the_limit_are_named() -> None:
    event = read(BOMBS["parts"]())

    assert "parts after the first 200" in event.lost


def test_a_mail_of_nothing_but_links_keeps_its_text_and_a_thousand_links() -> None:
    """Each link is a span in Redis and in every agent's browser."""
    links = "".join(f'<a href="https://kunde.example/{n}">word{n}</a> ' for n in range(4_000))

    event = read(mail(links, Content_Type="text/html"))

    [text] = texts(event)
    assert text.text.endswith("word3999")
    assert sum(span.style is Style.LINK for span in text.spans) == 1_000
    assert any("links" in lost for lost in event.lost)


def test_long_links_are_left_out_of_the_text() -> None:
    links = f'<a href="https://kunde.example/{"a" * 5000}">here</a>'

    event = read(mail(links, Content_Type="text/html"))

    [text] = texts(event)
    assert text.text == "here"
    assert text.spans == ()
    assert "1 of 1 links" in event.lost


def test_archives_are_never_opened() -> None:
    """A zip of a few kilobytes can hold terabytes."""
    bomb = b"PK\x03\x04" + b"\x00" * 1000

    event = read(mixed(part("text/plain", "Hallo"), file("application/zip; name=a.zip", bomb)))

    [archive] = files(event)
    assert archive.attachment.size_bytes == len(bomb)


def test_many_damages_of_one_kind_are_named_once() -> None:
    lines = b"".join(b"no header\nX-A: b\n" for _ in range(400))

    event = read(lines.partition(b"\n")[2] + mail())

    assert len(event.lost) <= 2


def test_a_large_file_is_not_held_in_many_copies() -> None:
    """Several inboxes may be reading their largest mails at once."""
    raw = mixed(part("text/plain", "Hallo"), file("application/pdf", b"%PDF" * 4 * MEGABYTE))
    tracemalloc.start()

    read(raw)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= COPIES_MAX * len(raw)


def test_a_file_says_less_than_it_claims() -> None:
    """Counts of billions, in a file of a few bytes."""
    data = struct.pack("<IHBHHI", 0x223E9F78, 1, 2, 0x9002, 6, 0xFFFFFFF0)

    opened = tnef.read(data)

    assert opened is not None
    assert not opened.whole


def test_a_calendar_without_an_event_tells_nothing() -> None:
    assert calendar.read("BEGIN:VCALENDAR\nEND:VCALENDAR") is None


def test_the_text_around_a_bomb_is_kept() -> None:
    raw = mail(
        joined(part("text/plain", "Hallo")) + b"--cut\n\nx\n" * 10,
        Content_Type="multipart/mixed; boundary=cut",
    )

    assert texts(read(raw))[0].text == "Hallo"


def read(raw: bytes) -> Inbound:
    [event] = normalise(raw, ACCOUNT, DELIVERED).events
    return event


def texts(event: Inbound) -> list[Text]:
    assert isinstance(event.body, MessageCreated)
    return [part for part in event.body.parts if isinstance(part, Text)]


def files(event: Inbound) -> list[Media]:
    assert isinstance(event.body, MessageCreated)
    return [part for part in event.body.parts if isinstance(part, Media)]
