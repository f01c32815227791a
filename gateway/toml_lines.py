"""On which line of a TOML file a value is set. tomllib knows, but does not tell.

Only for text that tomllib has accepted: nothing is checked here.
"""

import re
from typing import Final

Path = tuple[str | int, ...]
"""Keys, and positions in `[[...]]` tables and lists, from the top of the file."""

TOKEN: Final = re.compile(
    r'''
      (?P<space>   [ \t\r]+ | \#[^\n]* )
    | (?P<newline> \n )
    | (?P<text>    """(?:\\.|[^\\])*?"{3,5} | \'\'\'.*?'{3,5} | "(?:\\.|[^"\\])*" | '[^']*' )
    | (?P<mark>    [\[\]{}=,.] )
    | (?P<bare>    [^\s\[\]{}=,.\#"']+ )
    ''',
    re.VERBOSE | re.DOTALL,
)


def lines_of(text: str) -> dict[Path, int]:
    """Path → line (from 1), of every table, key and list item."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, int]] = []
        self._lines: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}  # how many [[...]] of each there are so far
        self._next = 0
        line = 1
        for match in TOKEN.finditer(text):
            if match.lastgroup != "space":
                self._tokens.append((match[0], line))
            line += match[0].count("\n")

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._next < len(self._tokens):
            if self._peek() == "\n":
                self._next += 1
            elif self._peek() == "[":
                table = self._header()
            else:
                self._assignment(table)
        return self._lines

    def _peek(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def _take(self) -> tuple[str, int]:
        self._next += 1
        return self._tokens[self._next - 1]

    def _skip(self, *marks: str) -> None:
        while self._peek() in marks:
            self._next += 1

    def _header(self) -> Path:
        """`[a.b]` or `[[a.b]]`; -> the table that it opens."""
        line = self._tokens[self._next][1]
        self._skip("[")
        many = self._tokens[self._next - 2][0] == "["
        path = self._inside(self._keys("]"))
        self._skip("]")
        if many:
            self._tables[path] = self._tables.get(path, 0) + 1
            path = (*path, self._tables[path] - 1)
        self._lines[path] = line
        return path

    def _inside(self, keys: Path) -> Path:
        """`[channel.imap]` is below the last `[[channel]]`."""
        path: Path = ()
        for key in keys[:-1]:
            path = (*path, key)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        return (*path, keys[-1])

    def _keys(self, end: str) -> Path:
        keys: list[str] = []
        while self._peek() not in (end, ""):
            word, _ = self._take()
            if word != ".":
                keys.append(word[1:-1] if word[0] in "\"'" else word)
        return tuple(keys)

    def _assignment(self, table: Path) -> None:
        line = self._tokens[self._next][1]
        path = table
        for key in self._keys("="):
            path = (*path, key)
            self._lines.setdefault(path, line)
        self._skip("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        self._lines.setdefault(path, self._tokens[self._next][1])
        match self._peek():
            case "{":
                self._inline_table(path)
            case "[":
                self._list(path)
            case _:
                while self._peek() not in ("\n", ",", "]", "}", ""):
                    self._next += 1

    def _inline_table(self, path: Path) -> None:
        self._skip("{", "\n")
        while self._peek() not in ("}", ""):
            self._assignment(path)
            self._skip(",", "\n")
        self._next += 1

    def _list(self, path: Path) -> None:
        self._next += 1
        self._skip("\n")
        position = 0
        while self._peek() not in ("]", ""):
            self._value((*path, position))
            self._skip(",", "\n")
            position += 1
        self._next += 1
