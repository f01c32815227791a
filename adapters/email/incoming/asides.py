"""Which of the author's lines are not said to us: signatures, "Sent from my …", legal notices.

Only what is certain counts. A greeting and a name at the end are the author's own words.
"""

import re

from adapters.email.incoming.attributions import is_rule
from adapters.email.incoming.phrases import (
    CONFIDENTIAL,
    DEVICE,
    DISCLAIMER_BEGINS,
    DISCLAIMER_SAYS,
    LIST_FOOTER,
    PERSONAL,
    SENT_BEHIND,
    SENT_FROM,
)

SIGNATURE_LINES_MAX = 20
SENTENCE_WORDS_MIN = 4
FOOTER_LINES_MAX = 8
FOOTER_RULE_MIN = 20
SENT_FROM_LENGTH_MAX = 160
SENT_FROM_WORDS_MAX = 10
DISCLAIMER_LENGTH_MIN = 30
DISCLAIMER_SAYS_MIN = 4
DISCLAIMER_LINES_MAX = 60
DELIMITER = re.compile(r"[-—–]{2}[ \xa0]?")
URL = re.compile(r"https?://|@")


def disclaimer_lines(lines: list[str], own: list[int]) -> list[int]:
    """Of the author's lines `own`, in order, those of a legal notice at the end."""
    found: list[int] = []
    paragraphs = _paragraphs(own)
    for paragraph in reversed(paragraphs[-4:]):
        if not is_disclaimer(" ".join(lines[index].strip() for index in paragraph)):
            break
        found = [*paragraph, *found]
    return found


def is_disclaimer(paragraph: str) -> bool:
    """It begins as such notices do, and says enough of what they say."""
    if len(paragraph) < DISCLAIMER_LENGTH_MIN or "?" in paragraph or "？" in paragraph:
        return False
    if not DISCLAIMER_BEGINS.match(paragraph) or not CONFIDENTIAL.search(paragraph):
        return False
    if PERSONAL.search(paragraph):
        return False
    return sum(1 for said in DISCLAIMER_SAYS if said.search(paragraph)) >= DISCLAIMER_SAYS_MIN


def signature_lines(lines: list[str], own: list[int], *, first: bool) -> list[int]:
    """Of the author's lines `own`, in order, those from "-- " (RFC 3676 section 4.3) on, a mailer's
    "Sent from my …" at the end, or a mailing list's footer. `first`: nothing was said above, so
    that the first line is no signature.
    """
    for place in range(1 if first else 0, len(own)):
        line = lines[own[place]]
        if line[0] not in "-—–_=":
            continue
        below = own[place:]
        if DELIMITER.fullmatch(line) and len(below) <= SIGNATURE_LINES_MAX:
            if line[-1].isspace() or not any(_is_said(lines[index]) for index in below[1:]):
                return below
        elif len(line) >= FOOTER_RULE_MIN and is_rule(line) and _is_footer(lines, below[1:]):
            return below
    if len(own) > (1 if first else 0) and is_sent_from(lines[own[-1]]):
        return own[-1:]
    return []


def is_sent_from(line: str) -> bool:
    """ "Sent from my iPhone", but no sentence about what was sent from where."""
    said = line.strip()
    if not 5 < len(said) <= SENT_FROM_LENGTH_MAX or len(said.split()) > SENT_FROM_WORDS_MAX:
        return False
    if said.endswith(("?", "!", "？", "！", ",", ":")):
        return False
    by_machine = SENT_FROM.match(said) or SENT_BEHIND.search(said)
    return bool(by_machine and DEVICE.search(said))


def _is_said(line: str) -> bool:
    """A sentence: a person's words below two dashes, which many mailers leave without the space
    that makes them a delimiter, and people draw themselves.
    """
    said = line.strip()
    ends = said.endswith(("。", "！", "？")) or (
        said.endswith((".", "!", "?")) and len(said.split()) >= SENTENCE_WORDS_MIN
    )
    return ends and not is_sent_from(said) and not LIST_FOOTER.search(said)


def _is_footer(lines: list[str], below: list[int]) -> bool:
    if not 0 < len(below) <= FOOTER_LINES_MAX:
        return False
    text = "\n".join(lines[index] for index in below)
    return bool(LIST_FOOTER.search(text) and URL.search(text))


def _paragraphs(own: list[int]) -> list[list[int]]:
    """Lines with none between them."""
    paragraphs: list[list[int]] = []
    for index in own[-DISCLAIMER_LINES_MAX:]:
        if paragraphs and index == paragraphs[-1][-1] + 1:
            paragraphs[-1].append(index)
        else:
            paragraphs.append([index])
    return paragraphs
