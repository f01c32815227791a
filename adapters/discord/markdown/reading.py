"""From Discord's markdown to plain text with spans, as Discord's own clients show it. Pure."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from adapters.discord.markdown.counterparts import Counterparts
from adapters.discord.markdown.spans import united
from adapters.discord.markdown.syntax import (
    ADDRESS,
    COMMAND,
    EMOJI,
    ESCAPED,
    EVERYONE,
    FENCE,
    HEADING,
    HEADINGS,
    HREF,
    HREF_MAX,
    LANGUAGE,
    MARKS,
    MENTION,
    NAVIGATION,
    PLACE,
    QUOTE_MARK,
    QUOTED_LINES,
    QUOTED_REST,
    SHRUG,
    SMALL,
    TIME,
    Kind,
    Names,
    address_at,
    addresses,
)
from core.model.content import Span, Style

_BEGINNINGS = (" ", ">", "#", "-")
"""With which a line may begin that is more than its words."""
_SPECIAL = re.compile(r"[\\*_~|`<\[]|\n(?=[ >#-])|https?://|@(?:everyone|here)|¯", re.IGNORECASE)
_TELLING = re.compile(r"[\\*_~|`<\[\n:@¯]")
"""Without any of these there is nothing special."""
_HREF_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
_KINDS = {"@": Kind.USER, "@!": Kind.USER, "@&": Kind.ROLE, "#": Kind.CHANNEL}
_VALUE_MARKS = {Kind.USER: "", Kind.ROLE: "&", Kind.CHANNEL: "#"}
_DEPTH_MAX = 50


def nameless(_kind: Kind, _id: str) -> str:
    """For whoever knows no names: what is mentioned is shown by its id."""
    return ""


def read(text: str, names: Names = nameless) -> tuple[str, tuple[Span, ...]]:
    """-> the plain text, and its spans in code points, in their order.

    Takes time in proportion to the text, whatever it says. Of a mention the text is `@name` and the
    value the id (a role's after `&`, a channel's after `#`), of a custom emoji `:name:` and its id
    (after `a:` if it moves), of a command `/name` and `name:id`. A moment is shown in UTC.
    """
    if _is_plain(text):
        return text, ()
    said = _Said()
    _Reader(text, names, said, quoted=False).read()
    shown = "".join(said.pieces)
    return shown, united(shown, said.spans)


def _is_plain(text: str) -> bool:
    """As is most of what people write: much quicker asked than read."""
    if text.startswith(_BEGINNINGS):
        return False
    return not (_TELLING.search(text) and _SPECIAL.search(text))


class _Said:
    """What is understood so far."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self.length = 0

    def say(self, words: str) -> None:
        self.pieces.append(words)
        self.length += len(words)

    def style(self, start: int, style: Style, value: str = "") -> None:
        if self.length > start:
            self.spans.append(Span(start, self.length - start, style, value))


class _Open(NamedTuple):
    """A style that holds up to `end`; the text goes on at `after`. `start` counts what was said."""

    end: int
    after: int
    start: int
    style: Style
    value: str = ""


