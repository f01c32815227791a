"""The reading half of an IMAP connection, in place of aioimaplib's.

The library (2.0.3) takes a server's lines apart by recursion, so that a thousand of them in one
packet end the connection without a word to whoever waits; it looks through all earlier lines at
each new one; it removes `* ` wherever it stands, takes a lone bracket in a quoted string for an
unfinished response, and writes every packet into a debug log. Here bytes become whole responses,
one after another, however they were cut into packets. A literal is never looked into.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final

from aioimaplib import aioimaplib  # type: ignore[import-untyped]
from typing_extensions import override

LINE_BYTES_MAX: Final = 16 * 1024 * 1024
"""The longest answer without a literal is a list of UIDs: this is room for two million."""

PIECES_MAX: Final = 100
"""Of one answer; a mail's text is one of three."""

RESPONSES_MAX: Final = 20_000
"""So many may come to one command; what is asked for has a few hundred."""

KEEP_ALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))
"""A peer that is gone is noticed after two minutes of silence, where the system can."""

LITERAL = re.compile(rb"\{(\d{1,12})\+?\}$")
TAGGED = re.compile(rb"[A-Za-z0-9]+ (?:OK|NO|BAD)\b", re.IGNORECASE)

Response = tuple[bytes, ...]
"""One response of a server: a line, or line, literal, line ... with the literals in odd places."""


class Unintelligible(Exception):
    """What the server says cannot be IMAP, or more of it than anybody asked for."""


class Responses:
    """Bytes as they come, whole responses as they are complete. Pure."""

    def __init__(self, literal_bytes_max: int) -> None:
        self._literal_bytes_max = literal_bytes_max
        self._pieces: list[bytes] = []
        self._piece = bytearray()
        self._missing = 0
        self._size = 0
        """Of the response so far, with what is missing."""

    def feed(self, data: bytes) -> Iterator[Response]:
        """Raises Unintelligible; nothing can be understood after that."""
        at = 0
        while True:
            if len(self._pieces) % 2:
                chunk = data[at : at + self._missing]
                self._piece += chunk
                self._missing -= len(chunk)
                at += len(chunk)
                if self._missing:
                    return
                self._end_piece()
            if at >= len(data):
                return
            end = data.find(b"\n", at) + 1 or len(data)
            self._piece += data[at:end]
            at = end
            if len(self._piece) > LINE_BYTES_MAX:
                raise Unintelligible("a line without an end")
            if self._piece.endswith(b"\n") and self._end_line():
                yield tuple(self._pieces)
                self._pieces.clear()
                self._size = 0

    def _end_line(self) -> bool:
        """Whether the response ends with this line; else a literal follows."""
        del self._piece[-1 - self._piece.endswith(b"\r\n") :]
        literal = LITERAL.search(self._piece)
        self._size += len(self._piece)
        self._end_piece()
        if literal is None:
            return True
        self._missing = int(literal[1])
        self._size += self._missing
        if self._size > self._literal_bytes_max or len(self._pieces) > PIECES_MAX:
            raise Unintelligible(f"{self._missing} bytes of which nobody knew")
        return False

    def _end_piece(self) -> None:
        self._pieces.append(bytes(self._piece))
        self._piece = bytearray()


class Talk(aioimaplib.Command):  # type: ignore[misc]
    """A command in which the server asks and is answered: `replies` in turn, then empty lines.
    `asked` is set by its first question. What is secret in it is not shown anywhere.
    """

    def __init__(self, name: str, tag: str, *words: str, replies: tuple[bytes, ...] = ()) -> None:
        super().__init__(name, tag)
        self._words = (tag, name, *words)
        self._replies = iter(replies)
        self.asked = asyncio.Event()

    def next_reply(self) -> bytes:
        return next(self._replies, b"")

    @override
    def __str__(self) -> str:
        return " ".join(self._words)

    @override
    def __repr__(self) -> str:
        return f"{self.tag} {self.name}"


class Wire(aioimaplib.IMAP4ClientProtocol):  # type: ignore[misc]
    """aioimaplib's protocol with our reading half.

    `news` is set when new mail is announced, whatever is under way at that moment. `greeting`
    becomes the server's first line. A command's `lines` are the untagged responses that came for
    it, and last of all the text of its own.
    """

    def __init__(self, lost: Callable[[Exception | None], None], literal_bytes_max: int) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(loop, lost)
        self.news = asyncio.Event()
        self.greeting: asyncio.Future[bytes] = loop.create_future()
        self.last_words = ""
        self._literal_bytes_max = literal_bytes_max
        self._responses = Responses(literal_bytes_max)
        self._answered: aioimaplib.Command | None = None
        self._answer_bytes = 0

    @override
    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        own = transport.get_extra_info("socket")
        if own is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in KEEP_ALIVE:
                if hasattr(socket, name):
                    own.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    @override
    def data_received(self, data: bytes) -> None:
        try:
            for response in self._responses.feed(data):
                self._handle(response)
        except (aioimaplib.AioImapException, Unintelligible, ValueError) as error:
            self.last_words = f"it cannot be understood ({type(error).__name__})"
            self.transport.abort()

    def forget_what_was_said(self) -> None:
        """Before TLS: whoever stood in between may have said anything (RFC 3501 6.2.1)."""
        self._responses = Responses(self._literal_bytes_max)

    def _handle(self, response: Response) -> None:
        line = response[0]
        if not self.greeting.done():
            self.greeting.set_result(line)
        elif line.startswith(b"* "):
            self._untagged((line[2:], *response[1:]))
        elif line.startswith(b"+"):
            self._asked()
        elif TAGGED.match(line):
            self._response_done(line)

    def _untagged(self, response: Response) -> None:
        first, _, rest = response[0].partition(b" ")
        kind = (rest.partition(b" ")[0] if first.isdigit() else first).upper()
        if kind == b"EXISTS":
            self.news.set()
        elif kind == b"BYE":
            self.last_words = _printable(rest)
            self.conn_lost_cb(None)
        pending = self.pending_sync_command
        command = pending or self.pending_async_commands.get(kind.decode("ascii", "replace"))
        if command is not None and command.name != "IDLE":
            command.append_to_resp(response)
            self._bound(command, response)

    def _bound(self, command: aioimaplib.Command, response: Response) -> None:
        """All answers to a command together are no longer than one of them may be."""
        if command is not self._answered:
            self._answered, self._answer_bytes = command, 0
        self._answer_bytes += sum(map(len, response))
        too_long = self._answer_bytes > self._literal_bytes_max + LINE_BYTES_MAX
        if too_long or len(command.response.lines) > RESPONSES_MAX:
            raise Unintelligible("answers without an end")

    def _asked(self) -> None:
        pending = self.pending_sync_command
        if not isinstance(pending, Talk):
            self._continuation(b"+")  # APPEND: the library has the literal
        elif pending.name == "IDLE":
            pending.asked.set()
        else:
            self.transport.write(pending.next_reply() + b"\r\n")


def _printable(text: bytes) -> str:
    return " ".join(re.sub(rb"[^\x20-\x7e]+", b" ", text).decode().split())[:200]
