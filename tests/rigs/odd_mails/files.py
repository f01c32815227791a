"""Files: how they are named, how they are encoded, and where they hide."""

import base64
import struct

from core.model.message import Protection
from tests.rigs.odd_mails.structure import PLAIN
from tests.rigs.odd_mails.writing import PDF, PNG, ZIP, File, Odd, file, mail, mixed, part

UU = (
    "begin 644 notes.txt\n"
    "-2&5L;&\\L('=O<FQD(0``\n"  # "Hello, world!"
    "`\nend\n"
)
OPEN_MAIL = "Content-Type: text/plain; charset=utf-8\n\nHallo aus der Hülle\n"


def named(name: str, written: str | bytes, shown: str, **more: object) -> Odd:
    """A PDF whose Content-Disposition is this."""
    raw = mixed(part(PLAIN, "Hallo"), file("application/pdf", PDF, Content_Disposition=written))
    return Odd(name, raw, files=(File(shown, "application/pdf", 15),))._replace(**more)  # type: ignore[arg-type]


def coded(name: str, body: str | bytes, encoding: str, text: str = "Größe", *lost: str) -> Odd:
    raw = mail(body, Content_Type=PLAIN, Content_Transfer_Encoding=encoding)
    return Odd(name, raw, (text,), lost=lost)


def tnef(*objects: tuple[int, int, bytes]) -> bytes:
    """winmail.dat of (level, attribute, value)."""
    written = struct.pack("<IH", 0x223E9F78, 1)
    for level, attribute, value in objects:
        written += struct.pack("<BHHI", level, attribute, 6, len(value)) + value
        written += struct.pack("<H", sum(value) & 0xFFFF)
    return written


def properties(*found: tuple[int, int, bytes]) -> bytes:
    """MAPI properties of (type, name, value), each with one value."""
    written = struct.pack("<I", len(found))
    for kind, name, value in found:
        padding = b"\x00" * (-len(value) % 4)
        written += struct.pack("<HHII", kind, name, 1, len(value)) + value + padding
    return written


PACKED = tnef(
    (1, 0x9007, struct.pack("<II", 1251, 0)),
    (2, 0x9002, b"\x00" * 14),
    (2, 0x8010, "Отчёт.pdf\x00".encode("cp1251")),
    (2, 0x800F, PDF),
    (2, 0x9002, b"\x00" * 14),
    (2, 0x8010, b"LONGNA~1.PNG\x00"),
    (2, 0x800F, PNG),
    (2, 0x9005, properties((0x1F, 0x3707, "Long näme.png\x00".encode("utf-16-le")))),
)
PACKED_TEXT = tnef(
    (1, 0x9003, properties((0x1F, 0x1000, "Hallo aus Outlook\r\n".encode("utf-16-le"))))
)


def der(tag: int, content: bytes) -> bytes:
    length = len(content)
    size = bytes((length,)) if length < 128 else b"\x82" + length.to_bytes(2, "big")
    return bytes((tag,)) + size + content


def opaque(content: bytes) -> bytes:
    """A signed-data without certificates or signatures round these bytes."""
    enclosed = der(0x30, bytes.fromhex("06092a864886f70d010701") + der(0xA0, der(0x04, content)))
    signed = der(0x30, b"\x02\x01\x01" + der(0x31, b"") + enclosed + der(0x31, b""))
    return der(0x30, bytes.fromhex("06092a864886f70d010702") + der(0xA0, signed))


def opaque_in_pieces(content: bytes) -> bytes:
    """The same with lengths left open, as streaming senders write it."""
    pieces = der(0x04, content[:20]) + der(0x04, content[20:])
    inner = b"\xa0\x80\x24\x80" + pieces + b"\x00\x00\x00\x00"
    enclosed = b"\x30\x80" + bytes.fromhex("06092a864886f70d010701") + inner + b"\x00\x00"
    signed = b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00" + enclosed + b"\x31\x00\x00\x00\x00\x00"
    return b"\x30\x80" + bytes.fromhex("06092a864886f70d010702") + signed + b"\x00\x00"


def enveloped(content: bytes) -> bytes:
    return mail(
        base64.encodebytes(content),
        Content_Transfer_Encoding="base64",
        Content_Type='application/x-pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
    )


