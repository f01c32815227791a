"""A mail cut into headers and parts, by places in its bytes: nothing is decoded before it is asked
for, and nothing is copied but headers.

Written anew instead of using the standard library's parser: that one recurses into nested parts,
takes quadratic time on many of them, reads every line of every attachment, and ends the headers at
the first line that is none. Here each level is one search through the bytes, every count has an
end, and what was mended is named in `damage`.
"""

import re
from collections.abc import Iterator

HEADERS_MAX = 1000
HEADER_LENGTH_MAX = 64 * 1024
HEAD_LENGTH_MAX = 1024 * 1024
LEADING_JUNK_MAX = 4096
CHILDREN_MAX = 1000
TRIES_MAX = 20_000
"""So many lines that begin like a boundary are looked at."""

BOUNDARY_LINE_MAX = 250
GUESS_LENGTH_MAX = 8192

HEADER_LINE = re.compile(rb"[!-9;-~]{1,80}[ \t]*:")
HEAD_END = re.compile(rb"\n\r*\n")
FIELD = re.compile(r"([!-9;-~]{1,200})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)\n?")
FOLD = re.compile(r"[\r\n]+[ \t]?")
STANDARD = re.compile(
    r"^(?:from|to|cc|subject|date|sender|reply-to|in-reply-to|references|return-path|received"
    r"|message-id|mime-version|content-[a-z-]{2,40}|x-[a-z0-9-]{1,60})[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
"""Where one of these follows, a line without a name does not end the headers."""
FIRST_DASHES = re.compile(rb"^--([0-9A-Za-z'()+_,./:=?-]{1,70})[ \t]*\r?\n", re.MULTILINE)


class Message:
    """A mail or a part of one: headers as they came (surrogates for raw 8-bit), its body as a place
    in `raw`, transfer encoding and all.
    """

    __slots__ = ("_fields", "_index", "body_start", "damage", "default_type", "end", "known", "raw")

    def __init__(self, raw: bytes, start: int, end: int, default_type: str = "text/plain") -> None:
        self.raw = raw
        self.end = end
        self.default_type = default_type
        self.damage: dict[str, None] = {}
        self.known: dict[str, object] = {}
        """What has been worked out about it, by the functions that did."""
        head, self.body_start = _head(raw, start, end, self.damage)
        self._fields: list[tuple[str, str]] = []
        self._index: dict[str, list[str]] = {}
        self.body_start -= self._read_fields(head)

    @property
    def body(self) -> bytes:
        return self.raw[self.body_start : self.end]

    def get(self, name: str, default: str = "") -> str:
        """The first header of this name, unfolded."""
        values = self._index.get(name.lower())
        return values[0] if values else default

    def get_all(self, name: str) -> list[str]:
        return self._index.get(name.lower(), [])

    def items(self) -> list[tuple[str, str]]:
        return list(self._fields)

    def _read_fields(self, head: str) -> int:
        """-> how much at the end of `head` is text already."""
        position = 0
        standard_to = -1
        while position < len(head):
            field = FIELD.match(head, position)
            if field is not None:
                self._add(field[1], field[2])
                position = field.end()
                if len(self._fields) >= HEADERS_MAX:
                    self.damage[f"headers after the first {HEADERS_MAX}"] = None
                    break
                continue
            line_end = head.find("\n", position)
            line_end = len(head) if line_end < 0 else line_end
            line = head[position:line_end].strip("\r\n\t \x00")
            if standard_to < 0:
                standard_to = max((m.start() for m in STANDARD.finditer(head, position)), default=0)
            if line and standard_to <= position and not line.startswith(("From ", ">From ")):
                self.damage["no empty line between the headers and the text"] = None
                return len(head) - position
            self._mend(line)
            position = line_end + 1
        return 0

    def _add(self, name: str, value: str) -> None:
        if len(value) > HEADER_LENGTH_MAX:
            value = value[:HEADER_LENGTH_MAX]
            self.damage["the end of a very long header"] = None
        if "\n" in value or "\r" in value:
            value = FOLD.sub(" ", value.rstrip("\r\n"))
        if "\x00" in value:
            value = value.replace("\x00", "")
            self.damage["null characters in the headers"] = None
        self._fields.append((name, value))
        self._index.setdefault(name.lower(), []).append(value)

    def _mend(self, line: str) -> None:
        """A line that is no header, between headers: mostly one that was broken and not folded."""
        if not line or line.startswith(("From ", ">From ")):
            return
        self.damage["a line among the headers that is none"] = None
        if self._fields:
            name, value = self._fields[-1]
            if len(value) + len(line) < HEADER_LENGTH_MAX:
                self._fields[-1] = (name, f"{value} {line}")
                self._index[name.lower()][-1] = f"{value} {line}"


def cut(raw: bytes) -> Message:
    """The mail that these bytes are."""
    if b"\r" in raw and b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return Message(raw, _start(raw), len(raw))


def cut_blocks(raw: bytes, count_max: int) -> list[Message]:
    """Blocks of headers with empty lines between them: what a delivery report consists of."""
    blocks: list[Message] = []
    position = 0
    while position < len(raw) and len(blocks) < count_max:
        found = HEAD_END.search(raw, position)
        end = found.end() if found else len(raw)
        if raw[position:end].strip():
            blocks.append(Message(raw, position, end))
        position = end
    return blocks


def cut_parts(whole: Message, boundary: str, default_type: str) -> list[Message]:
    """What lies between the lines with the boundary; empty when there is no such line."""
    raw, end = whole.raw, whole.end
    starts = _parts(raw, whole.body_start, end, boundary.encode("utf-8", "surrogateescape"))
    parts: list[Message] = []
    for start, stop in starts:
        if len(parts) == CHILDREN_MAX:
            whole.damage[f"parts after the first {CHILDREN_MAX}"] = None
            break
        parts.append(Message(raw, start, stop, default_type))
    return parts


def guessed_boundary(whole: Message) -> str:
    """What its parts begin with, going by the text; "" when that is not plain to see."""
    start = whole.body_start
    limit = min(whole.end, start + GUESS_LENGTH_MAX)
    for found in FIRST_DASHES.finditer(whole.raw, start, limit):
        if HEADER_LINE.match(whole.raw, found.end()):
            return found[1].decode("ascii")
    return ""


def _parts(raw: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int]]:
    """-> from where to where each part reaches. A missing last line is forgiven, and so is a part
    after it.
    """
    opened = -1
    for line_start, line_end, closing in _boundary_lines(raw, start, end, boundary):
        if opened >= 0:
            yield opened, _before_line(raw, opened, line_start)
        opened = -1 if closing else line_end
    if opened >= 0 and raw[opened:end].strip():
        yield opened, end


