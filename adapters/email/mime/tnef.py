"""What Outlook packs into winmail.dat (MS-OXTNEF): the files, and the text where the mail has none.

Read here and not by a library, because the one there is believes every count in the file and so
can be kept busy for ever. Here every length is held against the bytes that are left.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = 0x223E9F78
OBJECTS_MAX = 5000
PROPERTIES_MAX = 2000
FILES_MAX = 200

TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

_NEW_FILE, _FILE_DATA, _FILE_TITLE, _FILE_PROPERTIES = 0x9002, 0x800F, 0x8010, 0x9005
_BODY, _PROPERTIES, _CODEPAGE = 0x800C, 0x9003, 0x9007
_PLAIN, _HTML, _INTERNET_CODEPAGE = 0x1000, 0x1013, 0x3FDE
_LONG_NAME, _SHORT_NAME, _DATA, _DISPLAY_NAME = 0x3707, 0x3704, 0x3701, 0x3001
_STRING, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_FIXED = {
    **dict.fromkeys((0x0, 0x1), 0),
    **dict.fromkeys((0x2, 0x3, 0x4, 0xA, 0xB), 4),
    **dict.fromkeys((0x5, 0x6, 0x7, 0x14, 0x40), 8),
    0x48: 16,
}
"""How many bytes a value takes, padding and all, by its type."""

MESSAGE_CLASS_ID = bytes.fromhex("0703020000000000c000000000000046")
"""An attached Outlook message begins with it; what follows is TNEF again, and is kept as it is."""


class File(NamedTuple):
    name: str
    data: bytes


class Opened(NamedTuple):
    """`whole`: it was read to its end; else something in it may be missing."""

    files: tuple[File, ...]
    text: str
    html: str
    whole: bool


class _Damaged(Exception):
    """A length or a count that the bytes do not bear out."""


def read(data: bytes) -> Opened | None:
    """None when it is no TNEF at all."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        return None
    reader = _Reader()
    try:
        for attribute, value in _objects(data):
            reader.take(attribute, value)
    except _Damaged:
        return reader.opened(whole=False)
    return reader.opened(whole=True)


class _Reader:
    def __init__(self) -> None:
        self._files: list[dict[str, bytes | str]] = []
        self._codepage = "cp1252"
        self._text = ""
        self._html = ""

    def take(self, attribute: int, value: memoryview) -> None:
        if attribute == _NEW_FILE:
            if len(self._files) == FILES_MAX:
                raise _Damaged
            self._files.append({})
        elif attribute == _CODEPAGE and len(value) >= 4:
            self._codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        elif attribute == _BODY:
            self._text = self._decoded(bytes(value))
        elif attribute == _PROPERTIES:
            self._message_properties(value)
        elif self._files and attribute in {_FILE_TITLE, _FILE_DATA}:
            key = "title" if attribute == _FILE_TITLE else "data"
            self._files[-1][key] = bytes(value)
        elif self._files and attribute == _FILE_PROPERTIES:
            self._file_properties(value)

    def opened(self, *, whole: bool) -> Opened:
        files = tuple(self._file(found) for found in self._files if found.get("data"))
        return Opened(files, self._text, self._html, whole)

    def _message_properties(self, value: memoryview) -> None:
        html: bytes | str = b""
        codepage = self._codepage
        for name, found in _properties(value):
            if name == _PLAIN:
                self._text = self._decoded(found).rstrip("\x00")
            elif name == _HTML:
                html = found
            elif name == _INTERNET_CODEPAGE and isinstance(found, bytes) and len(found) >= 4:
                number = struct.unpack_from("<I", found)[0]
                codepage = "utf-8" if number == 65001 else f"cp{number}"
        self._html = html if isinstance(html, str) else _decoded(html, codepage)

    def _file_properties(self, value: memoryview) -> None:
        file = self._files[-1]
        for name, found in _properties(value):
            if name == _DATA and isinstance(found, bytes):
                file["data"] = found.removeprefix(MESSAGE_CLASS_ID)
            elif name in {_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME}:
                file[str(name)] = found

    def _file(self, found: dict[str, bytes | str]) -> File:
        keys = (str(_LONG_NAME), str(_SHORT_NAME), "title", str(_DISPLAY_NAME))
        name = next((found[key] for key in keys if found.get(key)), "")
        data = found["data"]
        return File(self._decoded(name), data if isinstance(data, bytes) else b"")

    def _decoded(self, value: bytes | str) -> str:
        text = value if isinstance(value, str) else _decoded(value, self._codepage)
        return text.rstrip("\x00")


def _objects(data: bytes) -> Iterator[tuple[int, memoryview]]:
    """-> attribute, value. A level, an attribute, a type, a length, the value, a checksum."""
    view = memoryview(data)
    position = 6
    for _ in range(OBJECTS_MAX):
        if position >= len(view):
            return
        if position + 11 > len(view):
            raise _Damaged
        attribute, _kind, length = struct.unpack_from("<HHI", view, position + 1)
        start = position + 9
        if start + length + 2 > len(view):
            raise _Damaged
        yield attribute, view[start : start + length]
        position = start + length + 2
    raise _Damaged


def _properties(view: memoryview) -> Iterator[tuple[int, bytes | str]]:
    """-> name, value. Of several values the first; of those of fixed length the bytes."""
    cursor = _Cursor(view)
    for _ in range(min(cursor.number(), PROPERTIES_MAX)):
        kind, name = cursor.halves()
        if name >= 0x8000:
            cursor.skip(16)
            if cursor.number() == 0:
                cursor.skip(4)
            else:
                cursor.padded(cursor.number())
        several = bool(kind & 0x1000)
        kind &= ~0x1000
        count = cursor.number() if several or kind in {_STRING, _UNICODE, _OBJECT, _BINARY} else 1
        values = cursor.values(kind, count)
        if values:
            yield name, values[0]


class _Cursor:
    """Reads on, and raises where the bytes end."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._position = 0

    def number(self) -> int:
        return int.from_bytes(self.skip(4), "little")

    def halves(self) -> tuple[int, int]:
        return int.from_bytes(self.skip(2), "little"), int.from_bytes(self.skip(2), "little")

    def padded(self, length: int) -> memoryview:
        value = self.skip(length)
        self.skip(min(-length % 4, len(self._view) - self._position))
        return value

    def values(self, kind: int, count: int) -> list[bytes | str]:
        found: list[bytes | str] = []
        for number in range(count):
            if kind in _FIXED:
                if number and not _FIXED[kind]:
                    break
                value: bytes | str = bytes(self.skip(_FIXED[kind]))
            elif kind in {_STRING, _UNICODE, _OBJECT, _BINARY}:
                raw = bytes(self.padded(self.number()))
                value = raw.decode("utf-16-le", "replace") if kind == _UNICODE else raw
            else:
                raise _Damaged
            if not number:
                found.append(value)
        return found

    def skip(self, length: int) -> memoryview:
        start, end = self._position, self._position + length
        if end > len(self._view):
            raise _Damaged
        self._position = end
        return self._view[start:end]


def _decoded(data: bytes, codepage: str) -> str:
    try:
        return data.decode(codepage)
    except (LookupError, ValueError):
        return data.decode("cp1252", "replace")
