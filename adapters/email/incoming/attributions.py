"""Where a quoted mail begins: "On …, Ann wrote:", a block of headers, "-----Original Message-----".

An attribution is known by its grammar, which holds in every language: a date, an address, a colon
at its end. Two degrees of certainty: a WEAK one counts where quoted lines follow it, a STRONG one
makes all that follows it a quote. People, too, end lines with a colon and name dates.
"""

import re
from collections import deque
from enum import IntEnum
from typing import NamedTuple

from adapters.email.incoming.phrases import FORWARDED, LABELS, ORIGINAL, VERB, folded

ATTRIBUTION_LINES_MAX = 4
ATTRIBUTION_LENGTH_MAX = 400
WRAPPED_LENGTH_MIN = 50
"""A program breaks an attribution where a line is full; what is shorter, a person has ended."""
NAME_LENGTH_MAX = 60
HEADER_LINES_MAX = 10
CANDIDATES_MAX = 200
"""Of a mail whose every line ends with a colon, so many are looked at."""
HEADERS_MIN = 3
ALL_HEADERS = frozenset({"from", "sent", "to", "subject"})

COLON = (":", "：")
QUOTE = re.compile(r"\s{0,3}[>＞](?!=|[_.:;<(^][\S]{0,2}\s*$)")
"""Not ">=5", nor a face like ">_<"."""
BAR = re.compile(r"\s{0,3}[|¦](?!.*[|¦]\s*$)|\s{0,3}[A-Z]{2,3}> ")
ADDRESS = re.compile(r"[^\s<>()\[\]\"'،,;:：@]{1,64}@[\w-][\w.-]{0,190}\.\w+")
ANGLED = re.compile(r"[<\[＜]\s?[^\s<>@]{1,80}@[^\s<>@]{1,120}\s?[>\]＞]")
BRACKETED = re.compile(r"[<(\[＜]\s?[^\s<>@]{1,80}@[^\s<>@]{1,120}\s?[>)\]＞]")
DAY = re.compile(
    r"(?<!\d)(?:19|20|25|[١۱]٩|[٢۲][٠۰])\d\d(?!\d)|(?<!\d)\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2}(?!\d)"
    r"|\d{1,2}月\d{1,2}日|\d{1,2}월 ?\d{1,2}일"
)
TIME = re.compile(
    r"(?<!\d)\d{1,2}\s?[:h٫：時点點时시]\s?\d{2}(?!\d)|(?<![\d.])\d{1,2}\.\d{2}(?!\.?\d)"
)
"""With a dot, too, but not within a date."""

CLOSING = re.compile(r"[\s\"'>)\]＞»*]{0,6}[:：]$")
DASHES = "-_‐–—=*~"
TITLE_LENGTH_MAX = 150
RULE_LINE = re.compile(r"[-_‐–—=]{5,}")
LABEL = re.compile(r"[\s*|]{0,6}([^\s:：*|][^:：*|]{0,24}?)\s{0,3}\*?\s{0,2}[:：]")


class Certainty(IntEnum):
    NONE = 0
    WEAK = 1
    STRONG = 2


class Attribution(NamedTuple):
    """It begins `before` lines above the one that ends with the colon."""

    certainty: Certainty
    before: int = 0


NO_ATTRIBUTION = Attribution(Certainty.NONE)


