"""How mail programs write an answer: their line above the quote, and what they do to the quote.

Written after what these programs send; every name, address and sentence is invented.
"""

import html
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.rigs.replies.words import WORDS, Words

US = "support@acme.example"
ACME = f"Acme Support <{US}>"

GMAIL = {
    "zh-Hans": f"{ACME} 于2026年11月22日周日 15:04写道：",
    "zh-Hant": f"{ACME} 於 2026年11月22日週日 下午3:04寫道：",
    "en": f"On Sun, Nov 22, 2026 at 3:04\u202fPM {ACME} wrote:",
    "ja": f"2026年11月22日(日) 15:04 {ACME}:",
    "ko": f"2026년 11월 22일 (일) 오후 3:04, {ACME}님이 작성:",
    "ru": f"вс, 22 нояб. 2026 г. в 15:04, {ACME}:",
    "es": f"El dom, 22 nov 2026 a las 15:04, Acme Support (<{US}>) escribió:",
    "pt": f"Em dom., 22 de nov. de 2026 às 15:04, {ACME} escreveu:",
    "ar": "في الأحد، 22 نوفمبر 2026 في 3:04 م تمت كتابة ما يلي بواسطة"
    f" \u202aAcme Support\u202c\u200f <\u202a{US}\u202c\u200f>:",
}
APPLE = {
    "zh-Hans": f"2026年11月22日 15:04，{ACME} 写道：",
    "zh-Hant": f"{ACME} 於 2026年11月22日 下午3:04 寫道：",
    "en": f"On 22 Nov 2026, at 15:04, {ACME} wrote:",
    "ja": f"2026/11/22 15:04、{ACME}のメール:",
    "ko": f"2026. 11. 22. 오후 3:04, {ACME} 작성:",
    "ru": f"22 нояб. 2026 г., в 15:04, {ACME} написал(а):",
    "es": f"El 22 nov 2026, a las 15:04, {ACME} escribió:",
    "pt": f"No dia 22/11/2026, às 15:04, {ACME} escreveu:",
    "ar": f"في ٢٢ نوفمبر ٢٠٢٦، الساعة ٣:٠٤ م، كتب {ACME}:",
}
PROTON = {
    "zh-Hans": f"2026年11月22日 星期日 15:04，{ACME} 写道：",
    "zh-Hant": f"2026年11月22日 星期日 下午3:04，{ACME} 寫道：",
    "en": f"On Sunday, November 22nd, 2026 at 3:04 PM, {ACME} wrote:",
    "ja": f"2026年11月22日 日曜日 15:04に、{ACME} さんは書きました:",
    "ko": f"2026년 11월 22일 일요일 오후 3:04에 {ACME}님이 작성함:",
    "ru": f"воскресенье, 22 ноября 2026 г. в 15:04, {ACME} пишет:",
    "es": f"El domingo, 22 de noviembre de 2026 a las 15:04, {ACME} escribió:",
    "pt": f"domingo, 22 de novembro de 2026 às 15:04, {ACME} escreveu:",
}
YAHOO = {
    "zh-Hant": f"Acme Support ({US}) 在 2026年11月22日星期日 下午03:04:05 [GMT+8] 寫道：",
    "en": f"On Sunday, November 22, 2026 at 03:04:05 PM GMT+1, {ACME} wrote:",
    "es": f"El domingo, 22 de noviembre de 2026, 15:04:05 CET, {ACME} escribió:",
    "pt": f"Em domingo, 22 de novembro de 2026 às 12:04:05 BRT, {ACME} escreveu:",
    "ar": f"في الأحد، ٢٢ نوفمبر ٢٠٢٦ في ٠٣:٠٤:٠٥ م غرينتش+٣، كتب {ACME}:",
}
OUTLOOK = {
    "zh-Hans": ("发件人|发送时间|收件人|主题", "2026年11月22日 15:04"),
    "zh-Hant": ("寄件者|寄件日期|收件者|主旨", "2026年11月22日 下午 03:04"),
    "en": ("From|Sent|To|Subject", "Sunday, November 22, 2026 3:04 PM"),
    "ja": ("差出人|送信日時|宛先|件名", "2026年11月22日 15:04"),
    "ko": ("보낸 사람|보낸 날짜|받는 사람|제목", "2026년 11월 22일 일요일 오후 3:04"),
    "ru": ("От|Отправлено|Кому|Тема", "22 ноября 2026 г. 15:04"),
    "es": ("De|Enviado|Para|Asunto", "domingo, 22 de noviembre de 2026 15:04"),
    "pt": ("De|Enviado|Para|Assunto", "domingo, 22 de novembro de 2026 15:04"),
    "ar": ("من|تم الإرسال|إلى|الموضوع", "الأحد، 22 نوفمبر 2026 3:04 م"),
}
NETEASE = {
    "zh-Hans": f'在 2026-11-22 15:04:05，"Acme Support" <{US}> 写道：',
    "zh-Hant": f'在 2026-11-22 15:04:05，"Acme Support" <{US}> 寫道：',
    "en": f'At 2026-11-22 15:04:05, "Acme Support" <{US}> wrote:',
}
MAIL_RU = {
    "ru": f"Воскресенье, 22 ноября 2026, 15:04 +03:00 от {ACME}:",
    "en": f"Sunday, 22 November 2026, 15:04 +03:00 from {ACME}:",
}
YANDEX = {
    "ru": f'22.11.2026, 15:04, "Acme Support" <{US}>:',
    "en": f'22.11.2026, 15:04, "Acme Support" <{US}>:',
}
QQ = {
    "zh-Hans": ("原始邮件", "发件人|发送时间|收件人|主题", "2026年11月22日(星期天) 下午3:04"),
    "en": ("Original", "From|Date|To|Subject", "Sun, Nov 22, 2026 03:04 PM"),
}
NAVER = {
    "ko": "2026-11-22 (일) 15:04:05 (GMT+09:00)",
    "en": "2026-11-22 (Sun) 15:04:05 (GMT+09:00)",
}

