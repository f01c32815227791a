"""Subjects: what they are about, without the marks that answering and we ourselves put on them."""

import re

from adapters.email.mime.charsets import printable

LENGTH_MAX = 250
OUTSIDE = r"(?:\s*\[ext(?:ern(?:al)?)?\])?\s*"
"""What our own mail server may put before the subject of all mail from outside."""

PREFIX = re.compile(
    OUTSIDE + r"(?:re|aw|antw|sv|vs|ref|rif|r|res|odp|ynt|bls|vá|atb|απ|回复|回覆|答复|答覆|返信"
    r"|답장|회신|رد|ответ|отв|відп|השב|תגובה|trả lời)"
    r"\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]\s*",
    re.IGNORECASE,
)
FORWARD = re.compile(
    OUTSIDE + r"(?:fwd?|wg|tr|rv|enc|doorst|vb|vl|i|pd|ilt|trs|πρθ|továbbítás|转发|轉寄|轉發|転送"
    r"|전달|пересл|إعادة توجيه|העבר|הועבר|chuyển tiếp)\s?[:：]",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\s*\[(T-[0-9A-Z]{2,16}(?:-[0-9A-Z*~$=]{1,4})?)\]", re.IGNORECASE)


def topic(subject: str) -> str:
    """The subject without "Re:" in any language and without our number."""
    text = " ".join(NUMBER.sub(" ", subject).split())
    for _ in range(10):
        match = PREFIX.match(text)
        if match is None or match.end() == 0:
            break
        text = text[match.end() :]
    return text[:LENGTH_MAX]


def is_answer(subject: str) -> bool:
    """Whether it begins with "Re:" in any language."""
    return PREFIX.match(subject) is not None


def cited_number(subject: str) -> str:
    """The number of a conversation in the subject, the last one if there are several; or ""."""
    found = NUMBER.findall(subject)
    return str(found[-1]).upper() if found else ""


def is_forward(subject: str) -> bool:
    """Its own first mark says so. "Re: Fwd: ..." answers a forwarded mail and is none."""
    return FORWARD.match(subject) is not None


def beginning(subject: str, number: str) -> str:
    """The subject of a mail that answers none."""
    return " ".join(f"{topic(printable(subject))} [{number}]".split())


def answering(subject: str, number: str) -> str:
    """The subject of a reply: the number comes last, where mailers leave it alone."""
    return " ".join(f"Re: {topic(printable(subject))} [{number}]".split())
