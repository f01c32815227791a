"""Encoded words as mailers write them."""

from tests.rigs.odd_mails.writing import Odd, mail


def about(name: str, written: str | bytes, subject: str, **more: object) -> Odd:
    return Odd(name, mail(Subject=written), subject=subject)._replace(**more)  # type: ignore[arg-type]


MAILS = (
    about("word-without-padding", "=?utf-8?B?R3LDtsOfZQ?=", "Größe"),
    about(
        "words-without-space-between",
        "=?utf-8?Q?Gr=C3=B6=C3=9Fe?==?utf-8?Q?_und_L=C3=A4nge?=",
        "Größe und Länge",
    ),
    about("words-of-two-charsets", "=?iso-8859-1?Q?Gr=F6=DFe?= =?utf-8?Q?_=E2=82=AC?=", "Größe €"),
    about("word-with-spaces", "=?utf-8?Q?Die Gr=C3=B6=C3=9Fe?=", "Die Größe"),
    about("word-with-question-mark", "=?utf-8?Q?Wirklich? Gr=C3=B6=C3=9Fe??=", "Wirklich? Größe?"),
    about("word-with-language", "=?utf-8*de?Q?Gr=C3=B6=C3=9Fe?=", "Größe"),
    about("word-after-text", "Re:=?utf-8?Q?Gr=C3=B6=C3=9Fe?=", "Re:Größe"),
    about("word-between-text", "vor =?utf-8?Q?Gr=C3=B6=C3=9Fe?= nach", "vor Größe nach"),
    about("word-cut-off", "=?utf-8?Q?Gr=C3=B6=C3=9Fe?= =?utf-8?B?TMOkbmdl", "GrößeLänge"),
    about("word-cut-inside-a-character", "=?utf-8?Q?Gr=C3=B6=C3?= =?utf-8?Q?=9Fe?=", "Größe"),
    about("words-folded-by-tab", "=?utf-8?B?5YyF6A==?=\n\t=?utf-8?B?o7kgNDI=?=", "包裹 42"),
    about("word-of-wrong-charset", "=?us-ascii?Q?Gr=C3=B6=C3=9Fe?=", "Größe"),
    about("word-latin1-is-utf-8", "=?iso-8859-1?Q?Gr=C3=B6=C3=9Fe?=", "Größe"),
    about("word-of-unknown-charset", "=?x-acme?Q?Gr=C3=B6=C3=9Fe?=", "Größe"),
    about("word-gb2312-is-gbk", "=?gb2312?B?0a/Oyoa019Y=?=", "询问喆字"),
    about("word-iso-2022-jp", "=?ISO-2022-JP?B?GyRCPEFMZBsoQg==?= No. 5", "質問 No. 5"),
    about(
        "words-iso-2022-jp-both-shifted",
        "=?iso-2022-jp?B?GyRCMlkbKEI=?=\n =?iso-2022-jp?B?GyRCSiobKEI=?=",
        "荷物",
    ),
    about(
        "word-with-line-end",
        "=?utf-8?Q?a=0D=0ABcc:_eve=40evil.example?=",
        "a Bcc: eve@evil.example",
    ),
    about("word-not-decoded-twice", "=?utf-8?Q?=3D=3Futf-8=3FQ=3FA=3F=3D?=", "=?utf-8?Q?A?="),
    about("word-base64-with-spaces", "=?utf-8?B?R3LD tsOf ZQ==?=", "Größe"),
    about("word-and-raw", "=?utf-8?Q?Gr=C3=B6=C3=9Fe?= für Köln", "Größe für Köln"),
    about("no-word", "=?Is this one?=", "=?Is this one?="),
    about("word-lower-case", "=?utf-8?q?gr=c3=b6=c3=9fe?=", "größe"),
    about("empty-word", "=?utf-8?Q??= =?utf-8?Q?Hallo?=", "Hallo"),
    about("word-with-emoji", "=?UTF-8?B?8J+YgCBkYW5rZQ==?=", "😀 danke"),
    Odd(
        "word-in-quotes",
        mail(From='"=?utf-8?Q?J=C3=BCrgen_Gro=C3=9F?=" <ines@kunde.example>'),
        person="Jürgen Groß",
    ),
    Odd(
        "word-name-with-comma",
        mail(From="=?utf-8?Q?Gro=C3=9F,_J=C3=BCrgen?= <ines@kunde.example>"),
        person="Groß, Jürgen",
    ),
    Odd(
        "word-name-split",
        mail(From="=?utf-8?B?6Zmz5aSn?=\n =?utf-8?B?5paH?= <ines@kunde.example>"),
        person="陳大文",
    ),
    Odd(
        "word-hides-an-address",
        mail(
            From="=?utf-8?Q?boss=40bank.example=20=3Cboss=40bank.example=3E?= <ines@kunde.example>"
        ),
        person="",
    ),
)