Piece = tuple[bool, str]
"""Whether it is quoted, and its lines."""


class Case(NamedTuple):
    """A mail, and what its author said; `text` or `html` is "" where the program writes none."""

    name: str
    text: str
    html: str
    said: str


def cases() -> Iterator[Case]:
    """Every program in its languages, with the answer above, below and amid the quote."""
    for language, words in WORDS.items():
        for program, styles in PROGRAMS.items():
            for style in styles.split():
                written = program(language, words, _answer(words, style))
                if written is not None:
                    name = f"{program.__name__.strip('_')}-{language}-{style}"
                    yield Case(name, *written, _said(words, style))


def _answer(words: Words, style: str) -> list[Piece]:
    first, second = words.asked
    if style == "top":
        return [(False, words.said), (True, f"{first}\n{second}")]
    if style == "bottom":
        return [(True, f"{first}\n{second}"), (False, words.said)]
    return [
        (True, first),
        (False, words.answered[0]),
        (True, second),
        (False, words.answered[1]),
    ]


def _said(words: Words, style: str) -> str:
    return "\n".join(words.answered) if style == "amid" else words.said


def _prefixed(pieces: list[Piece], line: str, *, mark: str = "> ", gap: str = "\n\n") -> str:
    """As plain text: the line above the first quote, a mark before each quoted line."""
    written, above = [], f"{line}\n{gap[:-1]}" if gap else f"{line}\n"
    for quoted, text in pieces:
        lines = "\n".join(f"{mark}{one}" for one in text.split("\n")) if quoted else text
        written.append(above + lines if quoted else lines)
        above = "" if quoted else above
    return "\n\n".join(written) + "\n"


def _divs(text: str) -> str:
    return "".join(f"<div>{html.escape(line)}</div>" for line in text.split("\n"))


def _markup(pieces: list[Piece], above: str, quote: Callable[[str], str]) -> str:
    written = []
    for quoted, text in pieces:
        written.append(above + quote(_divs(text)) if quoted else f"{_divs(text)}<div><br></div>")
        above = "" if quoted else above
    return "".join(written)