class Origins:
    """Finds where quotes begin. `own`: our address, which nobody else's attribution would name.
    `answers`: whether the mail answers one; if not, only what leaves no doubt counts.
    """

    def __init__(self, *, own: str, answers: bool) -> None:
        self._answers = answers
        self._candidates = CANDIDATES_MAX
        local, _, domain = own.partition("@")
        self._own = (
            re.compile(
                rf"(?<![\w.+-]){re.escape(local)}(?:\+[^\s<>@]{{0,100}})?@{re.escape(domain)}",
                re.IGNORECASE,
            )
            if domain
            else None
        )

    def attribution(self, lines: list[str], end: int) -> Attribution:
        """The attribution whose last line is `end`: as few lines as hold all it is known by."""
        last = lines[end].strip()
        if last[:2] == last[-2:] == "--" and "@" in last:
            known = ADDRESS.search(last) and DAY.search(last)
            return Attribution(Certainty.STRONG) if known else NO_ATTRIBUTION
        if not last.endswith(COLON) or not self._candidates:
            return NO_ATTRIBUTION
        self._candidates -= 1
        joined, best = last, NO_ATTRIBUTION
        for before in range(ATTRIBUTION_LINES_MAX):
            if before:
                if not _is_wrapped(lines, end - before):
                    break
                joined = f"{lines[end - before].strip()} {joined}"
            if len(joined) > ATTRIBUTION_LENGTH_MAX:
                break
            certainty = self._certainty(joined)
            if certainty > best.certainty or (
                best.certainty and _adds(lines[end - before], joined)
            ):
                best = Attribution(max(certainty, best.certainty), before)
        return best

    def _certainty(self, line: str) -> Certainty:
        """Only an address in brackets makes it certain: people do not write it so."""
        verb, address = _last(VERB, line), _last(ADDRESS, line)
        day, time = DAY.search(line), TIME.search(line)
        own = bool(address and self._own and self._own.search(line))
        if not (verb or address) or not (day or time or own or (verb and address)):
            return Certainty.NONE
        said = _closes(line, verb)
        ends = said or _closes(line, address)
        if ends and (day or own) and ANGLED.search(line):
            return Certainty.STRONG
        bracketed = BRACKETED.search(line)
        if said and day and time and bracketed:
            return Certainty.STRONG
        if ends or (day and time and bracketed) or (verb and _names(line, verb)):
            return Certainty.WEAK
        return Certainty.NONE

    def is_original(self, lines: list[str], index: int) -> bool:
        """ "-----Original Message-----"; a person's own "--- Original ---" has no headers below."""
        words = _between_dashes(lines[index])
        if words not in ORIGINAL:
            return False
        below = next((line for line in lines[index + 1 : index + 4] if line.strip()), "")
        return bool(label(below)) or (self._answers and words != "original")

    def is_header_block(self, lines: list[str], index: int, *, announced: bool = False) -> bool:
        """Outlook's way of quoting: From, Sent, To, Subject below one another, in any language.
        `announced`: a line or a title above leaves less doubt.
        """
        if label(lines[index]) not in ALL_HEADERS:
            return False
        found: dict[str, str] = {}
        others = 0
        foreign = ended = False
        for line in lines[index : index + HEADER_LINES_MAX]:
            if not line.strip():
                ended = len(found) > 1
                continue
            meaning = label(line)
            foreign = foreign or not (meaning or ended or LABEL.match(line) is None)
            others += not meaning
            if others > 1:
                break
            found.setdefault(meaning, line)
        if not self._answers:
            return found.keys() >= ALL_HEADERS
        if "from" not in found or len(ALL_HEADERS & found.keys()) < HEADERS_MIN:
            return False
        sent = found.get("sent", "")
        if "@" in found["from"]:
            return bool(announced or DAY.search(sent) or TIME.search(sent))
        # Of a payment people give the day and the amount; programs never leave out the time.
        return bool((announced or TIME.search(sent)) and "subject" in found and not foreign)


def is_forwarded_line(line: str) -> bool:
    """From here on a mail is passed on: that is what its sender wanted to say."""
    title = line.strip()
    if title.endswith(COLON) and len(title) <= TITLE_LENGTH_MAX:
        return folded(title[:-1]) in FORWARDED
    return _between_dashes(line) in FORWARDED


def _between_dashes(line: str) -> str:
    """The words of "----- Words -----", folded; "" for any other line."""
    title = line.strip()
    if len(title) > TITLE_LENGTH_MAX or title[:2].strip(DASHES) or title[-2:].strip(DASHES):
        return ""
    return folded(title.strip(DASHES))


def is_rule(line: str) -> bool:
    return RULE_LINE.fullmatch(line.strip()) is not None


def label(line: str) -> str:
    """What a line of headers gives: "from", "sent", "to", "subject", "copy"; "" for another."""
    match = LABEL.match(line)
    return LABELS.get(folded(match[1]), "") if match else ""


def _is_wrapped(lines: list[str], index: int) -> bool:
    """Whether the line goes on in the next because there was no more room in it."""
    if index < 0:
        return False
    line, following = lines[index].strip(), lines[index + 1].split()
    if not line or line.endswith(COLON) or QUOTE.match(line):
        return False
    if BRACKETED.fullmatch(line):
        return True
    return max(len(line) + len(following[0]), _wide(line)) >= WRAPPED_LENGTH_MIN


def _wide(line: str) -> int:
    """Its length where a Chinese or Japanese character takes the room of two."""
    return len(line) + sum(c >= "\u2e80" for c in line)


def _adds(line: str, joined: str) -> bool:
    """Whether the line brings evidence that the rest of the joined lines lack."""
    rest = joined[len(line.strip()) :]
    return any(
        pattern.search(line) and not pattern.search(rest) for pattern in (ADDRESS, DAY, TIME)
    )


def _last(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    found = deque(pattern.finditer(line), maxlen=1)
    return found[0] if found else None


def _closes(line: str, match: re.Match[str] | None) -> bool:
    return match is not None and CLOSING.fullmatch(line, match.end()) is not None


def _names(line: str, verb: re.Match[str]) -> bool:
    """ "schrieb Ann Support:" ends with who wrote, a name."""
    name = line[verb.end() :].rstrip(":： ")
    return 0 < len(name) <= NAME_LENGTH_MAX and not any(word.islower() for word in name.split())
