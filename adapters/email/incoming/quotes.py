"""Which lines of a mail's text repeat an earlier mail, and which are its signature.

Nothing is ever cut: the answer is spans over the stored text, so that a view may fold them. No
list of mailers is kept. An attribution line is recognised by its grammar (a date, an address, a
colon at the end), which holds in every language; only where it has no address does a table of
verbs help. All expressions are linear, and only the beginning of a huge text is looked at.
"""

import re
from itertools import pairwise

from core.model.content import Span, Style

LINES_MAX = 1000
LENGTH_MAX = 256 * 1024
LINE_LENGTH_MAX = 500
ATTRIBUTION_LINES_MAX = 4
HEADER_BLOCK_LINES = 6
SIGNATURE_LINES_MAX = 20

BIDI = dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
DATE = re.compile(r"\d{1,2}[:.h]\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}[./-]")
ADDRESS = re.compile(r"[<(\[][^\s<>@]{1,80}@[^\s<>@]{1,120}[>)\]]")
VERB = re.compile(
    r"\b(?:wrote|writes|schrieb|schreef|écrit|escribió|escreveu|scritto|skrev|kirjoitti|napisał"
    r"(?:\(a\))?|napsal(?:\(a\))?|írta|έγραψε|написал\(?а?\)?|пише|написав|yazdı|menulis|viết)\b"
    r"|写道|寫道|님이 작성|작성|のメール|書きました|كتب|כתב",
    re.IGNORECASE,
)
ORIGINAL = re.compile(r"[-_]{3,}\s?([^-_]{3,60}?)\s?[-_]{3,}")
ORIGINAL_WORDS = frozenset(
    {
        "original message",
        "original appointment",
        "reply message",
        "ursprüngliche nachricht",
        "originalnachricht",
        "message d'origine",
        "message original",
        "mensaje original",
        "mensagem original",
        "messaggio originale",
        "oorspronkelijk bericht",
        "ursprungligt meddelande",
        "oprindelig meddelelse",
        "opprinnelig melding",
        "alkuperäinen viesti",
        "oryginalna wiadomość",
        "původní zpráva",
        "исходное сообщение",
        "оригінальне повідомлення",
        "orijinal mesaj",
        "pesan asli",
        "原始邮件",
        "原始郵件",
        "元のメッセージ",
        "원본 메시지",
        "الرسالة الأصلية",
    }
)
LABEL = re.compile(r"[\s*>]{0,10}([^\s:：*][^:：*]{0,24}?)\s{0,3}\*?\s{0,2}[:：]")
LABELS = {
    word: meaning
    for meaning, words in {
        "from": "from|von|de|da|van|från|fra|od|lähettäjä|от|від|kimden|gönderen|dari|feladó|από"
        "|发件人|寄件者|差出人|보낸 사람|من|expéditeur",
        "sent": "sent|date|gesendet|datum|envoyé|envoyé le|enviado|enviado el|enviada em|fecha|data"
        "|inviato|verzonden|skickat|sendt|dato|lähetetty|wysłano|odesláno|отправлено|дата"
        "|надіслано|gönderildi|tarih|dikirim|tanggal|发送时间|日期|寄件日期|已傳送|送信日時|日付"
        "|보낸 날짜|날짜|تاريخ الإرسال|التاريخ|تم الإرسال",
        "to": "to|an|à|a|para|aan|till|til|vastaanottaja|do|komu|кому|kime|alıcı|kepada|ke|收件人"
        "|收件者|宛先|받는 사람|إلى|destinataire",
        "subject": "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat"
        "|předmět|тема|konu|subjek|perihal|主题|主旨|件名|제목|الموضوع",
    }.items()
    for word in words.split("|")
}
SENT_FROM = re.compile(
    r"(?:sent from (?:my|outlook|mail for|yahoo|proton)|get outlook for|von meinem .{1,40} gesendet"
    r"|gesendet (?:von|mit)|envoyé (?:de|depuis) mon|enviado (?:desde|do) m[ei]u?|inviato da"
    r"|verstuurd vanaf mijn|skickat från min|wysłane z|отправлено (?:с|из)|надіслано з"
    r"|发自我的|從我的|iPhoneから送信|나의 .{1,20}에서 보냄|أرسلت من)",
    re.IGNORECASE,
)