def _gmail(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str]:
    line = GMAIL[language]
    plain = _prefixed(pieces, _wrapped(line), gap="\n\n")
    attribution = f'<div dir="ltr" class="gmail_attr">{html.escape(line)}<br></div>'
    quote = '<blockquote class="gmail_quote" style="margin:0 0 0 0.8ex">{}</blockquote>'
    before, inner = ("", pieces) if pieces[0][0] else (f"{_divs(pieces[0][1])}<br>", pieces[1:])
    signed = ""
    if not pieces[0][0]:
        own = f"-- \n{words.name}\nTel. 040 4711"
        plain = plain.replace(pieces[0][1], f"{pieces[0][1]}\n\n{own}", 1)
        signed = (
            '<br clear="all"><span class="gmail_signature_prefix">-- </span><br>'
            f'<div dir="ltr" class="gmail_signature"><div>{words.name}<br>Tel. 040 4711</div></div>'
        )
    body = _markup(inner, attribution, quote.format)
    return plain, (
        f'<div dir="ltr">{before}{signed}<br><div class="gmail_quote gmail_quote_container">'
        f"{body}</div></div>"
    )


def _wrapped(line: str) -> str:
    """Gmail breaks the line before its last word when it is long."""
    if len(line) < 70:
        return line
    head, _, last = line.rpartition(" ")
    return f"{head}\n{last}"


def _apple(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str]:
    line = APPLE[language]
    above, below = (f"\n\n{words.phone}", "") if not pieces[0][0] else ("", f"\n\n{words.phone}")
    plain = _prefixed(pieces, line)
    plain = plain.replace(pieces[0][1], pieces[0][1] + above, 1) if above else plain + below
    signature = f'<div dir="ltr"><br>{words.phone}</div>'
    first = (
        f'<div dir="ltr"><br><blockquote type="cite">{html.escape(line)}<br><br></blockquote></div>'
    )
    body = _markup(
        pieces,
        (signature if above else "") + first,
        '<blockquote type="cite">{}</blockquote>'.format,
    )
    return plain, f'<html><body dir="auto">{body}{"" if above else signature}</body></html>'


def _proton(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str] | None:
    line = PROTON.get(language)
    if line is None:
        return None
    quote = '<blockquote class="protonmail_quote" type="cite">{}</blockquote>'
    head, rest = (_divs(pieces[0][1]), pieces[1:]) if not pieces[0][0] else ("", pieces)
    body = _markup(rest, f"{html.escape(line)}<br>", quote.format)
    return _prefixed(pieces, line), f'{head}<div class="protonmail_quote">{body}</div>'


def _yahoo(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str] | None:
    line = YAHOO.get(language)
    if line is None:
        return None
    (_, said), (_, asked) = pieces
    plain = f" {said}\n    {line}  \n \n {asked}\n"
    return plain, (
        '<div class="ydp5fyahoo-style-wrap"><div dir="ltr" data-setdir="false">'
        f"{_divs(said)}</div></div>"
        '<div id="ydp7cyahoo_quoted_4711" class="ydp7cyahoo_quoted"><div><div>'
        f"{html.escape(line)}</div>"
        f"<div><br></div><div>{_divs(asked)}</div></div></div>"
    )


def _outlook(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str]:
    (_, said), (_, asked) = pieces
    headers = _headers(*OUTLOOK[language], words)
    block = "<br>".join(f"<b>{name}:</b> {html.escape(value)}" for name, value in headers)
    paragraphs = "".join(f'<p class="MsoNormal">{one}<o:p></o:p></p>' for one in said.split("\n"))
    return (
        f"{said}\n\n" + "\n".join(f"{name}: {value}" for name, value in headers) + f"\n\n{asked}\n",
        f'<html><body><div class="WordSection1">{paragraphs}<p class="MsoNormal">&nbsp;</p><div>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        f'<p class="MsoNormal">{block}</p></div></div>{_divs(asked)}</div></body></html>',
    )


def _outlook_web(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str]:
    """Also the new Outlook; answers amid the quote are told by a class without a prefix."""
    headers = _headers(*OUTLOOK[language], words)
    block = "<br>".join(f"<b>{name}:</b> {html.escape(value)}" for name, value in headers)
    above = (
        '<div id="appendonsend"></div><hr tabindex="-1" style="display:inline-block;width:98%">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">{block}</font><div>&nbsp;</div>'
        "</div>"
    )
    own = '<div class="elementToProof" style="font-family:Aptos">{}</div>'
    body = "".join(
        (above if quoted and at == min(i for i, p in enumerate(pieces) if p[0]) else "")
        + (
            f'<div class="x_elementToProof">{_divs(text)}</div>'
            if quoted
            else own.format(_divs(text))
        )
        for at, (quoted, text) in enumerate(pieces)
    )
    if pieces[0][0]:
        return "", f'<html><body dir="ltr">{body}</body></html>'
    plain = "\n".join(f"{name}: {value}" for name, value in headers)
    said, asked = pieces[0][1], pieces[1][1]
    return (
        f"{said}\n\n{'_' * 32}\n{plain}\n\n{asked}\n",
        f'<html><body dir="ltr">{body}</body></html>',
    )


