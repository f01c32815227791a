"""Senders and recipients as they are written."""

from tests.rigs.odd_mails.writing import MADE_ID, NOW, Odd, mail, text

MISSING = "the From address"


def of(name: str, written: str | bytes, person: str = "Ines Baumann") -> Odd:
    return Odd(name, mail(From=written), person=person)


MAILS = (
    of("comment-inside", "Ines (Sales) Baumann <ines@kunde.example>", "Ines (Sales) Baumann"),
    of("single-quotes", "'Ines Baumann' <ines@kunde.example>"),
    of("address-as-name", '"ines@kunde.example" <ines@kunde.example>', "ines@kunde.example"),
    of("other-address-as-name", '"boss@bank.example" <ines@kunde.example>', ""),
    of("no-closing-bracket", "Ines Baumann <ines@kunde.example"),
    of("double-brackets", "Ines Baumann <<ines@kunde.example>>"),
    of("no-space-before-bracket", "Ines Baumann<ines@kunde.example>"),
    of("spaces-in-brackets", "Ines Baumann < ines@kunde.example >"),
    of("dot-after-domain", "Ines Baumann <ines@kunde.example.>"),
    of("mailto", "Ines Baumann <mailto:ines@kunde.example>"),
    of("capitals", "Ines Baumann <INES@Kunde.Example>"),
    of("escaped-quotes", r'"Ines \"Ina\" Baumann" <ines@kunde.example>', 'Ines "Ina" Baumann'),
    of("route", "Ines Baumann <@relay.example,@other.example:ines@kunde.example>"),
    of("quoted-local-part", 'Ines Baumann <"ines"@kunde.example>'),
    of("only-quoted-address", '"ines@kunde.example"', ""),
    of("bare-address", "ines@kunde.example", ""),
    of("folded-name", "Ines\n Baumann\n <ines@kunde.example>"),
    of("semicolon-at-end", "Ines Baumann <ines@kunde.example>;"),
    Odd(
        "raw-name-in-gbk",
        text(
            "您好".encode("gbk"),
            "gb2312",
            From="陈先生".encode("gbk") + b" <ines@kunde.example>",
        ),
        ("您好",),
        person="陈先生",
    ),
    of("name-with-emoji", "Ines 😀 <ines@kunde.example>", "Ines 😀"),
    of("name-turned-round", "Ines \u202eelpmaxe\u202c <ines@kunde.example>", "Ines elpmaxe"),
    of("no-quotes-round-dots", "I. M. Baumann, Dr. <ines@kunde.example>", "I. M. Baumann, Dr."),
    of("colon-in-name", "Kunde: Baumann <ines@kunde.example>", "Kunde: Baumann"),
    of("address-in-square-brackets", "Ines Baumann [ines@kunde.example]"),
    of("address-before-name", "ines@kunde.example Ines Baumann"),
    Odd(
        "long-local-part",
        mail(From=f"<reply+{'a' * 80}@forge.example>"),
        sender=f"reply+{'a' * 80}@forge.example",
        person="",
    ),
    Odd("local-name-only", mail(From="root"), sender="unknown", person="", lost=(MISSING,)),
    Odd(
        "from-missing-sender-there",
        mail(From=None, Sender="Ines Baumann <ines@kunde.example>"),
        lost=(MISSING,),
    ),
    Odd(
        "groups",
        mail(To="Team: Ann <ann@acme.example>, bob@acme.example;, undisclosed-recipients:;"),
        recipients=("to Ann <ann@acme.example>", "to <bob@acme.example>"),
    ),
    Odd("undisclosed", mail(To="undisclosed-recipients:;")),
    Odd("to-missing", mail(To=None)),
    Odd(
        "semicolons-between",
        mail(To="support@acme.example; Ann <ann@acme.example>"),
        recipients=("to Ann <ann@acme.example>",),
    ),
    Odd(
        "once-each",
        mail(
            To="support@acme.example, ann@acme.example, ANN@acme.example",
            Cc="Ann <ann@acme.example>, Ines <ines@kunde.example>, "
            "=?utf-8?Q?J=C3=BC?= <ju@acme.example>",
        ),
        recipients=("to <ann@acme.example>", "cc Jü <ju@acme.example>"),
    ),
    Odd(
        "exchange-address",
        mail(
            Cc="Ann <IMCEAEX-_O=ACME_OU=EXCHANGE+20ADMINISTRATIVE+20GROUP_CN="
            "RECIPIENTS_CN=ANN@acme.example>"
        ),
        recipients=(
            "cc Ann <imceaex-_o=acme_ou=exchange+20administrative+20group_cn="
            "recipients_cn=ann@acme.example>",
        ),
    ),
    Odd(
        "domain-in-unicode",
        mail(Cc="Bücher <info@bücher.example>"),
        recipients=("cc Bücher <info@xn--bcher-kva.example>",),
    ),
    Odd(
        "local-part-in-unicode",
        mail(Cc="用户@例子.example"),
        recipients=("cc <用户@xn--fsqu00a.example>",),
    ),
    Odd(
        "several-to-headers",
        mail(To="support@acme.example\nTo: ann@acme.example"),
        recipients=("to <ann@acme.example>",),
    ),
    Odd(
        "comma-in-a-recipients-name",
        mail(To="Doe, Ann <ann@acme.example>, support@acme.example"),
        recipients=("to Doe, Ann <ann@acme.example>",),
    ),
    Odd(
        "empty-headers",
        b"From:\nTo:\nSubject:\nDate:\nMessage-ID:\n\nHallo\n",
        sender="unknown",
        person="",
        subject="",
        id=MADE_ID,
        at=NOW,
        lost=(MISSING,),
    ),
    Odd(
        "foreign-reply-to-by-word",
        mail(Reply_To="=?utf-8?Q?Ines?= <ines@other.example>"),
        lost=("Reply-To ines@other.example",),
    ),
)
