"""Mails whose charset is rare, wrong, or not said."""

from tests.rigs.odd_mails.writing import Odd, mail, mixed, part, text

ZH = "您好，我上周在贵网站购买的包裹还没有到，请帮我查一下订单，谢谢。"
ZH_HANT = "您好，我上週購買的包裹還沒有到，請幫我查一下訂單，謝謝。"
JA = "お世話になっております。先週注文した荷物がまだ届いていません。"
KO = "안녕하세요, 지난주에 주문한 소포가 아직 도착하지 않았습니다."
RU = "Здравствуйте, моя посылка ещё не пришла, проверьте, пожалуйста."
UK = "Добрий день, моя посилка ще не прийшла, перевірте, будь ласка."
AR = "مرحبا، لم يصل الطرد الخاص بي حتى الآن."
HE = "שלום, החבילה שלי עדיין לא הגיעה."
UNFIT = "does not fit its charset"
UNSAID = "names no charset"

MAILS = (
    Odd("big5", text(ZH_HANT.encode("big5"), "big5"), (ZH_HANT,)),
    Odd("big5-with-eten", text("碁銹裏恒".encode("cp950"), "Big5"), ("碁銹裏恒",)),
    Odd("shift-jis-with-nec", text("①㈱ 髙橋です".encode("cp932"), "Shift_JIS"), ("①㈱ 髙橋です",)),
    Odd("x-sjis", text(JA.encode("cp932"), "x-sjis"), (JA,)),
    Odd("euc-jp", text(JA.encode("euc-jp"), "EUC-JP"), (JA,)),
    Odd("x-euc-jp", text(JA.encode("euc-jp"), "x-euc-jp"), (JA,)),
    Odd("iso-2022-jp", text(JA.encode("iso-2022-jp"), "ISO-2022-JP"), (JA,)),
    Odd("iso-2022-kr", text(KO.encode("iso-2022-kr"), "iso-2022-kr"), (KO,)),
    Odd(
        "euc-kr-is-cp949",
        text("똠방각하 펲시콜라".encode("cp949"), "euc-kr"),
        ("똠방각하 펲시콜라",),
    ),
    Odd("gb18030-four-bytes", text("䶮先生 您好".encode("gb18030"), "GB18030"), ("䶮先生 您好",)),
    Odd("iso-gb2312", text(ZH.encode("gbk"), "iso-gb2312"), (ZH,)),
    Odd("hz", text("包裹还没有到".encode("hz"), "hz-gb-2312"), ("包裹还没有到",)),
    Odd("koi8-r", text(RU.encode("koi8-r"), "koi8-r"), (RU,)),
    Odd("koi8-u", text(UK.encode("koi8-u"), "koi8-u"), (UK,)),
    Odd("x-cp1251", text(RU.encode("cp1251"), "x-cp1251"), (RU,)),
    Odd("cp-1251", text(RU.encode("cp1251"), "cp-1251"), (RU,)),
    Odd("windows-1256", text(AR.encode("cp1256"), "windows-1256"), (AR,)),
    Odd("windows-1255", text(HE.encode("cp1255"), "windows-1255"), (HE,)),
    Odd("iso-8859-8-i", text(HE.encode("iso8859-8"), "ISO-8859-8-I"), (HE,)),
    Odd(
        "iso-8859-15",
        text("Preis: 5 €, Šárka".encode("iso8859-15"), "iso-8859-15"),
        ("Preis: 5 €, Šárka",),
    ),
    Odd(
        "latin1-is-cp1252",
        text("“Quotes” – 5 €".encode("cp1252"), "iso-8859-1"),
        ("“Quotes” – 5 €",),
    ),
    Odd(
        "iso-8859-2",
        text("Zażółć gęślą jaźń".encode("iso8859-2"), "iso-8859-2"),
        ("Zażółć gęślą jaźń",),
    ),
    Odd(
        "windows-1250",
        text("Příliš žluťoučký kůň".encode("cp1250"), "windows-1250"),
        ("Příliš žluťoučký kůň",),
    ),
    Odd("windows-1253", text("Καλημέρα σας".encode("cp1253"), "windows-1253"), ("Καλημέρα σας",)),
    Odd(
        "iso-8859-9-is-cp1254",
        text("Şişli’de İğne".encode("cp1254"), "iso-8859-9"),
        ("Şişli’de İğne",),
    ),
    Odd(
        "windows-1257",
        text("Šiaulių ąžuolas".encode("cp1257"), "windows-1257"),
        ("Šiaulių ąžuolas",),
    ),
    Odd("tis-620", text("สวัสดีครับ".encode("cp874"), "tis-620"), ("สวัสดีครับ",)),
    Odd("windows-874", text("สวัสดีครับ".encode("cp874"), "windows-874"), ("สวัสดีครับ",)),
    Odd("x-mac-roman", text("Größe".encode("mac-roman"), "x-mac-roman"), ("Größe",)),
    Odd("ibm850", text("Größe".encode("cp850"), "ibm850"), ("Größe",)),
    Odd("utf-7", text("Gr+APYA3w-e", "unicode-1-1-utf-7"), ("Größe",)),
    Odd(
        "utf-16-with-mark",
        text("Größe".encode("utf-16"), "utf-16", Content_Transfer_Encoding="binary"),
        ("Größe",),
    ),
    Odd("utf-8-with-mark", text(b"\xef\xbb\xbfGr\xc3\xb6\xc3\x9fe"), ("Größe",)),
    Odd("utf8-without-dash", text("Größe", "UTF8"), ("Größe",)),
    Odd("charset-in-single-quotes", text("Größe", "'utf-8'"), ("Größe",)),
    Odd("charset-quoted-printable", text("Größe", '3D"utf-8"'), ("Größe",)),
    Odd("charset-with-space", text("Größe", '" utf-8 "'), ("Größe",)),
    Odd(
        "one-bad-byte",
        text("Größe und ".encode() + b"\xff" + " Länge".encode()),
        ("Größe und \ufffd Länge",),
        lost=(UNFIT,),
    ),
    Odd(
        "cut-inside-a-character",
        text("Das ist die Größe für Köln, Grüß".encode()[:-1]),
        ("Das ist die Größe für Köln, Grü\ufffd",),
        lost=(UNFIT,),
    ),
    Odd("emoji-in-surrogates", text(b"\xed\xa0\xbd\xed\xb8\x80!"), ("😀!",), lost=(UNFIT,)),
    Odd(
        "latin1-is-utf-8", text("Größe für Köln", "iso-8859-1"), ("Größe für Köln",), lost=(UNFIT,)
    ),
    Odd("ascii-is-cp1252", text("Größe".encode("cp1252"), "us-ascii"), ("Größe",), lost=(UNFIT,)),
    Odd(
        "utf-8-is-cp1252",
        text("Grüße aus Köln, bitte".encode("cp1252")),
        ("Grüße aus Köln, bitte",),
        lost=(UNFIT,),
    ),
    Odd("utf-8-is-gbk", text(ZH.encode("gbk")), (ZH,), lost=(UNFIT,)),
    Odd("nothing-said-utf-8", mail("Größe für Köln"), ("Größe für Köln",)),
    Odd(
        "nothing-said-cp1252",
        mail("Grüße aus Köln".encode("cp1252")),
        ("Grüße aus Köln",),
        lost=(UNSAID,),
    ),
    Odd(
        "nothing-said-gbk",
        mail(ZH.encode("gbk"), Subject="包裹还没有到".encode("gbk")),
        (ZH,),
        subject="包裹还没有到",
        lost=(UNSAID,),
    ),
    Odd("nothing-said-big5", mail(ZH_HANT.encode("big5")), (ZH_HANT,), lost=(UNSAID,)),
    Odd("nothing-said-sjis", mail(JA.encode("cp932")), (JA,), lost=(UNSAID,)),
    Odd("nothing-said-euc-jp", mail(JA.encode("euc-jp")), (JA,), lost=(UNSAID,)),
    Odd("nothing-said-iso-2022-jp", mail(JA.encode("iso-2022-jp")), (JA,)),
    Odd("nothing-said-euc-kr", mail(KO.encode("euc-kr")), (KO,), lost=(UNSAID,)),
    Odd("nothing-said-cp1251", mail(RU.encode("cp1251")), (RU,), lost=(UNSAID,)),
    Odd("nothing-said-koi8-r", mail(RU.encode("koi8-r")), (RU,), lost=(UNSAID,)),
    Odd("nothing-said-cp1256", mail(AR.encode("cp1256")), (AR,), lost=(UNSAID,)),
    Odd("nothing-said-cp1255", mail(HE.encode("cp1255")), (HE,), lost=(UNSAID,)),
    Odd(
        "sibling-knows",
        mixed(
            part("text/plain; charset=koi8-r", RU.encode("koi8-r")),
            part("text/plain", "Привет".encode("koi8-r")),
        ),
        (RU, "Привет"),
    ),
    Odd(
        "subject-in-the-charset-of-the-text",
        text("Größe".encode("cp850"), "cp850", Subject="Größe".encode("cp850")),
        ("Größe",),
        subject="Größe",
    ),
    Odd(
        "meta-knows",
        mail(
            '<html><head><meta http-equiv="Content-Type" content="text/html;'
            ' charset=gb2312"></head><body>包裹还没有到</body></html>'.encode("gbk"),
            Content_Type="text/html",
        ),
        ("包裹还没有到",),
    ),
)
