"""Headers that are broken, doubled, too many, or none."""

from datetime import UTC, datetime, timedelta

from tests.rigs.odd_mails.writing import MADE_ID, NOW, SENT_AT, Odd, mail

HEAD = (
    b"From: Ines Baumann <ines@kunde.example>\nTo: support@acme.example\nSubject: A question\n"
    b"Date: Mon, 3 Nov 2025 15:04:05 +0100\nMessage-ID: <one@kunde.example>\n"
)


def dated(name: str, written: str, at: datetime = SENT_AT) -> Odd:
    return Odd(name, mail(Date=written), at=at)


def identified(name: str, written: str, remote: str = "<one@kunde.example>") -> Odd:
    return Odd(name, mail(Message_ID=written), id=remote)


MAILS = (
    Odd("byte-order-mark", b"\xef\xbb\xbf" + mail()),
    Odd("blank-lines-first", b"\r\n \r\n\r\n" + mail()),
    Odd("mbox-line", b"From ines@kunde.example Mon Nov  3 15:04:05 2025\n" + mail()),
    Odd("mbox-line-in-the-middle", HEAD + b">From x Mon Nov  3\nX-A: b\n\nHallo\n"),
    Odd("printer-words-first", b"Connected to mail\nready\n" + mail()),
    Odd(
        "subject-broken-not-folded",
        mail(Subject="A very long subject\nthat was broken"),
        subject="A very long subject that was broken",
        lost=("a line among the headers",),
    ),
    Odd("no-empty-line", HEAD + b"Hallo\n", lost=("no empty line",)),
    Odd("space-before-colon", mail().replace(b"Subject:", b"Subject :")),
    Odd("no-space-after-colon", mail().replace(b": ", b":")),
    Odd("bare-returns", mail("Hallo\n\nInes\n").replace(b"\n", b"\r"), ("Hallo\n\nInes",)),
    Odd("doubled-returns", mail("Hallo\n\nInes\n").replace(b"\n", b"\r\r\n"), ("Hallo\n\nInes",)),
    Odd("usual-line-ends", mail("Hallo\n\nInes\n").replace(b"\n", b"\r\n"), ("Hallo\n\nInes",)),
    Odd("mixed-line-ends", HEAD.replace(b"\n", b"\r\n") + b"\nHallo\r\nInes\n", ("Hallo\nInes",)),
    Odd("nulls-in-subject", mail(Subject=b"A \x00question\x00"), lost=("null characters",)),
    Odd("nulls-in-text", mail(b"Ha\x00llo")),
    Odd("return-in-subject", mail(Subject="A\rquestion")),
    Odd("folded-at-once", mail(Subject="\n A\n question")),
    Odd("folded-by-tabs", mail(Subject="A\n\t\t question")),
    Odd("folded-by-nothing-but-spaces", mail(Subject="A question\n  \t ")),
    Odd("capitals-in-names", mail().replace(b"Subject", b"SUBJECT").replace(b"From", b"FROM")),
    Odd("two-subjects", mail(Subject="A question\nSubject: another")),
    Odd(
        "two-froms",
        mail(From="Ines Baumann <ines@kunde.example>\nFrom: eve@evil.example"),
        lost=("more than one",),
    ),
    Odd(
        "two-dates",
        mail(Date="Mon, 3 Nov 2025 15:04:05 +0100\nDate: Tue, 4 Nov 2025 15:04:05 +0100"),
    ),
    Odd("two-types", mail("<p>Hallo</p>", Content_Type="text/html\nContent-Type: text/plain")),
    Odd(
        "subject-too-long",
        mail(Subject="word " * 2000),
        subject=("word " * 2000)[:1000].strip(),
        lost=("the end of a very long subject",),
    ),
    Odd("many-received", b"Received: from a by b\n" * 400 + mail()),
    Odd(
        "8-bit-in-header-names",
        HEAD + "X-Größe: 5\nX-Mailer: x\n\nHallo\n".encode(),
        lost=("a line among the headers",),
    ),
    Odd(
        "only-text",
        b"Hallo, wer liest das?\n",
        ("Hallo, wer liest das?",),
        sender="unknown",
        person="",
        subject="",
        id=MADE_ID,
        at=NOW,
        lost=("the From address", "no empty line"),
    ),
    Odd("no-subject", mail(Subject=None), subject=""),
    Odd("no-text", HEAD, ("",)),
    Odd("text-of-spaces", mail(" \n\n \n"), ("",)),
    dated("date-without-seconds", "Mon, 03 Nov 2025 15:04 +0100", SENT_AT - timedelta(seconds=5)),
    dated("date-two-digit-year", "3 Nov 25 14:04:05 GMT"),
    dated("date-named-zone", "Mon, 3 Nov 2025 09:04:05 EST"),
    dated("date-comment", "Mon, 3 Nov 2025 15:04:05 +0100 (Mitteleuropäische Zeit)"),
    dated("date-iso", "2025-11-03T15:04:05+01:00"),
    dated("date-iso-utc", "2025-11-03 14:04:05Z"),
    dated("date-without-zone", "Mon, 3 Nov 2025 14:04:05"),
    dated("date-folded", "Mon, 3 Nov 2025\n 15:04:05 +0100"),
    dated("date-foreign-day", "Mo., 3 Nov 2025 15:04:05 +0100"),
    dated("date-dots", "Mon, 3 Nov 2025 15.04.05 +0100"),
    dated("date-none", "yesterday", NOW),
    dated("date-impossible", "Mon, 33 Foo 2025 45:00:00 +9900", NOW),
    dated("date-in-future", "Mon, 3 Nov 2042 15:04:05 +0100", NOW),
    dated("date-long-ago", "Thu, 1 Jan 1970 00:00:00 +0000", datetime(1970, 1, 1, tzinfo=UTC)),
    identified("id-without-brackets", "one@kunde.example"),
    identified("id-with-spaces", "< one@kunde.example >"),
    identified("id-with-words", "<one@kunde.example> (added by postmaster@relay.example)"),
    identified("id-folded", "\n <one@kunde.example>"),
    identified("id-without-domain", "<20251103.abc>", "<20251103.abc>"),
    identified("id-doubled", "<one@kunde.example>\nMessage-ID: <two@kunde.example>"),
    identified("id-empty", "<>", MADE_ID),
    identified("id-not-ascii", "<größe@kunde.example>", MADE_ID),
)
