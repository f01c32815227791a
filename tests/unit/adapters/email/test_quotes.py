"""Repeated mail and signatures in plain text, in the languages that customers write."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.incoming.quotes import LINES_MAX, Answering, quote_spans
from adapters.email.mime.html import STRETCHES_MAX, to_text
from core.model.content import Span, Style

PROCESSOR_SECONDS_MAX = 1.0

GMAIL = {
    "en": "On Mon, Nov 3, 2025 at 3:04 PM Acme <support@acme.example> wrote:",
    "de": "Am Mo., 3. Nov. 2025 um 15:04 Uhr schrieb Acme <support@acme.example>:",
    "fr": "Le lun. 3 nov. 2025 à 15:04, Acme <support@acme.example> a écrit :",
    "es": "El lun, 3 nov 2025 a las 15:04, Acme (<support@acme.example>) escribió:",
    "pt": "Em seg., 3 de nov. de 2025 às 15:04, Acme <support@acme.example> escreveu:",
    "it": "Il giorno lun 3 nov 2025 alle ore 15:04 Acme <support@acme.example> ha scritto:",
    "nl": "Op ma 3 nov 2025 om 15:04 schreef Acme <support@acme.example>:",
    "pl": "pon., 3 lis 2025 o 15:04 Acme <support@acme.example> napisał(a):",
    "ru": "пн, 3 нояб. 2025 г. в 15:04, Acme <support@acme.example>:",
    "uk": "пн, 3 лист. 2025 р. о 15:04 Acme <support@acme.example> пише:",
    "tr": "Acme <support@acme.example>, 3 Kas 2025 Pzt, 15:04 tarihinde şunu yazdı:",
    "id": "Pada Sen, 3 Nov 2025 pukul 15.04 Acme <support@acme.example> menulis:",
    "ja": "2025年11月3日(月) 15:04 Acme <support@acme.example>:",
    "ko": "2025년 11월 3일 (월) 오후 3:04, Acme <support@acme.example>님이 작성:",
    "zh-CN": "Acme <support@acme.example> 于2025年11月3日周一 15:04写道：",
    "zh-TW": "Acme <support@acme.example> 於 2025年11月3日 週一 下午3:04寫道：",
    "ar": "في الاثنين، 3 نوفمبر 2025 في 3:04 م تمت كتابة ما يلي بواسطة"
    " \u202aAcme\u202c\u200f <\u202asupport@acme.example\u202c\u200f>:",
}
OUTLOOK = {
    "en": ("From", "Sent", "To", "Subject"),
    "de": ("Von", "Gesendet", "An", "Betreff"),
    "fr": ("De", "Envoyé", "À", "Objet"),
    "es": ("De", "Enviado", "Para", "Asunto"),
    "it": ("Da", "Inviato", "A", "Oggetto"),
    "pt": ("De", "Enviado", "Para", "Assunto"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "ru": ("От", "Отправлено", "Кому", "Тема"),
    "tr": ("Kimden", "Gönderildi", "Kime", "Konu"),
    "ja": ("差出人", "送信日時", "宛先", "件名"),
    "zh-CN": ("发件人", "发送时间", "收件人", "主题"),
    "zh-TW": ("寄件者", "寄件日期", "收件者", "主旨"),
    "ko": ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
    "ar": ("من", "تاريخ الإرسال", "إلى", "الموضوع"),
}
HEADERS = ("Acme", "03.11.2025 15:04", "Ines", "A question")
WEBMAIL = {
    "qq": "------------------\xa0原始邮件\xa0------------------\n发件人: Acme\n主题: Re",
    "163": 'At 2025-11-03 15:04:05, "Acme" <support@acme.example> wrote:',
    "163-zh": "在 2025-11-03 15:04:05，Acme <support@acme.example> 写道：",
    "mail.ru": "Понедельник, 3 ноября 2025, 15:04 +03:00 от Acme <support@acme.example>:",
    "yandex": '03.11.2025, 15:04, "Acme" <support@acme.example>:',
    "apple": "On 3. Nov 2025, at 15:04, Acme <support@acme.example> wrote:",
    "original": "-----Ursprüngliche Nachricht-----",
}


@pytest.mark.parametrize("line", [*GMAIL.values(), *WEBMAIL.values()])
@pytest.mark.parametrize("prefix", ["> ", ""])
def test_an_attribution_line_begins_the_quote(line: str, prefix: str) -> None:
    """Recognised by its grammar, so that no language is left out."""
    text = f"Thanks, that helps!\n\n{line}\n\n{prefix}Try this.\n{prefix}And that."

    assert own(text) == "Thanks, that helps!"


@pytest.mark.parametrize("labels", OUTLOOK.values(), ids=list(OUTLOOK))
@pytest.mark.parametrize("style", ["{}: {}", "*{}:* {}"])
@pytest.mark.parametrize("rule", ["", "________________________________\n"])
def test_a_block_of_headers_begins_the_quote(
    labels: tuple[str, ...], style: str, rule: str
) -> None:
    """Outlook quotes without any mark; these four lines are all there is."""
    block = "\n".join(style.format(*pair) for pair in zip(labels, HEADERS, strict=True))
    text = f"Thanks, that helps!\n\n{rule}{block}\n\nTry this."

    assert own(text) == "Thanks, that helps!"


def test_a_long_attribution_may_be_broken_over_lines() -> None:
    text = "Yes.\n\nOn Mon, Nov 3, 2025 at 3:04 PM Acme\n<support@acme.example>\nwrote:\n\n> Try."

    assert own(text) == "Yes."


def test_answers_between_the_quoted_lines_stay() -> None:
    """Whoever answers point by point would otherwise be silenced."""
    text = f"{GMAIL['en']}\n> Is it on?\n\nYes.\n\n> And plugged in?\n\nNo!"

    assert own(text) == "Yes.\n\n\n\nNo!"


def test_a_mail_that_only_quotes_is_shown_whole() -> None:
    assert quote_spans(f"{GMAIL['en']}\n> Try this.") == ()


@pytest.mark.parametrize(
    "text",
    [
        "Please call on 3.11.2025 at 15:04:\nthe usual number.",
        "From: Berlin\nwith love",
        "My order contains:\n- a lamp\n- a chair",
        "a > b, and b > c",
    ],
)
def test_what_people_write_themselves_is_not_taken_for_a_quote(text: str) -> None:
    assert quote_spans(text) == ()


@pytest.mark.parametrize(
    "signature",
    ["-- \nInes Baumann\nKunde GmbH", "Sent from my iPhone", "Von meinem iPhone gesendet"],
)
def test_a_signature_is_marked_as_one(signature: str) -> None:
    text = f"It works.\n\n{signature}"

    [span] = quote_spans(text)

    assert span.style is Style.SIGNATURE
    assert text[span.start : span.end] == signature


@given(st.text(alphabet="ab >:\n-<@>1.", max_size=400))
def test_spans_lie_within_the_text_and_leave_something_of_it(text: str) -> None:
    """Law 5: a view folds them, so they must never hide everything."""
    spans = quote_spans(text)

    assert all(0 <= span.start < span.end <= len(text) for span in spans if span.length)
    if text.strip():
        assert without(text, list(spans)).strip()


HOSTILE = {
    "attribution after attribution": "On 1 1:11 <a@" * 30_000,
    "marks": ">" * 300_000,
    "labels": "From: " * 60_000,
    "lines of labels": "From: a\n" * 40_000,
    "addresses": (("a" * 64 + "@" + "b.c" * 30 + " ") * 2 + ":\n") * 1000,
    "dots": ("a@" + "b." * 180 + ":\n") * 1000,
    "digits": ("1" * 390 + ":\n") * 1000,
    "dates": ("1/1/" * 95 + ":\n") * 1000,
    "dashes": ("--@" + "-" * 390 + "\n") * 1000,
    "brackets": ("<" * 390 + ":\n") * 1000,
    "verbs": ("님이 작성" * 60 + ":\n") * 1000,
    "empty lines": "\n" * 200_000 + "From: a\n",
    "originals": "-----Original Message-----\n" * 10_000,
    "notices": "\n\n".join(["This e-mail is confidential " + "x " * 200] * 300),
    "phones": "x\n" * 990 + "Sent from my " + "iPhone " * 70,
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=list(HOSTILE))
def test_no_text_takes_long(hostile: str) -> None:
    """One mail would hold up all that come after it."""
    begun = time.process_time()

    quote_spans(hostile, Answering("support@acme.example"))

    assert time.process_time() - begun < PROCESSOR_SECONDS_MAX


HOSTILE_HTML = {
    "nested blocks": "<blockquote>x<br>" * 1500 + "<p>y</p>" * 900,
    "nested quotes": "<blockquote type=cite>q" * 1500,
    "quote after quote": "<blockquote type=cite>q</blockquote>a" * 20_000,
    "nested rules": '<div style="border-top:solid #E1E1E1">' * 1500 + "a:b:c:d" * 1000,
    "long names": '<p class="' + "x_" * 50_000 + '">a</p><p class="' + "a " * 100_000 + '">b</p>',
}


@pytest.mark.parametrize("hostile", HOSTILE_HTML.values(), ids=list(HOSTILE_HTML))
def test_no_markup_takes_long(hostile: str) -> None:
    """One mail would hold up all that come after it, or fill the store with spans."""
    begun = time.process_time()

    shown = to_text(hostile)
    spans = quote_spans(shown.text, Answering(), shown.spans)

    assert time.process_time() - begun < PROCESSOR_SECONDS_MAX
    assert len(spans) <= LINES_MAX + STRETCHES_MAX


WORDS = st.sampled_from(
    [
        "please",
        "请",
        "пожалуйста",
        "مرحبا",
        "order",
        "4711",
        "22.11.2026",
        "15:04",
        "2026年11月22日",
        "ben@kunde.example",
        "wrote:",
        "<support@acme.example>",
        "From:",
        "主题：",
        ">",
        "|",
        "--",
        "confidential",
        "iPhone",
        "写道：",
        "kirjoitti",
        "-----",
    ]
)
SENTENCES = st.builds(
    lambda first, rest, end: f"{' '.join((first, *rest))}{end}",
    st.sampled_from(["Hello", "你好", "Пожалуйста", "مرحبا", "Bitte"]),
    st.lists(WORDS, max_size=12),
    st.sampled_from([".", "!", "?", "。"]),
)
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=4).map("\n".join)
LINES = [*GMAIL.values(), *WEBMAIL.values()]
BLOCKS = [
    "\n".join(f"{label}: {value}" for label, value in zip(labels, HEADERS, strict=True))
    for labels in OUTLOOK.values()
]


@given(
    line=st.sampled_from(LINES),
    pieces=st.lists(st.tuples(st.booleans(), PARAGRAPHS), min_size=1, max_size=5),
    gap=st.sampled_from(["\n", "\n\n"]),
    mark=st.sampled_from([">", "> ", ">> ", "> > "]),
)
def test_an_author_amid_quoted_lines_is_always_heard(
    line: str, pieces: list[tuple[bool, str]], gap: str, mark: str
) -> None:
    """Wherever in the quoted mail they answer, and whatever they write about."""
    written: list[tuple[bool, str]] = []
    for quoted, text in pieces:
        if quoted and not any(was for was, _ in written):
            written.append((True, line))
        lines = "\n".join(f"{mark}{one}" for one in text.split("\n")) if quoted else text
        written.append((quoted, lines))

    assert_heard(written, gap)


@given(said=PARAGRAPHS, above=st.sampled_from([*LINES, *BLOCKS]), old=PARAGRAPHS)
def test_an_author_above_the_quoted_mail_is_always_heard(said: str, above: str, old: str) -> None:
    """Even where the quoted mail carries no marks."""
    assert_heard([(False, said), (True, above), (True, old)], "\n\n")


def assert_heard(written: list[tuple[bool, str]], gap: str) -> None:
    text = gap.join(piece for _, piece in written)

    spans = quote_spans(text, Answering("support@acme.example"))

    start = 0
    for quoted, piece in written:
        for span in spans if not quoted else ():
            assert span.end <= start or span.start >= start + len(piece)
        start += len(piece) + len(gap)
    assert without(text, list(spans)).strip()


def own(text: str) -> str:
    """What is left for a reader who folds the quotes."""
    quoted = [span for span in quote_spans(text) if span.style is Style.QUOTED_REPLY]
    return without(text, quoted).strip()


def without(text: str, spans: list[Span]) -> str:
    for span in sorted(spans, key=lambda span: -span.start):
        text = text[: span.start] + text[span.end :]
    return text