NAMES = (
    named(
        "name-encoded-word", 'attachment; filename="=?utf-8?Q?Gr=C3=B6=C3=9Fe.pdf?="', "Größe.pdf"
    ),
    named(
        "name-encoded-words",
        'attachment; filename="=?utf-8?B?5YyF6A==?=\n =?utf-8?B?o7kucGRm?="',
        "包裹.pdf",
    ),
    named("name-encoded-word-bare", "attachment; filename==?gb2312?B?sPy5/C5wZGY=?=", "包裹.pdf"),
    named(
        "name-both-ways",
        "attachment; filename=x.pdf; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf",
        "Größe.pdf",
    ),
    named("name-latin1-percent", "attachment; filename*=iso-8859-1'de'Gr%F6%DFe.pdf", "Größe.pdf"),
    named("name-percent-without-charset", "attachment; filename*=Gr%C3%B6%C3%9Fe.pdf", "Größe.pdf"),
    named(
        "name-pieces-out-of-order", "attachment; filename*1=sse.pdf; filename*0=Groe", "Groesse.pdf"
    ),
    named(
        "name-cut-inside-a-character",
        "attachment; filename*0*=utf-8''Gr%C3; filename*1*=%B6%C3%9Fe.pdf",
        "Größe.pdf",
    ),
    named("name-with-spaces-unquoted", "attachment; filename=My own file.pdf", "My own file.pdf"),
    named("name-with-semicolon", 'attachment; filename="a;b.pdf"', "a;b.pdf"),
    named("name-with-quotes", r'attachment; filename="a \"b\".pdf"', 'a "b".pdf'),
    named("name-quote-not-closed", 'attachment; filename="a b.pdf', "a b.pdf"),
    Odd(
        "name-raw-gbk",
        mixed(
            part("text/plain; charset=gb2312", "您好".encode("gbk")),
            file(
                "application/pdf",
                PDF,
                Content_Disposition=b'attachment; filename="' + "包裹清单".encode("gbk") + b'.pdf"',
            ),
        ),
        ("您好",),
        files=(File("包裹清单.pdf", "application/pdf", 15),),
    ),
    named("name-of-windows", r'attachment; filename="C:\temp\new\report.pdf"', "report.pdf"),
    named("name-climbs", 'attachment; filename="../../etc/cron.d/x.pdf"', "x.pdf"),
    named("name-with-controls", b'attachment; filename="a\x07b\x1b.pdf"', "a b .pdf"),
    named("file-name-turned-round", 'attachment; filename="bill\u202efdp.exe"', "bill fdp.exe"),
    named("name-folded", 'attachment; filename="a long\n\tname.pdf"', "a long name.pdf"),
    named("name-empty", 'attachment; filename=""', "part-2.pdf"),
    named("name-not-said", "attachment", "part-2.pdf"),
    named("name-without-semicolon", "attachment filename=a.pdf", "a.pdf"),
    named("name-too-long", f'attachment; filename="{"a" * 300}.pdf"', f"{'a' * 251}.pdf"),
    named(
        "name-after-many-parameters",
        "attachment; " + "".join(f"p{n}=x; " for n in range(50)) + "filename=a.pdf",
        "a.pdf",
    ),
)

ENCODINGS = (
    coded("base64-in-blocks", "R3LDtsOf\nZQ==\nIHVuZCBMw6RuZ2U=\n", "base64", "Größe und Länge"),
    coded("base64-without-padding", "R3LDtsOfZQ\n", "base64"),
    coded("base64-cut", "R3LDtsOfZSB1bmQgTMOkbmd\n", "BASE64", "Größe und Läng"),
    coded(
        "base64-in-one-line",
        "R3LDtsOfZSB1bmQg" * 200 + "\n",
        "base64",
        "Größe und " * 200,
    ),
    coded(
        "base64-with-footer",
        "R3LDtsOfZQ==\n_____________\nlist@lists.example\n",
        "base64",
        "Größe",
        "after the end of base64",
    ),
    coded("base64-that-is-text", "R3LDtsOfZQ==\n", "base64"),
    coded("encoding-with-comment", "R3LDtsOfZQ==\n", "base64 (usual)"),
    coded("encoding-with-semicolon", "Gr=C3=B6=C3=9Fe\n", "quoted-printable;"),
    coded("encoding-misspelt", "Größe\n", "8-bit"),
    coded("qp-lower-case", "Gr=c3=b6=c3=9fe\n", "quoted-printable"),
    coded("qp-space-after-equals", "Gr=C3=B6=  \n=C3=9Fe\n", "quoted-printable"),
    coded("qp-raw-8-bit", "Größe =3D 5\n", "quoted-printable", "Größe = 5"),
    coded("qp-not-hexadecimal", "50 =ZZ Gr=C3=B6=C3=9Fe\n", "quoted-printable", "50 =ZZ Größe"),
    coded("qp-equals-at-the-end", "Gr=C3=B6=C3=9Fe=", "quoted-printable"),
    coded("qp-with-windows-lines", "Gr=C3=B6=\r\n=C3=9Fe\r\n", "quoted-printable"),
)

