"""What a server really did: its MONITOR feed, with binary arguments as they were."""

import re
import socket
from types import TracebackType
from typing import Final, NamedTuple, Self

from tests.rigs.redis_server import RedisServer

_ARGUMENT: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPED: Final = re.compile(rb"\\(x[0-9a-f]{2}|.)", re.DOTALL)
_NAMED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}


class Command(NamedTuple):
    """`in_script`: called by the script before it in the feed."""

    arguments: tuple[bytes, ...]
    in_script: bool

    @property
    def name(self) -> str:
        return self.arguments[0].decode().upper()


class Monitor:
    """Open with `with`; `commands` ends the recording and answers everything since the opening."""

    END: Final = b"end of the recording"

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self._feed = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> Self:
        self._feed.settimeout(20)
        self._feed.connect(str(self._server.socket))
        self._feed.sendall(b"MONITOR\r\n")
        assert self._feed.recv(5) == b"+OK\r\n"
        return self

    def commands(self) -> list[Command]:
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(str(self._server.socket))
            other.sendall(b'ECHO "%b"\r\n' % self.END)
            other.recv(64)
        read = b""
        while not read.rstrip().endswith(b'"%b"' % self.END):
            read += self._feed.recv(1 << 20)
        return [_command(line) for line in read.split(b"\r\n")[:-2]]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._feed.close()


def _command(line: bytes) -> Command:
    """A line such as `+1700000000.123456 [0 lua] "HGET" "key" "\\x01field"`."""
    head, _, rest = line.partition(b"] ")
    arguments = tuple(_ESCAPED.sub(_unescape, raw) for raw in _ARGUMENT.findall(rest))
    return Command(arguments, head.endswith(b" lua"))


def _unescape(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes.fromhex(code[1:].decode()) if len(code) > 1 else _NAMED.get(code, code)