def _headers(labels: str, date: str, words: Words) -> list[tuple[str, str]]:
    customer = f"{words.name} <customer@kunde.example>"
    return list(zip(labels.split("|"), (ACME, date, customer, "Re: 4711"), strict=True))


def _netease(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str] | None:
    line = NETEASE.get(language)
    if line is None:
        return None
    (_, said), (_, asked) = pieces
    plain = f"{said}\n\n\n{line}\n" + "\n".join(f">{one}" for one in asked.split("\n")) + "\n"
    return plain, (
        f"<div>{_divs(said)}</div><br>{html.escape(line)}<br>"
        f'<blockquote id="isReplyContent" style="PADDING-LEFT: 1ex">{_divs(asked)}</blockquote>'
    )


def _qq(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str] | None:
    if language not in QQ:
        return None
    title, labels, date = QQ[language]
    (_, said), (_, asked) = pieces
    headers = _headers(labels, date, words)
    block = "".join(
        f"<div><b>{name}:</b>&nbsp;{html.escape(value)};</div>" for name, value in headers
    )
    rule = "-" * 18
    return (
        f"{said}\n\n\n{rule}&nbsp;{title}&nbsp;{rule}\n".replace("&nbsp;", "\xa0")
        + "\n".join(f"{name}:\xa0{value};" for name, value in headers)
        + f"\n\n{asked}\n",
        f"{_divs(said)}<div><br></div><div>{rule}&nbsp;{title}&nbsp;{rule}</div>"
        f'<div style="font-size:12px;background:#efefef">{block}</div><div><br></div>'
        f"{_divs(asked)}",
    )


def _naver(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str] | None:
    if language not in NAVER:
        return None
    (_, said), (_, asked) = pieces
    headers = (
        ("From", f'"Acme Support" <{US}>'),
        ("To", f'"{words.name}" <customer@kunde.example>'),
        ("Cc", ""),
        ("Sent", NAVER[language]),
        ("Subject", "Re: 4711"),
    )
    block = "<br>".join(f"<b>{name}:</b> {html.escape(value)}" for name, value in headers)
    return (
        f"{said}\n\n-----Original Message-----\n"
        + "\n".join(f"{name}: {value}" for name, value in headers)
        + f"\n\n{asked}\n",
        f"<div>{_divs(said)}</div><p>&nbsp;</p><blockquote><p>-----Original Message-----<br>"
        f"{block}</p>"
        f"{_divs(asked)}</blockquote>",
    )


def _mail_ru(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str] | None:
    line = MAIL_RU.get(language)
    if line is None:
        return None
    (_, said), (_, asked) = pieces
    return _prefixed(pieces, line, mark=">", gap=""), (
        f"<div>{_divs(said)}</div><div>&nbsp;</div><blockquote style="
        f'"border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px">{html.escape(line)}<br>'
        f'<div class="js-helper js-readmsg-msg">{_divs(asked)}</div></blockquote>'
    )


def _yandex(language: str, words: Words, pieces: list[Piece]) -> tuple[str, str] | None:
    line = YANDEX.get(language)
    if line is None:
        return None
    body = _markup(pieces, f"<div>{html.escape(line)}</div>", "<blockquote>{}</blockquote>".format)
    return _prefixed(pieces, line, gap=""), body


PROGRAMS: dict[Callable[[str, Words, list[Piece]], tuple[str, str] | None], str] = {
    _gmail: "top bottom amid",
    _apple: "top bottom amid",
    _proton: "top bottom",
    _yahoo: "top",
    _outlook: "top",
    _outlook_web: "top amid",
    _netease: "top",
    _qq: "top",
    _naver: "top",
    _mail_ru: "top",
    _yandex: "top bottom amid",
}