def quote_spans(text: str) -> tuple[Span, ...]:
    """QUOTED_REPLY and SIGNATURE spans over a plain text. None when nothing of the author's own
    would be left.
    """
    lines = _Lines(text)
    quoted = _quoted_lines(lines.shown)
    if not any(line.strip() and not q for line, q in zip(lines.shown, quoted, strict=True)):
        return ()
    signature = _signature_lines(lines.shown, quoted)
    return (
        *lines.spans(quoted, Style.QUOTED_REPLY),
        *lines.spans(signature, Style.SIGNATURE),
    )


class _Lines:
    """The text's lines, as they are compared, and where each begins."""

    def __init__(self, text: str) -> None:
        raw = text[:LENGTH_MAX].split("\n")[:LINES_MAX]
        self.shown = [line[:LINE_LENGTH_MAX].translate(BIDI) for line in raw]
        self._starts = [0]
        for line in raw:
            self._starts.append(self._starts[-1] + len(line) + 1)
        # Whatever was not looked at belongs to the last line.
        self._starts[-1] = len(text) + 1

    def spans(self, marked: list[bool], style: Style) -> list[Span]:
        edges = [
            index
            for index, (before, after) in enumerate(pairwise([False, *marked, False]))
            if before != after
        ]
        return [
            Span(self._starts[first], self._starts[end] - 1 - self._starts[first], style)
            for first, end in zip(edges[::2], edges[1::2], strict=True)
        ]


def _quoted_lines(lines: list[str]) -> list[bool]:
    quoted = [line.lstrip().startswith((">", "＞")) for line in lines]
    for index in range(len(lines)):
        if quoted[index]:
            continue
        if _is_original_line(lines[index]) or _is_header_block(lines, index):
            quoted[index:] = [True] * (len(lines) - index)
            break
        length = _attribution(lines, index)
        if length:
            following = _next_with_text(lines, index + length)
            end = following if following < len(lines) and quoted[following] else len(lines)
            quoted[index:end] = [True] * (end - index)
    return _bridged(lines, quoted)


def _bridged(lines: list[str], quoted: list[bool]) -> list[bool]:
    """Empty lines between two quoted ones are quoted too."""
    bridged = list(quoted)
    last = None
    for index, line in enumerate(lines):
        if quoted[index]:
            if last is not None:
                bridged[last:index] = [True] * (index - last)
            last = index
        elif line.strip():
            last = None
    return bridged


def _attribution(lines: list[str], index: int) -> int:
    """How many lines from here are "On … Ann <ann@…> wrote:", 0 for none."""
    if not lines[index].strip():
        return 0
    joined = ""
    for count, line in enumerate(lines[index : index + ATTRIBUTION_LINES_MAX], start=1):
        if not line.strip() or line.lstrip().startswith(">"):
            return 0
        joined = f"{joined} {line.strip()}"
        if line.rstrip().endswith((":", "：")):
            return count if _is_attribution(joined) else 0
    return 0


def _is_attribution(line: str) -> bool:
    return bool(DATE.search(line) and (ADDRESS.search(line) or VERB.search(line)))


def _is_original_line(line: str) -> bool:
    match = ORIGINAL.fullmatch(line.strip())
    return bool(match and match[1].strip().lower() in ORIGINAL_WORDS)


def _is_header_block(lines: list[str], index: int) -> bool:
    """Outlook's way of quoting: From, Sent, To, Subject below one another, in any language."""
    line = lines[index]
    if len(line) >= 20 and not line.strip("_ "):
        return index + 1 < len(lines) and _is_header_block(lines, index + 1)
    if _label(line) not in {"from", "sent"}:
        return False
    found = {_label(below) for below in lines[index : index + HEADER_BLOCK_LINES]}
    return len(found - {""}) >= 3


def _label(line: str) -> str:
    match = LABEL.match(line)
    return LABELS.get(match[1].strip().lower(), "") if match else ""


def _next_with_text(lines: list[str], index: int) -> int:
    while index < len(lines) and not lines[index].strip():
        index += 1
    return index


def _signature_lines(lines: list[str], quoted: list[bool]) -> list[bool]:
    """From "-- " (RFC 3676 section 4.3), or a mailer's own "Sent from my …" line at the end."""
    signature = [False] * len(lines)
    own = [index for index, line in enumerate(lines) if line.strip() and not quoted[index]]
    for place, index in enumerate(own):
        is_delimiter = lines[index].rstrip("\r") in {"-- ", "--"}
        is_last = place == len(own) - 1
        if place == 0 or not (is_delimiter or (is_last and SENT_FROM.match(lines[index].strip()))):
            continue
        end = next((i for i in range(index, len(lines)) if quoted[i]), len(lines))
        if end - index <= SIGNATURE_LINES_MAX:
            signature[index:end] = [True] * (end - index)
            break
    return signature
