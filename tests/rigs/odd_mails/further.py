"""Mails that were written after the reader was, to see what it makes of them."""

import base64

from tests.rigs.odd_mails.structure import PLAIN
from tests.rigs.odd_mails.writing import PDF, PNG, File, Odd, file, mail, mixed, multi, part, text

MAILS = (
    Odd(
        "qp-html-cut-in-tags",
        mail(
            b'<p>Gr=F6=\n=DFe <a hr=\nef=3D"https://a.example/">hier</a></p>',
            Content_Type="text/html; charset=windows-1252",
            Content_Transfer_Encoding="quoted-printable",
        ),
        ("Größe hier",),
    ),
    Odd("word-emoji-only", mail(Subject="=?UTF-8?Q?Re=3A_=F0=9F=93=A6?="), subject="Re: 📦"),
    Odd(
        "boundary-that-begins-with-dashes",
        mail("----=_N\n\nHallo\n----=_N--\n", Content_Type='multipart/mixed;boundary="--=_N"'),
    ),
    Odd(
        "name-in-plain-pieces",
        mixed(
            part(PLAIN, "Hallo"),
            file(
                "application/pdf",
                PDF,
                Content_Disposition='attachment; filename*0="a "; filename*1="b.pdf"',
            ),
        ),
        files=(File("a b.pdf", "application/pdf", 15),),
    ),
    Odd("date-colon", mail(Date="Mon, 3 Nov 2025 15:04:05 +01:00")),
    Odd("asctime", mail(Date="Mon Nov  3 14:04:05 2025")),
    Odd(
        "charset-said-twice",
        mail("Größe", Content_Type="text/plain;charset=UTF-8;charset=us-ascii"),
        ("Größe",),
    ),
    Odd(
        "utf16le",
        mail(
            base64.encodebytes("Größe".encode("utf-16-le")),
            Content_Type="text/plain; charset=utf-16le",
            Content_Transfer_Encoding="base64",
        ),
        ("Größe",),
    ),
    Odd(
        "html-2022",
        mail(
            base64.encodebytes("<p>荷物</p>".encode("iso-2022-jp")),
            Content_Type="text/html; charset=iso-2022-jp",
            Content_Transfer_Encoding="base64",
        ),
        ("荷物",),
    ),
    Odd("raw-folded", mail(Subject="包裹\n 没有到"), subject="包裹 没有到"),
    Odd(
        "appledouble",
        mixed(
            part(PLAIN, "Hallo"),
            multi(
                "appledouble",
                file("application/applefile; name=a.pdf", b"\0\5"),
                file("application/pdf; name=a.pdf", PDF),
                boundary="ad",
            ),
        ),
        files=(File("a.pdf", "application/applefile", 2), File("a.pdf", "application/pdf", 15)),
    ),
    Odd(
        "external-body",
        mixed(
            part(PLAIN, "Hallo"),
            part("message/external-body; access-type=URL", "Content-Type: image/gif\n\n"),
        ),
        files=(File("part-2", "message/external-body"),),
    ),
    Odd(
        "word-with-question-mark-in-latin", mail(Subject="=?ISO-8859-1?Q?a?b=E9?="), subject="a?bé"
    ),
    Odd(
        "flowed-two-deep",
        mail(">> tief \n>> unten\n> hoch\nHallo", Content_Type=PLAIN + "; format=flowed"),
        (">> tief unten\n> hoch\nHallo",),
    ),
    Odd(
        "preamble",
        mail(
            "--cutx\nThis is\n--cut\n\nHallo\n--cut--\n",
            Content_Type="multipart/mixed; boundary=cut",
        ),
    ),
    Odd(
        "crlf-parts",
        mixed(part(PLAIN, "Hallo\n\nInes"), file("image/png; name=a.png", PNG)).replace(
            b"\n", b"\r\n"
        ),
        ("Hallo\n\nInes",),
        files=(File("a.png", "image/png", 48),),
    ),
    Odd(
        "name-with-spaces-round-equals",
        mixed(part(PLAIN, "Hallo"), file('application/pdf; name = "a.pdf"', PDF)),
        files=(File("a.pdf", "application/pdf", 15),),
    ),
    Odd(
        "disposition-in-capitals",
        mixed(
            part(PLAIN, "Hallo"),
            file("application/pdf", PDF, Content_Disposition='ATTACHMENT; FILENAME="a.pdf"'),
        ),
        files=(File("a.pdf", "application/pdf", 15),),
    ),
    Odd("reply-to-self", mail(Reply_To="ines@kunde.example")),
    Odd(
        "quoted-comma-to",
        mail(To='"Doe, Ann" <ann@acme.example>, support@acme.example'),
        recipients=("to Doe, Ann <ann@acme.example>",),
    ),
    Odd("ks-c-5601-short", text("안녕".encode("euc-kr"), "ks_c_5601"), ("안녕",)),
    Odd("cp936", text("您好".encode("gbk"), "cp936"), ("您好",)),
    Odd("windows-936", text("您好".encode("gbk"), "windows-936"), ("您好",)),
    Odd("windows-31j", text("髙橋".encode("cp932"), "windows-31j"), ("髙橋",)),
    Odd("ms949", text("똠".encode("cp949"), "ms949"), ("똠",)),
    Odd("latin-1", text("Größe".encode("latin-1"), "latin-1"), ("Größe",)),
    Odd("iso8859-1-odd", text("Größe".encode("latin-1"), "iso8859_1"), ("Größe",)),
    Odd("utf-8-lang", text("Größe", "utf-8;de"), ("Größe",)),
    Odd("utf-8-mb4", text("Größe", "utf8mb4"), ("Größe",)),
    Odd("iso-8859-16", text("Ștefan".encode("iso8859-16"), "iso-8859-16"), ("Ștefan",)),
    Odd(
        "html-in-plain",
        mail("<html><body><p>Hallo</p></body></html>", Content_Type="text/plain"),
        ("<html><body><p>Hallo</p></body></html>",),
    ),
    Odd(
        "space-only-qp",
        mail("Hallo=20\n", Content_Type=PLAIN, Content_Transfer_Encoding="quoted-printable"),
        ("Hallo ",),
    ),
    Odd("from-tab", mail(From="Ines Baumann\t<ines@kunde.example>")),
    Odd("from-trailing-comment", mail(From="Ines Baumann <ines@kunde.example> (Kunde)")),
    Odd(
        "from-encoded-quoted-comma",
        mail(From='"=?utf-8?Q?Baumann=2C_Ines?=" <ines@kunde.example>'),
        person="Baumann, Ines",
    ),
    Odd(
        "from-q-with-brackets",
        mail(From="=?utf-8?Q?Ines_=3Cx=3E?= <ines@kunde.example>"),
        person="Ines <x>",
    ),
    Odd(
        "forwarded-with-a-name",
        mixed(part(PLAIN, "Hallo"), part('message/rfc822; name="a.eml"', "Subject: x\n\ny")),
        files=(File("a.eml", "message/rfc822", 13),),
    ),
    Odd(
        "ct-charset-uppercase-b64",
        mail(
            "SGFsbG8=\n",
            Content_Type='Text/Plain; Charset="UTF-8"',
            Content_Transfer_Encoding="Base64",
        ),
    ),
)