def _boundary_lines(
    raw: bytes, start: int, end: int, boundary: bytes
) -> Iterator[tuple[int, int, bool]]:
    """-> where each such line starts, where the next one does, whether it is the last."""
    delimiter = b"--" + boundary
    at = raw.find(delimiter, start, end)
    for _ in range(TRIES_MAX):
        if at < 0:
            return
        after = at + len(delimiter)
        if at == start or raw[at - 1] in b"\r\n":
            newline = raw.find(b"\n", after, min(end, after + BOUNDARY_LINE_MAX))
            line_end = newline if newline >= 0 else min(end, after + BOUNDARY_LINE_MAX)
            rest = raw[after:line_end].strip()
            if rest in {b"", b"--"} and (newline >= 0 or line_end == end):
                yield at, min(line_end + 1, end), bool(rest)
        at = raw.find(delimiter, after, end)


def _before_line(raw: bytes, start: int, line: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    if line > start and raw[line - 1 : line] == b"\n":
        line -= 1
    if line > start and raw[line - 1 : line] == b"\r":
        line -= 1
    return line


def _head(raw: bytes, start: int, end: int, damage: dict[str, None]) -> tuple[str, int]:
    """-> the headers' text, and where the body starts."""
    if raw.startswith((b"\n", b"\r\n"), start, end):
        return "", start + (1 if raw[start] == 0x0A else 2)
    limit = min(end, start + HEAD_LENGTH_MAX)
    found = HEAD_END.search(raw, start, limit)
    if found is not None:
        head_end, body = found.start() + 1, found.end()
    else:
        head_end = body = limit
        if limit < end:
            damage["the end of very long headers"] = None
    return raw[start:head_end].decode("ascii", "surrogateescape"), body


def _start(raw: bytes) -> int:
    """Where the first line is that looks like a header: blank lines, a byte order mark and an mbox
    "From " line are skipped. 0 when there is none near the start.
    """
    if HEADER_LINE.match(raw):
        return 0
    position = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    limit = min(len(raw), LEADING_JUNK_MAX)
    while position < limit:
        if HEADER_LINE.match(raw, position):
            return position
        newline = raw.find(b"\n", position, limit)
        if newline < 0:
            break
        position = newline + 1
    return 0