HIDDEN = (
    Odd(
        "uuencoded-in-text",
        mail(f"Hallo\n\n{UU}\nInes\n", Content_Type=PLAIN),
        ("Hallo\n\n\nInes",),
        files=(File("notes.txt", "application/octet-stream", 13),),
    ),
    Odd("uuencoded-in-old-mail", mail(f"Hallo\n{UU}"), files=(File("notes.txt", size=13),)),
    Odd(
        "uuencode-spoken-of",
        mail("begin 644 is how\nit starts, and\nend\n"),
        ("begin 644 is how\nit starts, and\nend",),
    ),
    Odd(
        "uuencoded-as-encoding",
        mixed(
            part(PLAIN, "Hallo"),
            part(
                "application/octet-stream; name=n.txt", UU, Content_Transfer_Encoding="x-uuencode"
            ),
        ),
        files=(File("n.txt", size=13),),
    ),
    Odd(
        "yenc-is-text",
        mail("=ybegin line=128 size=3 name=a\nabc\n=yend size=3\n"),
        ("=ybegin line=128 size=3 name=a\nabc\n=yend size=3",),
    ),
    Odd(
        "winmail",
        mixed(part(PLAIN, "Hallo"), file("application/ms-tnef; name=winmail.dat", PACKED)),
        files=(File("Отчёт.pdf", "application/pdf", 15), File("Long näme.png", "image/png", 48)),
    ),
    Odd(
        "winmail-by-name",
        mixed(part(PLAIN, "Hallo"), file("application/octet-stream; name=WINMAIL.DAT", PACKED)),
        files=(File("Отчёт.pdf", "application/pdf", 15), File("Long näme.png", "image/png", 48)),
    ),
    Odd(
        "winmail-has-the-text",
        mixed(file("application/ms-tnef; name=winmail.dat", PACKED_TEXT)),
        ("Hallo aus Outlook",),
    ),
    Odd(
        "winmail-cut",
        mixed(part(PLAIN, "Hallo"), file("application/ms-tnef; name=winmail.dat", PACKED[:80])),
        files=(File("winmail.dat", "application/ms-tnef", 80),),
        lost=("winmail.dat",),
    ),
    Odd(
        "winmail-that-is-none",
        mixed(part(PLAIN, "Hallo"), file("application/ms-tnef; name=winmail.dat", b"hello")),
        files=(File("winmail.dat", "application/ms-tnef", 5),),
        lost=("winmail.dat",),
    ),
    Odd(
        "opaque-signature",
        enveloped(opaque(OPEN_MAIL.encode())),
        ("Hallo aus der Hülle",),
        protection=Protection.SMIME_SIGNED,
    ),
    Odd(
        "opaque-signature-round-a-uuencoded-file",
        enveloped(opaque(b"Subject: Huelle\n\nHallo\nbegin 644 a.txt\n#86)C\n`\nend\n")),
        files=(File("a.txt", "application/octet-stream", 3),),
        protection=Protection.SMIME_SIGNED,
    ),
    Odd(
        "opaque-signature-round-winmail",
        enveloped(
            opaque(
                mixed(part(PLAIN, "Hallo"), file("application/ms-tnef; name=winmail.dat", PACKED))
            )
        ),
        files=(File("Отчёт.pdf", "application/pdf", 15), File("Long näme.png", "image/png", 48)),
        protection=Protection.SMIME_SIGNED,
    ),
    Odd(
        "opaque-signature-in-pieces",
        enveloped(opaque_in_pieces(OPEN_MAIL.encode())),
        ("Hallo aus der Hülle",),
        protection=Protection.SMIME_SIGNED,
    ),
    Odd(
        "opaque-signature-cut",
        enveloped(opaque(OPEN_MAIL.encode())[:60]),
        (),
        files=(File("smime.p7m", "application/x-pkcs7-mime", 60),),
        protection=Protection.SMIME_SIGNED,
    ),
    Odd(
        "zip",
        mixed(part(PLAIN, "Hallo"), file("application/zip; name=a.zip", ZIP)),
        files=(File("a.zip", "application/zip", 30),),
    ),
    Odd(
        "picture-that-is-a-pdf",
        mixed(part(PLAIN, "Hallo"), file("image/png; name=a.png", PDF)),
        files=(File("a.png", "application/pdf", 15),),
    ),
    Odd(
        "vcard",
        mixed(
            part(PLAIN, "Hallo"),
            part("text/x-vcard; name=ines.vcf", "BEGIN:VCARD\nFN:Ines\nEND:VCARD"),
        ),
        files=(File("ines.vcf", "text/x-vcard", 29),),
    ),
    Odd(
        "text-file",
        mixed(
            part(PLAIN, "Hallo"),
            part(PLAIN, "log", Content_Disposition="attachment; filename=log.txt"),
        ),
        files=(File("log.txt", "text/plain", 3),),
    ),
    Odd(
        "html-file",
        mixed(
            part(PLAIN, "Hallo"),
            part("text/html; name=a.html", "<p>x</p>", Content_Disposition="attachment"),
        ),
        files=(File("a.html", "text/html", 8),),
    ),
    Odd(
        "empty-file",
        mixed(part(PLAIN, "Hallo"), part("application/pdf; name=a.pdf", "")),
        files=(File("a.pdf", "application/pdf", 0),),
    ),
    Odd(
        "encoding-unknown",
        mixed(
            part(PLAIN, "Hallo"),
            part("application/x-odd; name=a.bin", "abc", Content_Transfer_Encoding="x-odd"),
        ),
        files=(File("a.bin", "application/x-odd", 3),),
        lost=("unknown transfer encoding",),
    ),
)

MAILS = (*NAMES, *ENCODINGS, *HIDDEN)