class _Reader:
    """One reading. What is open is a stack: what is inside ends before what is around it."""

    def __init__(self, text: str, names: Names, said: _Said, *, quoted: bool) -> None:
        self._text, self._names, self._said, self._quoted = text, names, said, quoted
        self._open: list[_Open] = []
        self._at = 0
        self._counterparts: Counterparts | None = None

    @property
    def _marks(self) -> Counterparts:
        """Sought only where something may have one. Before Python 3.12 a `cached_property` takes a
        lock, which would cost more than seeking.
        """
        if self._counterparts is None:
            self._counterparts = Counterparts(self._text)
        return self._counterparts

    def read(self) -> None:
        self._begin_line()
        while self._at < len(self._text) or self._open:
            if self._open and self._at >= self._open[-1].end:
                self._close()
                continue
            end = self._end
            special = _SPECIAL.search(self._text, self._at, end)
            self._plain_to(special.start() if special else end)
            if special:
                self._take(special[0], end)

    @property
    def _end(self) -> int:
        return self._open[-1].end if self._open else len(self._text)

    def _close(self) -> None:
        done = self._open.pop()
        self._said.style(done.start, done.style, done.value)
        self._at = done.after

    def _plain_to(self, end: int) -> None:
        if end > self._at:
            self._said.say(self._text[self._at : end])
            self._at = end

    def _take(self, special: str, end: int) -> None:
        """What begins here, else the character itself."""
        taken = False
        match special[0]:
            case "\n":
                self._plain_to(self._at + 1)
                self._begin_line()
                taken = True
            case "\\":
                taken = self._escaped(end)
            case "`":
                taken = self._fenced(end) or self._code(end) or self._ticks(end)
            case "<":
                taken = self._angle(end)
            case "[":
                taken = self._masked(end)
            case "@":
                taken = self._everyone(special)
            case "¯":
                taken = self._shrug(end)
            case "h" | "H":
                taken = self._url(end)
            case _:
                taken = self._marked(end)
        if not taken:
            self._plain_to(self._at + 1)

    # --- lines

    def _begin_line(self) -> None:
        """What only a line can begin with, and only where nothing is open."""
        if self._open or not self._text.startswith(_BEGINNINGS, self._at):
            return
        if not self._quoted and self._quotation():
            return
        if heading := HEADING.match(self._text, self._at):
            self._block(heading.end(), Style.HEADING, HEADINGS[heading[1]])
        elif small := SMALL.match(self._text, self._at):
            self._block(small.end(), Style.SMALL)

    def _quotation(self) -> bool:
        if rest := QUOTED_REST.match(self._text, self._at):
            self._quote(self._text[rest.end() :])
            self._at = len(self._text)
            return True
        lines = QUOTED_LINES.match(self._text, self._at)
        if lines is None:
            return False
        inner = QUOTE_MARK.sub("", lines[0])
        self._at = lines.end()
        if inner.endswith("\n"):
            inner = inner[:-1]
            self._at -= 1
        self._quote(inner)
        return True

    def _quote(self, inner: str) -> None:
        start = self._said.length
        _Reader(inner, self._names, self._said, quoted=True).read()
        self._said.style(start, Style.QUOTE)

    def _block(self, start: int, style: Style, value: str = "") -> None:
        """A line whose mark ends at `start`."""
        newline = self._text.find("\n", start)
        after = len(self._text) if newline < 0 else newline
        line = self._text[start:after].rstrip()
        bare = line.rstrip("#").rstrip() if style is Style.HEADING else line
        end = start + len(bare or line)
        self._open.append(_Open(end, after, self._said.length, style, value))
        self._at = start

    # --- within lines

    def _escaped(self, end: int) -> bool:
        if self._at + 1 >= end or not ESCAPED.match(self._text, self._at):
            return False
        self._at += 1
        self._plain_to(self._at + 1)
        return True

    def _marked(self, end: int) -> bool:
        """The longer of what may begin here; of two that are as long, italics."""
        after, _, mark = max(self._candidates(end), default=(0, False, ""))
        if not mark or len(self._open) >= _DEPTH_MAX:
            return False
        self._open.append(_Open(after - len(mark), after, self._said.length, MARKS[mark]))
        self._at += len(mark)
        return True

    def _candidates(self, end: int) -> list[tuple[int, bool, str]]:
        """Behind what each mark would enclose, whether it is italics, and the mark."""
        character = self._text[self._at]
        double = character * 2
        found: list[tuple[int, bool, str]] = []
        if self._text.startswith(double, self._at):
            look = self._marks.strong if character in "*_" else self._marks.pair
            close = look(double, self._at + 2, end)
            if close is not None:
                found.append((close + 2, False, double))
        if character in "*_" and (close := self._italic(character, end)) is not None:
            found.append((close + 1, True, character))
        return found

    def _italic(self, mark: str, end: int) -> int | None:
        start = self._at + 1
        if start >= end or (mark == "*" and self._text[start].isspace()):
            return None
        return self._marks.single(mark, start, end)

    def _fenced(self, end: int) -> bool:
        """A block of code, maybe with its language in the first line."""
        if not self._text.startswith(FENCE, self._at):
            return False
        start = self._at + len(FENCE)
        language = LANGUAGE.match(self._text, start, end)
        named = language and self._text.startswith("\n", language.end())
        if language and named and self._block_of_code(language.end() + 1, end, language[0]):
            return True
        return self._block_of_code(start, end, "")

    def _block_of_code(self, start: int, end: int, language: str) -> bool:
        while start < end and self._text[start] == "\n":
            start += 1
        close = self._marks.fence(start + 1, end)
        if close is None or start + 1 > close:
            return False
        before = self._said.length
        self._said.say(self._text[start:close].rstrip("\n"))
        self._said.style(before, Style.PRE, language)
        self._at = close + len(FENCE)
        return True

    def _code(self, end: int) -> bool:
        found = self._marks.code(self._at, end)
        if found is None:
            return False
        start, close = found
        code = self._text[start:close]
        if code.startswith(" ") and code.lstrip(" ").startswith("`"):
            code = code[1:]
        if code.endswith(" ") and code.rstrip(" ").endswith("`"):
            code = code[:-1]
        before = self._said.length
        self._said.say(code)
        self._said.style(before, Style.CODE)
        self._at = close + (start - self._at)
        return True

    def _ticks(self, end: int) -> bool:
        """Backticks that begin nothing."""
        while self._at < end and self._text[self._at] == "`":
            self._plain_to(self._at + 1)
        return True

    def _angle(self, end: int) -> bool:
        text, at = self._text, self._at
        if mention := MENTION.match(text, at, end):
            return self._mention(mention)
        if emoji := EMOJI.match(text, at, end):
            value = f"a:{emoji[3]}" if emoji[1] else emoji[3]
            return self._stands_for(emoji, f":{emoji[2]}:", Style.EMOJI, value)
        if command := COMMAND.match(text, at, end):
            value = f"{command[1]}:{command[2]}"
            return self._stands_for(command, f"/{command[1]}", Style.COMMAND, value)
        if time := TIME.match(text, at, end):
            return self._stands_for(time, _moment(int(time[1])) or time[0])
        if place := PLACE.match(text, at, end):
            return self._stands_for(place, NAVIGATION[place[1]], Style.MENTION, place[0][1:-1])
        if address := ADDRESS.match(text, at, end):
            return self._stands_for(address, address[1], Style.LINK, address[1])
        return False

    def _mention(self, mention: re.Match[str]) -> bool:
        kind = _KINDS[mention[1]]
        name = self._names(kind, mention[2])
        shown = f"{kind.value[0]}{name}" if name else mention[0]
        return self._stands_for(mention, shown, Style.MENTION, _VALUE_MARKS[kind] + mention[2])

    def _stands_for(
        self, found: re.Match[str], words: str, style: Style | None = None, value: str = ""
    ) -> bool:
        before = self._said.length
        self._said.say(words)
        if style is not None:
            self._said.style(before, style, value)
        self._at = found.end()
        return True

    def _everyone(self, special: str) -> bool:
        if special[1:] not in EVERYONE:
            return False
        before = self._said.length
        self._plain_to(self._at + len(special))
        self._said.style(before, Style.MENTION, special[1:])
        return True

    def _shrug(self, end: int) -> bool:
        if not self._text.startswith(SHRUG, self._at) or self._at + len(SHRUG) > end:
            return False
        self._plain_to(self._at + len(SHRUG))
        return True

    def _url(self, end: int) -> bool:
        address = address_at(self._text, self._at, end)
        if not address:
            return False
        before = self._said.length
        self._plain_to(self._at + len(address))
        self._said.style(before, Style.LINK, address)
        return True

    def _masked(self, end: int) -> bool:
        """A text that leads elsewhere; none that is an address itself, nor one within another."""
        close = self._marks.bracket(self._at, end)
        if close is None or close == self._at + 1 or len(self._open) >= _DEPTH_MAX:
            return False
        href = HREF.match(self._text, close + 1, min(end, close + HREF_MAX))
        if href is None or any(one.style is Style.LINK for one in self._open):
            return False
        if next(addresses(self._text, self._at, close), None):
            return False
        address = _HREF_ESCAPED.sub(r"\1", href["url"])
        self._open.append(_Open(close, href.end(), self._said.length, Style.LINK, address))
        self._at += 1
        return True


def _moment(seconds: int) -> str:
    """In UTC; empty for what no calendar has."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return ""
